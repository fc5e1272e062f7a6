/**
 * What the suite demands. Invariant: every case of a listed operator must pass unless a line of `exceptions` says why
 * not; every other case passes or is refused with a coded error. A wrong answer is a failure for any case.
 */

/** Operators qcc supports: their cases must pass. */
export const listedOperators: ReadonlySet<string> = new Set(
  (
    'QLinearConv QLinearMatMul ConvInteger MatMulInteger QuantizeLinear DequantizeLinear DynamicQuantizeLinear ' +
    'Conv ConvTranspose Gemm MatMul Add Sub Mul Div Pow Sqrt Min Max Neg Abs Exp Log Erf ' +
    'Relu Clip LeakyRelu PRelu Elu Sigmoid Tanh HardSigmoid HardSwish Gelu Softplus Mish ' +
    'BatchNormalization LayerNormalization InstanceNormalization Softmax LogSoftmax ' +
    'MaxPool AveragePool GlobalAveragePool GlobalMaxPool ReduceMean ReduceSum ReduceMax ReduceMin ArgMax TopK CumSum Einsum ' +
    'GatherND GatherElements ScatterND ScatterElements Scatter Trilu OneHot EyeLike Sin Cos Tan Atan ' +
    'Concat Split Slice Pad Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile Gather Where Cast ' +
    'Identity Dropout Constant ConstantOfShape Shape Size Range Resize Upsample DepthToSpace SpaceToDepth ' +
    'LSTM GRU RNN ReverseSequence GridSample If Loop Scan'
  ).split(' '),
);

/** Cases of listed operators outside of what is promised: a pattern of `suite/name`, and the reason. */
export const exceptions: readonly (readonly [RegExp, string])[] = [
  [/test_scan_sum/, 'the Scan of opset 8'],
  [/convtranspose_3d/, 'transposed convolutions over three spatial dimensions'],
  [/gridsample_volumetric/, 'sampling of three spatial dimensions'],
  [/test_(training_dropout|batchnorm_.*training_mode)/, 'training mode'],
  [/test_cast_.*STRING|test_castlike_.*STRING/, 'strings'],
  // later.py has them in float32.
  [/^node\/test_(cumsum|einsum)_/, 'float64 outside of constants'],
  [/test_(identity_(opt|sequence)|if_(opt|seq)|loop1[36]_seq)/, 'optional and sequence types'],
];

/** Stored outputs that the operator's own text and ONNX Runtime contradict: what output 0 holds instead, and why. */
export const corrections: ReadonlyMap<string, { readonly values: readonly number[]; readonly why: string }> = new Map([
  [
    'node/test_resize_downsample_scales_linear_align_corners',
    { values: [1, 4], why: 'the file divides by the length before rounding (0.6 * 4 - 1), not by that of the output' },
  ],
  [
    'node/test_resize_downsample_scales_cubic_align_corners',
    { values: [1, 2.5, 4, 7, 8.5, 10, 13, 14.5, 16], why: 'as above: the corners would not meet' },
  ],
]);

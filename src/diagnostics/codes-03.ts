/** Codes Q03xx: quantization. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes03 = {
  Q0301: {
    title: 'scale is not a positive number',
    explanation:
      'Quantization scales are finite and greater than zero. A zero scale comes from a tensor that was constant during calibration, or from a dead channel.\n\n' +
      'Example: x_scale = 0 of a layer whose output never left 0.\n\n' +
      'Way out: re-quantize with a minimum range for the tensor.',
  },
  Q0302: {
    title: 'zero points do not match the scales',
    explanation:
      'There are as many zero points as scales.\n\n' +
      'Example: 32 scales and 1 zero point.\n\n' +
      'Way out: export the model again; per-channel weights carry one zero point per channel.',
  },
  Q0303: {
    title: 'zero point out of range',
    explanation:
      'A zero point must be a value of the stored type.\n\n' +
      'Example: zero point 128 for int8, which holds -128 to 127.\n\n' +
      'Way out: export the model again; a shift between uint8 and int8 was applied to one of the two only.',
  },
  Q0304: {
    title: 'number of scales does not match the channels',
    explanation:
      'Per-axis quantization needs one scale per slice of its axis.\n\n' +
      'Example: 16 weight scales for 32 output channels.\n\n' +
      'Way out: export again with per-tensor weights, or check the `axis` of the quantizer.',
  },
  Q0305: {
    title: 'shape of the scales not understood',
    explanation:
      'Scales are a scalar, one per slice of an axis, or blocked with block_size.\n\n' +
      'Example: scales of shape [32,1] for weights of shape [32,3,3,3].\n\n' +
      'Way out: export again with scales of one dimension, or with block_size.',
  },
  Q0306: {
    title: 'element type cannot be quantized',
    explanation:
      'Quantized tensors are int8, uint8, int16, uint16, int4, uint4 or int32.\n\n' +
      'Example: DequantizeLinear of an int64 tensor.\n\n' +
      'Way out: quantize to int8 or uint8.',
  },
  Q0307: {
    title: 'quantization not supported',
    explanation:
      'A QuantizeLinear asks for a type or precision qcc does not implement.\n\n' +
      'Example: quantization to float8e4m3fn.\n\n' +
      'Way out: quantize to int8 or uint8, with float32 scales.',
  },
  Q0308: {
    title: 'per-axis tensor reshaped at run time',
    explanation:
      'Only constant weights may be quantized per axis. Activations are quantized per tensor.\n\n' +
      'Example: a Reshape of an activation with one scale per channel.\n\n' +
      'Way out: re-quantize activations per tensor (per_channel=True concerns weights only).',
  },
  Q0309: {
    title: 'bias has another scale than x_scale * w_scale',
    explanation:
      'The stored int32 bias was made for another scale than x_scale * w_scale. qcc rescales it exactly and says so; other runtimes use it unchecked and compute something else.\n\n' +
      "Example: a bias that was quantized before the input's scale was calibrated again.\n\n" +
      'Way out: nothing: this is a note. Re-quantize if the results differ from what was trained.',
  },
  Q0310: {
    title: 'accumulator can exceed int32',
    explanation:
      "Interval analysis shows that a channel's sum can leave the range of int32. Its weight scale is usually tiny, which blows up the stored bias.\n\n" +
      'Example: a dead channel with weight scale 1e-12 and bias 0.1.\n\n' +
      'Way out: re-quantize with a minimum weight scale.',
  },
  Q0311: {
    title: 'weights of a quantized convolution are not constant',
    explanation:
      'qcc folds scales and zero points into the weights at compile time and so needs them.\n\n' +
      'Example: QLinearConv whose weights are a graph input.\n\n' +
      'Way out: export with constant weights.',
  },
  Q0312: {
    title: 'requantization multiplier is not finite',
    explanation:
      'x_scale * w_scale / y_scale is beyond the range of float32, so results would be infinite or undefined.\n\n' +
      'Example: input scale 1e30, weight scale 1e20, output scale 1.\n\n' +
      'Way out: one of the scales is wrong by many orders of magnitude; re-quantize the layer.',
  },
  Q0320: {
    title: 'nothing in the model is quantized',
    explanation:
      'No convolution, matrix product or other operator of the model works on integers, so the program computes in float32: exact and reproducible, but neither small nor fast.\n\n' +
      'Example: a model exported from PyTorch without quantization.\n\n' +
      "Way out: quantize it first, for example with onnxruntime's quantize_static (QuantFormat.QDQ) over a few hundred typical inputs, and build the result.",
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

/** Codes Q07xx: TFLite models and their arithmetic. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes07 = {
  Q0701: {
    title: "TFLite's fixed-point arithmetic would overflow",
    explanation:
      'TFLite scales 32-bit sums by an integer multiplier and a shift. For this channel a sum that can occur would leave 32 bits on the way, ' +
      'so TFLite itself gives no meaningful answer.\n\n' +
      'Example: an output scale a million times smaller than x_scale * w_scale.\n\n' +
      'Way out: re-quantize the layer; one of its scales is wrong by orders of magnitude.',
  },
  Q0702: {
    title: "no integer multiplier rounds like TFLite's double",
    explanation:
      "TFLite's fully connected layers scale sums in double precision. qcc computes them with a 31-bit integer multiplier and proves that every " +
      'sum that can occur gives the same answer; here none does.\n\n' +
      'Example: sums of 30 bits, one of which lies next to a tie.\n\n' +
      'Way out: build with `--rounding onnx`.',
  },
  Q0703: {
    title: 'not a well-formed TFLite file',
    explanation:
      'The file starts like a TFLite model, but its offsets, counts or version contradict the format: it is cut off or damaged.\n\n' +
      'Example: a download that stopped half-way.\n\n' +
      'Way out: fetch the file again, or convert the model again.',
  },
  Q0704: {
    title: 'TFLite operator not supported',
    explanation:
      'The model uses a builtin or custom operator that qcc does not compile.\n\n' +
      'Example: LSTM, or a custom operator of MediaPipe.\n\n' +
      'Way out: express the layer by supported operators and convert again; `qcc explain Q0704` has no list, the message has.',
  },
  Q0705: {
    title: 'version of a TFLite operator not known',
    explanation:
      'Operators have versions; a newer one may mean something else, so it is not guessed.\n\n' +
      'Example: FULLY_CONNECTED of version 14.\n\n' +
      'Way out: convert the model with an older converter, or use a newer qcc.',
  },
  Q0706: {
    title: 'TFLite graph that contradicts itself',
    explanation:
      'A tensor is read before an operator makes it, is made twice, or has impossible dimensions; or the model has no output.\n\n' +
      'Example: operators that were reordered by hand.\n\n' +
      'Way out: convert the model again.',
  },
  Q0707: {
    title: 'TFLite tensor of an unsupported kind',
    explanation:
      'qcc compiles int8, uint8, int16, int32, int64, bool and float32 tensors with dense values in the file itself.\n\n' +
      'Example: a STRING tensor, sparse weights, or a variable of a stateful model.\n\n' +
      'Way out: convert the model without them.',
  },
  Q0708: {
    title: 'form of a TFLite operator not supported',
    explanation:
      'The operator is known, but not with these options or element types.\n\n' +
      'Example: float activations with int8 weights (dynamic range quantization), or a fused TANH.\n\n' +
      'Way out: convert the model with full integer quantization; the message names what was found.',
  },
  Q0709: {
    title: 'shapes of a TFLite operator contradict each other',
    explanation:
      'What an operator makes of its inputs has other dimensions than the file declares for its output.\n\n' +
      'Example: a model whose input was resized after conversion.\n\n' +
      'Way out: convert the model again with static shapes.',
  },
  Q0710: {
    title: 'int8 weights with a zero point',
    explanation:
      "TFLite's int8 weights are symmetric: their zero points are 0, and its kernels do not read them.\n\n" +
      'Example: a hand-made model with weights quantized like activations.\n\n' +
      'Way out: quantize the weights symmetrically.',
  },
  Q0711: {
    title: 'bias of another scale than its sums',
    explanation:
      "A bias is added to sums of products, so its scale must be x_scale * w_scale of its channel; TFLite's kernels assume it.\n\n" +
      'Example: a bias quantized before the input scale was changed.\n\n' +
      'Way out: convert the model again.',
  },
  Q0712: {
    title: 'impossible quantization of a TFLite tensor',
    explanation:
      'A scale is not a positive number, a zero point lies outside its element, or there are more scales than channels.\n\n' +
      'Example: a calibration set that left a tensor at 0..0.\n\n' +
      'Way out: convert the model again with a representative data set.',
  },
  Q0713: {
    title: 'operator that needs one scale has two',
    explanation:
      'This operator moves or compares stored integers; TFLite asks for one scale and zero point on both sides, or for a fixed output scale.\n\n' +
      'Example: MAX_POOL_2D whose output has another scale than its input.\n\n' +
      'Way out: convert the model again.',
  },
  Q0714: {
    title: 'constant of the wrong size in a TFLite file',
    explanation:
      'The bytes of a constant do not match its shape and element type.\n\n' +
      'Example: a file edited by hand.\n\n' +
      'Way out: convert the model again.',
  },
  Q0715: {
    title: 'TFLite model with several subgraphs',
    explanation:
      'Models with control flow (IF, WHILE, CALL_ONCE) or several signatures have more than one subgraph.\n\n' +
      'Example: a model with a training signature.\n\n' +
      'Way out: convert the inference function alone.',
  },
  Q0716: {
    title: 'TFLite operand that must be constant',
    explanation:
      'Weights, axes, shapes and paddings are compiled in, so the file must hold them.\n\n' +
      'Example: PAD whose paddings are computed by the model.\n\n' +
      'Way out: convert the model with static shapes.',
  },
  Q0717: {
    title: 'TFLite operator with missing inputs or outputs',
    explanation:
      'The operator has fewer inputs or outputs than it needs, or one that qcc does not compute.\n\n' +
      'Example: CONV_2D without a filter.\n\n' +
      'Way out: convert the model again.',
  },
  Q0718: {
    title: 'calibration of a TFLite model',
    explanation:
      'qcc quantizes float ONNX models; a .tflite file is compiled as it is.\n\n' +
      'Example: qcc build model.tflite --calibrate images/\n\n' +
      'Way out: let the TFLite converter quantize, or export the float model to ONNX.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

/** Codes Q03xx: quantization. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes03 = {
  Q0301: {
    title: 'scale is not a positive number',
    explanation:
      'Quantization scales are finite and greater than zero. A zero scale comes from a tensor that was constant during calibration, or a dead channel: re-quantize with a minimum range.',
  },
  Q0302: {
    title: 'zero points do not match the scales',
    explanation: 'There are as many zero points as scales. Re-export the model.',
  },
  Q0303: {
    title: 'zero point out of range',
    explanation: 'A zero point must be a value of the stored type: 0..255 for uint8, -128..127 for int8.',
  },
  Q0304: {
    title: 'number of scales does not match the channels',
    explanation:
      'Per-axis quantization needs one scale per slice of its axis. Re-export with per-tensor weights, or check the axis of the quantizer.',
  },
  Q0305: {
    title: 'shape of the scales not understood',
    explanation: 'Scales are a scalar, one per slice of an axis, or blocked with block_size.',
  },
  Q0306: {
    title: 'element type cannot be quantized',
    explanation: 'Quantized tensors are int8, uint8, int16, uint16, int4, uint4 or int32.',
  },
  Q0307: {
    title: 'quantization not supported',
    explanation: 'A QuantizeLinear asks for a type or precision qcc does not implement. Use int8 or uint8.',
  },
  Q0308: {
    title: 'per-axis tensor reshaped at run time',
    explanation: 'Only constant weights may be quantized per axis. Activations are quantized per tensor.',
  },
  Q0309: {
    title: 'bias has another scale than x_scale * w_scale',
    explanation:
      'The stored int32 bias was made for another scale. qcc rescales it exactly and says so; other runtimes use it unchecked and compute something else.',
  },
  Q0310: {
    title: 'accumulator can exceed int32',
    explanation:
      "Interval analysis shows that a channel's sum can leave the range of int32. Its weight scale is usually tiny (a dead channel), which blows up the stored bias. Re-quantize with a minimum weight scale.",
  },
  Q0311: {
    title: 'weights of a quantized convolution are not constant',
    explanation:
      'qcc folds scales and zero points into the weights at compile time and so needs them. Export with constant weights.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

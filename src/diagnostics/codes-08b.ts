/** Codes Q0840 to Q0879: the quantizer. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes08b = {
  Q0840: {
    title: 'this part of the model cannot be written as ONNX',
    explanation:
      'The quantizer writes its result as a standard ONNX model, and ONNX has no operator for this part.\n\n' +
      'Example: the second output of MaxPool.\n\n' +
      'Way out: leave the part out of the model that is quantized.',
  },
  Q0841: {
    title: 'a layer stays float: its inputs were not seen in calibration',
    explanation:
      'An 8-bit tensor needs the range of its values, and the statistics have none for this one.\n\n' +
      'Example: statistics of another version of the model.\n\n' +
      'Way out: calibrate this very model again: qcc calibrate MODEL DATA -o ranges.qstats.',
  },
  Q0842: {
    title: 'a float operation remains where only integers may be',
    explanation:
      '--integer-only promises a program without float arithmetic between its inputs and its outputs, and this operation has no ' +
      'form on integers, or something around it has none.\n\n' +
      'Example: a LayerNormalization.\n\n' +
      'Way out: replace the operator in the model, calibrate more of its values, or leave out --integer-only.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

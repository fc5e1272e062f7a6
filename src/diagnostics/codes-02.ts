/** Codes Q02xx: operators, attributes and dimensions that are not supported. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes02 = {
  Q0201: {
    title: 'operator not supported',
    explanation:
      'The model uses an operator qcc has no importer for. All nodes that use it are counted in one message. `qcc ops` lists what is supported. Ways out: re-export with another opset or with the operator decomposed, or replace the layer.',
  },
  Q0202: {
    title: 'element type of an input not supported',
    explanation:
      'A graph input has an element type that generated C cannot hold, such as string. Export the model with float32 or integer inputs.',
  },
  Q0203: {
    title: 'dimension without a fixed size',
    explanation:
      'qcc compiles static shapes. A symbolic or missing dimension other than the batch needs a size: `qcc build model.onnx --dim seq=128`. A dimension without a name is called INPUT.AXIS: `--dim x.2=224`.',
  },
  Q0204: {
    title: '--dim names no dimension',
    explanation:
      'The name given with --dim is no symbolic dimension of any input. The help line lists the names the model has.',
  },
  Q0205: {
    title: 'required input missing',
    explanation:
      'A node leaves out an input its operator needs. The file was cut or written by a faulty exporter: re-export it.',
  },
  Q0206: {
    title: 'value must be known at compile time',
    explanation:
      'Shapes, axes, scales and weights of quantized operators must be constants. Run constant folding before exporting (onnxsim, or do_constant_folding=True in PyTorch), or export with static shapes.',
  },
  Q0207: {
    title: 'one number expected',
    explanation:
      'The operator takes a single number here, the model gives a list. The message says how many elements were found.',
  },
  Q0208: {
    title: 'axis out of range',
    explanation: 'An axis points outside the dimensions of its tensor. Negative axes count from the end.',
  },
  Q0209: {
    title: 'types do not fit the operator',
    explanation:
      'The element types of a node contradict what its operator computes. The message names the rule that is broken.',
  },
  Q0210: {
    title: 'shapes contradict each other',
    explanation:
      "The shapes of a node's inputs do not fit together. The message gives the numbers; usually an earlier layer was edited without re-exporting.",
  },
  Q0211: {
    title: 'batch dimension taken as 1',
    explanation:
      'A symbolic first dimension is pinned to 1 unless --dim gives it another size. This is a note, not an error.',
  },
  Q0212: {
    title: 'optional output not supported',
    explanation:
      'The model reads an optional output of an operator (for example the indices of MaxPool) that qcc does not compute.',
  },
  Q0213: {
    title: 'control flow at run time',
    explanation:
      'If, Loop and Scan are compiled only where their condition or trip count is a constant. Export the model without data-dependent control flow.',
  },
  Q0214: {
    title: 'declared shape contradicts the operators',
    explanation:
      'The file declares a shape for a value that differs from what its operators compute. Run shape inference again or re-export.',
  },
  Q0215: {
    title: 'number of dimensions not supported',
    explanation: 'Convolutions and pools work on 1 or 2 spatial dimensions.',
  },
  Q0216: {
    title: 'window attribute out of range',
    explanation:
      'kernel_shape, strides, dilations or pads have the wrong number of entries, are below 1 (0 for pads), or contradict the weights.',
  },
  Q0217: {
    title: 'training mode',
    explanation:
      'The node only has a meaning while training (Dropout or BatchNormalization in training mode). Export in evaluation mode: model.eval().',
  },
  Q0218: {
    title: 'attribute value not supported',
    explanation: 'An attribute has a value qcc does not implement. The message names the values it does.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

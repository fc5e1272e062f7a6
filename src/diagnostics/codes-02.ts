/** Codes Q02xx: operators, attributes and dimensions that are not supported. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes02 = {
  Q0201: {
    title: 'operator not supported',
    explanation:
      'The model uses an operator qcc has no importer for. All nodes that use it are counted in one message.\n\n' +
      'Example: a detection model that ends in NonMaxSuppression.\n\n' +
      'Way out: `qcc ops` lists what is supported. Export again with another opset or with the operator decomposed, cut the model before it, or replace the layer.',
  },
  Q0202: {
    title: 'element type of an input not supported',
    explanation:
      'A graph input has an element type that generated C cannot hold, such as string.\n\n' +
      'Example: a text classifier that takes strings.\n\n' +
      'Way out: export the model with float32 or integer inputs, and keep tokenisation outside it.',
  },
  Q0203: {
    title: 'dimension without a fixed size',
    explanation:
      'qcc compiles static shapes. A symbolic or missing dimension other than the batch needs a size.\n\n' +
      'Example: an input of shape [batch, seq, 64].\n\n' +
      'Way out: qcc build model.onnx --dim seq=128. A dimension without a name is called INPUT.AXIS: --dim x.2=224.',
  },
  Q0204: {
    title: '--dim names no dimension',
    explanation:
      'The name given with --dim is no symbolic dimension of any input.\n\n' +
      'Example: --dim lenght=128 for a dimension called length.\n\n' +
      'Way out: the help line lists the names the model has.',
  },
  Q0205: {
    title: 'required input missing',
    explanation:
      'A node leaves out an input its operator needs. The file was cut or written by a faulty exporter.\n\n' +
      'Example: a Conv without weights.\n\n' +
      'Way out: export the model again.',
  },
  Q0206: {
    title: 'value must be known at compile time',
    explanation:
      'Shapes, axes, scales and weights of quantized operators must be constants.\n\n' +
      "Example: a Reshape whose shape is computed from another tensor's values.\n\n" +
      'Way out: run constant folding before exporting (onnxsim, or do_constant_folding=True in PyTorch), or export with static shapes.',
  },
  Q0207: {
    title: 'one number expected',
    explanation:
      'The operator takes a single number here, the model gives a list. The message says how many elements were found.\n\n' +
      'Example: a zero point of ConvInteger with one entry per channel.\n\n' +
      'Way out: export the model again with a single number, per tensor instead of per channel.',
  },
  Q0208: {
    title: 'axis out of range',
    explanation:
      'An axis points outside the dimensions of its tensor. Negative axes count from the end.\n\n' +
      'Example: Softmax with axis 4 on a tensor of 4 dimensions, whose axes are 0 to 3 or -4 to -1.\n\n' +
      'Way out: correct the axis; usually a layer before it was changed without exporting again.',
  },
  Q0209: {
    title: 'types do not fit the operator',
    explanation:
      'The element types of a node contradict what its operator computes. The message names the rule that is broken.\n\n' +
      'Example: Add of a float32 and an int64 tensor.\n\n' +
      'Way out: insert a Cast, or export the model again.',
  },
  Q0210: {
    title: 'shapes contradict each other',
    explanation:
      "The shapes of a node's inputs do not fit together. The message gives the numbers.\n\n" +
      'Example: MatMul of [1,64] and [128,10].\n\n' +
      'Way out: usually an earlier layer was edited without exporting again: export the whole model from its source.',
  },
  Q0211: {
    title: 'batch dimension taken as 1',
    explanation:
      'A symbolic first dimension is pinned to 1 unless --dim gives it another size. This is a note, not an error.\n\n' +
      'Example: an input of shape [N,3,224,224].\n\n' +
      'Way out: nothing, or --dim N=8.',
  },
  Q0212: {
    title: 'optional output not supported',
    explanation:
      'The model reads an optional output of an operator that qcc does not compute.\n\n' +
      'Example: the indices of MaxPool.\n\n' +
      'Way out: remove the output from the model if nothing needs it, or compute it outside.',
  },
  Q0213: {
    title: 'control flow at run time',
    explanation:
      'If, Loop and Scan are written out while compiling: a Loop needs a number of turns that does not depend on the data; of an If ' +
      'on data both branches are computed, which must give the same types and shapes.\n\n' +
      'Example: a Loop that ends when a value of the input is reached.\n\n' +
      'Way out: export the model without data-dependent control flow, or with a fixed number of steps.',
  },
  Q0214: {
    title: 'declared shape contradicts the operators',
    explanation:
      'The file declares a shape for a value that differs from what its operators compute.\n\n' +
      'Example: an output declared as [1,1000] that the last Gemm makes [1,10].\n\n' +
      'Way out: run shape inference again: onnx.shape_inference.infer_shapes, or export the model again.',
  },
  Q0215: {
    title: 'number of dimensions not supported',
    explanation:
      'Convolutions of floats and pools work on 1 to 3 spatial dimensions, those of stored integers and transposed ones on 1 or 2.\n\n' +
      'Example: a 3-D transposed convolution of a video model: weights of shape [64,3,3,7,7].\n\n' +
      'Way out: keep a 3-D layer in float; replace a transposed one by an upsampling and a convolution.',
  },
  Q0216: {
    title: 'window attribute out of range',
    explanation:
      'kernel_shape, strides, dilations or pads have the wrong number of entries, are below 1 (0 for pads), or contradict the weights.\n\n' +
      'Example: strides [2] for a 2-D convolution.\n\n' +
      'Way out: export the model again; the attribute needs one entry per spatial dimension, pads two.',
  },
  Q0217: {
    title: 'training mode',
    explanation:
      'The node only has a meaning while training.\n\n' +
      'Example: Dropout or BatchNormalization with training_mode = 1.\n\n' +
      'Way out: export in evaluation mode: model.eval() before torch.onnx.export.',
  },
  Q0218: {
    title: 'attribute value not supported',
    explanation:
      'An attribute has a value qcc does not implement. The message names the values it does.\n\n' +
      'Example: Resize with coordinate_transformation_mode = "tf_crop_and_resize".\n\n' +
      'Way out: export with one of the values in the message, or do this step outside the model.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

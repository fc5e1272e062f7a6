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
      '--integer-only promises a program without float arithmetic between its inputs and its outputs; for machines without an ' +
      'operating system that is the default, a model nobody quantized included. This operation has no ' +
      'form on integers, or something around it has none.\n\n' +
      'Example: a LayerNormalization.\n\n' +
      'Way out: replace the operator in the model, calibrate more of its values, or --no-integer-only.',
  },
  Q0843: {
    title: 'an input is not read as stored integers',
    explanation:
      '--io int8 takes the first quantization off the model, so that the caller gives the stored integers themselves. That needs an ' +
      'input which is quantized before anything else happens to it, to one scale.\n\n' +
      'Example: a model that normalizes its pixels in float before it quantizes them.\n\n' +
      'Way out: --io float; --io u8pixels for pictures; or a model whose input is quantized first.',
  },
  Q0844: {
    title: 'an output is computed in float',
    explanation:
      '--io int8 takes the last dequantization off the model, and this output has none: it is the result of a float operation.\n\n' +
      'Example: a Softmax at the end that stayed float, or logits that are sums scaled to float.\n\n' +
      'Way out: --io float; or quantize the output too, with --integer-only where qcc quantizes the model.',
  },
  Q0845: {
    title: 'this preprocessing cannot be part of the model',
    explanation:
      'With --io u8pixels the mean, the deviation, the scale and the order of channels become a table of 256 entries for each ' +
      'channel. Resizing and cropping move pixels, and pixels of a compiled model lie as [N,H,W,C] by definition.\n\n' +
      'Example: qcc build model.onnx --io u8pixels --preprocess resize=256,crop=224,mean=0.5\n\n' +
      'Way out: give pixels of the size the model takes, and leave resize=, crop= and layout=nchw out. To calibrate on pictures of ' +
      'other sizes, run qcc calibrate with them first and build with its .qstats file. A preset such as imagenet may stay: its ' +
      'sizes are those of the model.',
  },
  Q0846: {
    title: 'pixels do not fit the input',
    explanation:
      '--io u8pixels looks for inputs of the shape of a picture: [N,C,H,W] or [N,H,W,C] with 1, 3 or 4 channels; a list of means or ' +
      'deviations has one value, or one for each channel.\n\n' +
      'Example: --io u8pixels for a model of sounds.\n\n' +
      'Way out: --io float or --io int8, or a model whose input is a picture.',
  },
  Q0847: {
    title: 'nothing here for this way of quantizing',
    explanation:
      '--mode dynamic and --mode weights are for linear layers (and weights: for embeddings) with constant float weights, and this ' +
      'model has none.\n\n' +
      'Example: qcc build cnn.onnx --mode dynamic\n\n' +
      'Way out: --calibrate DATA, which makes int8 layers of convolutions too.',
  },
  Q0848: {
    title: 'a layer has its weights on 8 bits, and computes in float',
    explanation:
      '--mode dynamic quantizes activations at run time where ONNX has an operator for it: MatMulInteger, DynamicQuantizeLSTM. For a ' +
      'GRU or an RNN there is none, so its weights are stored on 8 bits and dequantized in front of it, which any runtime reads.\n\n' +
      'Example: qcc quantize gru.onnx --mode dynamic -o gru.int8.onnx\n\n' +
      'Way out: none is needed for size; for speed, an LSTM of the same width.',
  },
  Q0849: {
    title: 'ranges of values that were scaled in another way',
    explanation:
      'A .qstats file keeps what --preprocess did to the samples, and what the inputs held. With another mean, deviation, scale or ' +
      'order of channels the same pictures have other values, and ranges of the one clip or waste those of the other. Sizes, crops ' +
      'and layouts are not compared.\n\n' +
      'Example: qcc build model.onnx --calibrate unit.qstats --io u8pixels --preprocess imagenet\n\n' +
      'Way out: the --preprocess of the statistics (the message tells it), or statistics of the new one: qcc calibrate MODEL SRC ' +
      '--preprocess P -o FILE.qstats.',
  },
  Q0851: {
    title: 'an LSTM, GRU or RNN stays float',
    explanation:
      'Ranges from samples are for tensors that hold one thing. The state of a recurrent layer is read again at every step, so rounding ' +
      'it by one range for all steps adds up; ONNX has no statically quantized operator for it either. The layer is written as it was, ' +
      'float weights included, and a model that is mostly such layers hardly gets smaller.\n\n' +
      'Example: qcc quantize gru.onnx --calibrate data.npy -o gru.int8.onnx\n\n' +
      'Way out: --mode dynamic makes an LSTM com.microsoft.DynamicQuantizeLSTM, whose state is quantized at every step by its own range, ' +
      'and stores the weights of a GRU or an RNN on 8 bits.',
  },
  Q0856: {
    title: 'the metric of the user failed',
    explanation:
      'The command of qcc eval --metric-cmd ended with another code than 0, or the last line it printed is no number. It gets a folder ' +
      'in place of {}: output0.npy, output1.npy, ... with the samples as first dimension, labels.npy where every sample has a ' +
      'label, samples.txt with their names. It prints a number, the larger the better.\n\n' +
      "Example: --metric-cmd 'python3 iou.py {}', where iou.py does not exist.\n\n" +
      'Way out: try the command on a folder of such files first; what it wrote to stderr is part of the message.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

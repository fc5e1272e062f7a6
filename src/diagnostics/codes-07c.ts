/** Codes Q0730 to Q0744: int16 activations of TFLite models; rows that are quantized at run time. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes07c = {
  Q0730: {
    title: 'operator that TFLite does not compute in int16',
    explanation:
      "TFLite's reference kernels have no such operator on int16 activations (the 16x8 scheme), so there is no answer to agree with.\n\n" +
      'Example: HARD_SWISH of int16, or MUL of int16 into int8.\n\n' +
      'Way out: convert the model with int8, or with operators that have int16 kernels (RELU6 and MUL instead of HARD_SWISH).',
  },
  Q0731: {
    title: 'int16 tensor with a zero point',
    explanation:
      "TFLite's int16 activations are symmetric: their zero points are 0, and its kernels do not read them.\n\n" +
      'Example: a hand-made model with int16 tensors quantized like int8 ones.\n\n' +
      'Way out: quantize int16 activations symmetrically, as the TFLite converter does.',
  },
  Q0732: {
    title: "TFLite's arithmetic of int16 would overflow",
    explanation:
      'Sums of int16 products have 64 bits of which TFLite scales 48, or 32 bits where the bias has; scales have a range too. For this ' +
      'layer a value that can occur would leave them, so TFLite itself gives no meaningful answer.\n\n' +
      'Example: a layer with an int32 bias that sums 1000 products.\n\n' +
      'Way out: convert the model with int64 biases (the default), or re-quantize the layer.',
  },
  Q0733: {
    title: 'bias that is not what the layer says of it',
    explanation:
      'Layers of int16 activations have biases of int64, or of int32 where their option `quantized_bias_type` says so; TFLite reads the bytes ' +
      'by that option.\n\n' +
      'Example: an int32 bias of a CONV_2D whose options do not mention it.\n\n' +
      'Way out: convert the model again.',
  },
  Q0734: {
    title: '--rounding onnx of int16 activations',
    explanation:
      'int16 activations of TFLite models are computed with the arithmetic of its own 16x8 kernels; ONNX has no other meaning for them.\n\n' +
      'Example: qcc build model_16x8.tflite --rounding onnx\n\n' +
      'Way out: leave the option out.',
  },
  Q0735: {
    title: 'an LSTM is quantized as its operator says',
    explanation:
      '--activations per-row gives each row of the activations of a linear layer (a token, a sample) a scale of its own. An LSTM is ' +
      'written as com.microsoft.DynamicQuantizeLSTM, whose definition has one scale for its input and one for the states of a time ' +
      'step; it keeps those. With a batch of 1 the states of a time step are one row anyway.\n\n' +
      'Example: qcc quantize lstm.onnx --mode dynamic --activations per-row -o lstm.int8.onnx\n\n' +
      'Way out: none is needed; the linear layers around it have a scale for each row.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

import type { ImportContext, Importers } from '../../onnx/importer.js';
import { float32Input } from '../arithmetic.js';
import { quantizedForm } from '../quantized-import.js';
import type { ActivationFunction } from './op.js';

function activation(cx: ImportContext, fn: ActivationFunction, alpha: number, beta = 0) {
  const x = float32Input(cx, 0);
  return cx.make('activation', { fn, alpha, beta }, [x], x.type);
}

function leakyRelu(cx: ImportContext) {
  return activation(cx, 'leaky-relu', cx.attrs.float('alpha', Math.fround(0.01)));
}

export const importers: Importers = {
  LeakyRelu: leakyRelu,
  'com.microsoft.QLinearLeakyRelu': quantizedForm(leakyRelu),
  ThresholdedRelu: (cx) => activation(cx, 'thresholded-relu', cx.attrs.float('alpha', 1)),
  Elu: (cx) => activation(cx, 'elu', cx.attrs.float('alpha', 1)),
  Celu(cx) {
    const alpha = cx.attrs.float('alpha', 1);
    if (alpha === 0) cx.attrs.invalid('alpha', 'is 0, the formula divides by it');
    return activation(cx, 'celu', alpha);
  },
  Selu(cx) {
    // Until opset 5 the defaults had fewer digits.
    const isOld = cx.opset < 6;
    const alpha = cx.attrs.float('alpha', Math.fround(isOld ? 1.6732 : 1.6732632423543772));
    const gamma = cx.attrs.float('gamma', Math.fround(isOld ? 1.0507 : 1.0507009873554805));
    return activation(cx, 'selu', alpha, gamma);
  },
  HardSigmoid(cx) {
    const alpha = cx.attrs.float('alpha', Math.fround(0.2));
    return activation(cx, 'hard-sigmoid', alpha, cx.attrs.float('beta', 0.5));
  },
  Swish: (cx) => activation(cx, 'swish', cx.attrs.float('alpha', 1)),
  Shrink: (cx) => activation(cx, 'shrink', cx.attrs.float('lambd', 0.5), cx.attrs.float('bias', 0)),
  'com.microsoft.QuickGelu': (cx) => activation(cx, 'swish', cx.attrs.float('alpha', Math.fround(1.702))),
};

/** TRANSPOSE_CONV: operands are the output's shape, weights [oc,kh,kw,ic], x, and perhaps a bias. */
import type { Value } from '../../ir/graph.js';
import { sameShape } from '../../ir/type.js';
import type { OperatorContext, OperatorImporters } from '../importer.js';
import { clampedFloat, resultBefore } from './activation.js';
import { biasOf, checkImage, checkPair, roundingOf, weightsOf } from './convolution.js';
import { windowOf } from './window.js';

function transposed(cx: OperatorContext): Value {
  const size = cx.ints(0);
  const w = weightsOf(cx, 1, 4);
  const x = cx.input(2);
  const o = cx.options('transposeConv');
  const y = cx.result();
  checkImage(cx, x.type);
  checkPair(cx, x.type, w.type, y);
  const [oc, kh, kw, ic] = w.type.shape;
  if (x.type.shape[3] !== ic) cx.fail('Q0709', `x has ${x.type.shape[3]} channels, the filter reads ${ic}`);
  if (!sameShape(size, [x.type.shape[0], size[1], size[2], oc]) || !size.every((d) => d >= 1))
    cx.fail('Q0709', `the output cannot be [${size}]: x is [${x.type.shape}], the filter makes ${oc} channels`);
  const bias = biasOf(cx, 3, { x: x.type, w: w.type, y }, oc, o.quantized_bias_type);
  // TFLite pads as the convolution would that this one is the transpose of: from the output to x.
  const window = windowOf(cx, { ...o, dilation_h: 1, dilation_w: 1 }, size, [kh, kw]);
  const attrs = {
    strides: window.strides,
    dilations: window.dilations,
    pads: window.pads.slice(0, 2),
    size: size.slice(1, 3),
    groups: 1,
    rounding: roundingOf(cx, 'tflite-double', bias),
  };
  const made = cx.make(
    'conv2d-transpose',
    attrs,
    bias === undefined ? [x, w] : [x, w, bias],
    resultBefore(cx, o.activation),
  );
  return made.type.kind === 'float' ? clampedFloat(cx, o.activation, made) : made;
}

export const transposedConvolutions: OperatorImporters = {
  TRANSPOSE_CONV: { version: 5, import: transposed },
};

/** CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED: each becomes a conv2d, NHWC as the file has it. */
import { constant } from '../../ir/build.js';
import type { Const, Value } from '../../ir/graph.js';
import { elements, gatherData, type Tensor, type TensorType } from '../../ir/type.js';
import { perAxis, scaleAt, scaleCount, zeroPointAt } from '../../quant/affine.js';
import type { Rounding } from '../../quant/rounding.js';
import type { OperatorContext, OperatorImporters } from '../importer.js';
import { clampedFloat, resultBefore } from './activation.js';
import { windowOf } from './window.js';

/** The number of int32 among the file's element types. */
const INT32 = 2;

/** Of the output scale: what TFLite lets a bias scale differ. */
const BIAS_TOLERANCE = 0.02;

/** Constant weights, s8 with zero points 0 or f32, of the given rank. */
export function weightsOf(cx: OperatorContext, index: number, rank: number): Const {
  const tensor = cx.constant(index);
  const { type } = tensor;
  const part = cx.inputPart(index);
  if (type.shape.length !== rank) cx.fail('Q0709', `weights have ${type.shape.length} dimensions, not ${rank}`, part);
  if (type.kind === 'quant') {
    if (type.element !== 's8') cx.fail('Q0708', `weights are ${type.element}, expected int8 or float32`, part);
    for (let i = 0; i < scaleCount(type.affine); i++)
      if (zeroPointAt(type.affine, i) !== 0)
        cx.fail(
          'Q0710',
          `the zero point of the weights is ${zeroPointAt(type.affine, i)}, expected 0`,
          part,
          'quantize the weights symmetrically',
        );
  } else if (type.element !== 'f32') cx.fail('Q0708', `weights are ${type.element}, expected int8 or float32`, part);
  return constant(cx.inputPart(index), tensor);
}

/** x and w are both quantized, to integers, or both float. */
export function checkPair(cx: OperatorContext, x: TensorType, w: TensorType, y: TensorType): void {
  if (x.kind === 'float' && w.kind === 'quant')
    cx.fail(
      'Q0708',
      'activations are float32 and weights int8 (dynamic range quantization)',
      undefined,
      'convert the model with full integer quantization, or without quantization',
    );
  if (x.kind === 'float' && w.kind === 'float' && y.kind === 'float') return;
  const isStored = (t: TensorType) =>
    t.kind === 'quant' && (t.element === 's8' || t.element === 's16') && t.affine.per === 'tensor';
  if (!isStored(x) || y.element !== x.element || !isStored(y) || w.kind !== 'quant')
    cx.fail(
      'Q0708',
      `activations are ${x.element} and ${y.element}, weights ${w.element}; int8, int16 or float32 is supported`,
      undefined,
      'convert the model with full integer quantization to int8',
    );
}

/** The bias, whose scale must be x_scale * w_scale of each channel. */
export function biasOf(
  cx: OperatorContext,
  index: number,
  { x, w, y }: { readonly x: TensorType; readonly w: TensorType; readonly y: TensorType },
  oc: number,
  widthOption = 0,
) {
  if (cx.optional(index) === undefined) return undefined;
  const tensor = cx.constant(index);
  const part = cx.inputPart(index);
  const { type } = tensor;
  const wanted = x.kind === 'float' ? 'f32' : x.element === 's16' && type.element === 's64' ? 's64' : 's32';
  if (type.element !== wanted) cx.fail('Q0708', `the bias is ${type.element}, expected ${wanted}`, part);
  // TFLite takes the width of int16 layers' sums from the options, and reads the bias by it.
  if (x.element === 's16' && (type.element === 's32') !== (widthOption === INT32))
    cx.fail(
      'Q0733',
      `the bias is ${type.element}, \`quantized_bias_type\` is ${widthOption}`,
      part,
      'convert the model again: TFLite would read the bias as the other type',
    );
  if (elements(type.shape) !== oc) cx.fail('Q0709', `the bias is [${type.shape}], expected [${oc}]`, part);
  const scales = cx.scalesOf(index);
  if (x.kind === 'quant' && w.kind === 'quant' && y.kind === 'quant' && scales !== undefined) {
    if (scales.length !== 1 && scales.length !== oc)
      cx.fail('Q0711', `the bias has ${scales.length} scales for ${oc} channels`, part, 'convert the model again');
    for (let o = 0; o < oc; o++) {
      const product = scaleAt(x.affine, 0) * scaleAt(w.affine, o);
      const own = scales[scales.length === 1 ? 0 : o];
      // One scale for all channels of a per-axis filter cannot fit each: TFLite then reads none.
      if (scales.length === 1 && w.affine.per !== 'tensor') break;
      if (!(Math.abs(product - own) / scaleAt(y.affine, 0) <= BIAS_TOLERANCE))
        cx.fail(
          'Q0711',
          `the bias scale of channel ${o} is ${own}, x_scale * w_scale is ${product}`,
          part,
          'convert the model again',
        );
    }
  }
  return constant(part, { type: { ...type, shape: [oc] }, data: tensor.data });
}

interface Parts {
  readonly x: Value;
  readonly w: Const;
  readonly bias: Const | undefined;
}

/** The rule of a layer, `narrow` for int8. 64-bit sums of int16 convolutions have one of their own. */
export function roundingOf(cx: OperatorContext, narrow: Rounding, bias: Const | undefined): Rounding {
  if (cx.isWide && narrow !== 'tflite-single') return bias?.type.element === 's32' ? 'tflite-double' : 'tflite-wide';
  return cx.arithmetic === 'onnx' ? 'onnx' : narrow;
}

function convolved(
  cx: OperatorContext,
  { x, w, bias }: Parts,
  activation: number,
  window: { strides: number[]; dilations: number[]; pads: number[] },
  groups: number,
  rounding: Rounding,
): Value {
  const attrs = { ...window, groups, rounding: roundingOf(cx, rounding, bias) };
  const y = cx.make('conv2d', attrs, bias === undefined ? [x, w] : [x, w, bias], resultBefore(cx, activation));
  return y.type.kind === 'float' ? clampedFloat(cx, activation, y) : y;
}

export function checkImage(cx: OperatorContext, x: TensorType): void {
  if (x.shape.length !== 4) cx.fail('Q0709', `x has ${x.shape.length} dimensions, not 4`);
}

function conv2d(cx: OperatorContext): Value {
  const x = cx.input(0);
  const w = weightsOf(cx, 1, 4);
  const o = cx.options('conv2d');
  checkImage(cx, x.type);
  checkPair(cx, x.type, w.type, cx.result());
  const [oc, kh, kw, cg] = w.type.shape;
  const c = x.type.shape[3];
  if (cg === 0 || c % cg !== 0) cx.fail('Q0709', `x has ${c} channels, the filter reads ${cg}`);
  const bias = biasOf(cx, 2, { x: x.type, w: w.type, y: cx.result() }, oc, o.quantized_bias_type);
  const window = windowOf(cx, o, x.type.shape, [kh, kw]);
  return convolved(cx, { x, w, bias }, o.activation, window, c / cg, 'tflite-double');
}

/** [1, kh, kw, oc] -> [oc, kh, kw, 1] */
function channelsFirst(cx: OperatorContext, w: Tensor): Tensor {
  const [one, kh, kw, oc] = w.type.shape;
  if (one !== 1) cx.fail('Q0709', `a depthwise filter is [1, h, w, c], this one is [${w.type.shape}]`);
  const cells = kh * kw;
  const index = Int32Array.from({ length: cells * oc }, (_, i) => (i % cells) * oc + Math.floor(i / cells));
  const shape = [oc, kh, kw, 1];
  const { type } = w;
  const data = gatherData(w.data, index);
  if (type.kind !== 'quant' || type.affine.per === 'tensor') return { type: { ...type, shape }, data };
  if (type.affine.axis !== 3) cx.fail('Q0712', `the filter is quantized along dimension ${type.affine.axis}, not 3`);
  return { type: { ...type, shape, affine: perAxis(0, type.affine.scales, type.affine.zeroPoints) }, data };
}

function depthwise(cx: OperatorContext): Value {
  const x = cx.input(0);
  const filter = weightsOf(cx, 1, 4);
  const o = cx.options('depthwise');
  checkImage(cx, x.type);
  checkPair(cx, x.type, filter.type, cx.result());
  const w = constant(filter.name, channelsFirst(cx, filter.tensor));
  const [oc, kh, kw] = w.type.shape;
  const c = x.type.shape[3];
  if (c === 0 || oc % c !== 0) cx.fail('Q0709', `x has ${c} channels, the filter ${oc}`);
  const bias = biasOf(cx, 2, { x: x.type, w: w.type, y: cx.result() }, oc);
  const window = windowOf(cx, o, x.type.shape, [kh, kw]);
  return convolved(cx, { x, w, bias }, o.activation, window, c, 'tflite-double');
}

/** A product with constant weights [n, k] is a 1x1 convolution of rows of k. */
function fullyConnected(cx: OperatorContext): Value {
  const x = cx.input(0);
  const filter = weightsOf(cx, 1, 2);
  const o = cx.options('fullyConnected');
  if (o.weights_format !== 0) cx.fail('Q0708', 'its weights are shuffled', cx.inputPart(1), 'convert the model again');
  checkPair(cx, x.type, filter.type, cx.result());
  const [n, k] = filter.type.shape;
  if (k === 0 || elements(x.type.shape) % k !== 0)
    cx.fail('Q0709', `x is [${x.type.shape}], the weights read rows of ${k}`);
  const rows = elements(x.type.shape) / k;
  const w = cx.reshaped(filter, [n, 1, 1, k]);
  if (w.kind !== 'const') throw new TypeError('a reshaped constant is one');
  const bias = biasOf(cx, 2, { x: x.type, w: w.type, y: cx.result() }, n, o.quantized_bias_type);
  const image = cx.reshaped(x, [1, 1, rows, k]);
  const window = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
  const y = convolved(cx, { x: image, w, bias }, o.activation, window, 1, 'tflite-single');
  return cx.reshaped(y, o.keep_num_dims ? [...x.type.shape.slice(0, -1), n] : [rows, n]);
}

export const convolutions: OperatorImporters = {
  CONV_2D: { version: 8, import: conv2d },
  DEPTHWISE_CONV_2D: { version: 7, import: depthwise },
  FULLY_CONNECTED: { version: 13, import: fullyConnected },
};

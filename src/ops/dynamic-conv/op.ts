import { defineOp } from '../../ir/op.js';
import { allocateNumbers, f32Data, numberData, type Shape, sameShape, type Tensor } from '../../ir/type.js';
import { erf32 } from '../../quant/erf.js';
import { accumulate, conv2d } from '../conv2d/op.js';

/**
 * A product of stored integers whose activation has a scale and zero point of run time, what makes floats of it included.
 * What `fuse-dynamic` makes of the operators an ONNX file spells out: MatMulInteger, Cast, Mul, Add.
 */
export const dynamicConv = defineOp({
  kind: 'dynamic-conv',
  doc:
    'Convolution (a matrix product, where it is 1x1) of 8-bit activations quantized at run time: acc = exact int32 sum of ' +
    '(X - zero) * w, y = f32(f32(acc) * f32(scale * w_scale[o])) + bias[o]: two roundings, or one without a bias. No padding. ' +
    'Of a matrix product scale and zero may be one for each row (pixel). activation: relu: y < 0 ? 0 : y; gelu: ' +
    '(y * (erf(y / 1.41421354) + 1)) * 0.5, every operation rounded to float32.',
  attrs: { strides: 'ints', dilations: 'ints', groups: 'int', activation: ['none', 'relu', 'gelu'] },
  operands: ['x', 'w', 'zero', 'scale', 'w_scale', 'bias?'],
  inferShape(a, [x, w]) {
    return conv2d.inferShape({ ...a, pads: noPads, rounding: 'onnx' }, [x, w]);
  },
  check(a, [x, w, zero, scale, wScale, bias], [y]) {
    const problems: string[] = [];
    const rows = isMatrixProduct(a, w.shape) ? x.shape[0] * x.shape[1] * x.shape[2] : 0;
    const isOfRows = ({ shape }: typeof x) => shape.length === 0 || (shape.length === 1 && shape[0] === rows);
    const oc = w.shape[0];
    const isPlain = (t: typeof x) =>
      t.kind === 'quant' && t.affine.per === 'tensor' && t.affine.scale === 1 && t.affine.zeroPoint === 0;
    if (!isPlain(x) || (x.element !== 'u8' && x.element !== 's8'))
      problems.push('x is stored bytes: scale 1, zero point 0');
    if (!isPlain(w) || (w.element !== 's8' && w.element !== 's16'))
      problems.push('w is stored s8 or s16: scale 1, zero point 0');
    if (!isPlain(zero) || zero.element !== x.element || !isOfRows(zero))
      problems.push('zero is one stored value of the type of x, or one for each row of a matrix product');
    if (scale.element !== 'f32' || !sameShape(scale.shape, zero.shape)) problems.push('scale is f32, as many as zero');
    if (wScale.element !== 'f32' || wScale.shape.length > 1 || (wScale.shape[0] ?? oc) !== oc)
      problems.push(`w_scale is f32[] or f32[${oc}]`);
    if (bias !== undefined && (bias.element !== 'f32' || bias.shape.length !== 1 || bias.shape[0] !== oc))
      problems.push(`bias is f32[${oc}]`);
    if (y.element !== 'f32') problems.push('y is f32');
    return problems;
  },
  evaluate(a, [x, w, zero, scale, wScale, bias], [y]) {
    const [, kh, kw] = w.type.shape;
    const window = { kernel: [kh, kw], strides: a.strides, dilations: a.dilations, pads: noPads };
    const zeros = numberData(zero);
    const scales = f32Data(scale);
    // Of several zero points each row's takes off its multiple of the sums of the weights.
    const common = zeros.length === 1 ? zeros[0] : 0;
    const sums = weightSums(w);
    const acc = accumulate(window, a.groups, x, common, w, () => 0, undefined, y.shape);
    const oc = y.shape[3];
    const ws = f32Data(wScale);
    const out = allocateNumbers(y);
    for (let i = 0; i < acc.length; i++) {
      const o = i % oc;
      const row = zeros.length === 1 ? 0 : Math.floor(i / oc);
      const centred = acc[i] - (zeros[row] - common) * sums[o];
      const by = Math.fround(scales[row] * ws[ws.length === 1 ? 0 : o]);
      const product = Math.fround(Math.fround(centred) * by);
      const value = bias === undefined ? product : Math.fround(product + f32Data(bias)[o]);
      out[i] = activated(a.activation, value);
    }
    return [{ type: y, data: out }];
  },
});

const noPads = [0, 0, 0, 0];

/** sqrt(2) as models that spell out GELU divide by it. */
export const GELU_DIVISOR = Math.fround(Math.SQRT2);

function activated(activation: 'none' | 'relu' | 'gelu', value: number): number {
  if (activation === 'relu') return value < 0 ? 0 : value;
  if (activation === 'none') return value;
  const factor = Math.fround(erf32(Math.fround(value / GELU_DIVISOR)) + 1);
  return Math.fround(Math.fround(value * factor) * 0.5);
}

/** Sum of the weights of each channel. @param w [oc, ...] */
export function weightSums(w: Tensor): Int32Array {
  const ws = numberData(w);
  const oc = w.type.shape[0];
  const sums = new Int32Array(oc);
  for (let i = 0; i < ws.length; i++) sums[Math.floor((i * oc) / ws.length)] += ws[i];
  return sums;
}

/** Each pixel by itself, all of its channels. */
export function isMatrixProduct(
  { strides, groups }: { readonly strides: readonly number[]; readonly groups: number },
  [, kh, kw]: Shape,
): boolean {
  return groups === 1 && kh === 1 && kw === 1 && strides.every((s) => s === 1);
}

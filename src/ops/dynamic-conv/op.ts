import { defineOp } from '../../ir/op.js';
import { allocateNumbers, f32Data, numberData } from '../../ir/type.js';
import { accumulate, conv2d } from '../conv2d/op.js';

/**
 * A product of stored integers whose activation has a scale and zero point of run time, what makes floats of it included.
 * What `fuse-dynamic` makes of the operators an ONNX file spells out: MatMulInteger, Cast, Mul, Add.
 */
export const dynamicConv = defineOp({
  kind: 'dynamic-conv',
  doc:
    'Convolution (a matrix product, where it is 1x1) of 8-bit activations quantized at run time: acc = exact int32 sum of ' +
    '(X - zero) * w, y = f32(f32(acc) * f32(scale * w_scale[o])) + bias[o]: two roundings, or one without a bias. No padding.',
  attrs: { strides: 'ints', dilations: 'ints', groups: 'int' },
  operands: ['x', 'w', 'zero', 'scale', 'w_scale', 'bias?'],
  inferShape(a, [x, w]) {
    return conv2d.inferShape({ ...a, pads: noPads, rounding: 'onnx' }, [x, w]);
  },
  check(_, [x, w, zero, scale, wScale, bias], [y]) {
    const problems: string[] = [];
    const oc = w.shape[0];
    const isPlain = (t: typeof x) =>
      t.kind === 'quant' && t.affine.per === 'tensor' && t.affine.scale === 1 && t.affine.zeroPoint === 0;
    if (!isPlain(x) || (x.element !== 'u8' && x.element !== 's8'))
      problems.push('x is stored bytes: scale 1, zero point 0');
    if (!isPlain(w) || (w.element !== 's8' && w.element !== 's16'))
      problems.push('w is stored s8 or s16: scale 1, zero point 0');
    if (!isPlain(zero) || zero.element !== x.element || zero.shape.length !== 0)
      problems.push('zero is one stored value of the type of x');
    if (scale.element !== 'f32' || scale.shape.length !== 0) problems.push('scale is f32[]');
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
    const acc = accumulate(window, a.groups, x, numberData(zero)[0], w, () => 0, undefined, y.shape);
    const oc = y.shape[3];
    const ws = f32Data(wScale);
    const products = Float32Array.from({ length: oc }, (_, o) => f32Data(scale)[0] * ws[ws.length === 1 ? 0 : o]);
    const out = allocateNumbers(y);
    for (let i = 0; i < acc.length; i++) {
      const product = Math.fround(Math.fround(acc[i]) * products[i % oc]);
      out[i] = bias === undefined ? product : Math.fround(product + f32Data(bias)[i % oc]);
    }
    return [{ type: y, data: out }];
  },
});

const noPads = [0, 0, 0, 0];

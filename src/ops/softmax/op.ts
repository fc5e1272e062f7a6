import { defineOp } from '../../ir/op.js';
import { f32Data, type TensorType } from '../../ir/type.js';
import { exp32 } from '../../quant/math.js';
import { softmaxOfStored } from './quantized.js';

/** Normalised exponentials along one axis. */
export const softmax = defineOp({
  kind: 'softmax',
  doc:
    'Normalised exponentials along one axis: e = exp(x - max), y = e / sum(e), float32 in index order. Quantized, ONNX ' +
    'Runtime x86 formula: e = table[255 - (max - x)] with table[i] = f32(exp((i - 255) * sx + t)), t = max(0, ' +
    'ln(FLT_MAX / n) - 5), s = float32 sum of e in index order, y = clamp(rne(f32(f32(e * floor(f32(1 / sy))) / s)) + zy).',
  attrs: { axis: 'int' },
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: (a, [x], [y]) =>
    ((x.element === 'f32' && y.element === 'f32') || (isStoredByte(x) && isStoredByte(y))) &&
    a.axis >= 0 &&
    a.axis < x.shape.length
      ? []
      : ['x and y are both f32 or both 8 bits quantized per tensor, axis is a dimension of x'],
  evaluate(a, [x], [y]) {
    if (x.type.kind === 'quant' && y.kind === 'quant') return [softmaxOfStored(a.axis, x, x.type, y)];
    const xs = f32Data(x);
    const out = new Float32Array(xs.length);
    const dim = y.shape[a.axis];
    const inner = y.shape.slice(a.axis + 1).reduce((p, d) => p * d, 1);
    for (let base = 0; base < xs.length; base++) {
      if (Math.floor(base / inner) % dim !== 0) continue;
      let max = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < dim; i++) max = Math.max(max, xs[base + i * inner]);
      let sum = 0;
      for (let i = 0; i < dim; i++) {
        out[base + i * inner] = exp32(Math.fround(xs[base + i * inner] - max));
        sum = Math.fround(sum + out[base + i * inner]);
      }
      for (let i = 0; i < dim; i++) out[base + i * inner] /= sum;
    }
    return [{ type: y, data: out }];
  },
});

function isStoredByte(type: TensorType): boolean {
  return type.kind === 'quant' && type.affine.per === 'tensor' && (type.element === 's8' || type.element === 'u8');
}

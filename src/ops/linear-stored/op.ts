import { defineOp, ShapeError } from '../../ir/op.js';
import { elements, f32Data, type TensorType } from '../../ir/type.js';
import { dequantizeData } from '../../quant/affine.js';
import { fma32 } from '../../quant/fma.js';
import { sumLanes } from '../../quant/lanes.js';

/** Stored weights of which an op makes floats: a matrix, its rows or blocks of them with scales of their own. */
export function storedMatrixProblems(w: TensorType): string[] {
  if (w.kind !== 'quant' || w.shape.length !== 2 || !['s8', 'u8', 's4', 'u4'].includes(w.element))
    return ['w is a matrix of 8 or 4 stored bits'];
  const { affine } = w;
  const isRows = affine.per === 'tensor' || affine.axis === (affine.per === 'axis' ? 0 : 1);
  return isRows ? [] : ['w has one scale, one for each row, or one for each block of a row'];
}

/** A linear layer whose weights stay integers in memory. */
export const linearStored = defineOp({
  kind: 'linear-stored',
  doc:
    'A product with stored weights: y[.., n] = sum over k of x[.., k] * f32(f32(w[n, k] - zero) * scale), then bias[n]; the sum in 8 ' +
    'interleaved lanes, as of a float convolution.',
  attrs: {},
  operands: ['x', 'w', 'bias?'],
  inferShape(_, [x, w]) {
    const k = x.shape.at(-1);
    if (k === undefined || k !== w.shape[1]) throw new ShapeError(`x [${x.shape}] has no rows of ${w.shape[1]}`);
    return [[...x.shape.slice(0, -1), w.shape[0]]];
  },
  check: (_, [x, w, bias], [y]) => [
    ...(x.element === 'f32' && y.element === 'f32' ? [] : ['x and y are f32']),
    ...storedMatrixProblems(w),
    ...(bias === undefined || (bias.element === 'f32' && elements(bias.shape) === w.shape[0])
      ? []
      : [`bias is f32[${w.shape[0]}]`]),
  ],
  evaluate(_, [x, w, bias], [y]) {
    if (w.type.kind !== 'quant') throw new TypeError('w is quantized');
    const [n, k] = w.type.shape;
    const [xs, ws] = [f32Data(x), dequantizeData(w, w.type)];
    const lanes = new Float32Array(8);
    const out = Float32Array.from({ length: elements(y.shape) }, (_, at) => {
      const [row, column] = [Math.floor(at / n), at % n];
      lanes.fill(0);
      for (let i = 0; i < k; i++) lanes[i & 7] = fma32(xs[row * k + i], ws[column * k + i], lanes[i & 7]);
      const sum = sumLanes(lanes);
      return bias === undefined ? sum : Math.fround(sum + f32Data(bias)[column]);
    });
    return [{ type: y, data: out }];
  },
});

import { defineOp, ShapeError } from '../../ir/op.js';
import {
  allocateNumbers,
  elements,
  f32Data,
  isByte,
  isPlainByte,
  numberData,
  type QuantType,
  type Shape,
  type Tensor,
  type TensorType,
} from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { fma32 } from '../../quant/fma.js';
import { LANES, sumLanes } from '../../quant/lanes.js';
import { multiplier, requantize } from '../../quant/requantize.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';

interface Flags {
  readonly transpose_a: boolean;
  readonly transpose_b: boolean;
}

/** Rows, columns and inner dimension of a product, and the strides of its operands inside one pair of matrices. */
export function matrixSizes(f: Flags, a: Shape, b: Shape) {
  const [a0, a1] = a.slice(-2);
  const [b0, b1] = b.slice(-2);
  return {
    m: f.transpose_a ? a1 : a0,
    k: f.transpose_a ? a0 : a1,
    n: f.transpose_b ? b0 : b1,
    inner: f.transpose_b ? b1 : b0,
    a_m: f.transpose_a ? 1 : a1,
    a_k: f.transpose_a ? a1 : 1,
    b_k: f.transpose_b ? 1 : b1,
    b_n: f.transpose_b ? b1 : 1,
  };
}

/** Products of two run-time matrices, batched; with constant weights an importer writes a 1x1 convolution instead. */
export const matmul = defineOp({
  kind: 'matmul',
  doc:
    'Matrix product over the last two dimensions, those before them broadcast; `transpose_a`, `transpose_b`: the operand is ' +
    'stored transposed. Float: dot products in 8 interleaved sums with fma. Quantized: acc = exact int32 sum of ' +
    '(a - za)(b - zb), b per tensor or per column, then y = saturate(rne(f32(acc) * m) + zy) with m = f32(f32(sa*sb)/sy) for ' +
    'a quantized result, f32(acc) * f32(sa*sb) for a float one, acc for an s32 one.',
  attrs: { transpose_a: 'bool', transpose_b: 'bool' },
  operands: ['a', 'b'],
  inferShape(f, [a, b]) {
    if (a.shape.length < 2 || b.shape.length < 2) throw new ShapeError('a and b have at least 2 dimensions');
    const { m, k, n, inner } = matrixSizes(f, a.shape, b.shape);
    if (k !== inner) throw new ShapeError(`a has ${k} columns, b has ${inner} rows`);
    return [[...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n]];
  },
  check(f, [a, b], [y]) {
    if (a.kind === 'float')
      return a.element === 'f32' && b.element === 'f32' && y.element === 'f32'
        ? []
        : ['a float a needs f32 a, b and y'];
    if (a.kind !== 'quant' || b.kind !== 'quant') return ['a and b are both float or both quantized'];
    const problems: string[] = [];
    if (!isByte(a) || !isByte(b)) problems.push('quantized a and b have 8 bits');
    if (a.affine.per !== 'tensor') problems.push('a is quantized per tensor');
    const column = b.shape.length - (f.transpose_b ? 2 : 1);
    if (b.affine.per === 'block' || (b.affine.per === 'axis' && b.affine.axis !== column))
      problems.push('b is quantized per tensor or per column');
    if (y.kind === 'quant' && !isPlainByte(y)) problems.push('a quantized y has 8 bits and is quantized per tensor');
    if (y.kind === 'index' && y.element !== 's32') problems.push('an integer y is s32');
    if (y.kind === 'float' && y.element !== 'f32') problems.push('a float y is f32');
    return problems;
  },
  evaluate(f, [a, b], [y]) {
    return [
      a.type.kind === 'quant' && b.type.kind === 'quant'
        ? evaluateQuant(f, a, a.type, b, b.type, y)
        : evaluateFloat(f, a, b, y),
    ];
  },
});

/** Calls `visit` for every element of y with the places of its k products in a and b. */
function forEachDot(
  f: Flags,
  a: Shape,
  b: Shape,
  y: Shape,
  visit: (at: number, column: number, k: number, aAt: (i: number) => number, bAt: (i: number) => number) => void,
): void {
  const s = matrixSizes(f, a, b);
  const batch = y.slice(0, -2);
  const aBatch = broadcastIndex(a.slice(0, -2), batch);
  const bBatch = broadcastIndex(b.slice(0, -2), batch);
  let at = 0;
  for (let i = 0; i < aBatch.length; i++)
    for (let m = 0; m < s.m; m++)
      for (let n = 0; n < s.n; n++, at++) {
        const aBase = aBatch[i] * s.m * s.k + m * s.a_m;
        const bBase = bBatch[i] * s.k * s.n + n * s.b_n;
        visit(
          at,
          n,
          s.k,
          (k) => aBase + k * s.a_k,
          (k) => bBase + k * s.b_k,
        );
      }
}

function evaluateFloat(f: Flags, a: Tensor, b: Tensor, y: TensorType): Tensor {
  const [as, bs] = [f32Data(a), f32Data(b)];
  const out = new Float32Array(elements(y.shape));
  const lanes = new Float32Array(LANES);
  forEachDot(f, a.type.shape, b.type.shape, y.shape, (at, _, k, aAt, bAt) => {
    lanes.fill(0);
    for (let i = 0; i < k; i++) lanes[i % LANES] = fma32(as[aAt(i)], bs[bAt(i)], lanes[i % LANES]);
    out[at] = sumLanes(lanes);
  });
  return { type: y, data: out };
}

function evaluateQuant(f: Flags, a: Tensor, aType: QuantType, b: Tensor, bType: QuantType, y: TensorType): Tensor {
  const [as, bs] = [numberData(a), numberData(b)];
  const out = allocateNumbers(y);
  const aZero = zeroPointAt(aType.affine, 0);
  const aScale = scaleAt(aType.affine, 0);
  forEachDot(f, aType.shape, bType.shape, y.shape, (at, column, k, aAt, bAt) => {
    const bZero = zeroPointAt(bType.affine, column);
    let acc = 0;
    for (let i = 0; i < k; i++) acc += (as[aAt(i)] - aZero) * (bs[bAt(i)] - bZero);
    const bScale = scaleAt(bType.affine, column);
    if (y.kind === 'float') out[at] = Math.fround(Math.fround(acc) * Math.fround(aScale * bScale));
    else if (y.kind === 'index') out[at] = acc;
    else {
      const m = multiplier(aScale, bScale, scaleAt(y.affine, 0));
      out[at] = requantize(acc, m, zeroPointAt(y.affine, 0), y.range[0], y.range[1]);
    }
  });
  return { type: y, data: out };
}

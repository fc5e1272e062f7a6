import { defineOp, ShapeError } from '../../ir/op.js';
import {
  allocate,
  elements,
  f32Data,
  type Shape,
  stridesOf,
  type Tensor,
  type TensorType,
  UNBOUNDED,
} from '../../ir/type.js';
import { fma32 } from '../../quant/fma.js';
import { joinLanes, LANES } from '../../quant/lanes.js';
import { exp32, log32 } from '../../quant/math.js';

interface Fold {
  readonly first: number;
  /** Both in float32. */
  readonly step: (sum: number, x: number) => number;
  readonly join: (a: number, b: number) => number;
}

const add = (a: number, b: number) => Math.fround(a + b);
const greater = (a: number, b: number) => (b > a || Number.isNaN(b) ? b : a);
const smaller = (a: number, b: number) => (b < a || Number.isNaN(b) ? b : a);
const times = (a: number, b: number) => Math.fround(a * b);
const folds: Readonly<Record<string, Fold>> = {
  sum: { first: 0, step: add, join: add },
  mean: { first: 0, step: add, join: add },
  max: { first: Number.NEGATIVE_INFINITY, step: greater, join: greater },
  min: { first: Number.POSITIVE_INFINITY, step: smaller, join: smaller },
  prod: { first: 1, step: times, join: times },
  l1: { first: 0, step: (sum, x) => Math.fround(sum + Math.abs(x)), join: add },
  'sum-square': { first: 0, step: (sum, x) => fma32(x, x, sum), join: add },
};

/** One number for each slice along `axes`. */
export const reduce = defineOp({
  kind: 'reduce',
  doc:
    'One number for each slice along `axes`, which stay as dimensions of size 1. Float: element j of a slice, in row-major ' +
    'order, joins lane j % 8 (sum-square with fma); lanes join as ((0+4)+(2+6))+((1+5)+(3+7)); a mean is the sum divided ' +
    'by the count; a NaN stays. log-sum-exp = log(sum(exp(x - m))) + m, m the maximum, or 0 where that is ' +
    'infinite. Integers: modulo 2^32 or 2^64; a mean divides the sum modulo 2^64 and truncates.',
  attrs: { fn: ['sum', 'mean', 'max', 'min', 'prod', 'l1', 'sum-square', 'log-sum-exp'], axes: 'ints' },
  operands: ['x'],
  inferShape(a, [x]) {
    if (a.axes.some((axis) => axis < 0 || axis >= x.shape.length))
      throw new ShapeError(`axes [${a.axes}] are outside ${x.shape.length} dimensions`);
    return [x.shape.map((d, i) => (a.axes.includes(i) ? 1 : d))];
  },
  check(a, [x], [y]) {
    const problems: string[] = [];
    if (new Set(a.axes).size !== a.axes.length) problems.push(`axes [${a.axes}] repeat`);
    if (a.fn === 'log-sum-exp' && x.kind !== 'float') problems.push('log-sum-exp is of floats');
    if (x.kind === 'quant' || x.element === 'f64') problems.push(`${x.element} cannot be reduced; f32, s32, s64 can`);
    if (x.kind !== y.kind || x.element !== y.element) problems.push('x and y have one element type');
    return problems;
  },
  bounds: (a, [x]) => (a.fn === 'mean' || a.fn === 'max' || a.fn === 'min' ? x : UNBOUNDED),
  evaluate(a, [x], [y]) {
    if (x.type.kind !== 'float') return [integers(a.fn, x, y)];
    return [a.fn === 'log-sum-exp' ? logSumExp(x, y) : floats(a.fn, x, y)];
  },
});

/** For each element of x, row-major, the element of the reduced tensor it belongs to. */
function targets(x: Shape, y: Shape): Int32Array {
  const to = stridesOf(y).map((s, i) => (y[i] === 1 ? 0 : s));
  const from = stridesOf(x);
  return Int32Array.from({ length: elements(x) }, (_, at) =>
    x.reduce((sum, size, i) => sum + (Math.floor(at / from[i]) % size) * to[i], 0),
  );
}

function floats(fn: string, x: Tensor, y: TensorType): Tensor {
  const { first, step, join } = folds[fn];
  const xs = f32Data(x);
  const count = elements(y.shape);
  const lanes = new Float32Array(count * LANES).fill(first);
  const next = new Int32Array(count);
  for (const [i, o] of targets(x.type.shape, y.shape).entries()) {
    const lane = o * LANES + (next[o]++ % LANES);
    lanes[lane] = step(lanes[lane], xs[i]);
  }
  const out = Float32Array.from({ length: count }, (_, o) => {
    const v = joinLanes(lanes, o * LANES, join);
    return fn === 'mean' ? v / next[o] : v;
  });
  return { type: y, data: out };
}

function logSumExp(x: Tensor, y: TensorType): Tensor {
  const shift = f32Data(floats('max', x, y)).map((m) => (Math.abs(m) === Number.POSITIVE_INFINITY ? 0 : m));
  const to = targets(x.type.shape, y.shape);
  const e = f32Data(x).map((v, i) => exp32(Math.fround(v - shift[to[i]])));
  const sums = f32Data(floats('sum', { type: x.type, data: e }, y));
  return { type: y, data: sums.map((sum, o) => log32(sum) + shift[o]) };
}

const size = (v: bigint) => (v < 0n ? -v : v);
const exact: Readonly<Record<string, (sum: bigint, x: bigint) => bigint>> = {
  sum: (sum, x) => sum + x,
  mean: (sum, x) => sum + x,
  max: (sum, x) => (x > sum ? x : sum),
  min: (sum, x) => (x < sum ? x : sum),
  prod: (sum, x) => sum * x,
  l1: (sum, x) => sum + size(x),
  'sum-square': (sum, x) => sum + x * x,
};

function integers(fn: string, x: Tensor, y: TensorType): Tensor {
  const count = elements(y.shape);
  const sums = new Array<bigint | undefined>(count).fill(undefined);
  const zero = fn === 'prod' ? 1n : 0n;
  const seen = new Int32Array(count);
  const keepsFirst = fn === 'max' || fn === 'min';
  for (const [i, o] of targets(x.type.shape, y.shape).entries()) {
    const v = BigInt(x.data[i]);
    const sum = sums[o];
    sums[o] = sum === undefined && keepsFirst ? v : exact[fn](sum ?? zero, v);
    seen[o]++;
  }
  const out = allocate(y);
  for (let o = 0; o < count; o++) {
    const sum = sums[o] ?? zero;
    const v = fn === 'mean' && seen[o] > 0 ? BigInt.asIntN(64, sum) / BigInt(seen[o]) : sum;
    if (out instanceof BigInt64Array || out instanceof BigUint64Array) out[o] = v;
    else out[o] = Number(BigInt.asIntN(32, v));
  }
  return { type: y, data: out };
}

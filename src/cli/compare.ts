/** How far two tensors are apart, in the units of `qcc verify`. Pure. */
import type { Value } from '../ir/graph.js';
import type { Tensor, TensorData } from '../ir/type.js';
import { floatToHalf } from '../quant/float16.js';

export interface Difference {
  readonly elements: number;
  readonly equal: number;
  readonly maxAbsDiff: number;
  /**
   * Largest difference in steps: of stored values for integers, of `grid` for floats that lie on the grid of a quantized
   * type, else of neighbouring float32 (float16) numbers.
   */
  readonly maxSteps: number;
}

export interface Measure {
  /** Scale of a float tensor that holds dequantized values. */
  readonly grid?: number | undefined;
  /** Float16 numbers. */
  readonly isHalf?: boolean;
  /** -0 and 0 differ: bit for bit. Two NaNs never do. */
  readonly signedZero: boolean;
}

export function difference(got: TensorData, want: TensorData, measure: Measure): Difference {
  let equal = 0;
  let maxAbsDiff = 0;
  let maxSteps = 0;
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i], want[i]];
    if (Object.is(a, b) || (a === b && !measure.signedZero)) {
      equal++;
      continue;
    }
    const diff = typeof a === 'bigint' || typeof b === 'bigint' ? Number(BigInt(a) - BigInt(b)) : a - b;
    const size = Math.abs(diff);
    maxAbsDiff = Math.max(maxAbsDiff, Number.isNaN(size) ? Number.POSITIVE_INFINITY : size);
    maxSteps = Math.max(maxSteps, steps(Number(a), Number(b), size, want, measure));
  }
  return { elements: want.length, equal, maxAbsDiff, maxSteps };
}

function steps(a: number, b: number, size: number, data: TensorData, { grid, isHalf }: Measure): number {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return size;
  if (!Number.isFinite(size)) return Number.POSITIVE_INFINITY;
  if (grid !== undefined) return Math.round(size / grid);
  const position = isHalf === true ? halfOrdinal : ordinal;
  return Math.abs(position(a) - position(b));
}

const view = new DataView(new ArrayBuffer(4));

/** Position of a float32 among all of them: neighbours differ by 1, -0 and 0 too. */
function ordinal(value: number): number {
  view.setFloat32(0, value);
  const bits = view.getInt32(0);
  return bits >= 0 ? bits : -(bits & 0x7fffffff) - 1;
}

function halfOrdinal(value: number): number {
  const bits = floatToHalf(value);
  return bits < 0x8000 ? bits : -(bits & 0x7fff) - 1;
}

/** Differences of one tensor over many samples, added up. */
export function total(differences: readonly Difference[]): Difference {
  return differences.reduce((sum, d) => ({
    elements: sum.elements + d.elements,
    equal: sum.equal + d.equal,
    maxAbsDiff: Math.max(sum.maxAbsDiff, d.maxAbsDiff),
    maxSteps: Math.max(sum.maxSteps, d.maxSteps),
  }));
}

/** Index of the largest element, the first of equals; undefined where the tensor is no vector of scores. */
export function top1({ type, data }: Tensor): number | undefined {
  if (type.shape.filter((dim) => dim !== 1).length !== 1) return undefined;
  let best = 0;
  for (let i = 1; i < data.length; i++) if (data[i] > data[best]) best = i;
  return best;
}

/** The scale of a float value that a dequantize makes, if anything but moves of elements comes after it. */
export function gridOf(value: Value): number | undefined {
  let at = value;
  while (at.kind === 'result' && (at.node.kind === 'transpose' || at.node.kind === 'reshape')) at = at.node.operands[0];
  if (at.type.kind === 'quant') return at.type.affine.per === 'tensor' ? at.type.affine.scale : undefined;
  if (at.kind !== 'result') return undefined;
  if (at.node.kind !== 'dequantize' && at.node.kind !== 'dequantize-transposed') return undefined;
  const { type } = at.node.operands[0];
  return type.kind === 'quant' && type.affine.per === 'tensor' ? type.affine.scale : undefined;
}

/** Largest absolute value, NaN left out. */
export function largestOf(data: TensorData): number {
  let largest = 0;
  for (const x of data) largest = Math.max(largest, Math.abs(Number(x)) || 0);
  return largest;
}

const MANY_STEPS = 1e6;

/** Steps of floats are told where they are few: of a grid, or of the last bits. */
export function differenceText(d: Difference): string {
  if (d.equal === d.elements) return `all ${d.elements} elements identical`;
  const share = ((100 * d.equal) / d.elements).toFixed(2);
  const size = Number(d.maxAbsDiff.toPrecision(4));
  const most = d.maxSteps > MANY_STEPS ? `${size}` : `${d.maxSteps} steps (${size})`;
  return `${share} % of ${d.elements} elements identical, at most ${most} apart`;
}

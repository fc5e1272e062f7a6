/** How far two tensors are apart, in the units of `qcc verify`. Pure. */
import type { Tensor, TensorData } from '../ir/type.js';

export interface Difference {
  readonly elements: number;
  readonly equal: number;
  readonly maxAbsDiff: number;
  /**
   * Largest difference in steps: of stored values for integers, of `grid` for floats that lie on the grid of a quantized
   * type, else of neighbouring float32 numbers.
   */
  readonly maxSteps: number;
}

export interface Measure {
  /** Scale of a float tensor that holds dequantized values. */
  readonly grid?: number | undefined;
  /** -0 and 0 differ: bit for bit. Two NaNs never do. */
  readonly signedZero: boolean;
}

export function difference(got: TensorData, want: TensorData, { grid, signedZero }: Measure): Difference {
  let equal = 0;
  let maxAbsDiff = 0;
  let maxSteps = 0;
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i], want[i]];
    if (Object.is(a, b) || (a === b && !signedZero)) {
      equal++;
      continue;
    }
    const diff = typeof a === 'bigint' || typeof b === 'bigint' ? Number(BigInt(a) - BigInt(b)) : a - b;
    const size = Math.abs(diff);
    maxAbsDiff = Math.max(maxAbsDiff, Number.isNaN(size) ? Number.POSITIVE_INFINITY : size);
    maxSteps = Math.max(maxSteps, steps(Number(a), Number(b), size, want, grid));
  }
  return { elements: want.length, equal, maxAbsDiff, maxSteps };
}

function steps(a: number, b: number, size: number, data: TensorData, grid: number | undefined): number {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return size;
  if (!Number.isFinite(size)) return Number.POSITIVE_INFINITY;
  return grid === undefined ? Math.abs(ordinal(a) - ordinal(b)) : Math.round(size / grid);
}

const view = new DataView(new ArrayBuffer(4));

/** Position of a float32 among all of them: neighbours differ by 1, -0 and 0 too. */
function ordinal(value: number): number {
  view.setFloat32(0, value);
  const bits = view.getInt32(0);
  return bits >= 0 ? bits : -(bits & 0x7fffffff) - 1;
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

/**
 * Inputs that are multiples of one step, as stored 8-bit numbers times their scale are: pixels over 255, features of a
 * front end with its own quantizer. Rounded on that very grid they lose nothing. Invariant: what is found fits all that
 * calibration saw, and is never finer than the bins can tell.
 */
import type { Grid, Range } from './range-choice.js';
import type { TensorStats } from './ranges.js';

/** Fewer different values than this can be multiples of anything. */
const LEAST_VALUES = 8;
/** Of float32 products and quotients, several of them in a row. */
const TOLERANCE = 2 ** -20;

/** The range in which the grid's steps are those of the values; undefined: they have none, or too many. */
export function latticeRange(stats: TensorStats, grid: Grid): Range | undefined {
  const { min, max } = stats;
  const far = Math.max(-min, max);
  if (!Number.isFinite(far) || far <= 0 || filledBins(stats) < LEAST_VALUES) return undefined;
  const most = grid.symmetric ? (grid.levels - 1) / 2 : grid.levels - 1;
  // The largest step first: halves and thirds of it fit as well.
  for (let n = LEAST_VALUES; n <= most; n++) {
    const step = far / n;
    if (!isMultiple(min, step) || !isMultiple(max, step) || !holdsAll(stats, step)) continue;
    return spanned(Math.round(min / step), Math.round(max / step), step, grid);
  }
  return undefined;
}

function filledBins({ histogram }: TensorStats): number {
  return histogram.counts.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
}

function isMultiple(x: number, step: number): boolean {
  const n = Math.round(x / step);
  return Math.abs(x - n * step) <= Math.abs(x) * TOLERANCE;
}

/** Whether every bin with values in it holds a multiple. A step is at least four bins: of bins by chance, a quarter would. */
function holdsAll({ histogram }: TensorStats, step: number): boolean {
  const { counts, first, exponent } = histogram;
  const width = 2 ** exponent;
  for (const [i, n] of counts.entries()) {
    if (n === 0) continue;
    const [low, high] = [(first + i) * width, (first + i + 1) * width];
    const slack = Math.max(-low, high) * TOLERANCE;
    if (Math.floor((high + slack) / step) * step < low - slack) return false;
  }
  return true;
}

/** All levels of the grid; those that nothing was seen of are shared between both ends, a side of zero stays one. */
function spanned(low: number, high: number, step: number, { levels, symmetric }: Grid): Range | undefined {
  if (symmetric) {
    const t = ((levels - 1) / 2) * step;
    return { min: -t, max: t };
  }
  const spare = levels - 1 - (Math.max(0, high) - Math.min(0, low));
  if (spare < 0) return undefined;
  const below = low < 0 ? (high > 0 ? Math.floor(spare / 2) : spare) : 0;
  const min = Math.min(0, low) - below;
  return { min: min * step, max: (min + levels - 1) * step };
}

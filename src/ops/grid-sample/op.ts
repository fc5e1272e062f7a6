import { defineOp, ShapeError } from '../../ir/op.js';
import { elements, f32Data } from '../../ir/type.js';
import { rint32 } from '../../quant/math.js';

interface Attrs {
  readonly mode: 'linear' | 'nearest' | 'cubic';
  readonly padding: 'zeros' | 'border' | 'reflection';
  readonly corners: boolean;
}

const { fround } = Math;
/** Beyond it no image has pixels. */
const MOST = 2 ** 24;

/** Samples an image at places that are computed. */
export const gridSample = defineOp({
  kind: 'grid-sample',
  doc:
    'Samples of an image x [n,h,w,c] at the places of grid [n,oh,ow,2], (x, y) from -1 to 1: those of the corner pixels with `corners`, ' +
    'else of their outer edges. Bilinear, nearest (ties to even) or cubic (coefficient -0.75); outside of the image lie zeros, its ' +
    'border, or its reflection. Each operation is rounded to float32, in the order of runtime-c/include/qcc/grid_sample_f32.h.',
  attrs: {
    mode: ['linear', 'nearest', 'cubic'],
    padding: ['zeros', 'border', 'reflection'],
    corners: 'bool',
  },
  operands: ['x', 'grid'],
  inferShape(_, [x, grid]) {
    if (x.shape.length !== 4 || grid.shape.length !== 4) throw new ShapeError('x and grid have 4 dimensions');
    const [n, oh, ow, two] = grid.shape;
    if (n !== x.shape[0] || two !== 2)
      throw new ShapeError(`grid is [${grid.shape}], expected [${x.shape[0]},oh,ow,2]`);
    return [[n, oh, ow, x.shape[3]]];
  },
  check(_, [x, grid], [y]) {
    const problems = [x, grid, y].every((t) => t.element === 'f32') ? [] : ['x, grid and y are f32'];
    if (elements(x.shape) === 0) problems.push('x is empty');
    return problems;
  },
  evaluate(a, [x, grid], [y]) {
    const [n, h, w, c] = x.type.shape;
    const places = elements(y.shape) / (n * c);
    const [xs, gs] = [f32Data(x), f32Data(grid)];
    const out = new Float32Array(elements(y.shape));
    for (let at = 0; at < n * places; at++) {
      const columns = tapsOf(a, w, gs[2 * at]);
      const rows = tapsOf(a, h, gs[2 * at + 1]);
      const image = Math.floor(at / places) * h;
      for (let k = 0; k < c; k++) {
        const pixel = (row: number, column: number) =>
          row < 0 || column < 0 ? 0 : xs[((image + row) * w + column) * c + k];
        out[at * c + k] = combined(rows, (row) => combined(columns, (column) => pixel(row, column)));
      }
    }
    return [{ type: y, data: out }];
  },
});

/** What is read along one dimension: places (negative: zeros) and weights; one place has none. */
interface Taps {
  readonly at: readonly number[];
  readonly weights: readonly number[];
}

function combined({ at, weights }: Taps, value: (place: number) => number): number {
  if (at.length === 1) return value(at[0]);
  return at.map((place, i) => fround(weights[i] * value(place))).reduce((sum, v) => fround(sum + v));
}

function tapsOf(a: Attrs, size: number, g: number): Taps {
  const v = placeOf(a, size, g);
  if (a.mode === 'nearest') return { at: [inside(a, size, Math.trunc(v))], weights: [] };
  const low = Math.floor(v);
  if (a.mode === 'linear')
    return {
      at: [low, low + 1].map((i) => inside(a, size, i)),
      weights: [fround(fround(low + 1) - v), fround(v - low)],
    };
  return { at: [-1, 0, 1, 2].map((i) => inside(a, size, low + i)), weights: cubicWeights(fround(v - low)) };
}

function cubicWeights(t: number): readonly number[] {
  return [-1, 0, 1, 2].map((i) => {
    const s = Math.abs(fround(t - i));
    const near = fround(fround(fround(1.25 * s) - 2.25) * s);
    const far = fround(fround(fround(fround(fround(-0.75 * s) + 3.75) * s) - 6) * s);
    return i === 0 || i === 1 ? fround(fround(near * s) + 1) : fround(far + 3);
  });
}

function placeOf({ mode, padding, corners }: Attrs, size: number, g: number): number {
  const last = size - 1;
  const from = fround(g + 1);
  const exact = corners ? fround(fround(from / 2) * last) : fround(fround(fround(from * size) - 1) / 2);
  const cut = exact > -MOST ? Math.min(exact, MOST) : -MOST;
  const v = mode === 'nearest' ? rint32(cut) : cut;
  const [low, high] = corners ? [0, last] : [-0.5, fround(last + 0.5)];
  if (padding === 'reflection') return mirrored(v, low, high);
  // Cubic ones clamp the pixels alone, as PyTorch and ONNX Runtime do; ONNX's reference clamps the place too.
  if (padding === 'zeros' || mode === 'cubic') return v;
  return v < low ? 0 : v > high ? last : v;
}

function inside({ padding, corners }: Attrs, size: number, at: number): number {
  if (at >= 0 && at < size) return at;
  if (padding === 'zeros') return -1;
  const seen =
    padding === 'border'
      ? at
      : Math.trunc(mirrored(at, corners ? 0 : -0.5, corners ? size - 1 : fround(size - 1 + 0.5)));
  return Math.max(0, Math.min(size - 1, seen));
}

function mirrored(v: number, low: number, high: number): number {
  const range = fround(high - low);
  if (v >= low && v <= high) return v;
  if (!(range > 0)) return low;
  const isBelow = v < low;
  const beyond = fround(isBelow ? low - v : v - high);
  const turns = Math.trunc(fround(beyond / range));
  const rest = fround(beyond - fround(turns * range));
  return (turns % 2 === 0) === isBelow ? fround(low + rest) : fround(high - rest);
}

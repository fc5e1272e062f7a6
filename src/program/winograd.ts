/**
 * Weights of Winograd's F(4x4,3x3) in integers (Winograd 1980; Lavin and Gray, arXiv 1509.09308): U = G g G' with the
 * usual G times 24, but its last row times 6; the kernel's output transform makes up for it (winograd_transform.h).
 * Invariant: exact; |U| <= 144 * |g|, so s8 weights give s16.
 */
import { numberData, type Tensor } from '../ir/type.js';

const G: readonly (readonly [number, number, number])[] = [
  [6, 0, 0],
  [-4, -4, -4],
  [-4, 4, -4],
  [1, 2, 4],
  [1, -2, 4],
  [0, 0, 6],
];

/** G g G' of one 3x3 kernel whose taps lie `step` apart, row-major, 36 values. */
function transformed(g: ArrayLike<number>, at: number, step: number): number[] {
  const tap = (y: number, x: number) => g[at + (3 * y + x) * step];
  const half = G.map((row) => [0, 1, 2].map((x) => row[0] * tap(0, x) + row[1] * tap(1, x) + row[2] * tap(2, x)));
  return half.flatMap((h) => G.map((row) => row[0] * h[0] + row[1] * h[1] + row[2] * h[2]));
}

/**
 * Panels of `nr` output channels; a panel holds the 36 positions, each [steps of 2 channels][nr][2].
 * @param w stored weights [oc, 3, 3, c].
 */
export function winogradPanels(w: Tensor, nr: number): Float64Array {
  const [oc, , , c] = w.type.shape;
  const data = numberData(w);
  const steps = Math.ceil(c / 2);
  const position = steps * nr * 2;
  const out = new Float64Array(Math.ceil(oc / nr) * 36 * position);
  for (let o = 0; o < oc; o++)
    for (let i = 0; i < c; i++) {
      const u = transformed(data, o * 9 * c + i, c);
      const base = Math.floor(o / nr) * 36 * position + Math.floor(i / 2) * nr * 2 + (o % nr) * 2 + (i % 2);
      for (let p = 0; p < 36; p++) out[base + p * position] = u[p];
    }
  return out;
}

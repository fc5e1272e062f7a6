/** NumPy broadcasting. */
import { ShapeError } from '../ir/op.js';
import type { Shape } from '../ir/type.js';

/** Row-major shape both operands broadcast to (NumPy rules). */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const p = a[a.length - rank + i] ?? 1;
    const q = b[b.length - rank + i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) throw new ShapeError(`[${a}] and [${b}] do not broadcast`);
    return p === 1 ? q : p;
  });
}

/** For each element of `to`, the index of the element of `from` it reads. */
export function broadcastIndex(from: Shape, to: Shape): Int32Array {
  const out = new Int32Array(to.reduce((p, d) => p * d, 1));
  const strides = new Array<number>(to.length).fill(0);
  let stride = 1;
  for (let i = from.length - 1; i >= 0; i--) {
    strides[to.length - from.length + i] = from[i] === 1 ? 0 : stride;
    stride *= from[i];
  }
  for (let i = 0; i < out.length; i++) {
    let rest = i;
    let at = 0;
    for (let d = to.length - 1; d >= 0; d--) {
      at += (rest % to[d]) * strides[d];
      rest = Math.floor(rest / to[d]);
    }
    out[i] = at;
  }
  return out;
}

/** Strides in elements with which an operand follows `full`; 0 where it repeats. */
export function broadcastStrides(shape: Shape, full: Shape): number[] {
  const strides = new Array<number>(full.length).fill(0);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1) strides[full.length - shape.length + i] = stride;
    stride *= shape[i];
  }
  return strides;
}

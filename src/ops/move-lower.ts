/** Strided copies as steps of the family `move`, with as few dimensions as they need. */
import type { AnyNode } from '../ir/graph.js';
import { elements, type Shape } from '../ir/type.js';
import type { View } from '../program/program.js';
import { plainRequest } from './any.js';
import { loopParams, loopsOver } from './loops.js';
import { type LowerContext, reads, stepFor, writes } from './lowering.js';

/** y[yFirst + y . i] = x[xFirst + x . i] for every index i below `dims`; all in elements. */
export interface Move {
  readonly dims: Shape;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly xFirst?: number;
  readonly yFirst?: number;
}

const KERNEL_LOOPS = 6;

/** Emits the step; what has more dimensions than the kernel loops over becomes one step per outer index. */
export function emitMove(node: AnyNode, cx: LowerContext, from: View, to: View, size: number, move: Move): void {
  if (elements(move.dims) === 0) return;
  const { xFirst = 0, yFirst = 0 } = move;
  const loops = loopsOver(
    move.dims,
    move.dims.map((_, i) => i),
    [move.x, move.y],
  );
  if (loops.length > KERNEL_LOOPS) {
    const [outer, ...rest] = loops;
    for (let i = 0; i < outer.size; i++)
      emitMove(node, cx, from, to, size, {
        dims: rest.map((l) => l.size),
        x: rest.map((l) => l.strides[0]),
        y: rest.map((l) => l.strides[1]),
        xFirst: xFirst + i * outer.strides[0],
        yFirst: yFirst + i * outer.strides[1],
      });
    return;
  }
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('move', elements(move.dims), [from]), node),
      params: { size, x_first: xFirst, y_first: yFirst, ...loopParams(loops, KERNEL_LOOPS, 'd', ['x', 'y']) },
      args: [reads('x', from), writes('y', to)],
    }),
  );
}

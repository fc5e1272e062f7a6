/** Dimensions as the nested loops a kernel runs: those of size 1 dropped, neighbours that advance as one merged. */
import type { Shape } from '../ir/type.js';

/** `size` steps; operand i advances by `strides[i]` elements. */
export interface Loop {
  readonly size: number;
  readonly strides: readonly number[];
}

/** The loops over `axes` of `shape`, outermost first. @param operands strides of each operand, one per dimension. */
export function loopsOver(shape: Shape, axes: readonly number[], operands: readonly (readonly number[])[]): Loop[] {
  const loops: Loop[] = [];
  for (const axis of axes) {
    const size = shape[axis];
    if (size === 1) continue;
    const strides = operands.map((s) => s[axis]);
    const outer = loops.at(-1);
    if (outer?.strides.every((s, i) => s === strides[i] * size))
      loops[loops.length - 1] = { size: outer.size * size, strides };
    else loops.push({ size, strides });
  }
  return loops;
}

/**
 * Members of a params struct: sizes `<size>0` .. and the strides of each operand `<names[i]>0` .., outer loops of one
 * step added in front up to `count`.
 */
export function loopParams(
  loops: readonly Loop[],
  count: number,
  size: string,
  names: readonly string[],
): Record<string, number> {
  const none: Loop = { size: 1, strides: names.map(() => 0) };
  const all = [...new Array<Loop>(count - loops.length).fill(none), ...loops];
  const params: Record<string, number> = {};
  for (const [i, loop] of all.entries()) params[`${size}${i}`] = loop.size;
  for (const [n, name] of names.entries())
    for (const [i, loop] of all.entries()) params[`${name}${i}`] = loop.strides[n];
  return params;
}

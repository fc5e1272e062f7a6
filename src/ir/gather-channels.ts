/** Constants with only some of their entries along an axis, or with them in another order. */
import { constant } from './build.js';
import type { Const, Value } from './graph.js';
import { elements, gatherData, type Tensor, withShape } from './type.js';

/** The entries of `tensor` along `axis` that `channels` names, in its order. */
function gathered(tensor: Tensor, axis: number, channels: readonly number[]): Tensor {
  const { shape } = tensor.type;
  const inner = elements(shape.slice(axis + 1));
  const outer = elements(shape.slice(0, axis));
  const index = new Int32Array(outer * channels.length * inner);
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (const c of channels) for (let i = 0; i < inner; i++) index[at++] = (o * shape[axis] + c) * inner + i;
  const type = withShape(tensor.type, [...shape.slice(0, axis), channels.length, ...shape.slice(axis + 1)]);
  return { type, data: gatherData(tensor.data, index) };
}

/** The same of a constant; itself where it keeps all entries as they lie. Throws for values that are none. */
export function gatherConstant(value: Value, axis: number, channels: readonly number[]): Const {
  if (value.kind !== 'const') throw new TypeError('only constants are gathered');
  const isWhole = channels.length === value.type.shape[axis] && channels.every((c, i) => c === i);
  return isWhole ? value : constant(value.name, gathered(value.tensor, axis, channels));
}

import { defineOp, ShapeError } from '../../ir/op.js';
import { elements, numbers, type Tensor, type TensorType } from '../../ir/type.js';
import { moveProblems } from '../moves.js';

type Join = (a: number, b: number) => number;
const joins: Readonly<Record<'add' | 'mul' | 'max' | 'min', Join>> = {
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  max: (a, b) => (b > a ? b : a),
  min: (a, b) => (b < a ? b : a),
};

/** Writes entries into a copy of a tensor. */
export const scatter = defineOp({
  kind: 'scatter',
  doc:
    'A copy of x with entries written over, or joined by `fn`, one after the other: entry i of `updates`, whose length is ' +
    'their number of elements for each index, at entry index[i] of x. Negative indices count from the end; those still ' +
    'outside are taken as the nearest inside. ' +
    'max (min): the update if it is greater (less).',
  attrs: { fn: ['none', 'add', 'mul', 'max', 'min'] },
  operands: ['x', 'index', 'updates'],
  inferShape(_, [x, index, updates]) {
    const count = elements(index.shape);
    const run = count === 0 ? 1 : elements(updates.shape) / count;
    const fits = count === 0 || (Number.isInteger(run) && run > 0 && elements(x.shape) % run === 0);
    if (!fits || (count > 0 && elements(x.shape) === 0))
      throw new ShapeError(`${count} updates of shape [${updates.shape}] do not fit [${x.shape}]`);
    return [x.shape];
  },
  check(a, [x, index, updates], [y]) {
    const problems = [...moveProblems(x, y), ...moveProblems(x, updates)];
    if (index.element !== 's64') problems.push('index is s64');
    if (a.fn !== 'none' && !canJoin(x))
      problems.push(`x is f32, s32 or s64 where updates are joined, not ${x.element}`);
    return problems;
  },
  evaluate(a, [x, index, updates], [y]) {
    const at = numbers(index);
    const run = at.length === 0 ? 1 : elements(updates.type.shape) / at.length;
    const last = elements(x.type.shape) / run - 1;
    const data = x.data.slice();
    for (const [i, k] of at.entries()) {
      const to = Math.max(0, Math.min(last, k < 0 ? k + last + 1 : k)) * run;
      for (let j = 0; j < run; j++) write(a.fn, { type: y, data }, to + j, updates, i * run + j);
    }
    return [{ type: y, data }];
  },
});

function canJoin(type: TensorType): boolean {
  return type.element === 'f32' || (type.kind === 'index' && (type.element === 's32' || type.element === 's64'));
}

function write(fn: 'none' | keyof typeof joins, y: Tensor, at: number, updates: Tensor, from: number): void {
  const { data } = y;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const [a, b] = [data[at], BigInt(updates.data[from])];
    const wide = { none: b, add: a + b, mul: a * b, max: b > a ? b : a, min: b < a ? b : a };
    data[at] = wide[fn];
    return;
  }
  const [a, b] = [data[at], Number(updates.data[from])];
  if (fn === 'none') data[at] = b;
  else if (fn === 'mul' && data instanceof Int32Array) data[at] = Math.imul(a, b);
  else data[at] = joins[fn](a, b);
}

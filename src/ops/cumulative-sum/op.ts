import { defineOp, ShapeError } from '../../ir/op.js';
import { allocate, elements, type Tensor } from '../../ir/type.js';

/** Running sums along one axis. */
export const cumulativeSum = defineOp({
  kind: 'cumulative-sum',
  doc:
    'Sums of the elements up to each one along an axis, itself included or not (`exclusive`); `reverse`: of those from each ' +
    'one on, added from the last. Floats are rounded at every addition, integers wrap.',
  attrs: { axis: 'int', exclusive: 'bool', reverse: 'bool' },
  operands: ['x'],
  inferShape(a, [x]) {
    if (!(a.axis >= 0 && a.axis < x.shape.length))
      throw new ShapeError(`axis ${a.axis} is outside ${x.shape.length} dimensions`);
    return [x.shape];
  },
  check: (_, [x], [y]) => [
    ...(x.element === y.element ? [] : [`x is ${x.element}, y is ${y.element}`]),
    ...(['f32', 's32', 's64'].includes(x.element) ? [] : [`x is f32, s32 or s64, not ${x.element}`]),
  ],
  evaluate(a, [x], [y]) {
    const dim = y.shape[a.axis];
    const inner = elements(y.shape.slice(a.axis + 1));
    const out: Tensor = { type: y, data: allocate(y) };
    for (let slice = 0; slice < elements(y.shape) / Math.max(dim, 1); slice++) {
      const base = Math.floor(slice / inner) * dim * inner + (slice % inner);
      const places = Array.from({ length: dim }, (_, t) => base + (a.reverse ? dim - 1 - t : t) * inner);
      if (out.data instanceof BigInt64Array) sumBig(x, out.data, places, a.exclusive);
      else {
        // In storage of the element, so that each sum is rounded, or wraps, as it does there.
        const { data } = out;
        for (const [t, at] of places.entries()) {
          const before = t === 0 ? 0 : Number(data[places[t - 1]]);
          const added = a.exclusive ? places[t - 1] : at;
          data[at] = t === 0 && a.exclusive ? 0 : before + Number(x.data[added]);
        }
      }
    }
    return [out];
  },
});

function sumBig(x: Tensor, data: BigInt64Array, places: readonly number[], isExclusive: boolean): void {
  let sum = 0n;
  for (const at of places) {
    const next = sum + BigInt(x.data[at]);
    data[at] = isExclusive ? sum : next;
    sum = next;
  }
}

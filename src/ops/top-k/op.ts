import { defineOp, ShapeError } from '../../ir/op.js';
import { elements, gatherData } from '../../ir/type.js';
import { moveProblems } from '../moves.js';

/** The greatest or least values along one axis, and where they are. */
export const topK = defineOp({
  kind: 'top-k',
  doc:
    'The k greatest (least) values along one axis, in that order, and their indices; of equal ones the first comes first. A ' +
    'NaN is never greater or less, so nothing that comes later passes it. On stored integers too, as quantization keeps order.',
  attrs: { fn: ['max', 'min'], axis: 'int', k: 'int' },
  operands: ['x'],
  inferShape(a, [x]) {
    const dim = x.shape[a.axis];
    if (dim === undefined) throw new ShapeError(`axis ${a.axis} is outside ${x.shape.length} dimensions`);
    if (!(a.k >= 0 && a.k <= dim)) throw new ShapeError(`the first ${a.k} of ${dim} values`);
    const shape = x.shape.map((d, i) => (i === a.axis ? a.k : d));
    return [shape, shape];
  },
  check(_, [x], [y, index]) {
    const problems = index.element === 's64' ? [] : ['the indices are s64'];
    return [...problems, ...moveProblems(x, y)];
  },
  evaluate(a, [x], [y, index]) {
    const { data } = x;
    const { k } = a;
    const dim = x.type.shape[a.axis];
    const inner = elements(x.type.shape.slice(a.axis + 1));
    const beats = (v: number, w: number) => (a.fn === 'max' ? data[v] > data[w] : data[v] < data[w]);
    const from = new Int32Array(elements(y.shape));
    for (let slice = 0; slice < from.length / Math.max(k, 1); slice++) {
      const base = Math.floor(slice / inner) * dim * inner + (slice % inner);
      const best: number[] = [];
      for (let j = 0; j < dim; j++) {
        let at = best.length;
        while (at > 0 && beats(base + j * inner, base + best[at - 1] * inner)) at--;
        best.splice(at, 0, j);
        if (best.length > k) best.pop();
      }
      const to = Math.floor(slice / inner) * k * inner + (slice % inner);
      for (const [p, j] of best.entries()) from[to + p * inner] = base + j * inner;
    }
    const places = BigInt64Array.from(from, (at) => BigInt(Math.floor(at / inner) % dim));
    return [
      { type: y, data: gatherData(data, from) },
      { type: index, data: places },
    ];
  },
});

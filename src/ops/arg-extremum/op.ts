import { defineOp, ShapeError } from '../../ir/op.js';
import { elements } from '../../ir/type.js';

/** Where the greatest or least value along one axis is. */
export const argExtremum = defineOp({
  kind: 'arg-extremum',
  doc:
    'Index of the greatest (least) value along one axis, which stays as a dimension of size 1; of equal ones the first, or ' +
    'the last. A NaN is never greater or less. On stored integers too, as quantization keeps order.',
  attrs: { fn: ['max', 'min'], axis: 'int', last: 'bool' },
  operands: ['x'],
  inferShape(a, [x]) {
    if (!(a.axis >= 0 && a.axis < x.shape.length))
      throw new ShapeError(`axis ${a.axis} is outside ${x.shape.length} dimensions`);
    if (x.shape[a.axis] === 0) throw new ShapeError(`axis ${a.axis} is empty`);
    return [x.shape.map((d, i) => (i === a.axis ? 1 : d))];
  },
  check(_, [x], [y]) {
    const problems = y.element === 's64' ? [] : ['y is s64'];
    if (x.kind === 'quant' && x.affine.per !== 'tensor') problems.push('x is quantized per tensor');
    return problems;
  },
  evaluate(a, [x], [y]) {
    const { data } = x;
    const dim = x.type.shape[a.axis];
    const inner = elements(x.type.shape.slice(a.axis + 1));
    const wins = (at: number, best: number) =>
      (a.fn === 'max' ? data[at] > data[best] : data[at] < data[best]) || (a.last && data[at] === data[best]);
    const out = BigInt64Array.from({ length: elements(y.shape) }, (_, at) => {
      const base = Math.floor(at / inner) * dim * inner + (at % inner);
      let best = 0;
      for (let j = 1; j < dim; j++) if (wins(base + j * inner, base + best * inner)) best = j;
      return BigInt(best);
    });
    return [{ type: y, data: out }];
  },
});

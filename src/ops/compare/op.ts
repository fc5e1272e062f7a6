import { defineOp } from '../../ir/op.js';
import { sameAffine } from '../../ir/type.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';

type Comparison = (a: number | bigint, b: number | bigint) => boolean;
const functions: Readonly<Record<'equal' | 'less' | 'less-or-equal', Comparison>> = {
  equal: (a, b) => a === b,
  less: (a, b) => a < b,
  'less-or-equal': (a, b) => a <= b,
};

/** Element-wise comparison. */
export const compare = defineOp({
  kind: 'compare',
  doc: 'Compares two tensors of one element with NumPy broadcasting; a bool. NaN compares false.',
  attrs: { fn: ['equal', 'less', 'less-or-equal'] },
  operands: ['a', 'b'],
  inferShape: (_, [a, b]) => [broadcastShape(a.shape, b.shape)],
  check(_, [a, b], [y]) {
    const problems = y.element === 'bool' ? [] : ['y is bool'];
    if (a.element !== b.element || a.kind !== b.kind) problems.push('a and b have one element type');
    if (a.kind === 'quant' && b.kind === 'quant' && (a.affine.per !== 'tensor' || !sameAffine(a.affine, b.affine)))
      problems.push('a and b have one scale');
    return problems;
  },
  evaluate(attrs, [a, b], [y]) {
    const ai = broadcastIndex(a.type.shape, y.shape);
    const bi = broadcastIndex(b.type.shape, y.shape);
    const holds = functions[attrs.fn];
    return [{ type: y, data: Uint8Array.from(ai, (at, i) => (holds(a.data[at], b.data[bi[i]]) ? 1 : 0)) }];
  },
});

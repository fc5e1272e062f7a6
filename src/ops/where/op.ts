import { defineOp } from '../../ir/op.js';
import { allocate, sameType, type TensorType } from '../../ir/type.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';

/** Element-wise choice. */
export const where = defineOp({
  kind: 'where',
  doc: 'y = c ? a : b, element by element with NumPy broadcasting; a, b and y have one type, quantization included.',
  attrs: {},
  operands: ['c', 'a', 'b'],
  inferShape: (_, [c, a, b]) => [broadcastShape(c.shape, broadcastShape(a.shape, b.shape))],
  check(_, [c, a, b], [y]) {
    const problems = c.element === 'bool' ? [] : ['c is bool'];
    const [p, q, r] = [a, b, y].map(withoutShape);
    if (!sameType(p, q) || !sameType(p, r)) problems.push('a, b and y have one type');
    if (a.kind === 'quant' && a.affine.per !== 'tensor') problems.push('a and b are quantized per tensor');
    return problems;
  },
  evaluate(_, [c, a, b], [y]) {
    const [ci, ai, bi] = [c, a, b].map((x) => broadcastIndex(x.type.shape, y.shape));
    const out = allocate(y);
    for (let i = 0; i < out.length; i++) {
      const value = Number(c.data[ci[i]]) !== 0 ? a.data[ai[i]] : b.data[bi[i]];
      if (out instanceof BigInt64Array || out instanceof BigUint64Array) out[i] = BigInt(value);
      else out[i] = Number(value);
    }
    return [{ type: y, data: out }];
  },
});

/** Which values occur does not matter either. */
function withoutShape(type: TensorType): TensorType {
  return type.kind === 'quant' ? { ...type, shape: [], range: [0, 0] } : { ...type, shape: [] };
}

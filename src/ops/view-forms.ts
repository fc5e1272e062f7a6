/** Rewrites every pass that moves reshapes or transposes ends with: two in a row are one, and one that changes nothing is none. */
import { make } from '../ir/build.js';
import { type AnyRule, rule } from '../ir/rewrite.js';
import { sameShape } from '../ir/type.js';
import { producer } from '../ir/walk.js';

export const viewRules: readonly AnyRule[] = [
  rule('reshape of reshape', 'reshape', (node) => {
    const inner = producer(node.operands[0], 'reshape');
    if (inner === undefined) return undefined;
    return make('reshape', node.attrs, [inner.operands[0]], node.results[0].type, node.origin);
  }),
  rule('reshape to the same shape', 'reshape', (node) =>
    sameShape(node.operands[0].type.shape, node.results[0].type.shape) ? node.operands[0] : undefined,
  ),
  rule('transpose of transpose', 'transpose', (node) => {
    const inner = producer(node.operands[0], 'transpose');
    if (inner === undefined) return undefined;
    const perm = node.attrs.perm.map((p) => inner.attrs.perm[p]);
    return make('transpose', { perm }, [inner.operands[0]], node.results[0].type, node.origin);
  }),
  rule('identity transpose', 'transpose', (node) =>
    node.attrs.perm.every((p, i) => p === i) ? node.operands[0] : undefined,
  ),
];

/** The linear form of TFLite's sum of two bytes, if there is one. */
import type { Node } from '../../ir/graph.js';
import { elementRange, type QuantType } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { type LinearSum, linearSum } from '../../quant/linear-sum.js';
import { storedSum } from './op.js';

/** A graph is lowered more than once; the node says all that the form depends on. */
const found = new WeakMap<Node, LinearSum | undefined>();

/** `a` and `b` in the node's order; undefined for int16, and where no form has the sum of every pair. */
export function linearFormOf(node: Node<'add-fixed'>): LinearSum | undefined {
  if (found.has(node)) return found.get(node);
  const [a, b, y] = [...node.operands, node.results[0]].map(({ type }) => type);
  if (a.kind !== 'quant' || b.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
  const form = y.element === 's16' ? undefined : linearForm(node.attrs.subtract, a, b, y);
  found.set(node, form);
  return form;
}

export function linearForm(subtract: boolean, a: QuantType, b: QuantType, y: QuantType): LinearSum | undefined {
  const scale = (t: QuantType) => scaleAt(t.affine, 0) / scaleAt(y.affine, 0);
  const [za, zb, zy] = [a, b, y].map((t) => zeroPointAt(t.affine, 0));
  const real = { a: scale(a), b: subtract ? -scale(b) : scale(b) };
  return linearSum({
    sum: storedSum({ subtract, powers: false }, a, b, y),
    leastA: elementRange[a.element][0],
    leastB: elementRange[b.element][0],
    real: { ...real, constant: zy - za * real.a - zb * real.b },
    range: y.range,
  });
}

/** The linear form of TFLite's sum of two bytes, if there is one. */
import type { AnyNode, Node } from '../../ir/graph.js';
import { elementRange, type QuantType, type TensorType } from '../../ir/type.js';
import type { Proof } from '../../program/program.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { type LinearSum, linearSum } from '../../quant/linear-sum.js';
import { middleType } from '../conv2d-requant/residual.js';
import { NoKernel } from '../lowering.js';
import { storedSum } from './op.js';

/** A graph is lowered more than once; the node says all that the form depends on. */
const found = new WeakMap<AnyNode, LinearSum | undefined>();

/** `a` and `b` in the node's order; undefined for int16, and where no form has the sum of every pair. */
export function linearFormOf(node: Node<'add-fixed'>): LinearSum | undefined {
  const [a, b, y] = [...node.operands, node.results[0]].map(({ type }) => type);
  return remembered(node, () => linearForm(node.attrs.subtract, a, b, y));
}

/** Of a convolution's value and its residual, in that order; undefined where it has no fixed-point sum. */
export function residualFormOf(node: Node<'conv2d-requant'>): LinearSum | undefined {
  if (node.attrs.add !== 'fixed') return undefined;
  const [y, r] = [node.results[0].type, node.operands[4].type];
  const form = remembered(node, () => linearForm(false, middleType(node.attrs, y), r, y));
  if (form === undefined) throw new NoKernel('kernels have no fixed-point sum of these scales in their epilogues');
  return form;
}

function remembered(node: AnyNode, form: () => LinearSum | undefined): LinearSum | undefined {
  const known = found.has(node) ? found.get(node) : form();
  found.set(node, known);
  return known;
}

export function linearForm(subtract: boolean, a: TensorType, b: TensorType, y: TensorType): LinearSum | undefined {
  if (a.kind !== 'quant' || b.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
  if (y.element === 's16') return undefined;
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

export function linearEvidence({ a, b, constant, shift }: LinearSum): string {
  return `(${a} * a + ${b} * b + ${constant}) >> ${shift} has the sums of all 65536 pairs of bytes`;
}

export function linearProofs(form: LinearSum | undefined): readonly Proof[] {
  return form === undefined ? [] : [{ claim: 'LINEAR_SUM', evidence: linearEvidence(form) }];
}

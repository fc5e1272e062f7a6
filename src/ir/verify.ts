/** Structural checks of a graph, and one executable check per named invariant. */
import { opDef } from '../ops/index.js';
import { nodeProblems } from './build.js';
import type { AnyNode, Graph } from './graph.js';
import type { Invariant } from './pass.js';
import { elements } from './type.js';
import { topologicalOrder } from './walk.js';

const invariantChecks: Readonly<Record<Invariant, (node: AnyNode) => string | undefined>> = {
  'quant-islands': (node) =>
    node.kind === 'conv2d' && node.operands.every((v) => v.kind === 'result' && v.node.kind === 'dequantize')
      ? 'a convolution of dequantized tensors is left outside its quantized form'
      : undefined,
  'explicit-requantize': (node) =>
    node.kind === 'conv2d' && node.operands[0].type.kind === 'quant' && node.operands[0].type.element !== 's16'
      ? 'a quantized conv2d is left with implicit scales'
      : undefined,
  nhwc: () => undefined,
  'no-const-compute': (node) =>
    node.kind !== 'dequantize' && node.operands.length > 0 && node.operands.every((v) => v.kind === 'const')
      ? `${node.kind} of constants is left to run time`
      : undefined,
};

/** Every violated rule, in graph order; empty for a sound graph. */
export function graphProblems(graph: Graph, invariants: Iterable<Invariant> = []): string[] {
  const problems: string[] = [];
  const held = [...invariants];
  const params = new Set(graph.inputs);
  const names = new Set<string>();
  for (const input of graph.inputs) {
    if (names.has(input.name)) problems.push(`two inputs are named "${input.name}"`);
    names.add(input.name);
  }
  for (const node of topologicalOrder(graph)) {
    const label = `${node.kind}${node.origin.names.length > 0 ? ` from "${node.origin.names.join('", "')}"` : ''}`;
    for (const problem of nodeProblems(
      node.kind,
      node.attrs,
      node.operands,
      node.results.map((r) => r.type),
    ))
      problems.push(`${label}: ${problem}`);
    for (const operand of node.operands) {
      if (operand.kind === 'param' && !params.has(operand))
        problems.push(`${label}: reads a foreign input "${operand.name}"`);
      if (operand.kind === 'const' && operand.tensor.data.length !== elements(operand.type.shape))
        problems.push(`${label}: constant "${operand.name}" holds ${operand.tensor.data.length} elements`);
    }
    for (const invariant of held) {
      const broken = invariantChecks[invariant](node);
      if (broken !== undefined) problems.push(`${label}: ${invariant}: ${broken}`);
    }
    if (opDef(node.kind).isView === true && node.results.length !== 1) problems.push(`${label}: a view has one result`);
  }
  return problems;
}

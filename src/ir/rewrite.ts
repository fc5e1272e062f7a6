/**
 * The rule driver. Invariant: rules never see a half-rewritten graph; operands of the node they are shown are already
 * rewritten, use counts are those of the graph at the start of the sweep (unknown for values made in this sweep,
 * which therefore count as shared until the next one).
 */
import { InternalError, withOperands } from './build.js';
import type { AnyNode, Graph, Node, OpKind, Value } from './graph.js';
import { topologicalOrder, useCounts } from './walk.js';

export interface Rewriter {
  /** True if nothing but the node being rewritten reads `value`. */
  isOnlyUse(value: Value): boolean;
  /** How many operands and outputs read `value`. */
  uses(value: Value): number;
  readonly graph: Graph;
}

/** `apply` answers replacements for the node's results (one per result), or undefined if it does not match. */
export interface Rule<K extends OpKind = OpKind> {
  readonly name: string;
  readonly root: K;
  apply(node: Node<K>, rewriter: Rewriter): readonly Value[] | Value | undefined;
}

/** A rule in the form a rule list holds. */
export type AnyRule = {
  readonly name: string;
  readonly root: OpKind;
  apply(node: AnyNode, rw: Rewriter): readonly Value[] | Value | undefined;
};

export function rule<K extends OpKind>(name: string, root: K, apply: Rule<K>['apply']): AnyRule {
  return {
    name,
    root,
    apply: (node, rw) => (node.kind === root ? apply(node as unknown as Node<K>, rw) : undefined),
  };
}

const SWEEP_LIMIT = 200;

/** Applies the rules until none matches. `hit` is told the name of every rule that fired. */
export function rewriteGraph(graph: Graph, rules: readonly AnyRule[], hit: (rule: string) => void = () => {}): Graph {
  let current = graph;
  for (let sweep = 0; sweep < SWEEP_LIMIT; sweep++) {
    const next = sweepOnce(current, rules, hit);
    if (next === current) return current;
    current = next;
  }
  throw new InternalError(`rules did not reach a fixpoint after ${SWEEP_LIMIT} sweeps`);
}

function sweepOnce(graph: Graph, rules: readonly AnyRule[], hit: (rule: string) => void): Graph {
  const counts = useCounts(graph);
  const replaced = new Map<Value, Value>();
  const newCounts = new Map<Value, number>();
  const resolve = (value: Value): Value => replaced.get(value) ?? value;
  const uses = (value: Value): number => newCounts.get(value) ?? counts.get(value) ?? Number.POSITIVE_INFINITY;
  const rewriter: Rewriter = { graph, uses, isOnlyUse: (value) => uses(value) === 1 };
  let changed = false;
  for (const old of topologicalOrder(graph)) {
    const node = withOperands(old, old.operands.map(resolve));
    const answer = applyFirst(node, rules, rewriter, hit);
    if (answer !== undefined) changed = true;
    for (const [i, result] of old.results.entries()) {
      const value: Value = answer === undefined ? node.results[i] : answer[i];
      if (value === undefined) throw new InternalError(`a rule on ${old.kind} replaced too few results`);
      if (value !== result) replaced.set(result, value);
      newCounts.set(value, (value === result ? 0 : (newCounts.get(value) ?? 0)) + (counts.get(result) ?? 0));
    }
  }
  if (!changed) return graph;
  return rebuilt(graph, resolve);
}

function applyFirst(node: AnyNode, rules: readonly AnyRule[], rw: Rewriter, hit: (rule: string) => void) {
  for (const candidate of rules) {
    if (candidate.root !== node.kind) continue;
    const answer = candidate.apply(node, rw);
    if (answer === undefined) continue;
    hit(candidate.name);
    return 'kind' in answer ? [answer] : answer;
  }
  return undefined;
}

function rebuilt(graph: Graph, resolve: (value: Value) => Value): Graph {
  const outputs = graph.outputs.map((o) => ({ name: o.name, value: resolve(o.value) }));
  if (graph.named === undefined) return { ...graph, outputs };
  return { ...graph, outputs, named: new Map([...graph.named].map(([name, v]) => [name, relaid(v, resolve)])) };
}

/** Where a move that nobody needs any more was named, its source has the name's values. */
function relaid(value: Value, resolve: (value: Value) => Value): Value {
  const found = resolve(value);
  if (found !== value || value.kind !== 'result') return found;
  const { node } = value;
  if (node.kind !== 'transpose' && node.kind !== 'reshape') return value;
  const operand = relaid(node.operands[0], resolve);
  return operand === node.operands[0] ? value : withOperands(node, [operand]).results[0];
}

/** Rebuilds the graph node by node; `map` may answer other results for a node (already on mapped operands). */
export function mapGraph(graph: Graph, map: (node: AnyNode, old: AnyNode) => readonly Value[]): Graph {
  const replaced = new Map<Value, Value>();
  const resolve = (value: Value): Value => replaced.get(value) ?? value;
  for (const old of topologicalOrder(graph)) {
    const answer = map(withOperands(old, old.operands.map(resolve)), old);
    for (const [i, result] of old.results.entries()) if (answer[i] !== result) replaced.set(result, answer[i]);
  }
  return rebuilt(graph, resolve);
}

/**
 * Shrinks a graph to a small one that a predicate still accepts: for finding out what of a model makes qcc fail.
 * Invariant: every graph asked about is well formed; the answer is one the predicate accepted. The order is fixed, so the
 * same graph and predicate give the same answer. After Zeller and Hildebrandt's delta debugging (2002), where a graph's
 * head and tail are cut by bisection first.
 */
import { InternalError, param } from './build.js';
import type { AnyNode, Graph, Param, Value } from './graph.js';
import { mapGraph } from './rewrite.js';
import { sameAffine, sameShape, type TensorType } from './type.js';
import { topologicalOrder } from './walk.js';

/** Told of every graph that was accepted. */
export type Watcher = (nodes: number) => void;
type Fails = (graph: Graph) => Promise<boolean>;

/** A smaller graph for which `fails` holds, as it must for `graph`. */
export async function shrinkGraph(graph: Graph, fails: Fails, watch: Watcher = () => {}): Promise<Graph> {
  let current = graph;
  const keep = async (candidate: Graph | undefined): Promise<boolean> => {
    if (candidate === undefined || !(await fails(candidate))) return false;
    current = candidate;
    watch(topologicalOrder(current).length);
    return true;
  };
  for (let size = -1; size !== sizeOf(current); ) {
    size = sizeOf(current);
    for (const { name } of current.outputs) {
      const rest = current.outputs.filter((o) => o.name !== name);
      if (rest.length > 0) await keep(used({ ...current, outputs: rest }));
    }
    await cutTail(current, keep);
    await cutHead(current, keep);
    for (const node of topologicalOrder(current).reverse())
      for (const change of [bypassed, opened]) if (await keep(change(current, node))) break;
  }
  return current;
}

function sizeOf(graph: Graph): number {
  return topologicalOrder(graph).length + graph.inputs.length + graph.outputs.length;
}

/** The graph without inputs that nothing reads. */
function used(graph: Graph): Graph {
  const read = new Set<Value>(graph.outputs.map((o) => o.value));
  for (const node of topologicalOrder(graph)) for (const operand of node.operands) read.add(operand);
  return { name: graph.name, outputs: graph.outputs, inputs: graph.inputs.filter((p) => read.has(p)) };
}

/** Ends after node k: the smallest k that still fails, if failing stays once it begins. */
async function cutTail(graph: Graph, keep: (g: Graph) => Promise<boolean>): Promise<void> {
  const order = topologicalOrder(graph);
  const upTo = (k: number) =>
    used({ ...graph, outputs: order[k].results.map((value, i) => ({ name: `value${i}`, value })) });
  let [low, high] = [0, order.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await keep(upTo(middle))) high = middle;
    else low = middle + 1;
  }
}

/** Begins after node k: the largest k that still fails, if failing ends once it does. */
async function cutHead(graph: Graph, keep: (g: Graph) => Promise<boolean>): Promise<void> {
  const order = topologicalOrder(graph);
  const dependent = dependents(graph);
  const from = (k: number) => {
    const first = new Set(order.slice(0, k).filter((node) => dependent.has(node)));
    return withInputs(graph, (node) => first.has(node));
  };
  let [low, high] = [1, order.length - 1];
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const candidate = from(middle);
    if (candidate !== undefined && (await keep(candidate))) low = middle + 1;
    else high = middle - 1;
  }
}

/** What an input decides. What is computed of constants alone stays so: passes want it. */
function dependents(graph: Graph): ReadonlySet<AnyNode> {
  const found = new Set<AnyNode>();
  for (const node of topologicalOrder(graph))
    if (node.operands.some((v) => v.kind === 'param' || (v.kind === 'result' && found.has(v.node)))) found.add(node);
  return found;
}

/** Results of the nodes that `becomesInput` names are inputs. */
function withInputs(graph: Graph, becomesInput: (node: AnyNode) => boolean): Graph | undefined {
  const made: Param[] = [];
  const names = new Set(graph.inputs.map((p) => p.name));
  const next = mapGraph(graph, (node, old) => {
    if (!becomesInput(old)) return node.results;
    return old.results.map(({ type }) => {
      let name = `cut${made.length}`;
      while (names.has(name)) name += '_';
      names.add(name);
      const input = param(name, type);
      made.push(input);
      return input;
    });
  });
  if (topologicalOrder(next).length === 0) return undefined;
  return used({ ...next, inputs: [...next.inputs, ...made] });
}

/** One node's results become inputs. */
function opened(graph: Graph, node: AnyNode): Graph | undefined {
  return dependents(graph).has(node) ? withInputs(graph, (other) => other === node) : undefined;
}

/** One node's only result becomes its first operand of the same type. */
function bypassed(graph: Graph, node: AnyNode): Graph | undefined {
  const [result] = node.results;
  const at = node.operands.findIndex((v) => sameType(v.type, result.type));
  if (node.results.length !== 1 || at < 0) return undefined;
  try {
    const next = mapGraph(graph, (mapped, old) => (old === node ? [mapped.operands[at]] : mapped.results));
    return topologicalOrder(next).length === 0 ? undefined : used(next);
  } catch (refused) {
    // Another range of stored values may not suit what reads it.
    if (refused instanceof InternalError) return undefined;
    throw refused;
  }
}

function sameType(a: TensorType, b: TensorType): boolean {
  if (a.kind !== b.kind || a.element !== b.element || !sameShape(a.shape, b.shape)) return false;
  return a.kind !== 'quant' || b.kind !== 'quant' || sameAffine(a.affine, b.affine);
}

/**
 * The reference interpreter: runs any graph by each op's `evaluate`. Invariant: it shares no code with the kernels it
 * judges; it is slow on purpose.
 */
import { opDef } from '../ops/index.js';
import { erasedAttrs, InternalError } from './build.js';
import type { Graph, Value } from './graph.js';
import { elements, type Tensor } from './type.js';
import { topologicalOrder } from './walk.js';

/** Values of every graph output, by name. `inputs` are keyed by parameter name. `watch` sees every node result. */
export function evaluateGraph(
  graph: Graph,
  inputs: ReadonlyMap<string, Tensor>,
  watch: (value: Value, tensor: Tensor) => void = () => {},
): Map<string, Tensor> {
  const values = new Map<Value, Tensor>();
  for (const input of graph.inputs) {
    const tensor = inputs.get(input.name);
    if (tensor === undefined) throw new InternalError(`no value for input "${input.name}"`);
    values.set(input, { type: input.type, data: tensor.data });
  }
  const read = (value: Value): Tensor => {
    if (value.kind === 'const') return value.tensor;
    const tensor = values.get(value);
    if (tensor === undefined) throw new InternalError('a value is read before it is computed');
    return tensor;
  };
  for (const node of topologicalOrder(graph)) {
    const types = node.results.map((r) => r.type);
    const results = opDef(node.kind).evaluate(erasedAttrs(node.attrs), node.operands.map(read), types);
    for (const [i, result] of node.results.entries()) {
      const tensor = results[i];
      if (tensor.data.length !== elements(result.type.shape))
        throw new InternalError(`${node.kind} evaluated to ${tensor.data.length} elements for [${result.type.shape}]`);
      values.set(result, tensor);
      watch(result, tensor);
    }
  }
  return new Map(graph.outputs.map((o) => [o.name, read(o.value)]));
}

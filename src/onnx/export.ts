/**
 * Graph -> OnnxModel: the inverse of `import.ts`. Invariant: `importModel` of the answer computes the same function; the
 * names of inputs, outputs and, where the graph knows them, of inner values are those of the model it came from.
 */
import { productsOfCells } from '../ir/cells.js';
import type { Graph, Value } from '../ir/graph.js';
import type { TensorType } from '../ir/type.js';
import { topologicalOrder } from '../ir/walk.js';
import { exportNode } from '../ops/export-table.js';
import type { DynamicProducts } from './export-layout.js';
import { ExportContext } from './exporter.js';
import type { OnnxAbout, OnnxModel, OnnxNode, OnnxValueInfo } from './model.js';

export interface ExportFields {
  readonly producer: { readonly name: string; readonly version: string };
  readonly metadata: ReadonlyMap<string, string>;
  readonly about?: OnnxAbout;
  /** Matrix products with constant weights whose activations are to be quantized at run time. */
  readonly dynamic?: DynamicProducts;
}

/** Throws `QccError` where no ONNX operator says what a node does. */
export function exportModel(graph: Graph, fields: ExportFields): OnnxModel {
  // Operators change their form from opset to opset, so the one to write for must be known first.
  const { dynamic, ...named } = fields;
  let cx = written(graph, 13, dynamic);
  while (cx.needed > cx.opset) cx = written(graph, cx.needed, dynamic);
  return {
    irVersion: irVersion(cx.opset),
    opsets: new Map([['', cx.opset], ...[...otherDomains(cx.nodes)].map((domain) => [domain, 1] as const)]),
    ...named,
    functions: [],
    graph: {
      name: graph.name,
      inputs: graph.inputs.map((i) => info(i.name, i.type)),
      outputs: graph.outputs.map((o) => info(o.name, o.value.type)),
      initializers: cx.initializers,
      nodes: cx.nodes,
      valueInfo: new Map(),
    },
  };
}

function written(graph: Graph, opset: number, dynamic?: DynamicProducts): ExportContext {
  const cx = new ExportContext(graph, opset, dynamic);
  const withCells = productsOfCells(graph);
  for (const node of topologicalOrder(graph)) if (!withCells.has(node)) exportNode(node, cx);
  for (const { name, value } of graph.outputs) finish(cx, value, name);
  return cx;
}

function otherDomains(nodes: readonly OnnxNode[]): ReadonlySet<string> {
  return new Set(nodes.map((node) => node.domain).filter((domain) => domain !== ''));
}

/** The output of this name: the value itself where that is its name, else a copy. */
function finish(cx: ExportContext, value: Value, name: string): void {
  const made = cx.name(value);
  if (made === name) return;
  const identity: OnnxNode = {
    name: `${name}_Identity`,
    opType: 'Identity',
    domain: '',
    inputs: [made],
    outputs: [name],
    attributes: new Map(),
  };
  cx.nodes.push(identity);
}

function info(name: string, { element, shape }: TensorType): OnnxValueInfo {
  return { name, elemType: element, dims: shape };
}

/** The first version of the file format with this opset. */
function irVersion(opset: number): number {
  if (opset < 15) return 7;
  if (opset < 19) return 8;
  return opset < 21 ? 9 : 10;
}

/**
 * Names and order of a model: who defines what, who reads it, in which order. Invariant: in a model that passes without
 * problems every name is defined once in its scope, every read finds a definition, and nodes stand after what they read.
 */
import type { Place } from '../diagnostics/diagnostic.js';
import {
  inputPart,
  nodePlace,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  subgraphs,
} from './model.js';
import { AT_FUNCTIONS, AT_INITIALIZERS, AT_INPUTS, AT_OUTPUTS, type Problems } from './problems.js';

/** What a subgraph can see of the graphs around it. */
interface Scope {
  readonly names: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

interface Context {
  readonly problems: Problems;
  readonly opsets: ReadonlyMap<string, number>;
  /** `functionKey`s of the model's functions. */
  readonly functions: ReadonlySet<string>;
  /** The function whose body this is; undefined in the main graph. */
  readonly within: string | undefined;
}

const exportAgain = 'the file is damaged or was edited by a faulty tool: export the model again';
const MAX_NAMED_IN_CYCLE = 8;
const MAX_CYCLES = 20;

const knownDomains: ReadonlySet<string> = new Set(['', 'com.microsoft']);
const domainHelp: ReadonlyMap<string, string> = new Map([
  ['com.microsoft.nchwc', 'ONNX Runtime wrote this file for one kind of CPU; use the model it was made from'],
  ['com.ms.internal.nhwc', 'ONNX Runtime wrote this file for one kind of device; use the model it was made from'],
  ['qonnx.custom_op.general', 'convert the model from QONNX to QCDQ: qonnx.transformation.qonnx_to_qcdq.QONNXToQCDQ'],
  ['onnx.brevitas', 'export with brevitas.export.export_onnx_qcdq, which uses ONNX operators only'],
  ['ai.onnx.ml', 'operators of classical machine learning are not supported; keep them outside the model'],
]);

export function functionKey(domain: string, name: string): string {
  return `${domain}:${name}`;
}

/** Checks and sorts the main graph and every function body; reports in `problems`. */
export function checkStructure(model: OnnxModel, problems: Problems): OnnxModel {
  const functions = new Set(model.functions.map((f) => functionKey(f.domain, f.name)));
  const graph = checkGraph(
    model.graph,
    { problems, opsets: model.opsets, functions, within: undefined },
    undefined,
    undefined,
  );
  problems.at = AT_FUNCTIONS;
  const checked = model.functions.map((f) => {
    const named = (names: readonly string[]) => names.map((name) => ({ name, elemType: undefined, dims: undefined }));
    const body: OnnxGraph = {
      name: f.name,
      inputs: named(f.inputs),
      // A function may return one value twice; as outputs of a graph that would be refused.
      outputs: named([...new Set(f.outputs)]),
      initializers: new Map(),
      nodes: f.nodes,
      valueInfo: new Map(),
    };
    const owner = { part: `function "${f.name}"` };
    return {
      ...f,
      nodes: checkGraph(body, { problems, opsets: f.opsets, functions, within: f.name }, undefined, owner).nodes,
    };
  });
  return { ...model, graph, functions: checked };
}

function checkGraph(graph: OnnxGraph, cx: Context, outer: Scope | undefined, owner: Place | undefined): OnnxGraph {
  const isMain = owner === undefined;
  const stand = (at: number): void => {
    if (isMain) cx.problems.at = at;
  };
  const place = (part: string): Place => ({
    ...owner,
    part: owner?.part === undefined ? part : `${owner.part}, ${part}`,
  });
  const names = new Set<string>();
  const define = (name: string, where: Place): void => {
    if (names.has(name)) cx.problems.error('Q0109', `"${name}" is defined a second time`, where, exportAgain);
    names.add(name);
  };
  stand(AT_INPUTS);
  for (const [i, { name }] of graph.inputs.entries()) {
    if (name === '') cx.problems.error('Q0112', `graph input ${i} has no name`, place(`graph input ${i}`), exportAgain);
    else define(name, place(`graph input "${name}"`));
  }
  stand(AT_INITIALIZERS);
  for (const name of graph.initializers.keys()) if (name !== '') define(name, place(`initializer "${name}"`));
  const producer = new Map<string, number>();
  for (const [i, node] of graph.nodes.entries()) {
    stand(i);
    checkNode(node, cx);
    for (const [k, name] of node.outputs.entries()) {
      if (name === '') continue;
      define(name, nodePlace(node, `output ${k} "${name}"`));
      if (!producer.has(name)) producer.set(name, i);
    }
  }

  const scope: Scope = { names, outer };
  const nodes = graph.nodes.map((node, i) => {
    stand(i);
    for (const [k, name] of node.inputs.entries())
      if (name !== '' && !isVisible(name, scope))
        cx.problems.error('Q0110', `nothing produces "${name}"`, nodePlace(node, inputPart(node, k)), exportAgain);
    return withCheckedSubgraphs(node, cx, scope);
  });
  const order = sortNodes(nodes, producer, cx, stand);

  stand(AT_OUTPUTS);
  const seen = new Set<string>();
  for (const [i, { name }] of graph.outputs.entries()) {
    const where = place(name === '' ? `graph output ${i}` : `graph output "${name}"`);
    if (name === '') cx.problems.error('Q0112', `graph output ${i} has no name`, where, exportAgain);
    else if (!isVisible(name, scope))
      cx.problems.error('Q0111', `nothing produces the graph output "${name}"`, where, exportAgain);
    if (seen.has(name)) cx.problems.error('Q0109', `"${name}" is a graph output twice`, where, exportAgain);
    seen.add(name);
  }
  if (isMain && graph.outputs.length === 0)
    cx.problems.error(
      'Q0111',
      'the graph has no outputs',
      undefined,
      'name at least one output when exporting the model',
    );
  return { ...graph, nodes: order.map((i) => nodes[i]) };
}

function isVisible(name: string, scope: Scope): boolean {
  for (let s: Scope | undefined = scope; s !== undefined; s = s.outer) if (s.names.has(name)) return true;
  return false;
}

function checkNode(node: OnnxNode, cx: Context): void {
  const { problems } = cx;
  if (node.opType === '') problems.error('Q0112', 'the node names no operator', nodePlace(node), exportAgain);
  if (node.outputs.every((name) => name === ''))
    problems.error('Q0112', 'the node has no outputs', nodePlace(node), exportAgain);
  const isCall = cx.functions.has(functionKey(node.domain, node.opType));
  if (!isCall && !knownDomains.has(node.domain))
    problems.error(
      'Q0107',
      `operator domain "${node.domain}" is not supported, and the file defines no function for it`,
      nodePlace(node),
      domainHelp.get(node.domain) ?? 'export the model without custom operators, or with functions that define them',
    );
  else if (!isCall && !cx.opsets.has(node.domain) && cx.opsets.size > 0)
    problems.error(
      'Q0105',
      `the ${cx.within === undefined ? 'model' : `function "${cx.within}"`} uses operators of "${node.domain || 'ai.onnx'}" and imports no version of it`,
      nodePlace(node),
      `add it: model.opset_import.append(onnx.helper.make_opsetid("${node.domain}", ${node.domain === '' ? 17 : 1}))`,
    );
  if (cx.within !== undefined) return;
  for (const attribute of node.attributes.values())
    if (attribute.kind === 'ref')
      problems.error(
        'Q0113',
        `it refers to the attribute "${attribute.refAttrName}" of a function, and stands in none`,
        nodePlace(node, `attribute "${attribute.name}"`),
        exportAgain,
      );
}

function withCheckedSubgraphs(node: OnnxNode, cx: Context, scope: Scope): OnnxNode {
  if (subgraphs(node).length === 0) return node;
  const check = (graph: OnnxGraph, name: string): OnnxGraph =>
    checkGraph(graph, cx, scope, nodePlace(node, `attribute "${name}"`));
  const attributes = new Map<string, OnnxAttribute>();
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind === 'graph') attributes.set(name, { ...attribute, value: check(attribute.value, name) });
    else if (attribute.kind === 'graphs')
      attributes.set(name, { ...attribute, value: attribute.value.map((g) => check(g, name)) });
    else attributes.set(name, attribute);
  }
  return { ...node, attributes };
}

/** What a node reads: its inputs, and what its subgraphs take from around them. */
function reads(node: OnnxNode): string[] {
  const inner = subgraphs(node);
  return inner.length === 0 ? [...node.inputs] : [...node.inputs, ...inner.flatMap((graph) => [...freeNames(graph)])];
}

function freeNames(graph: OnnxGraph): Set<string> {
  const own = new Set<string>([
    ...graph.inputs.map((v) => v.name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((n) => n.outputs),
  ]);
  const free = new Set<string>();
  for (const name of [...graph.nodes.flatMap(reads), ...graph.outputs.map((v) => v.name)])
    if (!own.has(name)) free.add(name);
  return free;
}

interface Frame {
  readonly index: number;
  readonly producers: readonly number[];
  next: number;
}

/**
 * Indices in topological order: depth first in file order, producers first, so a file that is already in order stays as
 * it is. Iterative, because chains are long. A cycle is reported at its first node and then cut.
 */
function sortNodes(
  nodes: readonly OnnxNode[],
  producer: ReadonlyMap<string, number>,
  cx: Context,
  stand: (at: number) => void,
): number[] {
  const order: number[] = [];
  const state = new Uint8Array(nodes.length);
  let cycles = 0;
  const enter = (index: number): Frame => {
    state[index] = 1;
    const producers = reads(nodes[index]).flatMap((name) => producer.get(name) ?? []);
    return { index, producers, next: 0 };
  };
  for (let start = 0; start < nodes.length; start++) {
    if (state[start] !== 0) continue;
    const stack = [enter(start)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (top.next === top.producers.length) {
        state[top.index] = 2;
        order.push(top.index);
        stack.pop();
        continue;
      }
      const wanted = top.producers[top.next++];
      if (state[wanted] === 0) stack.push(enter(wanted));
      else if (state[wanted] === 1 && cycles++ < MAX_CYCLES) {
        const from = stack.findIndex((frame) => frame.index === wanted);
        reportCycle(
          stack.slice(from).map((frame) => frame.index),
          nodes,
          cx,
          stand,
        );
      }
    }
  }
  return order;
}

/** `cycle`: each node reads from the next one, the last from the first. */
function reportCycle(
  cycle: readonly number[],
  nodes: readonly OnnxNode[],
  cx: Context,
  stand: (at: number) => void,
): void {
  const flow = cycle.toReversed();
  const first = flow.indexOf(Math.min(...flow.slice(0, 10_000)));
  const rotated = [...flow.slice(first), ...flow.slice(0, first)];
  const named = rotated.slice(0, MAX_NAMED_IN_CYCLE).map((i) => `"${nodePlace(nodes[i]).node}"`);
  const more = rotated.length - named.length;
  stand(rotated[0]);
  cx.problems.error(
    'Q0108',
    rotated.length === 1
      ? `the node ${named[0]} needs its own result`
      : `${rotated.length} nodes need each other's results: ${named.join(' -> ')}${more > 0 ? ` -> ${more} more` : ''} -> ${named[0]}`,
    nodePlace(nodes[rotated[0]]),
    'a recurrent connection is written with Loop, Scan, LSTM or GRU; otherwise export the model again',
  );
}

/**
 * Replaces every call of a model-local function by the function's body. Invariant: the result means the same, has no
 * calls and no attribute references left, and every name it makes is new; a file that calls itself, or that would grow
 * without bound, is refused.
 *
 *   BEFORE  y = pkg.Scale(x)                 Scale(a) -> b { t = Mul(a, a); b = Relu(t) }
 *   AFTER   n/t = Mul(x, x); y = Relu(n/t)
 */
import { QccError } from '../diagnostics/diagnostic.js';
import {
  nodePlace,
  type OnnxAttribute,
  type OnnxFunction,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  subgraphs,
} from './model.js';
import type { Problems } from './problems.js';
import { functionKey } from './structure.js';

const MAX_CALL_DEPTH = 64;
const MAX_NAME_LENGTH = 256;
const inlineHelp = 'inline the functions with the tool that wrote them: onnx.inliner.inline_local_functions(model)';

/** `model` must have passed `checkStructure`. Throws `QccError` only where going on would not end. */
export function inlineFunctions(model: OnnxModel, problems: Problems, maxNodes: number): OnnxModel {
  if (model.functions.length === 0) return model;
  const functions = new Map<string, OnnxFunction>();
  for (const f of model.functions) {
    const key = functionKey(f.domain, f.name);
    if (functions.has(key))
      problems.error(
        'Q0121',
        `the function "${f.name}" of domain "${f.domain}" is defined twice`,
        undefined,
        inlineHelp,
      );
    functions.set(key, f);
  }
  reportRecursion(functions, problems);
  problems.throwIfErrors();
  const inliner = new Inliner(functions, model, problems, maxNodes);
  const nodes = inliner.expandMain(model.graph);
  return { ...model, opsets: inliner.opsets, graph: { ...model.graph, nodes }, functions: [] };
}

function calledBy(nodes: readonly OnnxNode[], functions: ReadonlyMap<string, OnnxFunction>): string[] {
  return nodes.flatMap((node) => {
    const key = functionKey(node.domain, node.opType);
    return [...(functions.has(key) ? [key] : []), ...subgraphs(node).flatMap((g) => calledBy(g.nodes, functions))];
  });
}

function reportRecursion(functions: ReadonlyMap<string, OnnxFunction>, problems: Problems): void {
  const done = new Set<string>();
  const nameOf = (key: string): string => `"${functions.get(key)?.name ?? key}"`;
  for (const start of functions.keys()) {
    const stack: { key: string; calls: string[] }[] = [];
    const enter = (key: string): void => {
      stack.push({ key, calls: [...new Set(calledBy(functions.get(key)?.nodes ?? [], functions))] });
    };
    if (!done.has(start)) enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.calls.shift();
      if (next === undefined) {
        done.add(top.key);
        stack.pop();
        continue;
      }
      const from = stack.findIndex((frame) => frame.key === next);
      if (from >= 0) {
        const cycle = [...stack.slice(from, from + 8).map((frame) => nameOf(frame.key)), nameOf(next)];
        problems.error(
          'Q0121',
          `functions call themselves: ${cycle.join(' -> ')}`,
          undefined,
          'ONNX has no recursion; use Loop',
        );
      } else if (!done.has(next)) enter(next);
    }
  }
}

/** How names and attributes of one body read outside; subgraphs get a child. */
interface Frame {
  readonly names: Map<string, string>;
  readonly parent: Frame | undefined;
  /** Values of the function's attributes; an attribute the caller leaves out and that has no default is absent. */
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
  /** Starts every name made for this call. */
  readonly prefix: string;
  readonly depth: number;
}

class Inliner {
  readonly opsets: Map<string, number>;
  private readonly used = new Set<string>();
  private readonly collisions = new Map<string, number>();
  private fresh = 0;
  private work = 0;

  constructor(
    private readonly functions: ReadonlyMap<string, OnnxFunction>,
    model: OnnxModel,
    private readonly problems: Problems,
    private readonly maxNodes: number,
  ) {
    this.opsets = new Map(model.opsets);
    this.collectNames(model.graph);
  }

  private collectNames(graph: OnnxGraph): void {
    for (const value of graph.inputs) this.used.add(value.name);
    for (const name of graph.initializers.keys()) this.used.add(name);
    for (const node of graph.nodes) {
      for (const name of node.outputs) this.used.add(name);
      for (const inner of subgraphs(node)) this.collectNames(inner);
    }
  }

  expandMain(graph: OnnxGraph): OnnxNode[] {
    return graph.nodes.flatMap((node, i) => {
      this.problems.at = i;
      return this.expand(node, undefined);
    });
  }

  private expand(node: OnnxNode, frame: Frame | undefined): OnnxNode[] {
    if (++this.work > this.maxNodes) {
      this.problems.error(
        'Q0120',
        `its functions expand to more than ${this.maxNodes} nodes`,
        nodePlace(node),
        inlineHelp,
      );
      throw new QccError(this.problems.sorted());
    }
    const f = this.functions.get(functionKey(node.domain, node.opType));
    const renamed = this.rename(node, frame);
    return f === undefined ? [renamed] : this.call(renamed, f, frame?.depth ?? 0);
  }

  /** The node as it reads outside its function body. */
  private rename(node: OnnxNode, frame: Frame | undefined): OnnxNode {
    const attributes = new Map<string, OnnxAttribute>();
    for (const [name, attribute] of node.attributes) {
      if (attribute.kind === 'graph') attributes.set(name, { ...attribute, value: this.body(attribute.value, frame) });
      else if (attribute.kind === 'graphs')
        attributes.set(name, { ...attribute, value: attribute.value.map((g) => this.body(g, frame)) });
      else if (attribute.kind === 'ref') {
        const value = frame?.attributes.get(attribute.refAttrName);
        if (value !== undefined) attributes.set(name, { ...value, name });
      } else attributes.set(name, attribute);
    }
    if (frame === undefined) return { ...node, attributes };
    const inputs = node.inputs.map((name) => resolve(name, frame));
    const outputs = node.outputs.map((name) => this.define(name, frame));
    return {
      ...node,
      name: this.join(frame.prefix, node.name === '' ? node.opType : node.name),
      inputs,
      outputs,
      attributes,
    };
  }

  private body(graph: OnnxGraph, frame: Frame | undefined): OnnxGraph {
    if (frame === undefined) return { ...graph, nodes: graph.nodes.flatMap((node) => this.expand(node, undefined)) };
    const inner: Frame = { ...frame, names: new Map(), parent: frame };
    const inputs = graph.inputs.map((value) => ({ ...value, name: this.define(value.name, inner) }));
    const initializers = new Map(
      [...graph.initializers].map(([name, tensor]) => {
        const fresh = this.define(name, inner);
        return [fresh, { ...tensor, name: fresh }];
      }),
    );
    const nodes = graph.nodes.flatMap((node) => this.expand(node, inner));
    const outputs = graph.outputs.map((value) => ({ ...value, name: resolve(value.name, inner) }));
    const valueInfo = new Map(
      [...graph.valueInfo.values()].map((value) => {
        const name = resolve(value.name, inner);
        return [name, { ...value, name }];
      }),
    );
    return { ...graph, inputs, outputs, initializers, nodes, valueInfo };
  }

  private call(node: OnnxNode, f: OnnxFunction, depth: number): OnnxNode[] {
    const place = nodePlace(node);
    const refuse = (message: string): void => this.problems.error('Q0121', message, place, inlineHelp);
    if (depth >= MAX_CALL_DEPTH) {
      this.problems.error('Q0120', `functions call each other more than ${MAX_CALL_DEPTH} deep`, place, inlineHelp);
      return [];
    }
    if (node.inputs.length > f.inputs.length)
      refuse(`it has ${node.inputs.length} inputs, the function takes ${f.inputs.length}`);
    if (node.outputs.length > f.outputs.length)
      refuse(`it has ${node.outputs.length} outputs, the function gives ${f.outputs.length}`);
    for (const name of node.attributes.keys())
      if (!f.attributes.includes(name) && !f.defaults.has(name)) refuse(`the function has no attribute "${name}"`);
    this.mergeOpsets(f, refuse);

    const names = new Map(f.inputs.map((name, i) => [name, node.inputs[i] ?? '']));
    const copies: { readonly from: string; readonly to: string }[] = [];
    for (const [k, inner] of f.outputs.entries()) {
      const outer = node.outputs[k] ?? '';
      if (outer === '') continue;
      // A function that returns an input, or one value twice, needs a copy under the second name.
      if (names.has(inner)) copies.push({ from: inner, to: outer });
      else names.set(inner, outer);
    }
    const prefix = place.node ?? '';
    const attributes = new Map([...f.defaults, ...node.attributes]);
    const frame: Frame = { names, parent: undefined, attributes, prefix, depth: depth + 1 };
    const nodes = f.nodes.flatMap((inner) => this.expand(inner, frame));
    for (const { from, to } of copies) {
      const source = resolve(from, frame);
      if (source === '') refuse(`the function returns its input "${from}", which the call leaves out`);
      const name = this.join(prefix, `copy of ${from}`);
      nodes.push({ name, opType: 'Identity', domain: '', inputs: [source], outputs: [to], attributes: new Map() });
    }
    return nodes;
  }

  /** One version per domain is left after inlining, so the versions a body was written for must be the model's. */
  private mergeOpsets(f: OnnxFunction, refuse: (message: string) => void): void {
    const usedDomains = new Set(f.nodes.map((node) => node.domain));
    for (const [domain, version] of f.opsets) {
      const own = this.opsets.get(domain);
      if (own === undefined) this.opsets.set(domain, version);
      else if (own !== version && usedDomains.has(domain))
        refuse(`the function is written for version ${version} of "${domain || 'ai.onnx'}", the model for ${own}`);
    }
  }

  /** The outside name of a value that is defined in `frame`; made the first time. */
  private define(name: string, frame: Frame): string {
    if (name === '') return '';
    const known = frame.names.get(name);
    if (known !== undefined) return known;
    const wanted = this.join(frame.prefix, name);
    let made = wanted;
    // Counting on from the last collision keeps many calls of one name linear.
    for (let n = this.collisions.get(wanted) ?? 2; this.used.has(made); n++) {
      made = `${wanted}_${n}`;
      this.collisions.set(wanted, n + 1);
    }
    this.used.add(made);
    frame.names.set(name, made);
    return made;
  }

  /** Long names, nested often, would multiply a file's size: those become numbers. */
  private join(prefix: string, name: string): string {
    const joined = `${prefix}/${name}`;
    return joined.length <= MAX_NAME_LENGTH ? joined : `inlined_${this.fresh++}`;
  }
}

function resolve(name: string, frame: Frame): string {
  for (let f: Frame | undefined = frame; f !== undefined; f = f.parent) {
    const found = f.names.get(name);
    if (found !== undefined) return found;
  }
  return name;
}

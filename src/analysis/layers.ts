/**
 * The layers of a float model as the quantizer sees them. Invariant: every node that computes belongs to one layer; a layer
 * has the names of its model nodes, and no name has two layers, so that names choose what is quantized.
 */
import { chosenUnits, type QuantizeSettings, wideUnits } from '../../passes/quantize.js';
import type { AnyNode, Graph, Value } from '../ir/graph.js';
import { isMove, layoutRoot, type Policy, sourceOf, type Unit, type Units } from '../ir/quantizable.js';
import { elements } from '../ir/type.js';
import { topologicalOrder } from '../ir/walk.js';
import { canWiden } from '../ir/wide-units.js';

export interface Layer {
  /** Of its first node, as the model spells it. */
  readonly name: string;
  readonly names: readonly string[];
  /** Kinds of its ops, moves left out. */
  readonly ops: readonly string[];
  readonly isQuantized: boolean;
  /** Of the activations it reads. */
  readonly bits: 8 | 16 | 32;
  /** Whether it could be: what mixed precision may choose from. */
  readonly canChange: boolean;
  /** Whether it could read int16, where it can be quantized. */
  readonly canWiden: boolean;
  /** What it makes is stored in 16 bits, because some reader reads it so. */
  readonly storesWide: boolean;
  /** Why it computes on floats; undefined for quantized ones. */
  readonly why: string | undefined;
  /** What it makes, in the float graph: without moves around it. */
  readonly output: Value;
  /** Name of that tensor in the model. */
  readonly tensor: string | undefined;
  readonly macs: number;
}

/** In the order of the graph. */
export function layersOf(float: Graph, settings: QuantizeSettings): readonly Layer[] {
  const { units, chosen, policy } = chosenUnits(float, settings);
  const tensors = namesOfRoots(float);
  const wide = wideUnits(units, chosen, settings);
  const storedWide = new Set([...wide].flatMap((unit) => unit.inputs.map((value) => layoutRoot(sourceOf(value)))));
  const groups = new Map<string, { nodes: AnyNode[]; units: Set<Unit> }>();
  for (const node of topologicalOrder(float)) {
    const unit = units.unitOfNode(node);
    if (unit === undefined && !computes(node)) continue;
    const nodes = unit?.nodes ?? [node];
    const names = [...new Set(nodes.flatMap((n) => n.origin.names))];
    const known = names.map((name) => groups.get(name)).find((group) => group !== undefined);
    const group = known ?? { nodes: [], units: new Set<Unit>() };
    if (!group.nodes.includes(node)) group.nodes.push(node);
    if (unit !== undefined) group.units.add(unit);
    for (const name of names) groups.set(name, group);
  }
  return [...new Set(groups.values())].map(({ nodes, units: members }): Layer => {
    const all = [...members];
    const loose = nodes.filter((node) => units.unitOfNode(node) === undefined);
    const isQuantized = all.length > 0 && loose.length === 0 && all.every((unit) => chosen.has(unit));
    const last = nodes[nodes.length - 1];
    const output = layoutRoot(units.unitOfNode(last)?.output ?? last.results[0]);
    const inside = [...new Set([...all.flatMap((unit) => unit.nodes), ...loose])];
    const names = [...new Set(inside.flatMap((node) => node.origin.names))];
    return {
      name: names[0] ?? last.kind,
      names,
      ops: [...new Set(inside.filter((node) => !isMove(node)).map((node) => node.kind))],
      isQuantized,
      bits: !isQuantized ? 32 : all.some((unit) => wide.has(unit)) ? 16 : 8,
      canChange: all.some((unit) => chosen.has(unit)),
      canWiden: all.some((unit) => chosen.has(unit) && canWiden(unit, units, settings.integerOnly)),
      storesWide: storedWide.has(output),
      why: isQuantized ? undefined : whyFloat(loose[0], all, { units, chosen, policy, settings }),
      output,
      tensor: tensors.get(output),
      macs: inside.reduce((sum, node) => sum + macsOf(node), 0),
    };
  });
}

/** Names of the model by what is computed: moves are looked through. */
export function namesOfRoots(graph: Graph): ReadonlyMap<Value, string> {
  const names = new Map<Value, string>();
  for (const [name, value] of graph.named ?? []) {
    const root = layoutRoot(value);
    if (!names.has(root)) names.set(root, name);
  }
  return names;
}

/** Multiply-accumulates. */
export function macsOf(node: AnyNode): number {
  const [y] = node.results;
  const [x, w] = node.operands;
  switch (node.kind) {
    case 'conv2d':
      return elements(y.type.shape) * elements(w.type.shape.slice(1));
    case 'conv2d-transpose':
      return elements(x.type.shape) * elements(w.type.shape.slice(1));
    case 'matmul':
      return elements(y.type.shape) * (x.type.shape.at(-1) ?? 0);
    default:
      return 0;
  }
}

function computes(node: AnyNode): boolean {
  const isFloat = node.results.some((r) => r.type.element === 'f32');
  return isFloat && !isMove(node) && node.operands.some((v) => v.kind !== 'const');
}

interface Decided {
  readonly units: Units;
  readonly chosen: ReadonlySet<Unit>;
  readonly policy: Policy;
  readonly settings: QuantizeSettings;
}

function whyFloat(loose: AnyNode | undefined, members: readonly Unit[], decided: Decided): string {
  const { units, chosen, policy, settings } = decided;
  if (loose !== undefined) return `${loose.kind} has no form on 8 bits`;
  const unit = members.find((u) => !chosen.has(u)) ?? members[0];
  const nameOf = (node: AnyNode): string => `"${node.origin.names[0] ?? node.kind}"`;
  if (unit.nodes.some((n) => n.origin.names.some((name) => settings.keepFloat.has(name))))
    return 'kept in float: on 8 bits it costs most of the accuracy';
  if (policy.isFloat(unit)) return `${unit.kind} stays float without --integer-only`;
  if (policy.productsOnly && unit.kind !== 'product') return 'only products are quantized for this runtime';
  for (const input of unit.inputs) {
    const source = sourceOf(input);
    if (source.kind === 'const') return 'it reads a constant';
    const maker = units.unitThatMakes(source);
    const isFloat = maker === undefined || !chosen.has(maker);
    // A product takes floats that have a range. Others do not, and inside a normalization, say, nothing has one.
    if (isFloat && unit.kind !== 'product' && source.kind !== 'param')
      return `it reads what ${nameOf(source.node)} computes on floats`;
    if (!policy.isKnown(source)) return 'calibration saw nothing of what it reads';
    if (source.kind === 'param') return 'it reads an input of the model, which is float';
  }
  if (!policy.isKnown(unit.output)) return 'calibration saw nothing of what it makes';
  const { nodes, isOutput } = units.consumers(unit.output);
  if (isOutput) return 'its result is an output of the model, which is float';
  const reader = nodes.find((node) => !chosen.has(units.unitOfNode(node) ?? unit));
  return reader === undefined ? 'nothing around it is on 8 bits' : `${nameOf(reader)} reads it and computes on floats`;
}

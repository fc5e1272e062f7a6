/**
 * Which parts of a float graph compute on 8 bits. Invariant: a unit that does reads stored integers only, and what it makes
 * is read as stored integers or, from sums of products, as floats.
 *
 * Sums of products (convolutions, matrix products) always profit. Cheap ops between them (add, mul, pools, functions of one
 * tensor, concat) follow only where everything around them is integers too: a residual stream that LayerNorms read, or
 * the softmax of an attention, stays float.
 */
import type { AnyNode, Graph, OpKind, Value } from './graph.js';
import { elements } from './type.js';
import { topologicalOrder, users } from './walk.js';

export type UnitKind = 'product' | 'pair' | 'pool' | 'function' | 'concat' | 'softmax';

export interface Unit {
  readonly kind: UnitKind;
  readonly nodes: readonly AnyNode[];
  /** Run-time tensors the unit reads; moves may lie between them and what makes them. */
  readonly inputs: readonly Value[];
  /** After a clamp that is part of the unit. */
  readonly output: Value;
}

const functionKinds: ReadonlySet<OpKind> = new Set<OpKind>(['activation', 'binary', 'clamp', 'unary']);
/** Ops that only move or select elements of their first operand. */
const moveKinds: ReadonlySet<OpKind> = new Set<OpKind>([
  'transpose',
  'reshape',
  'slice',
  'gather',
  'expand',
  'max-pool',
  'pad',
]);

export function isMove(node: AnyNode): boolean {
  return moveKinds.has(node.kind) && (node.kind !== 'pad' || node.attrs.value === 0);
}

/** What makes the elements of a value: moves are looked through. */
export function sourceOf(value: Value): Value {
  let at = value;
  while (at.kind === 'result' && isMove(at.node)) at = at.node.operands[0];
  return at;
}

/** The value whose elements these are, in another layout perhaps. */
export function layoutRoot(value: Value): Value {
  let at = value;
  while (at.kind === 'result' && (at.node.kind === 'transpose' || at.node.kind === 'reshape')) at = at.node.operands[0];
  return at;
}

function isFloat(value: Value | undefined): boolean {
  return value?.type.element === 'f32';
}

/** A convolution with constant float weights, or a product of two run-time matrices. */
export function isProduct(node: AnyNode): boolean {
  if (node.kind === 'matmul') return node.operands.every((v) => isFloat(v) && v.kind !== 'const');
  if (node.kind !== 'conv2d' && node.kind !== 'conv2d-transpose') return false;
  const [x, ...constants] = node.operands;
  return isFloat(x) && x.kind !== 'const' && constants.every((v) => v.kind === 'const' && isFloat(v));
}

/** A 1x1 convolution of an image of one row: a product of the matrix of its pixels with the weights. */
export function isMatrixProduct(node: AnyNode): boolean {
  if (node.kind !== 'conv2d') return false;
  const [x, w] = node.operands;
  const isPoint = w.type.shape[1] === 1 && w.type.shape[2] === 1 && node.attrs.groups === 1;
  const isRow = x.type.shape[0] === 1 && x.type.shape[1] === 1;
  return isPoint && isRow && node.attrs.strides.every((s) => s === 1) && node.attrs.pads.every((p) => p === 0);
}

/** A product of a matrix with constant float weights. */
export function isLinearLayer(node: AnyNode): boolean {
  if (!isProduct(node) || !isMatrixProduct(node)) return false;
  const [x] = node.operands;
  return x.kind !== 'result' || x.node.kind === 'reshape';
}

export class Units {
  readonly all: readonly Unit[];
  private readonly memberOf = new Map<AnyNode, Unit>();
  private readonly madeBy = new Map<Value, Unit>();
  private readonly readers: ReadonlyMap<Value, readonly AnyNode[]>;
  private readonly outputs: ReadonlySet<Value>;

  constructor(graph: Graph) {
    this.readers = users(graph);
    this.outputs = new Set(graph.outputs.map((o) => o.value));
    // From the outputs up, so that a function is as long as it can be.
    const found = topologicalOrder(graph)
      .toReversed()
      .flatMap((node) => this.unitOf(node) ?? []);
    const merged = this.withClamps(found.toReversed());
    this.all = merged;
    for (const unit of merged) {
      for (const node of unit.nodes) this.memberOf.set(node, unit);
      this.madeBy.set(unit.output, unit);
    }
  }

  unitThatMakes(value: Value): Unit | undefined {
    return this.madeBy.get(value);
  }

  unitOfNode(node: AnyNode): Unit | undefined {
    return this.memberOf.get(node);
  }

  isOutput(value: Value): boolean {
    return this.outputs.has(value);
  }

  /** Nodes that read a value, moves looked through; `outputs` are graph outputs among them. */
  consumers(value: Value): { readonly nodes: readonly AnyNode[]; readonly isOutput: boolean } {
    const nodes: AnyNode[] = [];
    let isOutput = false;
    const visit = (v: Value): void => {
      if (this.outputs.has(v)) isOutput = true;
      for (const node of this.readers.get(v) ?? [])
        if (isMove(node) && node.operands[0] === v) for (const r of node.results) visit(r);
        else nodes.push(node);
    };
    visit(value);
    return { nodes, isOutput };
  }

  private unitOf(node: AnyNode): Unit | undefined {
    if (this.memberOf.has(node)) return undefined;
    const unit = this.candidate(node);
    // Marked at once, so that no inner node of a function starts one of its own.
    if (unit !== undefined) for (const inner of unit.nodes) this.memberOf.set(inner, unit);
    return unit;
  }

  private candidate(node: AnyNode): Unit | undefined {
    const [output] = node.results;
    const of = (kind: UnitKind, inputs: readonly Value[]): Unit => ({ kind, nodes: [node], inputs, output });
    if (isProduct(node)) return of('product', node.kind === 'matmul' ? node.operands : node.operands.slice(0, 1));
    if (!isFloat(output) || !node.operands.every((v) => isFloat(v))) return undefined;
    if (node.kind === 'average-pool') return of('pool', node.operands);
    if (node.kind === 'softmax') return of('softmax', node.operands);
    const isRunTime = node.operands.every((v) => v.kind !== 'const');
    if (node.kind === 'concat') return isRunTime ? of('concat', node.operands) : undefined;
    if (!functionKinds.has(node.kind)) return undefined;
    const whole = this.functionOf(node);
    if (whole !== undefined) return whole;
    if (node.kind === 'binary' && (node.attrs.fn === 'add' || node.attrs.fn === 'mul') && isRunTime)
      return of('pair', node.operands);
    return this.single(node);
  }

  /** The longest function of one tensor that ends here; its inner values are read nowhere else. */
  private functionOf(last: AnyNode): Unit | undefined {
    const inside = new Set<AnyNode>([last]);
    for (let grown = true; grown; ) {
      grown = false;
      for (const node of inside)
        for (const operand of node.operands) {
          if (operand.kind !== 'result' || inside.has(operand.node) || !functionKinds.has(operand.node.kind)) continue;
          if (this.memberOf.has(operand.node) || this.outputs.has(operand) || !isFloat(operand)) continue;
          if (!(this.readers.get(operand) ?? []).every((reader) => inside.has(reader))) continue;
          inside.add(operand.node);
          grown = true;
        }
    }
    const leaves = new Set<Value>();
    for (const node of inside)
      for (const operand of node.operands) {
        if (operand.kind === 'const') {
          if (elements(operand.type.shape) !== 1) return undefined;
        } else if (operand.kind !== 'result' || !inside.has(operand.node)) leaves.add(operand);
      }
    const [input, ...others] = leaves;
    if (input === undefined || others.length > 0) return undefined;
    if (elements(input.type.shape) !== elements(last.results[0].type.shape)) return undefined;
    return { kind: 'function', nodes: [...inside], inputs: [input], output: last.results[0] };
  }

  private single(node: AnyNode): Unit | undefined {
    const run = node.operands.filter((v) => v.kind !== 'const');
    const constants = node.operands.filter((v) => v.kind === 'const');
    if (run.length !== 1 || constants.some((v) => elements(v.type.shape) !== 1)) return undefined;
    return { kind: 'function', nodes: [node], inputs: run, output: node.results[0] };
  }

  /** A clamp that is the only reader of a sum belongs to it: the range of the stored values does it. */
  private withClamps(units: readonly Unit[]): readonly Unit[] {
    const by = new Map<Value, Unit>();
    for (const unit of units) by.set(unit.output, unit);
    const absorbed = new Set<Unit>();
    const merged = units.map((unit): Unit => {
      if (unit.kind !== 'product' && unit.kind !== 'pair') return unit;
      const nodes = [...unit.nodes];
      let at = unit.output;
      for (;;) {
        const next = this.onlyReader(at);
        if (next === undefined) return unit;
        if (next.kind === 'transpose' || next.kind === 'reshape') {
          nodes.push(next);
          [at] = next.results;
          continue;
        }
        const clamp = by.get(next.results[0]);
        if (next.kind !== 'clamp' || clamp === undefined || clamp.nodes.length !== 1) return unit;
        absorbed.add(clamp);
        return { ...unit, nodes: [...nodes, next], output: next.results[0] };
      }
    });
    return merged.filter((unit) => !absorbed.has(unit));
  }

  private onlyReader(value: Value): AnyNode | undefined {
    const readers = this.readers.get(value) ?? [];
    return readers.length === 1 && !this.outputs.has(value) ? readers[0] : undefined;
  }
}

export interface Policy {
  /** Whether there is a range for the elements of this value. */
  readonly isKnown: (value: Value) => boolean;
  /** Units that stay float whatever is around them. */
  readonly isFloat: (unit: Unit) => boolean;
  /** Outputs of the graph are stored integers too. */
  readonly integerOutputs: boolean;
  /** Only products become integers, and nothing they make: where another compiler fuses the rest. */
  readonly productsOnly: boolean;
}

/** The units that compute on stored integers: all that can, less those that border on floats, until nothing changes. */
export function quantizedUnits(units: Units, policy: Policy): ReadonlySet<Unit> {
  const chosen = new Set(
    units.all.filter((unit) => !policy.isFloat(unit) && (unit.kind === 'product' || !policy.productsOnly)),
  );
  const makesIntegers = (value: Value, unit: Unit): boolean => {
    const source = sourceOf(value);
    // A function of floats that come in anyway is computed before its only rounding, not between two.
    if (source.kind === 'param') return unit.kind !== 'function' || policy.integerOutputs;
    const maker = units.unitThatMakes(source);
    return maker !== undefined && chosen.has(maker);
  };
  const stays = (unit: Unit): boolean => {
    if (!unit.inputs.every((v) => sourceOf(v).kind !== 'const' && policy.isKnown(sourceOf(v)))) return false;
    if (unit.kind === 'product') return true;
    if (!policy.isKnown(unit.output) || !unit.inputs.every((v) => makesIntegers(v, unit))) return false;
    const { nodes, isOutput } = units.consumers(unit.output);
    if (isOutput ? !policy.integerOutputs : nodes.length === 0) return false;
    return nodes.every((node) => {
      const reader = units.unitOfNode(node);
      return reader !== undefined && chosen.has(reader);
    });
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const unit of chosen)
      if (!stays(unit)) {
        chosen.delete(unit);
        changed = true;
      }
  }
  return chosen;
}

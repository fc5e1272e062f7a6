/**
 * assign-storage: bytes between layers lie as the target's kernels multiply them. Kernels of vpdpbusd and vpmaddubsw take u8 by
 * s8, those of NEON and Helium s8 by s8; what lies the other way is flipped, and for that copied where it could be read in
 * place. The layer that writes it may as well store it so: its epilogue has other constants, at no cost.
 *
 * BEFORE  %1 = conv2d-requant(%0, ...) : s8 zero -5    %2 = conv2d-requant(%1, @w, @b, ...)
 * AFTER   %1 = conv2d-requant(%0, ...) : u8 zero 123   %2 = conv2d-requant(%1, @w, @b - 128 * sum(w), ...)
 *
 * Edges whose stored values are copied from one to the other (a transpose, a concatenation) go together: such a set is moved
 * where every node allows it (`ir/moved-bytes.ts`) and its readers' kernels take fewer cycles then, by the shipped rates.
 * No reader's cost depends on another set, so each is best by itself. What the caller sees never changes.
 */
import { anyNode, param } from '../src/ir/build.js';
import type { AnyNode, Graph, Node, Value } from '../src/ir/graph.js';
import { canMove, type Freedom, freedomsOf, movedNode, movedType } from '../src/ir/moved-bytes.js';
import type { Pass } from '../src/ir/pass.js';
import { topologicalOrder } from '../src/ir/walk.js';
import { convolutionCost } from '../src/ops/conv2d-requant/lower.js';
import { parsePacking } from '../src/program/packing.js';
import type { Kernel } from '../src/program/program.js';

/** A value that a program keeps otherwise than the model says. */
export interface StoredEdge {
  readonly value: Value;
  /** As the model has it. */
  readonly element: string;
  /** Cycles that its readers save, together with what is tied to it. */
  readonly saves: number;
}

/** Values that are moved together or not at all. */
class Sets {
  readonly #above = new Map<Value, Value>();
  readonly fixed = new Set<Value>();

  of(value: Value): Value {
    let at = value;
    for (let next = this.#above.get(at); next !== undefined; next = this.#above.get(at)) at = next;
    return at;
  }
  join(a: Value, b: Value): void {
    const [from, to] = [this.of(a), this.of(b)];
    if (from === to) return;
    this.#above.set(from, to);
    if (this.fixed.has(from)) this.fixed.add(to);
  }
  fix(value: Value): void {
    this.fixed.add(this.of(value));
  }
}

/** All of the pass but what it is given. */
export const description = {
  name: 'assign-storage',
  doc: 'Bytes between layers lie as the kernels of the target multiply them, u8 or s8, where that saves flipping or copying.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
} as const;

/** @param kernels of the target. @param told hears what was moved. */
export function assignStorage(kernels: readonly Kernel[], told: (edge: StoredEdge) => void = () => {}): Pass {
  const convolutions = kernels.filter(({ family }) => family === 'conv2d_q8' || family === 'dwconv2d_q8');
  const cares = convolutions.some(
    ({ packing, needs }) => isParticular(packing) || needs.some((word) => word === 'X_UNSIGNED' || word === 'X_SIGNED'),
  );
  return {
    ...description,
    run(graph, cx) {
      if (!cares) return graph;
      const nodes = topologicalOrder(graph);
      const sets = setsOf(graph, nodes);
      const saved = savings(nodes, sets, convolutions);
      const isMoved = (value: Value) => (saved.get(sets.of(value)) ?? 0) > 0;
      if (![...saved.values()].some((cycles) => cycles > 0)) return graph;
      const replaced = new Map<Value, Value>();
      const resolve = (value: Value): Value => replaced.get(value) ?? value;
      for (const old of nodes) {
        const operands = old.operands.map(resolve);
        const moves = old.results.map(isMoved);
        if (!moves.includes(true) && operands.every((v, i) => v === old.operands[i])) continue;
        const made = movedNode(old, operands, moves);
        for (const [i, result] of old.results.entries()) {
          replaced.set(result, made.results[i]);
          if (!moves[i]) continue;
          cx.hit('edge');
          told({ value: made.results[i], element: result.type.element, saves: saved.get(sets.of(result)) ?? 0 });
        }
      }
      const outputs = graph.outputs.map(({ name, value }) => ({ name, value: resolve(value) }));
      if (graph.named === undefined) return { ...graph, outputs };
      return { ...graph, outputs, named: new Map([...graph.named].map(([name, value]) => [name, resolve(value)])) };
    },
  };
}

function isParticular(packing: string): boolean {
  const parsed = parsePacking(packing);
  return parsed !== undefined && 'x' in parsed && parsed.x !== 'stored';
}

function setsOf(graph: Graph, nodes: readonly AnyNode[]): Sets {
  const sets = new Sets();
  for (const node of nodes) {
    const freedoms = freedomsOf(node);
    const ties: Value[] = [];
    const meet = (value: Value, freedom: Freedom): void => {
      if (freedom === 'fixed' || value.kind !== 'result' || !canMove(value.type)) sets.fix(value);
      if (freedom === 'tied') ties.push(value);
    };
    for (const [i, value] of node.operands.entries()) meet(value, freedoms.operands[i]);
    for (const [i, value] of node.results.entries()) meet(value, freedoms.results[i]);
    for (const value of ties) sets.join(value, ties[0]);
  }
  for (const { value } of graph.outputs) sets.fix(value);
  for (const value of graph.named?.values() ?? []) sets.fix(value);
  return sets;
}

/** For each set that may be moved, the cycles its readers save. */
function savings(nodes: readonly AnyNode[], sets: Sets, kernels: readonly Kernel[]): ReadonlyMap<Value, number> {
  const saved = new Map<Value, number>();
  for (const node of nodes) {
    if (node.kind !== 'conv2d-requant') continue;
    const [x] = node.operands;
    const set = sets.of(x);
    if (sets.fixed.has(set)) continue;
    const moved = movedReader(node);
    const [now, then] = [convolutionCost(node, kernels), moved && convolutionCost(moved, kernels)];
    if (now === undefined || then === undefined) sets.fixed.add(set);
    else saved.set(set, (saved.get(set) ?? 0) + now - then);
  }
  for (const set of saved.keys()) if (sets.fixed.has(set)) saved.delete(set);
  return saved;
}

/** The layer, reading x moved. */
function movedReader(node: Node<'conv2d-requant'>): Node<'conv2d-requant'> | undefined {
  const [x, ...rest] = node.operands;
  if (!canMove(x.type)) return undefined;
  const made = movedNode(anyNode(node), [param('x', movedType(x.type)), ...rest], [false]);
  return made.kind === 'conv2d-requant' ? made : undefined;
}

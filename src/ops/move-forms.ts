/**
 * Ops that only move elements commute with everything that treats elements alike: with dequantize and quantize, so that
 * they work on stored integers, and with a transpose, along other axes. Invariant: no element changes.
 */
import { anyNode, make, makeNode } from '../ir/build.js';
import type { AnyNode, Node, OpKind, Result, Value } from '../ir/graph.js';
import { type AnyRule, type Rewriter, rule } from '../ir/rewrite.js';
import { elements, type QuantType, type Shape, sameAffine, type TensorType, withShape } from '../ir/type.js';
import { producer } from '../ir/walk.js';
import { scaleAt, zeroPointAt } from '../quant/affine.js';
import { quantizeValue } from '../quant/requantize.js';
import { inversePermutation, permutedType } from './permute.js';

type QuantValue = Value & { readonly type: QuantType };

/** Kinds with one tensor to move, their other operands being indices. */
const moves: ReadonlySet<OpKind> = new Set<OpKind>(['expand', 'gather', 'slice']);

function isPerTensor(value: Value): value is QuantValue {
  return value.type.kind === 'quant' && value.type.affine.per === 'tensor';
}

/** The stored integers behind a dequantize of a tensor quantized per tensor. */
function stored(value: Value): QuantValue | undefined {
  const x = producer(value, 'dequantize')?.operands[0];
  return x !== undefined && isPerTensor(x) ? x : undefined;
}

/** The same op on another first operand; the result is of its type. */
function moved(node: AnyNode, x: Value, attrs: AnyNode['attrs'] = node.attrs): Result {
  const type = withShape(x.type, node.results[0].type.shape);
  return anyNode(makeNode(node.kind, attrs, [x, ...node.operands.slice(1)], [type], node.origin)).results[0];
}

/** The stored value a pad of reals means; undefined if the type has none that is exactly it. */
function storedPad(value: number, type: QuantType): number | undefined {
  const [scale, zero] = [scaleAt(type.affine, 0), zeroPointAt(type.affine, 0)];
  const found = quantizeValue(Math.fround(value), scale, zero, type.range[0], type.range[1]);
  return Math.fround(Math.fround(found - zero) * scale) === Math.fround(value) ? found : undefined;
}

function padOf(node: Node<'pad'>, x: QuantValue, value: number, y: TensorType): Result {
  return make('pad', { ...node.attrs, value }, [x], y, node.origin);
}

function belowDequantize(kind: OpKind): AnyRule {
  return {
    name: `${kind} of dequantize`,
    root: kind,
    apply(node) {
      const x = stored(node.operands[0]);
      return x === undefined ? undefined : make('dequantize', {}, [moved(node, x)], node.results[0].type, node.origin);
    },
  };
}

/** The type of the first with the range of all; undefined if their quantization differs. */
function joined(operands: readonly QuantValue[]): QuantType | undefined {
  const [{ type }] = operands;
  if (!operands.every((x) => x.type.element === type.element && sameAffine(x.type.affine, type.affine)))
    return undefined;
  const low = Math.min(...operands.map((x) => x.type.range[0]));
  return { ...type, range: [low, Math.max(...operands.map((x) => x.type.range[1]))] };
}

/** Moves of dequantized tensors become moves of the stored integers. */
export const storedMoves: readonly AnyRule[] = [
  ...[...moves].map(belowDequantize),
  rule('pad of dequantize', 'pad', (node) => {
    const x = stored(node.operands[0]);
    const value = x && storedPad(node.attrs.value, x.type);
    if (x === undefined || value === undefined) return undefined;
    const y = padOf(node, x, value, withShape(x.type, node.results[0].type.shape));
    return make('dequantize', {}, [y], node.results[0].type, node.origin);
  }),
  rule('concat of dequantize', 'concat', (node) => {
    const operands = node.operands.flatMap((v) => stored(v) ?? []);
    const type = operands.length === node.operands.length ? joined(operands) : undefined;
    if (type === undefined) return undefined;
    const y = make('concat', node.attrs, operands, withShape(type, node.results[0].type.shape), node.origin);
    return make('dequantize', {}, [y], node.results[0].type, node.origin);
  }),
];

function isPerTensorType(type: TensorType): type is QuantType {
  return type.kind === 'quant' && type.affine.per === 'tensor';
}

function quantized(x: Value, type: QuantType, from: Node<'quantize'>): Value {
  return make('quantize', {}, [x], withShape(type, x.type.shape), from.origin);
}

/** Quantizing what was moved is moving what was quantized; each operand of a concat then has its own quantize. */
function quantizeBefore(node: Node<'quantize'>, rw: Rewriter): Value | undefined {
  const [value] = node.operands;
  const y = node.results[0].type;
  if (value.kind !== 'result' || !isPerTensorType(y)) return undefined;
  const move = value.node;
  const isAlone = rw.isOnlyUse(value);
  if (moves.has(move.kind)) {
    const [x] = move.operands;
    // A slice of a value that others read in float: only the slice is quantized.
    if (!isAlone || (move.kind !== 'expand' && x.kind !== 'const' && !rw.isOnlyUse(x))) return undefined;
    return moved(move, quantized(x, y, node));
  }
  if (move.kind === 'pad' && isAlone) {
    const [low, high] = y.range;
    const pad = quantizeValue(Math.fround(move.attrs.value), scaleAt(y.affine, 0), zeroPointAt(y.affine, 0), low, high);
    return make('pad', { ...move.attrs, value: pad }, [quantized(move.operands[0], y, node)], y, move.origin);
  }
  if (move.kind !== 'concat' || !(isAlone || move.operands.every((v) => stored(v) !== undefined))) return undefined;
  const operands = move.operands.map((v) => quantized(v, y, node));
  return make('concat', move.attrs, operands, y, move.origin);
}

export const quantizedMoves: readonly AnyRule[] = [rule('quantize before a move', 'quantize', quantizeBefore)];

/** One entry per dimension, as it was before the transpose. */
function before(list: readonly number[], perm: readonly number[]): number[] {
  return inversePermutation(perm).map((p) => list[p]);
}

/** The attributes of a move of `transpose(x, perm)` for the move of x; undefined if there is none of the kind. */
function attrsBefore(node: AnyNode, perm: readonly number[]): AnyNode['attrs'] | undefined {
  switch (node.kind) {
    case 'slice': {
      const { starts, steps, sizes } = node.attrs;
      return { starts: before(starts, perm), steps: before(steps, perm), sizes: before(sizes, perm) };
    }
    case 'pad':
      return { ...node.attrs, before: before(node.attrs.before, perm), after: before(node.attrs.after, perm) };
    case 'expand':
      return node.attrs.shape.length === perm.length ? { shape: before(node.attrs.shape, perm) } : undefined;
    case 'gather':
      return node.operands[1].type.shape.length === 1 ? { axis: perm[node.attrs.axis] } : undefined;
    default:
      return undefined;
  }
}

function belowTranspose(kind: OpKind): AnyRule {
  return {
    name: `transpose below ${kind}`,
    root: kind,
    apply(node) {
      const transpose = producer(node.operands[0], 'transpose');
      const attrs = transpose && attrsBefore(node, transpose.attrs.perm);
      if (transpose === undefined || attrs === undefined) return undefined;
      const { perm } = transpose.attrs;
      const type = permutedType(node.results[0].type, inversePermutation(perm));
      const operands = [transpose.operands[0], ...node.operands.slice(1)];
      const inner = anyNode(makeNode(node.kind, attrs, operands, [type], node.origin)).results[0];
      return make('transpose', { perm }, [inner], node.results[0].type, transpose.origin);
    },
  };
}

/** The permutation most elements of the operands went through. */
function commonPermutation(operands: readonly Value[]): readonly number[] | undefined {
  const weight = new Map<string, { readonly perm: readonly number[]; count: number }>();
  let total = 0;
  for (const value of operands) {
    const count = elements(value.type.shape);
    if (value.kind !== 'const') total += count;
    const perm = producer(value, 'transpose')?.attrs.perm;
    if (perm === undefined) continue;
    const known = weight.get(perm.join()) ?? { perm, count: 0 };
    weight.set(perm.join(), { perm, count: known.count + count });
  }
  return [...weight.values()].find(({ count }) => 2 * count > total)?.perm;
}

/** Dimensions `from` up to `to` of one shape, and those of the other that hold the same elements. */
interface Group {
  readonly from: readonly number[];
  readonly to: Shape;
}

/** Splits a reshape into the shortest runs of dimensions of equal size; undefined if it is of a scalar or of nothing. */
export function reshapeGroups(from: Shape, to: Shape): Group[] | undefined {
  if (elements(from) === 0 || from.length === 0) return undefined;
  const groups: { from: number[]; to: number[] }[] = [];
  let j = 0;
  for (let i = 0; i < from.length; ) {
    const group = { from: [i], to: from[i] === 1 && to[j] === 1 ? [to[j++]] : [] };
    let left = from[i++];
    let right = 1;
    while (left !== right) {
      if (right < left) {
        group.to.push(to[j]);
        right *= to[j++];
      } else {
        group.from.push(i);
        left *= from[i++];
      }
    }
    groups.push(group);
  }
  groups[groups.length - 1].to.push(...to.slice(j));
  return groups;
}

export const transposedMoves: readonly AnyRule[] = [
  ...[...moves, 'pad' as const].map(belowTranspose),
  rule('transpose below concat', 'concat', (node) => {
    const perm = commonPermutation(node.operands);
    if (perm === undefined) return undefined;
    const undo = inversePermutation(perm);
    const operands = node.operands.map((value) => {
      const transpose = producer(value, 'transpose');
      if (transpose?.attrs.perm.join() === perm.join()) return transpose.operands[0];
      return make('transpose', { perm: undo }, [value], permutedType(value.type, undo), node.origin);
    });
    const [y] = node.results;
    const inner = make('concat', { axis: perm[node.attrs.axis] }, operands, permutedType(y.type, undo), node.origin);
    return make('transpose', { perm }, [inner], y.type, node.origin);
  }),
  rule('transpose below reshape', 'reshape', (node) => {
    const transpose = producer(node.operands[0], 'transpose');
    const [y] = node.results;
    if (transpose === undefined || (y.type.kind === 'quant' && y.type.affine.per !== 'tensor')) return undefined;
    const { perm } = transpose.attrs;
    const [x] = transpose.operands;
    const groups = reshapeGroups(transpose.results[0].type.shape, y.type.shape);
    // A run of dimensions moves as one if it lay in one run, in this order, before the transpose.
    if (groups === undefined || groups.some((g) => g.from.some((d, k) => k > 0 && perm[d] !== perm[d - 1] + 1)))
      return undefined;
    const order = groups.map((_, g) => g).sort((a, b) => perm[groups[a].from[0]] - perm[groups[b].from[0]]);
    const shape = order.flatMap((g) => groups[g].to);
    const starts = new Map<number, number>();
    let at = 0;
    for (const g of order) {
      starts.set(g, at);
      at += groups[g].to.length;
    }
    const outer = groups.flatMap((g, k) => g.to.map((_, i) => (starts.get(k) ?? 0) + i));
    const inner = make('reshape', { shape }, [x], withShape(y.type, shape), node.origin);
    return make('transpose', { perm: outer }, [inner], y.type, transpose.origin);
  }),
];

/**
 * For transposes that sink no further: one that a reshape keeps from another moves up to it. Any earlier it would be kept
 * from those below it instead.
 */
export const hoistedTransposes: readonly AnyRule[] = [
  rule('transposes around a reshape', 'transpose', (node) => {
    const reshape = producer(node.operands[0], 'reshape');
    const inner = producer(reshape?.operands[0], 'transpose');
    const [y] = node.results;
    if (reshape === undefined || inner === undefined || (y.type.kind === 'quant' && y.type.affine.per !== 'tensor'))
      return undefined;
    const groups = reshapeGroups(inner.results[0].type.shape, reshape.attrs.shape);
    if (groups === undefined) return undefined;
    // Where the outer transpose puts the dimensions of each run: they must stay one run.
    const places = inversePermutation(node.attrs.perm);
    let at = 0;
    const runs = groups.map((g) => {
      const to = g.to.map(() => places[at++]);
      return { from: g.from, first: to[0] ?? places.length, isRun: to.every((p, k) => k === 0 || p === to[k - 1] + 1) };
    });
    if (runs.some((r) => !r.isRun)) return undefined;
    const perm = runs.toSorted((a, b) => a.first - b.first).flatMap((r) => r.from.map((d) => inner.attrs.perm[d]));
    const [x] = inner.operands;
    const once = make('transpose', { perm }, [x], permutedType(x.type, perm), inner.origin);
    return make('reshape', { shape: y.type.shape }, [once], y.type, reshape.origin);
  }),
];

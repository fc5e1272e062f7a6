/**
 * Nodes on bytes that lie moved by 128: s8 as u8, or u8 as s8. The reals they mean are the same, as the zero point and the
 * range move along: real = scale * (stored - zeroPoint).
 *
 * Invariant: a node remade here makes of moved operands what the node made of the others, moved where its result is: the top
 * bit of every byte is flipped, and no other bit changes. Kinds whose formula rounds with a zero point inside are not here.
 */
import { anyNode, constant, makeNode } from './build.js';
import type { AnyNode, Const, Node, Value } from './graph.js';
import { isByte } from './island.js';
import { allocateNumbers, elementRange, numberData, type QuantType, type Tensor, type TensorType } from './type.js';

/**
 * `fixed`: only as it is. `free`: moved or not, whatever the others are. `tied`: moved where the other tied ones are, because
 * the node copies or compares stored values.
 */
export type Freedom = 'fixed' | 'free' | 'tied';

export interface Freedoms {
  readonly operands: readonly Freedom[];
  readonly results: readonly Freedom[];
}

/** Kinds that take differences to the zero point, or round before they add it. */
const free: ReadonlySet<string> = new Set([
  'add-fixed',
  'average-pool',
  'dequantize',
  'dequantize-transposed',
  'matmul',
  'mul-fixed',
  'quantize',
  'quantize-away',
  'quantize-transposed',
  'softmax-fixed',
]);
/** Kinds whose results hold stored values of their operands. */
const tied: ReadonlySet<string> = new Set(['concat', 'expand', 'max-pool', 'reshape', 'slice', 'transpose']);

const all = (node: AnyNode, freedom: Freedom): Freedoms => ({
  operands: node.operands.map(() => freedom),
  results: node.results.map(() => freedom),
});

/** What of a node may be moved. Only tensors of 8 bits with one scale ever are: `canMove`. */
export function freedomsOf(node: AnyNode): Freedoms {
  if (node.kind === 'conv2d-requant') {
    const [x, w, bias] = node.operands;
    const isFree =
      canMove(x.type) && w.kind === 'const' && bias.kind === 'const' && movedBias(node, w, bias) !== undefined;
    const [, ...rest] = all(node, 'fixed').operands;
    // A sum rounds with both zero points inside; a table gives any bytes.
    const isStored = node.attrs.lookup ? tableOf(node) !== undefined : node.attrs.add === 'none';
    return { operands: [isFree ? 'free' : 'fixed', ...rest], results: [isStored ? 'free' : 'fixed'] };
  }
  if (node.kind === 'lookup') {
    const freedom = node.operands[1].kind === 'const' ? 'free' : 'fixed';
    return { operands: [freedom, 'fixed'], results: [freedom] };
  }
  return all(node, free.has(node.kind) ? 'free' : tied.has(node.kind) ? 'tied' : 'fixed');
}

/** Bytes with one scale, which have a sign bit to flip. */
export function canMove(type: TensorType): type is QuantType {
  return type.kind === 'quant' && (type.element === 's8' || type.element === 'u8') && type.affine.per === 'tensor';
}

const moveOf = (element: TensorType['element']): number => (element === 's8' ? 128 : -128);

/** The type of the same reals, moved. */
export function movedType(type: QuantType): QuantType {
  const by = moveOf(type.element);
  const { affine, range } = type;
  if (affine.per !== 'tensor') throw new TypeError('bytes of one scale are moved');
  return {
    ...type,
    element: type.element === 's8' ? 'u8' : 's8',
    affine: { ...affine, zeroPoint: affine.zeroPoint + by },
    range: [range[0] + by, range[1] + by],
  };
}

/**
 * The node on other operands, those that `canMove` moved or not, with the results that `moves` names moved.
 * @param old the node as it was, whose types say which operands have moved.
 */
export function movedNode(old: AnyNode, operands: readonly Value[], moves: readonly boolean[]): AnyNode {
  const isMoved = (i: number) => operands[i].type.element !== old.operands[i].type.element;
  const types = old.results.map((r, i) => (moves[i] && canMove(r.type) ? movedType(r.type) : r.type));
  if (old.kind === 'conv2d-requant') return movedConvolution(old, operands, isMoved(0), moves[0], types);
  if (old.kind === 'lookup') {
    const table = old.operands[1];
    if (table.kind !== 'const') throw new TypeError('a table is constant');
    const moved = isMoved(0) || moves[0] ? movedTable(table, isMoved(0), moves[0]) : table;
    return anyNode(makeNode('lookup', old.attrs, [operands[0], moved], types, old.origin));
  }
  return anyNode(makeNode(old.kind, old.attrs, operands, types, old.origin));
}

function movedConvolution(
  old: Node<'conv2d-requant'>,
  operands: readonly Value[],
  ofX: boolean,
  ofY: boolean,
  types: readonly TensorType[],
): AnyNode {
  const [x, w, bias, ...rest] = operands;
  if (w.kind !== 'const' || bias.kind !== 'const') throw new TypeError('folded convolutions have constant weights');
  const sums = ofX ? movedBias(old, w, bias) : bias.tensor;
  if (sums === undefined) throw new RangeError('a bias leaves s32');
  const table = tableOf(old);
  const { attrs } = old;
  const by = attrs.mid_element === 's8' ? 128 : -128;
  const mid = {
    mid_element: attrs.mid_element === 's8' ? ('u8' as const) : ('s8' as const),
    mid_zero: attrs.mid_zero + by,
    mid_min: attrs.mid_min + by,
    mid_max: attrs.mid_max + by,
  };
  const extra = ofY && table !== undefined ? [...rest.slice(0, -1), movedTable(table, false, true)] : rest;
  const given = [x, w, ofX ? constant(bias.name, sums) : bias, ...extra];
  return anyNode(
    makeNode('conv2d-requant', ofY && table === undefined ? { ...attrs, ...mid } : attrs, given, types, old.origin),
  );
}

function tableOf(node: Node<'conv2d-requant'>): Const | undefined {
  const last = node.operands[node.operands.length - 1];
  return node.attrs.lookup && last.kind === 'const' && isByte(last) ? last : undefined;
}

/** bias - by * (sum of the channel's weights): the sums are the same; undefined where one does not fit s32. */
function movedBias(node: Node<'conv2d-requant'>, w: Const, bias: Const): Tensor | undefined {
  const by = moveOf(node.operands[0].type.element);
  const ws = numberData(w.tensor);
  const data = Float64Array.from(numberData(bias.tensor));
  const cells = ws.length / data.length;
  for (let o = 0; o < data.length; o++) {
    let sum = 0;
    for (let i = o * cells; i < (o + 1) * cells; i++) sum += ws[i];
    data[o] -= by * sum;
  }
  const [low, high] = elementRange.s32;
  return data.every((b) => b >= low && b <= high) ? { type: bias.type, data: Int32Array.from(data) } : undefined;
}

/** The table for moved bytes (`ofX`), with moved entries (`ofY`). */
function movedTable(table: Const, ofX: boolean, ofY: boolean): Const {
  const { type } = table;
  if (ofY && !canMove(type)) throw new TypeError('a table of bytes');
  const to = ofY && canMove(type) ? movedType(type) : type;
  const data = allocateNumbers(to);
  const entries = numberData(table.tensor);
  for (let byte = 0; byte < data.length; byte++)
    data[byte] = entries[ofX ? byte ^ 128 : byte] + (ofY ? moveOf(type.element) : 0);
  return constant(table.name, { type: to, data });
}

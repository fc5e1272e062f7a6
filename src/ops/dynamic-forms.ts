/**
 * Rows of floats quantized by their own ranges, spelled out: what `dynamic-quantize/export.ts` writes. Everything but the
 * operations, their operands and the last dimension is free: names, and the order of what commutes.
 */
import type { Node, Origin, Value } from '../ir/graph.js';
import { elements, numbers } from '../ir/type.js';
import { producer } from '../ir/walk.js';

export interface QuantizedRows {
  readonly x: Value;
  /** f32, 1 in the last dimension. */
  readonly scale: Value;
  readonly zero: Value;
  readonly origin: Origin;
}

/** Both orders of the operands of a commutative node. */
export function orders(node: Node<'binary'> | Node<'compare'>): readonly (readonly [Value, Value])[] {
  const [a, b] = node.operands;
  return [
    [a, b],
    [b, a],
  ];
}

export function isNumber(value: Value, number: number): boolean {
  return value.kind === 'const' && elements(value.type.shape) === 1 && numbers(value.tensor)[0] === number;
}

function binary(value: Value, fn: Node<'binary'>['attrs']['fn']): Node<'binary'> | undefined {
  const node = producer(value, 'binary');
  return node?.attrs.fn === fn ? node : undefined;
}

/** What is rounded to 0..255. */
function inByte(value: Value): Value | undefined {
  const clamp = producer(value, 'clamp');
  return clamp?.attrs.min === 0 && clamp.attrs.max === 255 ? clamp.operands[0] : undefined;
}

function rounded(value: Value | undefined): Value | undefined {
  const round = value && producer(value, 'unary');
  return round?.attrs.fn === 'round' ? round.operands[0] : undefined;
}

/** x, of whose rows `value` is the least (greatest) element, or 0. */
function extreme(value: Value, fn: 'min' | 'max'): Value | undefined {
  const node = binary(value, fn);
  const [least] = node ? (orders(node).find(([, zero]) => isNumber(zero, 0)) ?? []) : [];
  const reduce = least && producer(least, 'reduce');
  if (reduce?.attrs.fn !== fn) return undefined;
  const [x] = reduce.operands;
  return reduce.attrs.axes.length === 1 && reduce.attrs.axes[0] === x.type.shape.length - 1 ? x : undefined;
}

/** The rows of which `scale` is (high - low) / 255, or 1 where they are equal; and the low ends of their ranges. */
function rangeOf(scale: Value): { readonly x: Value; readonly low: Value } | undefined {
  const where = producer(scale, 'where');
  if (where === undefined) return undefined;
  const [isEqual, one, step] = where.operands;
  const equal = producer(isEqual, 'compare');
  const range = binary(step, 'div');
  const difference = range && isNumber(range.operands[1], 255) ? binary(range.operands[0], 'sub') : undefined;
  if (equal?.attrs.fn !== 'equal' || difference === undefined || !isNumber(one, 1)) return undefined;
  const [high, low] = difference.operands;
  const x = extreme(low, 'min');
  if (x === undefined || extreme(high, 'max') !== x) return undefined;
  return orders(equal).some(([a, b]) => a === low && b === high) ? { x, low } : undefined;
}

/** u8 [.., k] -> the rows it was made of. */
export function quantizedRows(q: Value): QuantizedRows | undefined {
  const cast = producer(q, 'cast');
  const stored = cast && q.type.element === 'u8' ? inByte(cast.operands[0]) : undefined;
  const sum = stored && binary(stored, 'add');
  if (cast === undefined || sum === undefined) return undefined;
  for (const [steps, zero] of orders(sum)) {
    const scaled = rounded(steps);
    const below = rounded(inByte(zero));
    const division = scaled && binary(scaled, 'div');
    const negated = below && binary(below, 'sub');
    if (division === undefined || negated === undefined || !isNumber(negated.operands[0], 0)) continue;
    const [x, scale] = division.operands;
    const range = rangeOf(scale);
    const low = binary(negated.operands[1], 'div')?.operands;
    if (range?.x === x && low?.[0] === range.low && low[1] === scale) return { x, scale, zero, origin: cast.origin };
  }
  return undefined;
}

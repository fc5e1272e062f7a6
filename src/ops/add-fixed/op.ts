import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData, type QuantType } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import {
  dividePowerOfTwo,
  doublingHighMultiply,
  type FixedPoint,
  fixedDouble,
  quantizeMultiplier,
} from '../../quant/fixed-point.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';
import { arePlainBytes, isWide } from '../window.js';

/** Bits by which 8-bit operands are shifted left before they are scaled. */
const SUM_SHIFT = 20;
/** Bits by which s16 operands are. */
const WIDE_SUM_SHIFT = 15;

function sumShift(y: QuantType): number {
  return y.element === 's16' ? WIDE_SUM_SHIFT : SUM_SHIFT;
}

export interface SumConstants {
  readonly a: FixedPoint;
  readonly b: FixedPoint;
  readonly y: FixedPoint;
}

/** Both operands in units of twice the larger scale, 2^-20 (2^-15) of it; and back. */
export function sumConstants(a: QuantType, b: QuantType, y: QuantType): SumConstants {
  const [sa, sb, sy] = [scaleAt(a.affine, 0), scaleAt(b.affine, 0), scaleAt(y.affine, 0)];
  const unit = 2 * Math.max(sa, sb);
  return {
    a: quantizeMultiplier(sa / unit),
    b: quantizeMultiplier(sb / unit),
    y: quantizeMultiplier(unit / (2 ** sumShift(y) * sy)),
  };
}

/** How far right each operand is shifted to the scale of y, where all scales are powers of two. */
export function sumRights(a: QuantType, b: QuantType, y: QuantType): readonly [number, number] {
  const right = (t: QuantType) => Math.log2(scaleAt(y.affine, 0) / scaleAt(t.affine, 0));
  return [right(a), right(b)];
}

/** Why TFLite's form for powers of two does not fit; nothing if it does. */
function powerProblems(a: QuantType, b: QuantType, y: QuantType): readonly string[] {
  const rights = sumRights(a, b, y);
  if (y.element !== 's16') return ['the form for powers of two is for s16'];
  return rights.every((r) => Number.isInteger(r) && r >= 0 && r <= 15) && rights.includes(0)
    ? []
    : ['scales are powers of two, one operand has that of y, none a larger one'];
}

/** Of stored values there are few, and sums of many pairs of them. */
function remembered(term: (stored: number) => number): (stored: number) => number {
  const terms = new Map<number, number>();
  return (stored) => {
    const known = terms.get(stored) ?? term(stored);
    terms.set(stored, known);
    return known;
  };
}

/** The formula of `doc` on two stored values. */
export function storedSum(
  { subtract, powers }: { readonly subtract: boolean; readonly powers: boolean },
  a: QuantType,
  b: QuantType,
  y: QuantType,
): (p: number, q: number) => number {
  if (powers) {
    const [ra, rb] = sumRights(a, b, y);
    return (p, q) => {
      const [left, right] = [dividePowerOfTwo(p, ra), dividePowerOfTwo(q, rb)];
      return Math.max(y.range[0], Math.min(y.range[1], subtract ? left - right : left + right));
    };
  }
  const shift = sumShift(y);
  const constants = sumConstants(a, b, y);
  const [za, zb, zy] = [a, b, y].map((t) => zeroPointAt(t.affine, 0));
  const termA = remembered((p) => fixedDouble((p - za) * 2 ** shift, constants.a));
  const termB = remembered((q) => fixedDouble((q - zb) * 2 ** shift, constants.b));
  return (p, q) => {
    const sum = fixedDouble(subtract ? termA(p) - termB(q) : termA(p) + termB(q), constants.y) + zy;
    return Math.max(y.range[0], Math.min(y.range[1], sum));
  };
}

/** Could it show in y whether ties go up instead of away from zero, for any a and b? */
export function tiesShow(subtract: boolean, a: QuantType, b: QuantType, y: QuantType): boolean {
  const constants = sumConstants(a, b, y);
  const [za, zb, zy] = [a, b, y].map((t) => zeroPointAt(t.affine, 0));
  const up = (value: number, { multiplier, shift }: FixedPoint): number =>
    Math.floor(doublingHighMultiply(value, multiplier) / 2 ** -shift + 0.5);
  const terms = ({ range }: QuantType, zero: number, by: FixedPoint): readonly (readonly [number, number])[] =>
    Array.from({ length: range[1] - range[0] + 1 }, (_, i) => {
      const value = (range[0] + i - zero) * 2 ** SUM_SHIFT;
      return [up(value, by), fixedDouble(value, by)];
    });
  const clamped = (v: number) => Math.max(y.range[0], Math.min(y.range[1], v + zy));
  const sign = subtract ? -1 : 1;
  const others = terms(b, zb, constants.b);
  return terms(a, za, constants.a).some(([leftUp, left]) =>
    others.some(
      ([rightUp, right]) =>
        clamped(up(leftUp + sign * rightUp, constants.y)) !== clamped(fixedDouble(left + sign * right, constants.y)),
    ),
  );
}

/** TFLite's quantized addition and subtraction. */
export const addFixed = defineOp({
  kind: 'add-fixed',
  doc:
    "TFLite's quantized addition: with u = 2 max(Sa, Sb), p = ((a - Za) << 20) * (Sa/u) and q likewise, each multiplied in " +
    'fixed point with two roundings, y = clamp((p +- q) * (u / (2^20 Sy)) + Zy), the last product in fixed point too. Of s16 the ' +
    'shift is 15 bits. `powers`: scales are powers of two, y = clamp(a / 2^i +- b / 2^j), each to nearest, ties away from zero. ' +
    'Operands broadcast.',
  attrs: { subtract: 'bool', powers: 'bool' },
  operands: ['a', 'b'],
  inferShape: (_, [a, b]) => [broadcastShape(a.shape, b.shape)],
  check({ powers }, types, [y]) {
    const all = [...types, y];
    if (!arePlainBytes(all) && !all.every(isWide))
      return ['a, b and y are 8-bit tensors quantized per tensor, or s16 ones without zero points'];
    const [a, b, sum] = all;
    if (powers) return powerProblems(a, b, sum);
    return sumConstants(a, b, sum).y.shift <= 0 ? [] : ['the scale of y is too small for those of a and b'];
  },
  evaluate(attrs, [a, b], [y]) {
    if (a.type.kind !== 'quant' || b.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
    const [as, bs] = [numberData(a), numberData(b)];
    const sum = storedSum(attrs, a.type, b.type, y);
    const ai = broadcastIndex(a.type.shape, y.shape);
    const bi = broadcastIndex(b.type.shape, y.shape);
    const out = allocateNumbers(y);
    for (let i = 0; i < out.length; i++) out[i] = sum(as[ai[i]], bs[bi[i]]);
    return [{ type: y, data: out }];
  },
});

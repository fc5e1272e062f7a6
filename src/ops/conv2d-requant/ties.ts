/**
 * What kernels may leave out of a fixed-point rule: proved on the shifts and the accumulators that can occur. Both rules
 * send ties away from zero, where vector instructions send them up, so only negative ties need care.
 */
import type { AttrsOf } from '../../ir/graph.js';
import type { Rounding } from '../../quant/rounding.js';
import { refuted, type Verdict, verdict } from '../../target/choose.js';

/** `proved` of the contract's `struct qcc_epilogue_kind` under a fixed-point rule. */
const NOTHING = 0;
const SHIFTS_ARE_NEGATIVE = 1;
const TIES_DO_NOT_SHOW = 2;

/**
 * @param fixed s32[oc,2]: multipliers and shifts; @param low smallest accumulator per channel;
 * @param isClamped results below zero are stored as zero is, so that a negative tie shows in none.
 */
export function fixedPointProof(
  rounding: Rounding,
  fixed: ArrayLike<number>,
  low: ArrayLike<number>,
  isClamped: boolean,
): number {
  const channels = Array.from(low, (least, o) => ({ least, multiplier: fixed[2 * o], shift: fixed[2 * o + 1] }));
  if (channels.some(({ shift }) => shift >= 0)) return NOTHING;
  const canTie = rounding === 'tflite-double' ? doubleTies : singleTies;
  const shows = !isClamped && channels.some(({ least, multiplier, shift }) => canTie(least, multiplier, -shift));
  return shows ? SHIFTS_ARE_NEGATIVE : TIES_DO_NOT_SHOW;
}

/** The first rounding can give any integer down to that of `least`; it ties if it can reach minus half of 2^right. */
function doubleTies(least: number, multiplier: number, right: number): boolean {
  return Math.floor((least * multiplier) / 2 ** 31) - 1 <= -(2 ** (right - 1));
}

/** acc * multiplier is an odd multiple of 2^(30 + right) only if acc is a multiple of what the multiplier lacks of it. */
function singleTies(least: number, multiplier: number, right: number): boolean {
  if (multiplier === 0) return false;
  const lacks = 30 + right - (31 - Math.clz32(multiplier & -multiplier));
  return lacks >= 0 && least <= -(2 ** lacks);
}

/** Sums of 32 products stay below 2^23 beside such a bias; zero point and half a step, so far left, below 2^30 in sums 256 times as large. */
const [SHORT_BIAS, SHORT_RIGHT] = [2 ** 22, 15];

/** @param provedAs of 8-bit results, else 0. */
export function shortEpilogue(
  attrs: AttrsOf<'conv2d-requant'>,
  provedAs: number,
  bias: ArrayLike<number>,
  fixed: ArrayLike<number>,
): Verdict {
  if (attrs.rounding !== 'tflite-double' || provedAs !== TIES_DO_NOT_SHOW)
    return refuted('the rounding is another, or a negative tie may show');
  const isPlain = attrs.add === 'none' && !attrs.lookup && attrs.mid_element === 's8';
  if (!isPlain || attrs.mid_min !== -128 || attrs.mid_max !== 127)
    return refuted('the epilogue has more than s8 results of the full range');
  const fits = Array.from(bias, (b, o) => Math.abs(b) < SHORT_BIAS && fixed[2 * o + 1] >= -SHORT_RIGHT).every(Boolean);
  return verdict(fits, `biases below 2^22, shifts of at most ${SHORT_RIGHT}`, 'a bias or a shift is large');
}

/**
 * What kernels may leave out of a fixed-point rule: proved on the shifts and the accumulators that can occur. Both rules
 * send ties away from zero, where vector instructions send them up, so only negative ties need care.
 */
import type { Rounding } from '../../quant/rounding.js';

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

/**
 * Which stored value a layer of the model makes of an accumulator, and whether the constants in the C make the same one of
 * every accumulator that can occur. Both are step functions that never fall, so they are equal where their steps are.
 */
import { clamped, fixedPoint, requantized } from './bounds.js';
import { type ModelLayer, roundAway } from './model-layer.js';

export type Rounding = (acc: number) => number;

interface Stored {
  readonly zero: number;
  readonly low: number;
  readonly high: number;
}

/** What one output channel of the model does, by the rule of its format. */
export function modelRounding(layer: ModelLayer, o: number, y: Stored & { readonly scale: number }): Rounding {
  if (layer.arithmetic === 'onnx') {
    const m = Math.fround(Math.fround(layer.xScale * layer.weightScales[o]) / y.scale);
    return (acc) => requantized(acc, m, y.zero, y.low, y.high);
  }
  const real = (layer.xScale * layer.weightScales[o]) / y.scale;
  if (layer.arithmetic === 'double') return (acc) => clamped(roundAway(acc * real), y.zero, y.low, y.high);
  const [multiplier, shift] = quantizedMultiplier(real);
  if (layer.arithmetic === 'wide') {
    const [short, right] = wideScale(real);
    return (acc) => clamped(wideResult(acc, short, right), y.zero, y.low, y.high);
  }
  return (acc) => clamped(fixedPoint(acc, multiplier, shift, 2), y.zero, y.low, y.high);
}

/** Of the multiplier, its upper 15 bits to nearest, and by how much their product is shifted right. */
export function wideScale(real: number): readonly [number, number] {
  const [multiplier, shift] = quantizedMultiplier(real);
  return [Math.min(0x7fff, Math.floor((multiplier + 0x8000) / 0x10000)), 15 - shift];
}

/** acc * short / 2^right, ties up, of which 32 bits are kept. */
export function wideResult(acc: number, short: number, right: number): number {
  const doubled = ((BigInt(acc) * BigInt(short)) >> BigInt(right - 1)) + 1n;
  return Number(BigInt.asIntN(32, doubled >> 1n));
}

/** TFLite's 31-bit multiplier and shift of a real number. */
export function quantizedMultiplier(real: number): readonly [number, number] {
  if (!(real > 0)) return [0, 0];
  let shift = Math.floor(Math.log2(real)) + 1;
  while (2 ** shift <= real) shift++;
  while (2 ** (shift - 1) > real) shift--;
  const rounded = roundAway(real * 2 ** (31 - shift));
  const [multiplier, exponent] = rounded === 2 ** 31 ? [2 ** 30, shift + 1] : [rounded, shift];
  return exponent < -31 ? [0, 0] : [multiplier, exponent];
}

/**
 * An accumulator in [low, high] of which the two make different values; undefined where there is none.
 * @param slope about how much a step of the accumulator adds, and what an accumulator of 0 makes: where a value begins.
 */
export function difference(
  wanted: Rounding,
  found: Rounding,
  low: number,
  high: number,
  slope: number,
  zero: number,
): number | undefined {
  const [first, last] = [wanted(low), wanted(high)];
  for (const end of [low, high]) if (wanted(end) !== found(end)) return end;
  let at = low;
  for (let value = first + 1; value <= last; value++) {
    // The first accumulator that reaches `value`.
    at = Math.min(high, Math.max(at, Math.floor((value - 0.5 - zero) / slope)));
    while (at > low && wanted(at - 1) >= value) at--;
    while (wanted(at) < value) at++;
    if (found(at) < value) return at;
    if (at > low && found(at - 1) >= value) return at - 1;
  }
  return undefined;
}

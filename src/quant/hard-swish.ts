/** TFLite's int8 hard swish, x * relu6(x + 3) / 6, in 16-bit fixed point. */
import { dividePowerOfTwo, quantizeMultiplier } from './fixed-point.js';

const clamp16 = (v: number): number => Math.max(-32768, Math.min(32767, v));

/** High half of the doubled product of 16 bits, to nearest, ties up. */
const highRounded = (a: number, b: number): number => Math.min(32767, Math.floor((a * b + 16384) / 32768));

/** The same, towards zero. */
const highTruncated = (a: number, b: number): number => Math.min(32767, Math.trunc((a * b) / 32768));

/** A 31-bit multiplier in 15 bits. */
const short = (multiplier: number): number => Math.min(32767, (multiplier + 32768) >> 16);

/** @param centred stored value less its zero point; answers the stored result less its own. Scales are float32. */
export function hardSwishStored(centred: number, sx: number, sy: number): number {
  const fine = Math.fround(sx / 128);
  const reluish = quantizeMultiplier(Math.fround(fine / Math.fround(3 / 32768)));
  const output = quantizeMultiplier(Math.fround(fine / sy));
  const hires = centred * 128;
  const scaled = highRounded(hires, short(output.multiplier));
  let gate = hires;
  if (reluish.shift > 0) gate = clamp16(gate * 2 ** (reluish.shift - 1));
  gate = highRounded(gate, short(reluish.multiplier));
  if (reluish.shift > 0) gate = clamp16(gate * 2);
  if (reluish.shift < 0) gate = dividePowerOfTwo(gate, -reluish.shift);
  gate = (gate + 32768) >> 1;
  const product = highTruncated(gate, scaled);
  return output.shift > 0 ? clamp16(product * 2 ** output.shift) : dividePowerOfTwo(product, -output.shift);
}

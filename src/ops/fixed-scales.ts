/** Multipliers and shifts of a convolution under TFLite's rules, proved for every accumulator that can occur. */
import { type Diagnostic, error, type Place } from '../diagnostics/diagnostic.js';
import { indexType, type QuantType, type Tensor } from '../ir/type.js';
import { scaleAt, zeroPointAt } from '../quant/affine.js';
import { type FixedPoint, nearestPair, quantizeMultiplier } from '../quant/fixed-point.js';
import { type Rounding, realMultiplier } from '../quant/rounding.js';
import type { AccumulatorBounds } from './conv2d-requant/bounds.js';

/** Results this large leave room for the zero point. */
const LARGEST = 2 ** 30;

/** The shifted sum, and the first of two roundings with half a step of the second, fit 32 bits: the contract of requantize.h. */
function fitsWord(largest: number, { multiplier, shift }: FixedPoint): boolean {
  const shifted = largest * 2 ** Math.max(0, shift);
  return shifted < 2 ** 31 && shifted * (multiplier / 2 ** 31) + 1 + 2 ** (Math.max(-shift, 1) - 1) < 2 ** 31;
}

/** s32[oc,2]: multiplier and shift of each channel; a diagnostic where TFLite's own arithmetic would overflow. */
export function fixedScales(
  rounding: Rounding,
  sx: number,
  wScale: (channel: number) => number,
  y: QuantType,
  bounds: AccumulatorBounds,
  place: Place,
): Tensor | Diagnostic {
  const oc = bounds.low.length;
  const data = new Int32Array(2 * oc);
  const zero = zeroPointAt(y.affine, 0);
  for (let o = 0; o < oc; o++) {
    const real = realMultiplier(sx, wScale(o), scaleAt(y.affine, 0));
    const largest = Math.max(-bounds.low[o], bounds.high[o], 0);
    if (!(real * largest < LARGEST && fitsWord(largest, quantizeMultiplier(real))))
      return error(
        'Q0701',
        `output channel ${o} multiplies sums of up to ${largest} by ${real}: TFLite's 32-bit arithmetic overflows`,
        place,
        're-quantize this layer: one of its scales is wrong by orders of magnitude',
      );
    const fixed: FixedPoint | undefined =
      rounding === 'tflite-double'
        ? quantizeMultiplier(real)
        : nearestPair(real, bounds.low[o], bounds.high[o], y.range[0] - zero, y.range[1] - zero);
    if (fixed === undefined)
      return error(
        'Q0702',
        `no 31-bit multiplier rounds like TFLite's ${real} for every sum of output channel ${o}`,
        place,
        'build with `--rounding onnx`',
      );
    data[2 * o] = fixed.multiplier;
    data[2 * o + 1] = fixed.shift;
  }
  return { type: indexType('s32', [oc, 2]), data };
}

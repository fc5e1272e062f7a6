/** Quantization of values by their own range; twin of `runtime-c/include/qcc/dynamic_quantize.h`. */
import { quantizeValue, roundToStored } from './requantize.js';

export interface DynamicallyQuantized {
  /** u8 values. */
  readonly stored: Uint8Array;
  /** f32 */
  readonly scale: number;
  readonly zero: number;
}

/** low = min(x, 0), high = max(x, 0); scale = f32(f32(high - low) / 255), 1 if they are equal. Comparisons with NaN are false. */
export function quantizeDynamically(values: ArrayLike<number>): DynamicallyQuantized {
  let low = 0;
  let high = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  const scale = low === high ? 1 : Math.fround(Math.fround(high - low) / 255);
  const zero = roundToStored(Math.fround(0 - Math.fround(low / scale)), 0, 0, 255);
  return { stored: Uint8Array.from(values, (v) => quantizeValue(v, scale, zero, 0, 255)), scale, zero };
}

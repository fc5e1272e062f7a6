/** The short float formats: rounding (twin of `qcc_round_to` in runtime-c/include/qcc/element.h) and the bits of half floats. */

/**
 * The nearest number of `digits` binary digits and exponents from `minExponent` (subnormals below), ties to even;
 * infinity beyond `max`.
 */
function roundTo(x: number, digits: number, minExponent: number, max: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const exponent = Math.max(minExponent, Math.floor(Math.log2(Math.abs(x))));
  // log2 may be off by one next to a power of two: then the step is half or twice too large, which is told by the quotient.
  let step = 2 ** (exponent - digits + 1);
  if (Math.abs(x) / step >= 2 ** digits) step *= 2;
  else if (Math.abs(x) / step < 2 ** (digits - 1) && exponent > minExponent) step /= 2;
  const quotient = x / step;
  const down = Math.floor(quotient);
  const rest = quotient - down;
  const rounded = (rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down) * step;
  if (Math.abs(rounded) > max) return x > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return rounded === 0 && x < 0 ? -0 : rounded;
}

/** The nearest IEEE half float of a double. */
export function roundToF16(x: number): number {
  return roundTo(x, 11, -14, 65504);
}

/** The nearest bfloat16 of a double. */
export function roundToBf16(x: number): number {
  return roundTo(x, 8, -126, 3.3895313892515355e38);
}

/** The patterns of values that are already rounded to half precision. */
export function floatsToHalves(values: ArrayLike<number | bigint>): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = floatToHalf(Number(values[i]));
  return out;
}

let halfTable: Float32Array | undefined;

/** What the bits of IEEE half floats mean. */
export function halvesToFloats(halves: Uint16Array): Float32Array {
  halfTable ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits));
  const out = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = halfTable[halves[i]];
  return out;
}

function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The half-precision pattern of a value that is already rounded to half precision; NaN becomes the quiet one. */
export function floatToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65536) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * 1024);
}

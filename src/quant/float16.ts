/** Rounding to the short float formats; twin of `qcc_round_to` in runtime-c/include/qcc/element.h. */

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

/** The error function; twin of runtime-c/include/qcc/erf.h. */
import { exp64, horner } from './math.js';

/** erf(x) = x * series(x^2), for |x| < 0.5. */
const series: readonly number[] = [
  1.1283791670955126, -0.37612638903183754, 0.11283791670955126, -0.026866170645131252, 0.005223977625442188,
  -0.0008548327023450853, 0.00012055332981789664, -1.492565035840625e-5, 1.6462114365889248e-6, -1.6365844691234924e-7,
  1.4807192815879218e-8, -1.2290555301717928e-9,
];
/** (1 + 2u) exp(u^2) erfc(u) in t = (u - 3) / (u + 3), for 0.49 <= u <= 10.5; Chebyshev, error 2^-55. */
const scaled: readonly number[] = [
  1.2530080582697296, -0.13562110612458106, -0.04756229435345455, 0.12964515870273846, -0.11927366341500177,
  0.06830802734519324, -0.023770514928043416, 0.002529391785346586, 0.0018886905006055298, -0.0007798318448584961,
  -0.00010516096377187344, 0.000125095811642998, 4.954830433359215e-6, -2.0082587384576916e-5, -7.439426414681055e-7,
  3.4172519184871318e-6, 3.6374307392266047e-7, -5.213088995418048e-7, -1.1561975200470402e-7, 2.5349789354769014e-8,
];

/** erf(x) in double for |x| < 0.5. */
export function erfSmall64(x: number): number {
  return x * horner(series, 11, x * x);
}

/**
 * erfc(u) in double for 0.5 <= u <= 10.5, given u^2 as well: the caller often knows it exactly, and an error of u^2 is
 * one of the result.
 */
export function erfcLarge64(u: number, square: number): number {
  return (exp64(-square) * horner(scaled, 19, (u - 3) / (u + 3))) / (1 + 2 * u);
}

/** erff. */
export function erf32(x: number): number {
  const a = Math.abs(x);
  if (!(a >= 0.5)) return Math.fround(erfSmall64(x));
  const e = a > 4 ? 1 : 1 - erfcLarge64(a, a * a);
  return Math.fround(x < 0 ? -e : e);
}

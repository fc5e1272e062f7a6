/** The error function; twin of `runtime-c/include/qcc/erf.h`. Invariant: the same operations in the same order, so the same bits. */
import { fma32 } from './fma.js';
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

/** From here on erf rounds to 1. */
const MOST = 3.9375;
const PARTS = Math.fround(1.88235295);
const PART = 0.53125;
/** Adding it leaves a whole number. */
const SHIFT = 12582912;
/** For each power of t, the highest first: its factor in every part. */
const parts = [
  [
    -0.0422641821, -0.0475537889, 0.00957642868, 0.0156990364, -0.00234682672, -0.00102483004, 0.000145860715,
    -0.00229121582,
  ],
  [
    0.133189395, -0.00099798583, -0.0647607371, -0.00564015983, 0.0123343067, 0.00386103266, 0.000443641737,
    2.44453913e-5,
  ],
  [
    -0.00412728777, 0.183467969, 0.0480294488, -0.0491749346, -0.0262823291, -0.00490668742, -0.000456660724,
    0.000223364885,
  ],
  [-0.375764638, -0.123569913, 0.152940705, 0.121046394, 0.0330400467, 0.00425277743, 0.000280870445, 9.8349019e-6],
  [
    -1.13737833e-5, -0.452047914, -0.387710869, -0.141823664, -0.0262268726, -0.00258183223, -0.000137600029,
    -1.05258823e-5,
  ],
  [1.12837923, 0.85091418, 0.364903331, 0.0889876038, 0.0123408213, 0.000973238028, 4.364708e-5, 1.11337511e-6],
  [0, 0.547528446, 0.867058277, 0.975797713, 0.997345984, 0.999827683, 0.999993443, 0.999999881],
].map((factors) => Float32Array.from(factors));

/** erff: float32 in a fixed order, error below 2.5 units in the last place (decision 0065). */
export function erf32(x: number): number {
  if (Number.isNaN(x)) return x;
  const a = Math.min(Math.abs(x), MOST);
  const k = fma32(a, PARTS, SHIFT) - SHIFT;
  const t = fma32(-k, PART, a);
  const y = parts.slice(1).reduce((sum, next) => fma32(sum, t, next[k]), parts[0][k]);
  return x < 0 || Object.is(x, -0) ? -y : y;
}

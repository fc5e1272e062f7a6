/**
 * The activation functions of recurrent cells in float32; twin of `runtime-c/include/qcc/gates.h`. Invariant: the same
 * operations in the same order, so the same bits. x P(x^2) / Q(x^2) on a clamped x, by Horner's rule in fma; the rational
 * functions are those of Eigen (ptanh, plogistic), which ONNX Runtime's MLAS evaluates too. Absolute error below 2^-22.
 */
import { fma32 } from './fma.js';

interface Rational {
  readonly limit: number;
  readonly p: Float32Array;
  readonly q: Float32Array;
}

const tanh: Rational = {
  limit: 9,
  p: Float32Array.of(
    -2.76076847742355e-16,
    2.00018790482477e-13,
    -8.60467152213735e-11,
    5.12229709037114e-8,
    1.48572235717979e-5,
    6.37261928875436e-4,
    4.89352455891786e-3,
  ),
  q: Float32Array.of(1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3),
};

const sigmoid: Rational = {
  limit: 18,
  p: Float32Array.of(
    4.37031012579801e-11,
    1.15627324459942e-7,
    6.08574864600143e-5,
    8.51377133304701e-3,
    2.48287947061529e-1,
  ),
  q: Float32Array.of(
    6.10247389755681e-13,
    5.76102136993427e-9,
    6.2910678501704e-6,
    1.70198817374094e-3,
    1.16817656904453e-1,
    9.9315192102318e-1,
  ),
};

function quotient({ limit, p, q }: Rational, value: number): number {
  const x = value < -limit ? -limit : value > limit ? limit : value;
  const square = Math.fround(x * x);
  const horner = (c: Float32Array) => c.subarray(1).reduce((v, next) => fma32(v, square, next), c[0]);
  return Math.fround(Math.fround(horner(p) * x) / horner(q));
}

/** Hyperbolic tangent of a float32. */
export function gateTanh(x: number): number {
  return quotient(tanh, x);
}

/** 1 / (1 + e^-x) of a float32. */
export function gateSigmoid(x: number): number {
  const y = Math.fround(quotient(sigmoid, x) + 0.5);
  return y < 0 ? 0 : y > 1 ? 1 : y;
}

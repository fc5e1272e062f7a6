/**
 * Activation functions of float32, each (but for silu) evaluated in double and rounded once; twin of runtime-c/include/qcc/activation.h.
 * Where a formula would give inf - inf or 0 * inf at an infinity, the limit is returned.
 */
import { erfcLarge64, erfSmall64 } from './erf.js';
import { exp64, expm164, log1p64 } from './math.js';
import { sigmoid32 } from './sigmoid.js';

/** x * sigmoid(alpha x): Swish, SiLU (alpha 1), QuickGelu (1.702). */
export function swish32(x: number, alpha: number): number {
  const e = exp64(-(alpha * x));
  if (e === Number.POSITIVE_INFINITY) return x < 0 ? -0 : 0;
  return Math.fround(x / (1 + e));
}

/** x times the float sigmoid(x), rounded as two operators are: SiLU where an exporter spelled it. */
export function silu32(x: number): number {
  return Math.fround(x * sigmoid32(x));
}

/** x / 2 * (1 + erf(x / sqrt 2)) */
export function gelu32(x: number): number {
  const h = x * 0.7071067811865476;
  if (!(Math.abs(h) >= 0.5)) return Math.fround(0.5 * x * (1 + erfSmall64(h)));
  if (h > 6) return x;
  if (x < -14.5) return -0;
  const tail = erfcLarge64(Math.abs(h), 0.5 * (x * x));
  return Math.fround(x < 0 ? 0.5 * x * tail : x * (1 - 0.5 * tail));
}

/** x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) = x * sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)) */
export function geluTanh32(x: number): number {
  if (x < -20) return -0;
  const cube = x * x * x;
  return Math.fround(x / (1 + exp64(-1.5957691216057308 * (x + 0.044715 * cube))));
}

/** log(1 + e^x) */
export function softplus32(x: number): number {
  return Math.fround(x > 0 ? x + log1p64(exp64(-x)) : log1p64(exp64(x)));
}

/** x * tanh(log(1 + e^x)) = x n / (n + 2) with n = e^x (e^x + 2) */
export function mish32(x: number): number {
  if (x > 30) return x;
  if (x < -120) return -0;
  const e = exp64(x);
  const n = e * (e + 2);
  return Math.fround((x * n) / (n + 2));
}

/** x for x >= 0, else alpha (e^x - 1) */
export function elu32(x: number, alpha: number): number {
  return x >= 0 ? x : Math.fround(alpha * expm164(x));
}

/** x for x >= 0, else alpha (e^(x / alpha) - 1) */
export function celu32(x: number, alpha: number): number {
  return x >= 0 ? x : Math.fround(alpha * expm164(x / alpha));
}

/** gamma x for x > 0, else gamma alpha (e^x - 1) */
export function selu32(x: number, alpha: number, gamma: number): number {
  return Math.fround(x > 0 ? gamma * x : gamma * alpha * expm164(x));
}

/** clamp(alpha x + beta, 0, 1) */
export function hardSigmoid32(x: number, alpha: number, beta: number): number {
  const v = alpha * x + beta;
  return v < 0 ? 0 : v > 1 ? 1 : Math.fround(v);
}

/** x * clamp(x / 6 + 1 / 2, 0, 1) */
export function hardSwish32(x: number): number {
  if (x <= -3) return -0;
  return x >= 3 ? x : Math.fround(x * (x / 6 + 0.5));
}

/** x / (1 + |x|) */
export function softsign32(x: number): number {
  const a = Math.abs(x);
  if (a === Number.POSITIVE_INFINITY) return x < 0 ? -1 : 1;
  return Math.fround(x / (1 + a));
}

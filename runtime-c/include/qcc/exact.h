/* SPDX-License-Identifier: 0BSD */
/* Float32 formulas of 8-bit kernels in integers (of int16 ones: exact_q16.h), for cores without an FPU: the same value for every operand.
 *
 *   qcc_add_stored__integer   clamp(rne(fma(f32(a), sa, fma(f32(b), sb, fixed))), lo, hi)    a, b: 8-bit stored values
 *   qcc_mul_stored__integer   clamp(rne(f32(f32(p) * scale) + f32(zero)), lo, hi)            |p| <= 2^16, |zero| <= 2^9
 *   qcc_quotient              |rne(f64(e) * steps / s)|, at most 2^9                         0 <= e <= s, steps whole, < 2^24
 *   qcc_wide_quotient         a / b, of which qcc_wide_f32 makes f32(a / b)                  b: a float32 or a count, not 0
 *
 * -255 <= lo <= hi <= 511; scales and fixed are finite, below 2^100. Fixed point answers, except near a tie, where roundings of
 * float32 decide: there a value is a wide number, magnitude * 2^exponent, and every rounding is done as float32 does it.
 * The quotient in double rounds to a tie only where it is one: 2 * e * steps has at most 49 bits. */
#ifndef QCC_EXACT_H
#define QCC_EXACT_H

#include "qcc/base.h"
#include "qcc/fixed_point.h"
#include "qcc/requantize.h"

struct qcc_wide {
  uint64_t magnitude; /* below 2^62 */
  int32_t exponent, is_negative;
};

QCC_INLINE struct qcc_wide qcc_wide_of(int32_t v) {
  const struct qcc_wide w = {v < 0 ? 0u - (uint32_t)v : (uint32_t)v, 0, v < 0};
  return w;
}

QCC_INLINE struct qcc_wide qcc_wide_of_f32(float v) {
  const uint32_t bits = qcc_bits_of_f32(v), exponent = (bits >> 23) & 255u, fraction = bits & UINT32_C(0x7fffff);
  const struct qcc_wide w = {exponent == 0 ? fraction : fraction | UINT32_C(0x800000),
                             (int32_t)(exponent == 0 ? 1u : exponent) - 150, (int32_t)(bits >> 31)};
  return w;
}

/* One float32 and an integer, of at most 62 bits together. */
QCC_INLINE struct qcc_wide qcc_wide_product(struct qcc_wide a, struct qcc_wide b) {
  const struct qcc_wide w = {a.magnitude * b.magnitude, a.exponent + b.exponent, a.is_negative != b.is_negative};
  return w;
}

QCC_INLINE int32_t qcc_leading_zeros_64(uint64_t v) {
  return v >> 32 ? qcc_leading_zeros((uint32_t)(v >> 32)) : 32 + qcc_leading_zeros((uint32_t)v);
}

/* Exact, or with the lowest bit set for all that was below it where that is 30 bits below what float32 keeps. */
QCC_INLINE struct qcc_wide qcc_wide_sum(struct qcc_wide a, struct qcc_wide b) {
  struct qcc_wide high = a.exponent >= b.exponent ? a : b, low = a.exponent >= b.exponent ? b : a;
  if (low.magnitude == 0) return high;
  if (high.magnitude == 0) return low;
  {
    const int32_t gap = high.exponent - low.exponent, room = qcc_leading_zeros_64(high.magnitude) - 3;
    const int32_t up = gap < room ? gap : room, down = gap - up;
    high.magnitude <<= up;
    high.exponent -= up;
    if (down > 0) {
      const uint64_t kept = down > 63 ? 0u : low.magnitude >> down;
      low.magnitude = kept | (down > 63 || (kept << down) != low.magnitude ? 1u : 0u);
    }
  }
  if (high.is_negative == low.is_negative) {
    high.magnitude += low.magnitude;
  } else if (high.magnitude >= low.magnitude) {
    high.magnitude -= low.magnitude;
  } else {
    high.magnitude = low.magnitude - high.magnitude;
    high.is_negative = low.is_negative;
  }
  return high;
}

/* The nearest float32, ties to even; subnormal ones included, infinity not. */
QCC_INLINE struct qcc_wide qcc_wide_f32(struct qcc_wide v) {
  int32_t drop;
  if (v.magnitude == 0) return v;
  drop = 40 - qcc_leading_zeros_64(v.magnitude);
  if (drop < -149 - v.exponent) drop = -149 - v.exponent;
  if (drop <= 0) return v;
  v.magnitude = drop > 63 ? 0u : qcc_shift_half_even(v.magnitude, drop);
  v.exponent += drop;
  return v;
}

/* clamp(rne(v), lo, hi), both within 2^18. */
QCC_INLINE int32_t qcc_wide_stored(struct qcc_wide v, int32_t lo, int32_t hi) {
  const uint64_t most = UINT64_C(1) << 18;
  uint64_t whole = v.magnitude;
  int32_t q;
  if (v.exponent < 0) whole = v.exponent < -63 ? 0u : qcc_shift_half_even(whole, -v.exponent);
  else if (whole != 0) whole = v.exponent > 18 || whole > most ? most : whole << v.exponent;
  q = (int32_t)(whole > most ? most : whole);
  q = v.is_negative ? -q : q;
  return q < lo ? lo : q > hi ? hi : q;
}

QCC_RARE int32_t qcc_add_stored__wide(int32_t a, int32_t b, float sa, float sb, float fixed, int32_t lo, int32_t hi) {
  const struct qcc_wide low = qcc_wide_product(qcc_wide_of(b), qcc_wide_of_f32(sb));
  const struct qcc_wide inner = qcc_wide_f32(qcc_wide_sum(low, qcc_wide_of_f32(fixed)));
  const struct qcc_wide high = qcc_wide_product(qcc_wide_of(a), qcc_wide_of_f32(sa));
  return qcc_wide_stored(qcc_wide_f32(qcc_wide_sum(high, inner)), lo, hi);
}

QCC_RARE int32_t qcc_mul_stored__wide(int32_t p, float scale, int32_t zero, int32_t lo, int32_t hi) {
  const struct qcc_wide product = qcc_wide_f32(qcc_wide_product(qcc_wide_f32(qcc_wide_of(p)), qcc_wide_of_f32(scale)));
  return qcc_wide_stored(qcc_wide_f32(qcc_wide_sum(product, qcc_wide_of(zero))), lo, hi);
}

/* v * 2^18 to nearest, |v| < 2^11. */
QCC_INLINE int32_t qcc_fixed_18(float v) {
  const uint32_t bits = qcc_bits_of_f32(v), mantissa = (bits & UINT32_C(0x7fffff)) | UINT32_C(0x800000);
  const int32_t down = 132 - (int32_t)((bits >> 23) & 255u);
  const uint32_t size = down > 24 ? 0u : down > 0 ? (mantissa + (UINT32_C(1) << (down - 1))) >> down : mantissa << -down;
  return bits >> 31 ? -(int32_t)size : (int32_t)size;
}

QCC_INLINE int32_t qcc_is_below(float v, uint32_t power) { return ((qcc_bits_of_f32(v) >> 23) & 255u) < 127u + power; }

/* All but the sums is the same for all elements of a layer. In units of 2^-18: coefficients are off by half a unit each, 256
 * with operands of 8 bits; float32 by half an ulp of numbers below 2^12, twice 32. Farther than that from a tie the nearest
 * integers of both are one. */
QCC_INLINE int32_t qcc_add_stored__integer(int32_t a, int32_t b, float sa, float sb, float fixed, int32_t lo, int32_t hi) {
  if (qcc_is_below(sa, 2u) != 0 && qcc_is_below(sb, 2u) != 0 && qcc_is_below(fixed, 11u) != 0) {
    const int32_t sum = a * qcc_fixed_18(sa) + b * qcc_fixed_18(sb) + qcc_fixed_18(fixed);
    const uint32_t v = (uint32_t)sum + (UINT32_C(4096) << 18) + (UINT32_C(1) << 17);
    if (((v + 321u) & UINT32_C(0x3ffff)) >= 642u) {
      const int32_t q = (int32_t)(v >> 18) - 4096;
      return q < lo ? lo : q > hi ? hi : q;
    }
  }
  return qcc_add_stored__wide(a, b, sa, sb, fixed, lo, hi);
}

/* The product is exact. Where the result is not clamped float32 is off by two halves of an ulp of numbers below 2^10. */
QCC_INLINE int32_t qcc_mul_stored__integer(int32_t p, float scale, int32_t zero, int32_t lo, int32_t hi) {
  const uint32_t bits = qcc_bits_of_f32(scale);
  const int32_t shift = 150 - (int32_t)((bits >> 23) & 255u);
  if (shift >= 27 && shift <= 44) {
    const int64_t one = INT64_C(1) << shift;
    const int64_t product = (int64_t)p * (int32_t)((bits & UINT32_C(0x7fffff)) | UINT32_C(0x800000));
    const int64_t sum = (bits >> 31 ? -product : product) + (zero + (INT32_C(1) << 14)) * one + (one >> 1);
    if (((sum + (one >> 13)) & (one - 1)) > one >> 12) {
      const int32_t q = (int32_t)(sum >> shift) - (INT32_C(1) << 14);
      return q < lo ? lo : q > hi ? hi : q;
    }
  }
  return qcc_mul_stored__wide(p, scale, zero, lo, hi);
}

/* 30 bits and more, the lowest one set where something is left. */
QCC_INLINE struct qcc_wide qcc_wide_quotient(struct qcc_wide a, struct qcc_wide b) {
  const int32_t up = a.magnitude == 0 ? 0 : qcc_leading_zeros_64(a.magnitude) - 2;
  const uint64_t rest = a.magnitude << up;
  struct qcc_wide q = {rest / b.magnitude, a.exponent - up - b.exponent, a.is_negative != b.is_negative};
  if (q.magnitude * b.magnitude != rest) q.magnitude |= 1u;
  return q;
}

QCC_INLINE int32_t qcc_quotient(struct qcc_wide e, uint32_t steps, struct qcc_wide s) {
  const int32_t up = s.exponent - e.exponent;
  uint64_t rest = e.magnitude * steps, divisor = s.magnitude;
  uint32_t q = 0;
  if (up > 38) return 0;
  divisor <<= up;
  if (rest >> 9 >= divisor) return 512;
  for (int32_t bit = 9; bit >= 0; bit--) {
    q <<= 1;
    if (rest >> bit >= divisor) {
      rest -= divisor << bit;
      q |= 1u;
    }
  }
  rest *= 2u;
  return (int32_t)(q + (rest > divisor || (rest == divisor && (q & 1u)) ? 1u : 0u));
}

#endif

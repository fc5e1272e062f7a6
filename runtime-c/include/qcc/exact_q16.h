/* SPDX-License-Identifier: 0BSD */
/* The float32 formulas of elementwise_q16.h in integers, for cores without an FPU: the same value for every operand.
 *
 *   qcc_add_q16__integer      clamp(rne(fma(f32(a), sa, fma(f32(b), sb, fixed))), lo, hi)        |a|, |b| < 2^16
 *   qcc_mul_q16__integer      clamp(rne(f32(f32(f32(p) * scale) + f32(zero))), lo, hi)           |zero| < 2^17
 *   qcc_convert_q16__integer  clamp(rne(f32(f32(f32(n) * x_scale) / y_scale)) + zero, lo, hi)    |zero| < 2^17
 *
 * -2^17 < lo <= hi < 2^17; scales are finite, below 2^100, x_scale and y_scale above 0. Numbers are fixed point with 32 bits
 * below the point: the high word is the whole part. Each rounding of float32 moves a number v by at most |v| * 2^-24, which is
 * 256 units of the low word for every unit of the high one: farther than the sum of that from a tie, the exact number and
 * float32's have the same nearest integer. Nearer, every rounding is done as float32 does it (exact.h). From 2^20 on every
 * number is clamped. Constants added cover coefficients, what shifts lose, and roundings of what is rounded already. */
#ifndef QCC_EXACT_Q16_H
#define QCC_EXACT_Q16_H

#include "qcc/exact.h"

QCC_RARE int32_t qcc_convert_q16__wide(int32_t n, float x_scale, float y_scale, int32_t zero, int32_t lo, int32_t hi) {
  const struct qcc_wide real = qcc_wide_f32(qcc_wide_product(qcc_wide_f32(qcc_wide_of(n)), qcc_wide_of_f32(x_scale)));
  const struct qcc_wide ratio = qcc_wide_f32(qcc_wide_quotient(real, qcc_wide_of_f32(y_scale)));
  return qcc_wide_stored(ratio, lo - zero, hi - zero) + zero;
}

/* v * 2^32 to nearest, |v| < 2^28. */
QCC_INLINE int64_t qcc_fixed_32(float v) {
  const uint32_t bits = qcc_bits_of_f32(v);
  const uint64_t mantissa = (bits & UINT32_C(0x7fffff)) | UINT32_C(0x800000);
  const int32_t down = 118 - (int32_t)((bits >> 23) & 255u);
  const uint64_t size = down > 24 ? 0u : down > 0 ? (mantissa + (UINT64_C(1) << (down - 1))) >> down : mantissa << -down;
  return bits >> 31 ? -(int64_t)size : (int64_t)size;
}

/* Size of the whole part, rounded up. */
QCC_INLINE uint32_t qcc_whole_size(int64_t v) {
  const int32_t high = (int32_t)(v >> 32);
  return high < 0 ? 0u - (uint32_t)high : (uint32_t)high + 1u;
}

/* Whether rne(v) is the nearest integer of all numbers within `near` units. */
QCC_INLINE int32_t qcc_is_clear(int64_t v, uint32_t near) { return (uint32_t)v + UINT32_C(0x80000000) + near > 2u * near; }

/* The nearest integer of v, which is no tie. */
QCC_INLINE int32_t qcc_nearest_32(int64_t v) { return (int32_t)((v + (INT64_C(1) << 31)) >> 32); }

/* All but the sums is the same for all elements of a layer. Coefficients are off by half a unit each: 2^16 with both operands. */
QCC_INLINE int32_t qcc_add_q16__integer(int32_t a, int32_t b, float sa, float sb, float fixed, int32_t lo, int32_t hi) {
  if (qcc_is_below(sa, 12u) != 0 && qcc_is_below(sb, 12u) != 0 && qcc_is_below(fixed, 28u) != 0) {
    const int64_t inner = b * qcc_fixed_32(sb) + qcc_fixed_32(fixed), sum = a * qcc_fixed_32(sa) + inner;
    const uint32_t size = qcc_whole_size(inner) + qcc_whole_size(sum);
    if (size < UINT32_C(1) << 22 && qcc_is_clear(sum, (size << 8) + UINT32_C(0x10080)) != 0) {
      const int32_t q = qcc_nearest_32(sum);
      return q < lo ? lo : q > hi ? hi : q;
    }
  }
  return qcc_add_stored__wide(a, b, sa, sb, fixed, lo, hi);
}

/* f32(p), its product and the sum are rounded. */
QCC_INLINE int32_t qcc_mul_q16__integer(int32_t p, float scale, int32_t zero, int32_t lo, int32_t hi) {
  const uint32_t bits = qcc_bits_of_f32(scale), exponent = (bits >> 23) & 255u;
  const int32_t down = 118 - (int32_t)exponent;
  if (down >= -8 && down <= 60) {
    const int32_t mantissa = (int32_t)((bits & UINT32_C(0x7fffff)) | UINT32_C(0x800000));
    const int64_t exact = (int64_t)p * (bits >> 31 ? -mantissa : mantissa);
    const int64_t product = down > 0 ? exact >> down : exact * (INT64_C(1) << -down);
    const int64_t sum = product + (int64_t)zero * (INT64_C(1) << 32);
    const uint32_t size = 2u * qcc_whole_size(product) + qcc_whole_size(sum);
    if (size < UINT32_C(1) << 22) {
      if (qcc_is_clear(sum, (size << 8) + UINT32_C(0x400)) != 0) {
        const int32_t q = qcc_nearest_32(sum);
        return q < lo ? lo : q > hi ? hi : q;
      }
    } else {
      return sum < 0 ? lo : hi;
    }
  }
  return qcc_mul_stored__wide(p, scale, zero, lo, hi);
}

/* x_scale / y_scale = mantissa * 2^(-32 - down), off by less than 2^-29 of it; mantissa < 2^31. Where down is QCC_NO_RATIO float32
 * may leave its normal numbers. */
enum { QCC_NO_RATIO = 99 };

struct qcc_ratio {
  uint32_t mantissa;
  int32_t down;
};

QCC_INLINE struct qcc_ratio qcc_ratio_of(float x_scale, float y_scale) {
  const struct qcc_wide q = qcc_wide_quotient(qcc_wide_of_f32(x_scale), qcc_wide_of_f32(y_scale));
  const int32_t drop = q.magnitude == 0 ? 0 : 33 - qcc_leading_zeros_64(q.magnitude);
  const int32_t is_normal = ((qcc_bits_of_f32(x_scale) >> 23) & 255u) > 27u && ((qcc_bits_of_f32(y_scale) >> 23) & 255u) > 27u;
  const struct qcc_ratio r = {(uint32_t)(drop > 0 ? q.magnitude >> drop : q.magnitude),
                              is_normal ? -32 - q.exponent - (drop > 0 ? drop : 0) : QCC_NO_RATIO};
  return r;
}

/* f32(n), its product and the quotient are rounded; the ratio is off by less than a sixteenth of one of them. */
QCC_INLINE int32_t qcc_convert_q16__integer(int32_t n, struct qcc_ratio r, float x_scale, float y_scale, int32_t zero, int32_t lo,
                                            int32_t hi) {
  const uint32_t of = n < 0 ? 0u - (uint32_t)n : (uint32_t)n;
  if (r.down <= 62 && r.down >= (of >> 17 == 0u ? -14 : 0)) {
    const uint64_t exact = (uint64_t)of * r.mantissa;
    const int64_t size = (int64_t)(r.down > 0 ? exact >> r.down : exact << -r.down);
    const uint32_t whole = qcc_whole_size(size);
    if (whole < UINT32_C(1) << 20) {
      if (qcc_is_clear(size, (whole << 10) + 2u) != 0) {
        const int32_t q = (n < 0 ? -qcc_nearest_32(size) : qcc_nearest_32(size)) + zero;
        return q < lo ? lo : q > hi ? hi : q;
      }
    } else {
      return n < 0 ? lo : hi;
    }
  }
  return qcc_convert_q16__wide(n, x_scale, y_scale, zero, lo, hi);
}

#endif

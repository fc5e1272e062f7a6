/* SPDX-License-Identifier: 0BSD */
/* How TFLite scales sums of int16 activations (16x8). Twin of src/quant/fixed-point.ts. A channel has two words of scale:
 *
 *   QCC_WIDE_DOUBLE   multiplier, shift: qcc_fixed_double of a 32-bit sum                        (requantize.h)
 *   QCC_WIDE_CUT      multiplier of 15 bits, right shift r of 8 to 46: (acc * multiplier + 2^(r-1)) >> r, its low 32 bits
 *   QCC_WIDE_NEAREST  low and high word of a double: f64(f64(acc) * it), to nearest, ties away from zero
 *
 * |acc| < 2^47; of QCC_WIDE_NEAREST the double is normal, not negative, below 2^31, and the compiler has proved |result| < 2^31.
 * No double is computed: the product of 47 and 53 bits is exact, and its first rounding (to 53 bits) is done on integers. */
#ifndef QCC_WIDE_H
#define QCC_WIDE_H

#include "qcc/fixed_point.h"
#include "qcc/requantize.h"

enum { QCC_WIDE_DOUBLE, QCC_WIDE_CUT, QCC_WIDE_NEAREST };

QCC_INLINE int32_t qcc_wide_cut(int64_t acc, int32_t multiplier, int32_t right) {
  return (int32_t)((acc * multiplier + (INT64_C(1) << (right - 1))) >> right);
}

/* Bits of 0 < v < 2^53. */
QCC_INLINE int32_t qcc_wide_bits(uint64_t v) {
  return v >> 32 ? 64 - qcc_leading_zeros((uint32_t)(v >> 32)) : 32 - qcc_leading_zeros((uint32_t)v);
}

QCC_INLINE int32_t qcc_wide_nearest(int64_t acc, uint32_t low, uint32_t high) {
  const uint64_t a = acc < 0 ? 0u - (uint64_t)acc : (uint64_t)acc;
  const uint32_t m_high = (high & UINT32_C(0xfffff)) | UINT32_C(0x100000), a_low = (uint32_t)a, a_high = (uint32_t)(a >> 32);
  if (a == 0) return 0;
  /* a * mantissa: `top` * 2^64 + `bottom` */
  const uint64_t first = (uint64_t)a_low * low;
  const uint64_t middle = (uint64_t)a_high * low + (uint64_t)a_low * m_high + (first >> 32);
  const uint64_t top = (uint64_t)a_high * m_high + (middle >> 32), bottom = (middle << 32) | (uint32_t)first;
  int32_t drop = qcc_wide_bits(a) - 1;
  uint64_t kept = drop == 0 ? bottom : (top << (64 - drop)) | (bottom >> drop);
  if (kept >> 53) {
    drop++;
    kept = (top << (64 - drop)) | (bottom >> drop);
  }
  if (drop != 0) {
    const uint64_t rest = bottom & ((UINT64_C(1) << drop) - 1u), half = UINT64_C(1) << (drop - 1);
    kept += rest > half || (rest == half && (kept & 1u)) ? 1u : 0u;
  }
  {
    const int32_t right = 1075 - (int32_t)(high >> 20) - drop;
    const int32_t size = right > 54 ? 0 : (int32_t)((kept + (UINT64_C(1) << (right - 1))) >> right);
    return acc < 0 ? -size : size;
  }
}

/* clamp(v, lo, hi) */
QCC_INLINE int32_t qcc_wide_clamp(int32_t v, int32_t lo, int32_t hi) { return v < lo ? lo : v > hi ? hi : v; }

/* A sum that fits 32 bits. */
QCC_INLINE int32_t qcc_wide_narrow_result(int32_t rounding, int32_t acc, const int32_t *scale) {
  return rounding == QCC_WIDE_DOUBLE ? qcc_fixed_double(acc, scale[0], scale[1])
         : rounding == QCC_WIDE_CUT  ? qcc_wide_cut(acc, scale[0], scale[1])
                                     : qcc_wide_nearest(acc, (uint32_t)scale[0], (uint32_t)scale[1]);
}

/* A sum below 2^47. */
QCC_INLINE int32_t qcc_wide_result(int32_t rounding, int64_t acc, const int32_t *scale) {
  return rounding == QCC_WIDE_CUT ? qcc_wide_cut(acc, scale[0], scale[1])
                                  : qcc_wide_nearest(acc, (uint32_t)scale[0], (uint32_t)scale[1]);
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* add_q8 on NEON, 16 elements at a time: both operands widened to f32, the sum of
 * simd_add.h, sqxtn twice.
 *
 * The saturations on the way only meet values outside the last clamp. */
#ifndef QCC_ARM_NEON_ADD_Q8_H
#define QCC_ARM_NEON_ADD_Q8_H

#include "qcc/add_q8.h"
#include "simd_add.h"

QCC_INLINE uint8x16_t qcc_neon_add_16(struct qcc_add_q8_params p, struct qcc_add_q8_data d, struct qcc_neon_adder s,
                                      uint8x16_t a, uint8x16_t b) {
  const int16x8_t a0 = qcc_neon_widen_low(a, p.a_signed), b0 = qcc_neon_widen_low(b, p.b_signed);
  const int16x8_t a1 = qcc_neon_widen_high(a, p.a_signed), b1 = qcc_neon_widen_high(b, p.b_signed);
  const int16x8_t low = p.swapped ? qcc_neon_add_8(s, b0, a0) : qcc_neon_add_8(s, a0, b0);
  const int16x8_t high = p.swapped ? qcc_neon_add_8(s, b1, a1) : qcc_neon_add_8(s, a1, b1);
  return qcc_neon_narrow(low, high, p.y_signed, p.full_range, d.y_min, d.y_max);
}

QCC_INLINE void qcc_neon_add_q8(struct qcc_add_q8_params p, struct qcc_add_q8_data d, const uint8_t *a,
                                const uint8_t *b, uint8_t *y) {
  const struct qcc_neon_adder s = qcc_neon_adder_of(d.scale_a, d.scale_b, d.fixed);
  for (int32_t row = 0; row < p.rows; row++, a += p.columns, b += p.b_row, y += p.columns) {
    const uint8x16_t same = vdupq_n_u8(*b); /* every b of the row where it repeats */
    int32_t i = 0;
    for (; i + 16 <= p.columns; i += 16)
      vst1q_u8(y + i, qcc_neon_add_16(p, d, s, vld1q_u8(a + i), p.b_column ? vld1q_u8(b + i) : same));
    const int32_t left = p.columns - i;
    if (left == 0) continue;
    const uint8x16_t tail = qcc_neon_load_part(a + i, left, a + p.columns);
    qcc_neon_store_part(
        y + i, qcc_neon_add_16(p, d, s, tail, p.b_column ? qcc_neon_load_part(b + i, left, b + p.columns) : same), left);
  }
}

#if QCC_NEON_64
QCC_INLINE void qcc_add_q8__16__arm_neon(struct qcc_add_q8_params p, struct qcc_add_q8_data d, const uint8_t *a,
                                         const uint8_t *b, uint8_t *y) {
  qcc_neon_add_q8(p, d, a, b, y);
}
#endif

#endif

/* SPDX-License-Identifier: 0BSD */
/* add_fixed_q8 on NEON, 16 elements at a time, as the contract says it: sqrdmulh is qcc_high_multiply, srshl of a number one
 * less where it is negative is qcc_divide_power (a tie goes up, so one less sends it away from zero).
 *
 * The linear form: sxtl, mla, mla; the upper halves of the sums hold all that the shift leaves, uzp2 takes them of eight.
 *
 * The saturations to s16 only meet values outside the last clamp. */
#ifndef QCC_ARM_NEON_ADD_FIXED_Q8_H
#define QCC_ARM_NEON_ADD_FIXED_Q8_H

#include "qcc/add_fixed_q8.h"
#include "simd.h"

/* v * multiplier / 2^31 / 2^right, both rounded; `right` is negative or zero, as srshl takes it. */
QCC_INLINE int32x4_t qcc_neon_fixed_scaled(int32_t ties, int32x4_t v, int32_t multiplier, int32x4_t right) {
  v = vqrdmulhq_n_s32(v, multiplier);
  return vrshlq_s32(ties ? vsraq_n_s32(v, vandq_s32(v, right), 31) : v, right);
}

QCC_INLINE int32x4_t qcc_neon_fixed_sum_4(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, int16x4_t a,
                                          int16x4_t b) {
  const int32x4_t va = vshlq_n_s32(vmovl_s16(a), 20), vb = vshlq_n_s32(vmovl_s16(b), 20);
  const int32x4_t sa = qcc_neon_fixed_scaled(p.ties, va, d.a_multiplier, vdupq_n_s32(-d.a_right));
  const int32x4_t sb = qcc_neon_fixed_scaled(p.ties, vb, d.b_multiplier, vdupq_n_s32(-d.b_right));
  const int32x4_t first = p.a_negative ? vnegq_s32(sa) : sa;
  return qcc_neon_fixed_scaled(p.ties, p.b_negative ? vsubq_s32(first, sb) : vaddq_s32(first, sb), d.y_multiplier,
                               vdupq_n_s32(-d.y_right));
}

/* Stored values less their zero points -> s16 results within the bounds, unless those are all of a type. */
QCC_INLINE int16x8_t qcc_neon_fixed_sum_8(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, int16x8_t a,
                                          int16x8_t b) {
  a = vsubq_s16(a, vdupq_n_s16((int16_t)d.a_zero));
  b = vsubq_s16(b, vdupq_n_s16((int16_t)d.b_zero));
  const int32x4_t low = qcc_neon_fixed_sum_4(p, d, vget_low_s16(a), vget_low_s16(b));
  const int32x4_t high = qcc_neon_fixed_sum_4(p, d, vget_high_s16(a), vget_high_s16(b));
  const int16x8_t v = vqaddq_s16(qcc_neon_qmovn_s32(low, high), vdupq_n_s16((int16_t)d.y_zero));
  if (p.full) return v;
  return vminq_s16(vmaxq_s16(v, vdupq_n_s16((int16_t)d.y_min)), vdupq_n_s16((int16_t)d.y_max));
}

/* Four sums of the linear form, not shifted. */
QCC_INLINE int16x8_t qcc_neon_linear_4(struct qcc_add_fixed_q8_data d, int16x4_t a, int16x4_t b) {
  const int32x4_t first = vmlaq_n_s32(vdupq_n_s32(d.constant), vmovl_s16(a), d.a_factor);
  return vreinterpretq_s16_s32(vmlaq_n_s32(first, vmovl_s16(b), d.b_factor));
}

QCC_INLINE int16x8_t qcc_neon_linear_8(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, int16x8_t a, int16x8_t b) {
  const int16x8_t low = qcc_neon_linear_4(d, vget_low_s16(a), vget_low_s16(b));
  const int16x8_t high = qcc_neon_linear_4(d, vget_high_s16(a), vget_high_s16(b));
  const int16x8_t v = vshlq_s16(vuzpq_s16(low, high).val[1], vdupq_n_s16((int16_t)(16 - p.linear)));
  if (p.full) return v;
  return vminq_s16(vmaxq_s16(v, vdupq_n_s16((int16_t)d.y_min)), vdupq_n_s16((int16_t)d.y_max));
}

/* Eight results in 16 bits; a, b: stored values. */
QCC_INLINE int16x8_t qcc_neon_any_sum_8(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, int16x8_t a, int16x8_t b) {
  return p.linear ? qcc_neon_linear_8(p, d, a, b) : qcc_neon_fixed_sum_8(p, d, a, b);
}

QCC_INLINE uint8x16_t qcc_neon_fixed_sum(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, uint8x16_t a,
                                         uint8x16_t b) {
  const int16x8_t low =
      qcc_neon_any_sum_8(p, d, qcc_neon_widen_low(a, p.a_signed), qcc_neon_widen_low(b, p.b_signed));
  const int16x8_t high =
      qcc_neon_any_sum_8(p, d, qcc_neon_widen_high(a, p.a_signed), qcc_neon_widen_high(b, p.b_signed));
  if (p.full == 1) return vreinterpretq_u8_s8(qcc_neon_qmovn_s16(low, high));
  if (p.full == 2) return qcc_neon_qmovun_s16(low, high);
  return vreinterpretq_u8_s8(qcc_neon_movn_s16(low, high));
}

QCC_INLINE void qcc_neon_add_fixed_q8(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                      const uint8_t *b, uint8_t *y) {
  for (int32_t row = 0; row < p.rows; row++, a += p.columns, b += p.b_row, y += p.columns) {
    const uint8x16_t same = vdupq_n_u8(*b); /* every b of the row where it repeats */
    int32_t i = 0;
    for (; i + 16 <= p.columns; i += 16)
      vst1q_u8(y + i, qcc_neon_fixed_sum(p, d, vld1q_u8(a + i), p.b_column ? vld1q_u8(b + i) : same));
    const int32_t left = p.columns - i;
    if (left == 0) continue;
    const uint8x16_t tail = qcc_neon_load_part(a + i, left, a + p.columns);
    const uint8x16_t other = p.b_column ? qcc_neon_load_part(b + i, left, b + p.columns) : same;
    qcc_neon_store_part(y + i, qcc_neon_fixed_sum(p, d, tail, other), left);
  }
}

#if QCC_NEON_64
QCC_INLINE void qcc_add_fixed_q8__16__arm_neon(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d,
                                               const uint8_t *a, const uint8_t *b, uint8_t *y) {
  qcc_neon_add_fixed_q8(p, d, a, b, y);
}
#endif

#endif

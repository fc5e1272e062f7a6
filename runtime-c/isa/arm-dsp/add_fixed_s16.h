/* SPDX-License-Identifier: 0BSD */
/* add_fixed_s16 on arm-dsp: high multiplications are one instruction, with their doubling put into the shift by 15.
 *
 *   high_multiply(a << 15, m) = smmulr(a << 16, m): |a << 16| <= 2^31, multipliers are positive, so |h| <= 2^30
 *   divide_power(h, right) = (h + half - (h < 0 and right > 0)) >> right
 *
 * Terms are below 2^29 in size (scales over twice the larger), so the doubled sum of two is an int32. */
#ifndef QCC_ARM_DSP_ADD_FIXED_S16_H
#define QCC_ARM_DSP_ADD_FIXED_S16_H

#include "add_fixed_q8.h"
#include "qcc/fixed_s16.h"

QCC_INLINE int32_t qcc_dsp_s16_term(int32_t powers, int32_t v, int32_t multiplier, struct qcc_dsp_divide by) {
  return qcc_dsp_divided(powers ? v : qcc_dsp_smmulr(v * (INT32_C(1) << 16), multiplier), by);
}

QCC_INLINE void qcc_add_fixed_s16__1__arm_dsp(struct qcc_add_fixed_s16_params p, struct qcc_add_fixed_s16_data d, const int16_t *a,
                                              const int16_t *b, int16_t *y) {
  const struct qcc_dsp_divide by_a = qcc_dsp_divide_by(d.a_right), by_b = qcc_dsp_divide_by(d.b_right);
  const struct qcc_dsp_divide by_y = qcc_dsp_divide_by(d.y_right);
  for (int32_t r = 0; r < p.rows; r++, b += p.b_row) {
    const int16_t *other = b;
    for (int32_t i = 0; i < p.columns; i++, other += p.b_column) {
      const int32_t sa = qcc_dsp_s16_term(p.powers, *a++, d.a_multiplier, by_a);
      const int32_t sb = qcc_dsp_s16_term(p.powers, *other, d.b_multiplier, by_b);
      const int32_t sum = (p.a_negative ? -sa : sa) + (p.b_negative ? -sb : sb);
      const int32_t v = p.powers ? sum : qcc_dsp_divided(qcc_dsp_smmulr(2 * sum, d.y_multiplier), by_y);
      *y++ = (int16_t)qcc_wide_clamp(v, d.y_min, d.y_max);
    }
  }
}

#endif

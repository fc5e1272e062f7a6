/* SPDX-License-Identifier: 0BSD */
/* add_fixed_q8 on arm-dsp: high multiplications are one instruction, with the doubling put into the shift by 20.
 *
 *   term = divide_power(high_multiply((q - zero) << 20, m), right):
 *   h = smmulr((q - zero) << 21, m); (h + half - (h < 0 and right > 0)) >> right
 *
 * |q - zero| <= 255, so nothing leaves 32 bits: |h| < 2^28, and the doubled sum of two terms below 2^30. */
#ifndef QCC_ARM_DSP_ADD_FIXED_Q8_H
#define QCC_ARM_DSP_ADD_FIXED_Q8_H

#include "qcc/add_fixed_q8.h"
#include "simd_epilogue.h"

/* A rounding right shift with ties away from zero; where nothing is shifted all of it is 0. */
struct qcc_dsp_divide {
  int32_t right, half, negative;
};

QCC_INLINE struct qcc_dsp_divide qcc_dsp_divide_by(int32_t right) {
  return (struct qcc_dsp_divide){right, right > 0 ? (int32_t)(UINT32_C(1) << (right - 1)) : 0, right > 0 ? -1 : 0};
}

/* |v| < 2^30; right is 31 at most, where the answer is 0: half and v together stay below 2^31. */
QCC_INLINE int32_t qcc_dsp_divided(int32_t v, struct qcc_dsp_divide by) {
  return (v + by.half + ((v >> 31) & by.negative)) >> by.right;
}

QCC_INLINE void qcc_add_fixed_q8__1__arm_dsp(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                             const uint8_t *b, uint8_t *y) {
  const struct qcc_dsp_divide by_a = qcc_dsp_divide_by(d.a_right), by_b = qcc_dsp_divide_by(d.b_right);
  const struct qcc_dsp_divide by_y = qcc_dsp_divide_by(d.y_right);
  for (int32_t r = 0; r < p.rows; r++, b += p.b_row) {
    const uint8_t *other = b;
    for (int32_t i = 0; i < p.columns; i++, other += p.b_column) {
      const int32_t va = (qcc_stored(*a++, p.a_signed) - d.a_zero) * (INT32_C(1) << 21);
      const int32_t vb = (qcc_stored(*other, p.b_signed) - d.b_zero) * (INT32_C(1) << 21);
      const int32_t sa = qcc_dsp_divided(qcc_dsp_smmulr(va, d.a_multiplier), by_a);
      const int32_t sb = qcc_dsp_divided(qcc_dsp_smmulr(vb, d.b_multiplier), by_b);
      const int32_t sum = (p.a_negative ? -sa : sa) + (p.b_negative ? -sb : sb);
      int32_t v = qcc_dsp_divided(qcc_dsp_smmulr(2 * sum, d.y_multiplier), by_y) + d.y_zero;
      v = v < d.y_min ? d.y_min : v;
      *y++ = (uint8_t)(v > d.y_max ? d.y_max : v);
    }
  }
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* add_fixed_q8 on arm-dsp: high multiplications are one instruction, with the doubling put into the shift by 20.
 *
 *   term = divide_power(high_multiply((q - zero) << 20, m), right):
 *   h = smmulr((q - zero) << 21, m); (h + half - (h < 0 and right > 0)) >> right
 *
 * The linear form is two multiplications with an addition, and a saturation that shifts.
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

/* One term of four values, where no tie shows: smmlar adds half a step. */
struct qcc_dsp_term {
  int32_t zero, multiplier, half, right;
};

QCC_INLINE struct qcc_dsp_term qcc_dsp_term_of(int32_t zero, int32_t multiplier, int32_t right) {
  return (struct qcc_dsp_term){zero * (INT32_C(1) << 21), multiplier, qcc_dsp_divide_by(right).half, right};
}

QCC_INLINE int32_t qcc_dsp_term(struct qcc_dsp_term t, uint32_t q, int32_t is_signed) {
  const int32_t v = qcc_stored((uint8_t)q, is_signed) * (INT32_C(1) << 21) - t.zero;
  return qcc_dsp_smmlar(v, t.multiplier, t.half) >> t.right;
}

/* Four neighbours of a and of b. */
QCC_INLINE void qcc_dsp_add_four(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a, const uint8_t *b,
                                 uint8_t *y) {
  const struct qcc_dsp_term ta = qcc_dsp_term_of(d.a_zero, d.a_multiplier, d.a_right);
  const struct qcc_dsp_term tb = qcc_dsp_term_of(d.b_zero, d.b_multiplier, d.b_right);
  const int32_t half = qcc_dsp_divide_by(d.y_right).half;
  int32_t sums[4];
  for (int32_t i = 0; i < 4; i++) sums[i] = p.a_negative ? -qcc_dsp_term(ta, a[i], p.a_signed) : qcc_dsp_term(ta, a[i], p.a_signed);
  for (int32_t i = 0; i < 4; i++) sums[i] += p.b_negative ? -qcc_dsp_term(tb, b[i], p.b_signed) : qcc_dsp_term(tb, b[i], p.b_signed);
  for (int32_t i = 0; i < 4; i++) {
    int32_t v = (qcc_dsp_smmlar(2 * sums[i], d.y_multiplier, half) >> d.y_right) + d.y_zero;
    if (p.full != 0) {
      v = qcc_dsp_saturate(v, p.full == 1);
    } else {
      v = v < d.y_min ? d.y_min : v;
      v = v > d.y_max ? d.y_max : v;
    }
    y[i] = (uint8_t)v;
  }
}

QCC_INLINE uint8_t qcc_dsp_linear_sum(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, int32_t a, int32_t b) {
  int32_t v = a * d.a_factor + d.constant + b * d.b_factor;
  if (p.full != 0) return (uint8_t)qcc_dsp_shifted_saturate(v, p.linear, p.full == 1);
  v >>= p.linear;
  v = v < d.y_min ? d.y_min : v;
  return (uint8_t)(v > d.y_max ? d.y_max : v);
}

QCC_INLINE void qcc_dsp_add_linear(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                   const uint8_t *b, uint8_t *y) {
  for (int32_t r = 0; r < p.rows; r++, b += p.b_row) {
    const uint8_t *other = b;
    int32_t left = p.columns;
#define QCC_DSP_SUM(i) \
  y[i] = qcc_dsp_linear_sum(p, d, qcc_stored(a[i], p.a_signed), qcc_stored(other[(i) * p.b_column], p.b_signed))
    for (; left >= 8; left -= 8, a += 8, other += 8 * p.b_column, y += 8) {
      QCC_DSP_SUM(0);
      QCC_DSP_SUM(1);
      QCC_DSP_SUM(2);
      QCC_DSP_SUM(3);
      QCC_DSP_SUM(4);
      QCC_DSP_SUM(5);
      QCC_DSP_SUM(6);
      QCC_DSP_SUM(7);
    }
    for (; left > 0; left--, a++, other += p.b_column, y++) QCC_DSP_SUM(0);
#undef QCC_DSP_SUM
  }
}

QCC_INLINE void qcc_add_fixed_q8__1__arm_dsp(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                             const uint8_t *b, uint8_t *y) {
  if (p.linear != 0) {
    qcc_dsp_add_linear(p, d, a, b, y);
    return;
  }
  const struct qcc_dsp_divide by_a = qcc_dsp_divide_by(d.a_right), by_b = qcc_dsp_divide_by(d.b_right);
  const struct qcc_dsp_divide by_y = qcc_dsp_divide_by(d.y_right);
  for (int32_t r = 0; r < p.rows; r++, b += p.b_row) {
    const uint8_t *other = b;
    int32_t i = 0;
    if (!p.ties && p.b_column == 1)
      for (; i + 4 <= p.columns; i += 4, a += 4, other += 4, y += 4) qcc_dsp_add_four(p, d, a, other, y);
    for (; i < p.columns; i++, other += p.b_column) {
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

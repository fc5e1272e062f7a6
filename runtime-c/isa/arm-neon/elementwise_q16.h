/* SPDX-License-Identifier: 0BSD */
/* add_q16, mul_q16 and convert_q16 on AArch64: 8 elements at a time as s32 and f32, the rest plain C's. fcvtns and the clamp before
 * it are qcc_round_to_stored: a NaN becomes the lower bound. Not on 32-bit ARM, whose float vectors flush subnormal numbers. */
#ifndef QCC_ARM_NEON_ELEMENTWISE_Q16_H
#define QCC_ARM_NEON_ELEMENTWISE_Q16_H

#include "../scalar/elementwise_q16.h"
#include "simd.h"

/* Eight elements: the low and the high four. */
struct qcc_neon_eight {
  int32x4_t low, high;
};

QCC_INLINE struct qcc_neon_eight qcc_neon_load_q16(const void *x, int32_t element, size_t i) {
  const int16x8_t v = element == QCC_ELEMENT_S16  ? vld1q_s16((const int16_t *)x + i)
                      : element == QCC_ELEMENT_S8 ? vmovl_s8(vld1_s8((const int8_t *)x + i))
                                                  : vreinterpretq_s16_u16(vmovl_u8(vld1_u8((const uint8_t *)x + i)));
  return (struct qcc_neon_eight){vmovl_s16(vget_low_s16(v)), vmovl_high_s16(v)};
}

/* v lies within the range of the element. */
QCC_INLINE void qcc_neon_store_q16(void *y, int32_t element, size_t i, struct qcc_neon_eight v) {
  const int16x8_t words = vcombine_s16(vmovn_s32(v.low), vmovn_s32(v.high));
  if (element == QCC_ELEMENT_S16)
    vst1q_s16((int16_t *)y + i, words);
  else
    vst1_u8((uint8_t *)y + i, vmovn_u16(vreinterpretq_u16_s16(words)));
}

/* b of 8 elements of a row. */
QCC_INLINE struct qcc_neon_eight qcc_neon_load_b_q16(const void *b, int32_t element, size_t from, int32_t column) {
  if (column) return qcc_neon_load_q16(b, element, from);
  {
    const int32x4_t v = vdupq_n_s32(qcc_q16_load(b, element, from));
    return (struct qcc_neon_eight){v, v};
  }
}

QCC_INLINE int32x4_t qcc_neon_round_to_stored(float32x4_t v, int32_t zero, int32_t low, int32_t high) {
  v = qcc_neon_within(v, vdupq_n_f32((float)(low - zero)), vdupq_n_f32((float)(high - zero)));
  return vaddq_s32(vcvtnq_s32_f32(v), vdupq_n_s32(zero));
}

QCC_INLINE int32x4_t qcc_neon_add_q16(struct qcc_add_q16_params p, struct qcc_add_q16_data d, int32x4_t a, int32x4_t b) {
  const float32x4_t fixed = vdupq_n_f32(d.fixed), va = vcvtq_f32_s32(p.swapped ? b : a), vb = vcvtq_f32_s32(p.swapped ? a : b);
  const float32x4_t sum = vfmaq_n_f32(vfmaq_n_f32(fixed, vb, d.scale_b), va, d.scale_a);
  return qcc_neon_round_to_stored(sum, 0, d.y_min, d.y_max);
}

QCC_INLINE int32x4_t qcc_neon_mul_q16(struct qcc_mul_q16_data d, int32_t up, int32x4_t a, int32x4_t b) {
  const int32x4_t product = vmulq_s32(vsubq_s32(a, vdupq_n_s32(d.a_zero)), vsubq_s32(b, vdupq_n_s32(d.b_zero)));
  const float32x4_t scaled = qcc_neon_mul(vcvtq_f32_s32(product), vdupq_n_f32(d.scale));
  const float32x4_t v = vaddq_f32(scaled, vdupq_n_f32((float)(d.y_zero + up)));
  return vsubq_s32(qcc_neon_round_to_stored(v, 0, d.y_min + up, d.y_max + up), vdupq_n_s32(up));
}

QCC_INLINE void qcc_add_q16__8__arm_neon(struct qcc_add_q16_params p, struct qcc_add_q16_data d, const void *a, const void *b,
                                         void *y) {
  const size_t whole = (size_t)(p.columns / 8 * 8);
  for (size_t r = 0; r < (size_t)p.rows; r++) {
    const size_t first = r * (size_t)p.columns, of_b = r * (size_t)p.b_row;
    for (size_t i = 0; i < whole; i += 8) {
      const struct qcc_neon_eight va = qcc_neon_load_q16(a, p.a_element, first + i);
      const struct qcc_neon_eight vb = qcc_neon_load_b_q16(b, p.b_element, of_b + i * (size_t)p.b_column, p.b_column);
      qcc_neon_store_q16(y, p.y_element, first + i,
                         (struct qcc_neon_eight){qcc_neon_add_q16(p, d, va.low, vb.low), qcc_neon_add_q16(p, d, va.high, vb.high)});
    }
    for (size_t i = whole; i < (size_t)p.columns; i++) qcc_add_q16_one(p, d, a, b, y, first + i, of_b + i * (size_t)p.b_column);
  }
}

QCC_INLINE void qcc_mul_q16__8__arm_neon(struct qcc_mul_q16_params p, struct qcc_mul_q16_data d, const void *a, const void *b,
                                         void *y) {
  const int32_t up = p.y_element == QCC_ELEMENT_S8 ? 128 : 0;
  const size_t whole = (size_t)(p.columns / 8 * 8);
  for (size_t r = 0; r < (size_t)p.rows; r++) {
    const size_t first = r * (size_t)p.columns, of_b = r * (size_t)p.b_row;
    for (size_t i = 0; i < whole; i += 8) {
      const struct qcc_neon_eight va = qcc_neon_load_q16(a, p.a_element, first + i);
      const struct qcc_neon_eight vb = qcc_neon_load_b_q16(b, p.b_element, of_b + i * (size_t)p.b_column, p.b_column);
      qcc_neon_store_q16(y, p.y_element, first + i,
                         (struct qcc_neon_eight){qcc_neon_mul_q16(d, up, va.low, vb.low), qcc_neon_mul_q16(d, up, va.high, vb.high)});
    }
    for (size_t i = whole; i < (size_t)p.columns; i++) qcc_mul_q16_one(p, d, a, b, y, first + i, of_b + i * (size_t)p.b_column);
  }
}

QCC_INLINE int32_t qcc_neon_knows_q16(int32_t element) {
  return element == QCC_ELEMENT_F32 || element == QCC_ELEMENT_S16 || element == QCC_ELEMENT_S8 || element == QCC_ELEMENT_U8;
}

/* Four values that convert_q16 reads, as reals. */
QCC_INLINE float32x4_t qcc_neon_reals_q16(struct qcc_convert_q16_data d, int32x4_t x) {
  return vmulq_n_f32(vcvtq_f32_s32(vsubq_s32(x, vdupq_n_s32(d.x_zero))), d.x_scale);
}

QCC_INLINE void qcc_convert_q16__8__arm_neon(struct qcc_convert_q16_params p, struct qcc_convert_q16_data d, const void *x, void *y) {
  const int32_t are_known = qcc_neon_knows_q16(p.x_element) && qcc_neon_knows_q16(p.y_element);
  const size_t whole = are_known ? (size_t)(p.count / 8 * 8) : 0u;
  const float32x4_t by = vdupq_n_f32(d.y_scale);
  for (size_t i = 0; i < whole; i += 8) {
    float32x4_t low, high;
    if (p.x_element == QCC_ELEMENT_F32) {
      low = vld1q_f32((const float *)x + i);
      high = vld1q_f32((const float *)x + i + 4);
    } else {
      const struct qcc_neon_eight v = qcc_neon_load_q16(x, p.x_element, i);
      low = qcc_neon_reals_q16(d, v.low);
      high = qcc_neon_reals_q16(d, v.high);
    }
    if (p.y_element == QCC_ELEMENT_F32) {
      vst1q_f32((float *)y + i, low);
      vst1q_f32((float *)y + i + 4, high);
    } else {
      qcc_neon_store_q16(y, p.y_element, i,
                         (struct qcc_neon_eight){qcc_neon_round_to_stored(vdivq_f32(low, by), d.y_zero, d.y_min, d.y_max),
                                                 qcc_neon_round_to_stored(vdivq_f32(high, by), d.y_zero, d.y_min, d.y_max)});
    }
  }
  for (size_t i = whole; i < (size_t)p.count; i++) qcc_convert_q16_one(p, d, x, y, i);
}

#endif

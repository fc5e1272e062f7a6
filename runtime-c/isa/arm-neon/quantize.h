/* SPDX-License-Identifier: 0BSD */
/* quantize and dequantize on NEON, 16 elements at a time where x is in y's order, or where it is the transposed matrix
 * (planes to pixels); any other order one by one.
 *
 *   quantize:   fmul (1 / scale), fmaxnm, fminnm, fcvtns, xtn, add zero; with fdiv near a tie
 *   dequantize: widen, sub zero, scvtf, fmul
 *
 * x * (1 / scale) is rounded twice where the contract rounds once. For |x / scale| <= 600 the two differ by less than
 * 600 * 3.01 * 2^-24 < 2^-13, beyond that both are clamped: so they round to the same integer unless the product lies
 * within 2^-13 of a half, and then all 16 are divided. Clamps stand before the rounding, as in qcc/requantize.h; fmaxnm
 * turns NaN into the lower bound.
 *
 * On 32-bit ARM the 16 are divided one by one, and subnormal inputs count as 0, to which they round where the reciprocal
 * is used at all. A result of dequantize is 0 or at least the scale: subnormal only where that is, and then no vector. */
#ifndef QCC_ARM_NEON_QUANTIZE_H
#define QCC_ARM_NEON_QUANTIZE_H

#include "qcc/dequantize.h"
#include "qcc/quantize.h"
#include "qcc/requantize.h"
#include "simd.h"

struct qcc_neon_quantizer {
  struct qcc_quantize_data d;
  float near; /* a distance from the nearest integer that is near a tie */
};

QCC_INLINE struct qcc_neon_quantizer qcc_neon_quantizer_of(struct qcc_quantize_data d) {
  /* Outside these bounds the reciprocal could be subnormal or overflow. */
  const int32_t fits = d.scale > 0x1p-100f && d.scale < 0x1p100f;
  const struct qcc_neon_quantizer q = {d, fits ? 0.5f - 0x1p-13f : -1.0f};
  return q;
}

QCC_INLINE float32x4_t qcc_neon_quantize_clamp(struct qcc_quantize_data d, float32x4_t v) {
  return qcc_neon_within(v, vdupq_n_f32((float)(d.y_min - d.zero)), vdupq_n_f32((float)(d.y_max - d.zero)));
}

#if !QCC_NEON_64
QCC_RARE void qcc_neon_quantize_each(struct qcc_quantize_data d, const float *x, uint8_t *y) {
  for (int32_t i = 0; i < 16; i++) y[i] = (uint8_t)qcc_quantize_f32(x[i], d.scale, d.zero, d.y_min, d.y_max);
}

QCC_INLINE uint8x16_t qcc_neon_quantize_exactly(struct qcc_quantize_data d, const float *x) {
  uint8_t bytes[16];
  qcc_neon_quantize_each(d, x, bytes);
  return vld1q_u8(bytes);
}
#endif

/* 16 floats -> 16 stored bytes: rounded values fit s16, their sums with the zero point the stored type. */
QCC_INLINE uint8x16_t qcc_neon_quantize_16(struct qcc_neon_quantizer q, const float *x) {
  const float32x4_t inverse = vdupq_n_f32(1.0f / q.d.scale);
#if QCC_NEON_64
  const float32x4_t scale = vdupq_n_f32(q.d.scale);
#endif
  float32x4_t v0 = vld1q_f32(x), v1 = vld1q_f32(x + 4), v2 = vld1q_f32(x + 8), v3 = vld1q_f32(x + 12);
  const float32x4_t q0 = qcc_neon_quantize_clamp(q.d, vmulq_f32(v0, inverse));
  const float32x4_t q1 = qcc_neon_quantize_clamp(q.d, vmulq_f32(v1, inverse));
  const float32x4_t q2 = qcc_neon_quantize_clamp(q.d, vmulq_f32(v2, inverse));
  const float32x4_t q3 = qcc_neon_quantize_clamp(q.d, vmulq_f32(v3, inverse));
  const float32x4_t off = vmaxq_f32(vmaxq_f32(vabdq_f32(q0, qcc_neon_whole(q0)), vabdq_f32(q1, qcc_neon_whole(q1))),
                                    vmaxq_f32(vabdq_f32(q2, qcc_neon_whole(q2)), vabdq_f32(q3, qcc_neon_whole(q3))));
  if (qcc_neon_any_from(off, q.near)) {
#if !QCC_NEON_64
    return qcc_neon_quantize_exactly(q.d, x);
#else
    v0 = qcc_neon_quantize_clamp(q.d, vdivq_f32(v0, scale));
    v1 = qcc_neon_quantize_clamp(q.d, vdivq_f32(v1, scale));
    v2 = qcc_neon_quantize_clamp(q.d, vdivq_f32(v2, scale));
    v3 = qcc_neon_quantize_clamp(q.d, vdivq_f32(v3, scale));
#endif
  } else {
    v0 = q0;
    v1 = q1;
    v2 = q2;
    v3 = q3;
  }
  const int16x8_t zero = vdupq_n_s16((int16_t)q.d.zero);
  const int16x8_t low = vaddq_s16(qcc_neon_round(v0, v1), zero), high = vaddq_s16(qcc_neon_round(v2, v3), zero);
  return vreinterpretq_u8_s8(qcc_neon_movn_s16(low, high));
}

/* count elements of x, y's lie `step` bytes apart. */
QCC_INLINE void qcc_neon_quantize_run(struct qcc_neon_quantizer q, const float *x, uint8_t *y, ptrdiff_t step,
                                      ptrdiff_t count) {
  const ptrdiff_t whole = count / 16 * 16;
  for (ptrdiff_t i = 0; i < whole; i += 16) {
    const uint8x16_t v = qcc_neon_quantize_16(q, x + i);
    if (step == 1) {
      vst1q_u8(y + i, v);
    } else {
      uint8_t bytes[16];
      vst1q_u8(bytes, v);
      for (int32_t j = 0; j < 16; j++) y[(i + j) * step] = bytes[j];
    }
  }
  for (ptrdiff_t i = whole; i < count; i++)
    y[i * step] = (uint8_t)qcc_quantize_f32(x[i], q.d.scale, q.d.zero, q.d.y_min, q.d.y_max);
}

QCC_INLINE void qcc_neon_quantize(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x,
                                  uint8_t *y) {
  const ptrdiff_t block = (ptrdiff_t)p.rows * p.columns;
  const struct qcc_neon_quantizer q = qcc_neon_quantizer_of(d);
  if (p.x_column == 1 && (p.x_row == p.columns || p.rows == 1)) {
    qcc_neon_quantize_run(q, x, y, 1, p.outer * block);
    return;
  }
  for (int32_t o = 0; o < p.outer; o++, x += block, y += block)
    for (int32_t j = 0; j < p.columns; j++) {
      const float *column = x + (ptrdiff_t)j * p.x_column;
      if (p.x_row == 1)
        qcc_neon_quantize_run(q, column, y + j, p.columns, p.rows);
      else
        for (int32_t i = 0; i < p.rows; i++)
          y[(ptrdiff_t)i * p.columns + j] =
              (uint8_t)qcc_quantize_f32(column[(ptrdiff_t)i * p.x_row], d.scale, d.zero, d.y_min, d.y_max);
    }
}

QCC_INLINE int32_t qcc_neon_stored(int32_t element, const void *x, ptrdiff_t i) {
  return element == 2   ? ((const int32_t *)x)[i]
         : element == 1 ? (int32_t)((const int8_t *)x)[i]
                        : (int32_t)((const uint8_t *)x)[i];
}

QCC_INLINE void qcc_neon_dequantize_4(struct qcc_dequantize_data d, int32x4_t v, float *y) {
  vst1q_f32(y, vmulq_f32(vcvtq_f32_s32(v), vdupq_n_f32(d.scale)));
}

QCC_INLINE void qcc_neon_dequantize_8(struct qcc_dequantize_data d, int16x8_t v, float *y) {
  v = vsubq_s16(v, vdupq_n_s16((int16_t)d.zero));
  qcc_neon_dequantize_4(d, vmovl_s16(vget_low_s16(v)), y);
  qcc_neon_dequantize_4(d, qcc_neon_movl_high_s16(v), y + 4);
}

QCC_INLINE void qcc_neon_dequantize_16(struct qcc_dequantize_data d, int32_t element, const void *x, ptrdiff_t i,
                                       float *y) {
  if (element == 2) {
    for (int32_t j = 0; j < 16; j += 4)
      qcc_neon_dequantize_4(d, vsubq_s32(qcc_neon_load_s32((const int32_t *)x + i + j), vdupq_n_s32(d.zero)), y + j);
    return;
  }
  const uint8x16_t v = vld1q_u8((const uint8_t *)x + i);
  qcc_neon_dequantize_8(d, qcc_neon_widen_low(v, element == 1), y);
  qcc_neon_dequantize_8(d, qcc_neon_widen_high(v, element == 1), y + 8);
}

QCC_INLINE void qcc_neon_dequantize(struct qcc_dequantize_params p, struct qcc_dequantize_data d, const void *x,
                                    float *y) {
  const ptrdiff_t block = (ptrdiff_t)p.rows * p.columns;
  const int32_t is_normal = QCC_NEON_64 || d.scale >= 0x1p-126f;
  if (is_normal && p.x_column == 1 && (p.x_row == p.columns || p.rows == 1)) {
    const ptrdiff_t count = p.outer * block, whole = count / 16 * 16;
    for (ptrdiff_t i = 0; i < whole; i += 16) qcc_neon_dequantize_16(d, p.element, x, i, y + i);
    for (ptrdiff_t i = whole; i < count; i++) y[i] = qcc_dequantize(qcc_neon_stored(p.element, x, i), d.scale, d.zero);
    return;
  }
  for (int32_t o = 0; o < p.outer; o++)
    for (int32_t i = 0; i < p.rows; i++)
      for (int32_t j = 0; j < p.columns; j++)
        *y++ = qcc_dequantize(
            qcc_neon_stored(p.element, x, o * block + (ptrdiff_t)i * p.x_row + (ptrdiff_t)j * p.x_column), d.scale, d.zero);
}

#if QCC_NEON_64
QCC_INLINE void qcc_quantize__16__arm_neon(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x,
                                           uint8_t *y) {
  qcc_neon_quantize(p, d, x, y);
}

QCC_INLINE void qcc_dequantize__16__arm_neon(struct qcc_dequantize_params p, struct qcc_dequantize_data d, const void *x,
                                             float *y) {
  qcc_neon_dequantize(p, d, x, y);
}
#endif

#endif

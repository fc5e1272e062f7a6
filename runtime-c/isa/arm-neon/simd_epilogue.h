/* SPDX-License-Identifier: 0BSD */
/* The epilogue of qcc/epilogue.h on 16 accumulators, c0 to c3: 16 channels of a pixel, 8 of two, 4 of four.
 *
 *   scvtf, fmul, fcvtns           round half even; an overflow saturates, which ends at the same bound as a clamp
 *   sqxtn, sqadd zero             both saturate, so a result outside s16 still ends at the right bound
 *   sqxtn or sqxtun, min, max     only where the range is not the whole type
 *
 * Invariant: per channel the bits of qcc/epilogue.h. */
#ifndef QCC_ARM_NEON_SIMD_EPILOGUE_H
#define QCC_ARM_NEON_SIMD_EPILOGUE_H

#include "qcc/epilogue.h"
#include "simd.h"

/* Everything of an epilogue that does not depend on the pixel. */
struct qcc_neon_output {
  struct qcc_epilogue_kind kind;
  struct qcc_epilogue_data data;
  const uint8_t *residual;
  const uint8_t *table;
  void *y;
};

QCC_INLINE float32x4_t qcc_neon_scaled(int32x4_t acc, float32x4_t mult) { return vmulq_f32(vcvtq_f32_s32(acc), mult); }

/* a * add_a + (b * add_b + add_fixed), both sums fused. */
QCC_INLINE float32x4_t qcc_neon_add(struct qcc_neon_output out, float32x4_t v, float32x4_t r) {
  float32x4_t a = out.kind.add_first ? v : r, b = out.kind.add_first ? r : v;
  float32x4_t sum = vfmaq_f32(vdupq_n_f32(out.data.add_fixed), b, vdupq_n_f32(out.data.add_b));
  return vfmaq_f32(sum, a, vdupq_n_f32(out.data.add_a));
}

/* 8 accumulators -> s16 before the last saturation; r: their residuals as s16. */
QCC_INLINE int16x8_t qcc_neon_requantize_8(struct qcc_neon_output out, int32x4_t c0, int32x4_t c1, float32x4_t m0,
                                           float32x4_t m1, int16x8_t r) {
  int16x8_t v = qcc_neon_round(qcc_neon_scaled(c0, m0), qcc_neon_scaled(c1, m1));
  v = vqaddq_s16(v, vdupq_n_s16((int16_t)out.data.y_zero));
  if (!out.kind.has_add) return v;
  v = vmaxq_s16(v, vdupq_n_s16((int16_t)out.data.y_min));
  v = vminq_s16(v, vdupq_n_s16((int16_t)out.data.y_max));
  return qcc_neon_round(qcc_neon_add(out, qcc_neon_float_low(v), qcc_neon_float_low(r)),
                        qcc_neon_add(out, qcc_neon_float_high(v), qcc_neon_float_high(r)));
}

/* QCC_OUT_Q8: 16 accumulators -> 16 stored bytes; r: the residual's 16. With half = 1 only c0, c1 count. */
QCC_INLINE uint8x16_t qcc_neon_requantize(struct qcc_neon_output out, int32_t half, int32x4_t c0, int32x4_t c1,
                                          int32x4_t c2, int32x4_t c3, float32x4_t m0, float32x4_t m1, float32x4_t m2,
                                          float32x4_t m3, uint8x16_t r) {
  struct qcc_epilogue_kind k = out.kind;
  int16x8_t first = qcc_neon_requantize_8(out, c0, c1, m0, m1, qcc_neon_widen_low(r, k.r_signed)), second = first;
  if (!half) second = qcc_neon_requantize_8(out, c2, c3, m2, m3, qcc_neon_widen_high(r, k.r_signed));
  uint8x16_t v = k.has_add ? qcc_neon_narrow(first, second, k.z_signed, k.z_full_range, out.data.z_min, out.data.z_max)
                           : qcc_neon_narrow(first, second, k.y_signed, k.full_range, out.data.y_min, out.data.y_max);
  return k.has_lookup ? qcc_neon_lookup(out.table, v) : v;
}

/* QCC_OUT_S32, QCC_OUT_F32: the first `count` of 4 accumulators to output element `at`. */
QCC_INLINE void qcc_neon_put_words(struct qcc_neon_output out, int32x4_t c, float32x4_t mult, ptrdiff_t at,
                                   int32_t count) {
  if (out.kind.out == QCC_OUT_F32) c = vreinterpretq_s32_f32(qcc_neon_scaled(c, mult));
  qcc_neon_store_words((uint8_t *)out.y + 4 * at, c, count);
}

/* Multipliers of the channels at mult: the first `count` of 4; nothing is read for QCC_OUT_S32. */
QCC_INLINE float32x4_t qcc_neon_mult(struct qcc_neon_output out, const float *mult, int32_t count) {
  return out.kind.out == QCC_OUT_S32 ? vdupq_n_f32(0.0f) : vreinterpretq_f32_s32(qcc_neon_load_words(mult, count));
}

/* The accumulators of 16 channels of one pixel. */
struct qcc_neon_x16 {
  int32x4_t v0, v1, v2, v3;
};

/* Finishes the pixel whose first output element is `at`. mult points at 16 values (not read for QCC_OUT_S32); valid: how
 * many of the 16 channels exist. */
QCC_INLINE void qcc_neon_finish_16(struct qcc_neon_output out, struct qcc_neon_x16 c, const float *mult, ptrdiff_t at,
                                   int32_t valid) {
  const float *m = out.kind.out == QCC_OUT_S32 ? 0 : mult;
  const float32x4_t m0 = qcc_neon_mult(out, m, 4), m1 = qcc_neon_mult(out, m ? m + 4 : m, 4);
  const float32x4_t m2 = qcc_neon_mult(out, m ? m + 8 : m, 4), m3 = qcc_neon_mult(out, m ? m + 12 : m, 4);
  if (out.kind.out != QCC_OUT_Q8) {
    qcc_neon_put_words(out, c.v0, m0, at, valid);
    qcc_neon_put_words(out, c.v1, m1, at + 4, valid - 4);
    qcc_neon_put_words(out, c.v2, m2, at + 8, valid - 8);
    qcc_neon_put_words(out, c.v3, m3, at + 12, valid - 12);
    return;
  }
  uint8x16_t r = vdupq_n_u8(0);
  if (out.kind.has_add) r = qcc_neon_load_part(out.residual + at, valid, out.residual + at + valid);
  r = qcc_neon_requantize(out, 0, c.v0, c.v1, c.v2, c.v3, m0, m1, m2, m3, r);
  qcc_neon_store_part((uint8_t *)out.y + at, r, valid);
}

#endif

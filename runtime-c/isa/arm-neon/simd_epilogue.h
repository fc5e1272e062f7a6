/* SPDX-License-Identifier: 0BSD */
/* The epilogue of qcc/epilogue.h on 16 accumulators, c0 to c3: 16 channels of a pixel, 8 of two, 4 of four.
 *
 *   QCC_ROUND_ONNX                scvtf, fmul, fcvtns: half even; an overflow saturates, which ends at the same bound as a
 *                                 clamp. 32-bit ARM: qcc_neon_round_4, and a product that is flushed to zero rounds to it
 *   QCC_ROUND_TFLITE_DOUBLE       sshl, sqrdmulh, srshl: two roundings
 *   QCC_ROUND_TFLITE_SINGLE       smull, srshl of 64 bits, xtn
 *   sqxtn, sqadd zero             both saturate, so a result outside s16 still ends at the right bound
 *   sqxtn or sqxtun, min, max     only where the range is not the whole type
 *
 * Invariant: per channel the bits of qcc/epilogue.h. */
#ifndef QCC_ARM_NEON_SIMD_EPILOGUE_H
#define QCC_ARM_NEON_SIMD_EPILOGUE_H

#include "qcc/epilogue.h"
#include "simd_add.h"

/* Everything of an epilogue that does not depend on the pixel. */
struct qcc_neon_output {
  struct qcc_epilogue_kind kind;
  struct qcc_epilogue_data data;
  const uint8_t *residual;
  const uint8_t *table;
  void *y;
};

/* The scales of four channels: bits of a float multiplier, or a fixed-point multiplier and its shift. */
struct qcc_neon_scale {
  int32x4_t multiplier, shift;
};

/* Those of the first `count` of four channels, whose words start at `scale`; none are read for QCC_OUT_S32. */
QCC_INLINE struct qcc_neon_scale qcc_neon_load_scale(struct qcc_neon_output out, const int32_t *scale, int32_t count) {
  struct qcc_neon_scale v = {vdupq_n_s32(0), vdupq_n_s32(0)};
  const int32_t words = qcc_scale_words(out.kind);
  if (words == 1) v.multiplier = qcc_neon_load_words(scale, count);
  if (words == 2) {
    const int32x4_t low = qcc_neon_load_words(scale, 2 * count), high = qcc_neon_load_words(scale + 4, 2 * count - 4);
    const int32x4x2_t pair = qcc_neon_unzip(low, high);
    v.multiplier = pair.val[0];
    v.shift = pair.val[1];
  }
  return v;
}

/* acc * multiplier * 2^(shift - 31), the bits of qcc_fixed_double: gemmlowp's rounding shift away from zero is the one
 * that rounds up, of a number one less where it is negative. */
QCC_INLINE int32x4_t qcc_neon_fixed_double(int32x4_t acc, struct qcc_neon_scale s) {
  const int32x4_t zero = vdupq_n_s32(0), right = vminq_s32(s.shift, zero);
  const int32x4_t high = vqrdmulhq_s32(vshlq_s32(acc, vmaxq_s32(s.shift, zero)), s.multiplier);
  return vrshlq_s32(vaddq_s32(high, vshrq_n_s32(vandq_s32(high, right), 31)), right);
}

/* The bits of qcc_fixed_single: one rounding of the whole product. */
QCC_INLINE int32x4_t qcc_neon_fixed_single(int32x4_t acc, struct qcc_neon_scale s) {
  const int32x4_t right = vsubq_s32(s.shift, vdupq_n_s32(31)), below = vshrq_n_s32(acc, 31);
  const int64x2_t low = vaddw_s32(vmull_s32(vget_low_s32(acc), vget_low_s32(s.multiplier)), vget_low_s32(below));
  const int64x2_t high = qcc_neon_addw_high_s32(qcc_neon_mull_high_s32(acc, s.multiplier), below);
  return qcc_neon_movn_s64(vrshlq_s64(low, vmovl_s32(vget_low_s32(right))),
                           vrshlq_s64(high, qcc_neon_movl_high_s32(right)));
}

QCC_INLINE float32x4_t qcc_neon_scaled(int32x4_t acc, struct qcc_neon_scale s) {
  return qcc_neon_mul(vcvtq_f32_s32(acc), vreinterpretq_f32_s32(s.multiplier));
}

/* 8 accumulators rounded, saturated to s16. */
QCC_INLINE int16x8_t qcc_neon_rounded(struct qcc_neon_output out, int32x4_t c0, int32x4_t c1, struct qcc_neon_scale s0,
                                      struct qcc_neon_scale s1) {
  switch (out.kind.rounding) {
    case QCC_ROUND_TFLITE_DOUBLE:
      return qcc_neon_qmovn_s32(qcc_neon_fixed_double(c0, s0), qcc_neon_fixed_double(c1, s1));
    case QCC_ROUND_TFLITE_SINGLE:
      return qcc_neon_qmovn_s32(qcc_neon_fixed_single(c0, s0), qcc_neon_fixed_single(c1, s1));
    default: return qcc_neon_round(qcc_neon_scaled(c0, s0), qcc_neon_scaled(c1, s1));
  }
}

/* The linear form of the sum of eight values and their residuals: the upper halves hold all that the shift leaves. */
QCC_INLINE int16x8_t qcc_neon_linear_residual(struct qcc_neon_output out, int16x8_t v, int16x8_t r) {
  const struct qcc_epilogue_data d = out.data;
  const int32x4_t constant = vdupq_n_s32(d.add_constant);
  int32x4_t low = vmlaq_n_s32(constant, vmovl_s16(vget_low_s16(r)), d.r_factor);
  int32x4_t high = vmlaq_n_s32(constant, vmovl_s16(vget_high_s16(r)), d.r_factor);
  low = vmlaq_n_s32(low, vmovl_s16(vget_low_s16(v)), d.v_factor);
  high = vmlaq_n_s32(high, vmovl_s16(vget_high_s16(v)), d.v_factor);
  v = vuzpq_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(high)).val[1];
  return vshlq_s16(v, vdupq_n_s16((int16_t)(16 - out.kind.add_linear)));
}

/* 8 accumulators -> s16 before the last saturation; r: their residuals as s16. */
QCC_INLINE int16x8_t qcc_neon_requantize_8(struct qcc_neon_output out, int32x4_t c0, int32x4_t c1,
                                           struct qcc_neon_scale s0, struct qcc_neon_scale s1, int16x8_t r) {
  int16x8_t v = vqaddq_s16(qcc_neon_rounded(out, c0, c1, s0, s1), vdupq_n_s16((int16_t)out.data.y_zero));
  if (!out.kind.has_add) return v;
  v = vmaxq_s16(v, vdupq_n_s16((int16_t)out.data.y_min));
  v = vminq_s16(v, vdupq_n_s16((int16_t)out.data.y_max));
  if (out.kind.add_linear) return qcc_neon_linear_residual(out, v, r);
  const struct qcc_neon_adder s = qcc_neon_adder_of(out.data.add_a, out.data.add_b, out.data.add_fixed);
  return out.kind.add_first ? qcc_neon_add_8(s, v, r) : qcc_neon_add_8(s, r, v);
}

/* QCC_OUT_Q8: 16 accumulators -> 16 stored bytes; r: the residual's 16. With half = 1 only c0, c1 count. */
QCC_INLINE uint8x16_t qcc_neon_requantize(struct qcc_neon_output out, int32_t half, int32x4_t c0, int32x4_t c1,
                                          int32x4_t c2, int32x4_t c3, struct qcc_neon_scale s0,
                                          struct qcc_neon_scale s1, struct qcc_neon_scale s2, struct qcc_neon_scale s3,
                                          uint8x16_t r) {
  struct qcc_epilogue_kind k = out.kind;
  int16x8_t first = qcc_neon_requantize_8(out, c0, c1, s0, s1, qcc_neon_widen_low(r, k.r_signed)), second = first;
  if (!half) second = qcc_neon_requantize_8(out, c2, c3, s2, s3, qcc_neon_widen_high(r, k.r_signed));
  uint8x16_t v = k.has_add ? qcc_neon_narrow(first, second, k.z_signed, k.z_full_range, out.data.z_min, out.data.z_max)
                           : qcc_neon_narrow(first, second, k.y_signed, k.full_range, out.data.y_min, out.data.y_max);
  return k.has_lookup ? qcc_neon_lookup(out.table, v) : v;
}

#if !QCC_NEON_64
QCC_INLINE void qcc_neon_put_floats(struct qcc_neon_output out, int32x4_t c, struct qcc_neon_scale s, ptrdiff_t at,
                                    int32_t count) {
  int32_t acc[4], addend[4];
  float mult[4];
  vst1q_s32(acc, c);
  vst1q_s32(addend, s.shift);
  vst1q_f32(mult, vreinterpretq_f32_s32(s.multiplier));
  for (int32_t i = 0; i < 4 && i < count; i++) {
    float v = qcc_mulf((float)acc[i], mult[i]);
    if (out.kind.rounding == QCC_ROUND_AFFINE) v += qcc_f32_of_bits((uint32_t)addend[i]);
    ((float *)out.y)[at + i] = v;
  }
}
#endif

/* QCC_OUT_S32, QCC_OUT_F32, QCC_OUT_S16: the first `count` of 4 accumulators to output element `at`. */
QCC_INLINE void qcc_neon_put_words(struct qcc_neon_output out, int32x4_t c, struct qcc_neon_scale s,
                                   ptrdiff_t at, int32_t count) {
  if (out.kind.out == QCC_OUT_S16) {
    int16x4_t v = vqmovn_s32(qcc_neon_round_4(qcc_neon_scaled(c, s)));
    v = vmin_s16(vmax_s16(v, vdup_n_s16((int16_t)out.data.y_min)), vdup_n_s16((int16_t)out.data.y_max));
    int16_t values[4], *const y = (int16_t *)out.y + at;
    if (count >= 4) {
      vst1_s16(y, v);
      return;
    }
    vst1_s16(values, v);
    for (int32_t i = 0; i < count; i++) y[i] = values[i];
    return;
  }
#if !QCC_NEON_64
  if (out.kind.out == QCC_OUT_F32) { /* subnormal results are results */
    qcc_neon_put_floats(out, c, s, at, count);
    return;
  }
#endif
  if (out.kind.out == QCC_OUT_F32) {
    float32x4_t v = qcc_neon_scaled(c, s);
    /* the addend takes the place of a shift */
    if (out.kind.rounding == QCC_ROUND_AFFINE) v = vaddq_f32(v, vreinterpretq_f32_s32(s.shift));
    c = vreinterpretq_s32_f32(v);
  }
  qcc_neon_store_words((uint8_t *)out.y + 4 * at, c, count);
}

/* The accumulators of 16 channels of one pixel. */
struct qcc_neon_x16 {
  int32x4_t v0, v1, v2, v3;
};

/* Finishes the pixel whose first output element is `at`. scale points at the words of 16 channels; valid: how many of the
 * 16 channels exist. */
QCC_INLINE void qcc_neon_finish_16(struct qcc_neon_output out, struct qcc_neon_x16 c, const int32_t *scale, ptrdiff_t at,
                                   int32_t valid) {
  const int32_t words = qcc_scale_words(out.kind);
  const struct qcc_neon_scale s0 = qcc_neon_load_scale(out, scale, 4), s1 = qcc_neon_load_scale(out, scale + 4 * words, 4);
  const struct qcc_neon_scale s2 = qcc_neon_load_scale(out, scale + 8 * words, 4);
  const struct qcc_neon_scale s3 = qcc_neon_load_scale(out, scale + 12 * words, 4);
  if (out.kind.out != QCC_OUT_Q8) {
    qcc_neon_put_words(out, c.v0, s0, at, valid);
    qcc_neon_put_words(out, c.v1, s1, at + 4, valid - 4);
    qcc_neon_put_words(out, c.v2, s2, at + 8, valid - 8);
    qcc_neon_put_words(out, c.v3, s3, at + 12, valid - 12);
    return;
  }
  uint8x16_t r = vdupq_n_u8(0);
  if (out.kind.has_add) r = qcc_neon_load_part(out.residual + at, valid, out.residual + at + valid);
  r = qcc_neon_requantize(out, 0, c.v0, c.v1, c.v2, c.v3, s0, s1, s2, s3, r);
  qcc_neon_store_part((uint8_t *)out.y + at, r, valid);
}

/* Eight channels of the pixel whose first output element is `at` and, if `pixels` is 2, of the one at `at2`; scale points
 * at the words of 8 channels, of which `count` (8 if it is more) exist. */
QCC_INLINE void qcc_neon_finish_2x8(struct qcc_neon_output out, const int32_t *scale, int32_t count, int32_t pixels,
                                    int32x4_t c0, int32x4_t c1, int32x4_t d0, int32x4_t d1, ptrdiff_t at,
                                    ptrdiff_t at2) {
  const int32_t words = qcc_scale_words(out.kind), valid = count > 8 ? 8 : count;
  const struct qcc_neon_scale s0 = qcc_neon_load_scale(out, scale, 4);
  const struct qcc_neon_scale s1 = qcc_neon_load_scale(out, words ? scale + 4 * words : scale, 4);
  if (out.kind.out != QCC_OUT_Q8) {
    qcc_neon_put_words(out, c0, s0, at, valid);
    qcc_neon_put_words(out, c1, s1, at + 4, valid - 4);
    if (pixels < 2) return;
    qcc_neon_put_words(out, d0, s0, at2, valid);
    qcc_neon_put_words(out, d1, s1, at2 + 4, valid - 4);
    return;
  }
  uint8x16_t r = vdupq_n_u8(0);
  if (out.kind.has_add) {
    const uint8_t *from = out.residual;
    const uint8x16_t s = qcc_neon_load_part(from + at, valid, from + at + valid);
    r = vcombine_u8(vget_low_u8(s), vget_low_u8(pixels < 2 ? s : qcc_neon_load_part(from + at2, valid, from + at2 + valid)));
  }
  const uint8x16_t v = qcc_neon_requantize(out, pixels < 2, c0, c1, d0, d1, s0, s1, s0, s1, r);
  uint8_t *y = (uint8_t *)out.y;
  qcc_neon_store_half(y + at, vget_low_u8(v), valid);
  if (pixels == 2) qcc_neon_store_half(y + at2, vget_high_u8(v), valid);
}

#endif

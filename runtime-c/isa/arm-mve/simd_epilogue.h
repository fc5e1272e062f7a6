/* SPDX-License-Identifier: 0BSD */
/* The epilogue of qcc/epilogue.h on vectors of four accumulators: four channels of a pixel, or four pixels of a channel.
 *
 *   QCC_ROUND_ONNX           vcvt, vmul, vcvtn                    round half even; overflow saturates, as a clamp would
 *   QCC_ROUND_TFLITE_DOUBLE  vqrdmulh, vrshl                      ties of the second rounding go up, TFLite's away from zero:
 *                                                                 where that shows, negative values are one less before it
 *   QCC_ROUND_TFLITE_SINGLE  vqdmulh, vrshl                       the product's lower bits only matter where it is a tie
 *   then vqadd zero, and the saturation of the narrowing is the clamp where the range is the whole type
 *
 * A product that is subnormal, flushed to zero or not, rounds to 0. Results of QCC_OUT_F32 may be subnormal: no vectors. */
#ifndef QCC_ARM_MVE_SIMD_EPILOGUE_H
#define QCC_ARM_MVE_SIMD_EPILOGUE_H

#include "qcc/epilogue.h"
#include "simd.h"

/* Everything of an epilogue that does not depend on the pixel. */
struct qcc_mve_output {
  struct qcc_epilogue_kind kind;
  struct qcc_epilogue_data data;
  const uint8_t *residual;
  const uint8_t *table;
  void *y;
};

/* What scales four accumulators: bits of float multipliers, or fixed-point multipliers and shifts. */
struct qcc_mve_scale {
  int32x4_t multiplier, shift;
};

/* Scales of the `count` (4 if it is more) channels from o on; nothing is read for QCC_OUT_S32. */
QCC_INLINE struct qcc_mve_scale qcc_mve_load_scale(struct qcc_epilogue_kind k, const void *scale, int32_t o, int32_t count) {
  struct qcc_mve_scale s = {vdupq_n_s32(0), vdupq_n_s32(0)};
  const int32_t *const from = (const int32_t *)scale + (k.rounding == QCC_ROUND_ONNX ? 1 : 2) * (ptrdiff_t)o;
  if (k.out == QCC_OUT_S32) return s;
  if (k.rounding == QCC_ROUND_ONNX) {
    s.multiplier = count >= 4 ? vldrwq_s32(from) : vldrwq_z_s32(from, vctp32q((uint32_t)count));
  } else if (count >= 4) {
    const int32x4x2_t both = vld2q_s32(from);
    s.multiplier = both.val[0];
    s.shift = both.val[1];
  } else {
    const mve_pred16_t first = vctp32q((uint32_t)count);
    const uint32x4_t pairs = vidupq_n_u32(0, 2);
    s.multiplier = vldrwq_gather_shifted_offset_z_s32(from, pairs, first);
    s.shift = vldrwq_gather_shifted_offset_z_s32(from + 1, pairs, first);
  }
  return s;
}

/* Fixed point, both rules. Shifts to the left come before the product; negative ties need the product's lower bits
 * (single) or the sign of the first rounding (double). */
QCC_INLINE int32x4_t qcc_mve_fixed(struct qcc_epilogue_kind k, int32x4_t acc, struct qcc_mve_scale s) {
  const int32x4_t zero = vdupq_n_s32(0);
  int32x4_t right = s.shift, whole = zero, high, below;
  if (k.rounding == QCC_ROUND_TFLITE_DOUBLE) {
    if (k.proved == 2) return vrshlq_s32(vqrdmulhq_s32(acc, s.multiplier), right);
    if (k.proved == 1) {
      high = vqrdmulhq_s32(acc, s.multiplier);
      return vrshlq_s32(vaddq_s32(high, vshrq_n_s32(high, 31)), right);
    }
    acc = vshlq_s32(acc, vmaxq_s32(right, zero));
    right = vminq_s32(right, zero);
    high = vqrdmulhq_s32(acc, s.multiplier);
    return vrshlq_s32(vaddq_s32(high, vshrq_n_s32(vandq_s32(high, right), 31)), right);
  }
  if (k.proved == 2) return vrshlq_s32(vqdmulhq_s32(acc, s.multiplier), right);
  if (k.proved == 0) {
    acc = vshlq_s32(acc, vmaxq_s32(right, zero));
    right = vminq_s32(right, zero);
    whole = vaddq_n_s32(vshrq_n_s32(right, 31), 1); /* 1 where nothing is shifted, else 0 */
  }
  /* floor((product - negative) / 2^31), which leaves vrshl the rounding; where nothing is shifted, to nearest. */
  below = vandq_s32(vmulq_s32(acc, s.multiplier), vdupq_n_s32(INT32_MAX));
  below = vsubq_s32(vaddq_s32(below, vshrq_n_s32(acc, 31)), vshlq_n_s32(whole, 30));
  high = vaddq_s32(vqdmulhq_s32(acc, s.multiplier), whole);
  return vrshlq_s32(vaddq_s32(high, vshrq_n_s32(below, 31)), right);
}

/* Rounded, zero point not added. */
QCC_INLINE int32x4_t qcc_mve_rounded(struct qcc_epilogue_kind k, int32x4_t acc, struct qcc_mve_scale s) {
  if (k.rounding == QCC_ROUND_ONNX)
    return vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(acc), vreinterpretq_f32_s32(s.multiplier)));
  return qcc_mve_fixed(k, acc, s);
}

/* Saturates to the stored type, and to low..high unless that is all of it: the low byte of each lane. */
QCC_INLINE int32x4_t qcc_mve_narrow(int32x4_t v, int32_t is_signed, int32_t full_range, int32_t low, int32_t high) {
  if (!full_range) return vminq_s32(vmaxq_s32(v, vdupq_n_s32(low)), vdupq_n_s32(high));
  QCC_MVE_TO_S16(v);
  if (is_signed)
    QCC_MVE_TO_S8(v);
  else
    QCC_MVE_TO_U8(v);
  return v;
}

/* What follows the requantization of four values: the sum with the residual's `r`, the table. The low byte of each lane. */
QCC_INLINE uint32x4_t qcc_mve_stored(struct qcc_mve_output out, int32x4_t v, int32x4_t r) {
  const struct qcc_epilogue_kind k = out.kind;
  v = vqaddq_n_s32(v, out.data.y_zero);
  if (!k.has_add) {
    v = qcc_mve_narrow(v, k.y_signed, k.full_range, out.data.y_min, out.data.y_max);
  } else {
    v = vminq_s32(vmaxq_s32(v, vdupq_n_s32(out.data.y_min)), vdupq_n_s32(out.data.y_max));
    if (k.add_linear != 0) {
      v = vmlaq_n_s32(vmlaq_n_s32(vdupq_n_s32(out.data.add_constant), r, out.data.r_factor), v, out.data.v_factor);
      v = qcc_mve_narrow(vshlq_r_s32(v, -k.add_linear), k.z_signed, k.z_full_range, out.data.z_min, out.data.z_max);
    } else {
      const float32x4_t a = vcvtq_f32_s32(k.add_first ? v : r), b = vcvtq_f32_s32(k.add_first ? r : v);
      const float32x4_t inner = vfmaq_n_f32(vdupq_n_f32(out.data.add_fixed), b, out.data.add_b);
      v = vcvtnq_s32_f32(vfmaq_n_f32(inner, a, out.data.add_a));
      v = qcc_mve_narrow(v, k.z_signed, k.z_full_range, out.data.z_min, out.data.z_max);
    }
  }
  if (!k.has_lookup) return vreinterpretq_u32_s32(v);
  return vldrbq_gather_offset_u32(out.table, vandq_u32(vreinterpretq_u32_s32(v), vdupq_n_u32(255)));
}

/* The first `count` (4 if it is more) of four neighbouring channels, bias included, to output element `at` and on. */
QCC_INLINE void qcc_mve_finish(struct qcc_mve_output out, int32x4_t acc, struct qcc_mve_scale s, ptrdiff_t at,
                               int32_t count) {
  if (out.kind.out == QCC_OUT_S32) {
    qcc_mve_store_words((int32_t *)out.y + at, acc, count);
  } else if (out.kind.out == QCC_OUT_S16) {
    const int32x4_t v = vminq_s32(vmaxq_s32(qcc_mve_rounded(out.kind, acc, s), vdupq_n_s32(out.data.y_min)), vdupq_n_s32(out.data.y_max));
    vstrhq_p_s32((int16_t *)out.y + at, v, vctp32q(count < 0 ? 0u : (uint32_t)count));
  } else if (out.kind.out == QCC_OUT_F32) {
    int32_t a[4], m[4], add[4];
    vstrwq_s32(a, acc);
    vstrwq_s32(m, s.multiplier);
    vstrwq_s32(add, s.shift); /* what is added under QCC_ROUND_AFFINE */
    for (int32_t i = 0; i < count && i < 4; i++) {
      float product = (float)a[i] * qcc_f32_of_bits((uint32_t)m[i]);
      __asm__("" : "+t"(product)); /* clang would make vectors of it again */
      if (out.kind.rounding == QCC_ROUND_AFFINE) product += qcc_f32_of_bits((uint32_t)add[i]);
      ((float *)out.y)[at + i] = product;
    }
  } else {
    const int32x4_t r = out.kind.has_add ? qcc_mve_load_stored(out.residual + at, out.kind.r_signed, count) : acc;
    qcc_mve_store_bytes((uint8_t *)out.y + at, qcc_mve_stored(out, qcc_mve_rounded(out.kind, acc, s), r), count);
  }
}

#endif

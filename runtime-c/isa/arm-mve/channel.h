/* SPDX-License-Identifier: 0BSD */
/* The epilogue where a vector holds four outputs of one channel: bias and scale are core registers. */
#ifndef QCC_ARM_MVE_CHANNEL_H
#define QCC_ARM_MVE_CHANNEL_H

#include "simd_epilogue.h"

/* What scales a channel. */
struct qcc_mve_channel {
  int32_t bias, multiplier, shift;
};

QCC_INLINE int32x4_t qcc_mve_channel_rounded(struct qcc_epilogue_kind k, struct qcc_mve_channel c, int32x4_t v) {
  v = vaddq_n_s32(v, c.bias);
  if (k.rounding == QCC_ROUND_ONNX)
    return vcvtnq_s32_f32(vmulq_n_f32(vcvtq_f32_s32(v), qcc_f32_of_bits((uint32_t)c.multiplier)));
  if (k.proved == 2)
    return vrshlq_n_s32(k.rounding == QCC_ROUND_TFLITE_DOUBLE ? vqrdmulhq_n_s32(v, c.multiplier)
                                                              : vqdmulhq_n_s32(v, c.multiplier), c.shift);
  if (k.proved == 1 && k.rounding == QCC_ROUND_TFLITE_DOUBLE) {
    v = vqrdmulhq_n_s32(v, c.multiplier);
    return vrshlq_n_s32(vaddq_s32(v, vshrq_n_s32(v, 31)), c.shift);
  }
  {
    const struct qcc_mve_scale s = {vdupq_n_s32(c.multiplier), vdupq_n_s32(c.shift)};
    return qcc_mve_fixed(k, v, s);
  }
}

QCC_INLINE struct qcc_mve_channel qcc_mve_channel_of(struct qcc_epilogue_kind k, const int32_t *bias, const void *scale,
                                                     int32_t o) {
  const int32_t *const from = (const int32_t *)scale + (k.rounding == QCC_ROUND_ONNX ? o : 2 * o);
  const struct qcc_mve_channel c = {bias[o], from[0], k.rounding == QCC_ROUND_ONNX ? 0 : from[1]};
  return c;
}

/* Constants of two neighbouring channels, from where the pointers stand; they move past them. gcc would load them one by one. */
QCC_INLINE void qcc_mve_next_channels(struct qcc_epilogue_kind k, const int32_t **bias, const int32_t **scale,
                                      struct qcc_mve_channel *a, struct qcc_mve_channel *b) {
  const int32_t *from = *bias, *pairs = *scale;
  a->shift = b->shift = 0;
  __asm__ volatile("ldrd %0, %1, [%2], #8" : "=&r"(a->bias), "=&r"(b->bias), "+r"(from) : : "memory");
  if (k.rounding == QCC_ROUND_ONNX)
    __asm__ volatile("ldrd %0, %1, [%2], #8" : "=&r"(a->multiplier), "=&r"(b->multiplier), "+r"(pairs) : : "memory");
  else
    __asm__ volatile("ldrd %0, %1, [%4], #8\n\tldrd %2, %3, [%4], #8"
                     : "=&r"(a->multiplier), "=&r"(a->shift), "=&r"(b->multiplier), "=&r"(b->shift), "+r"(pairs)
                     :
                     : "memory");
  *bias = from;
  *scale = pairs;
}

/* v0's and v1's lanes in turn, as stored bytes: the low byte of each 16 bits. */
QCC_INLINE uint16x8_t qcc_mve_channels_stored(struct qcc_mve_output out, int32x4_t v0, int32x4_t v1) {
  const struct qcc_epilogue_kind k = out.kind;
  int16x8_t h;
  __asm__("vqmovnb.s32 %q0, %q0\n\tvqmovnt.s32 %q0, %q1" : "+w"(v0) : "w"(v1));
  h = vqaddq_n_s16(vreinterpretq_s16_s32(v0), (int16_t)out.data.y_zero);
  if (!k.full_range)
    h = vminq_s16(vmaxq_s16(h, vdupq_n_s16((int16_t)out.data.y_min)), vdupq_n_s16((int16_t)out.data.y_max));
  else if (k.y_signed)
    QCC_MVE_TO_S8(h);
  else
    QCC_MVE_TO_U8(h);
  if (!k.has_lookup) return vreinterpretq_u16_s16(h);
  return vldrbq_gather_offset_u16(out.table, vandq_u16(vreinterpretq_u16_s16(h), vdupq_n_u16(255)));
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* The epilogue of depthwise kernels on Helium: vectors hold outputs of one channel, so bias and scale are core registers. */
#ifndef QCC_ARM_MVE_DWCONV2D_CHANNEL_H
#define QCC_ARM_MVE_DWCONV2D_CHANNEL_H

#include "simd_epilogue.h"

/* What scales a channel. */
struct qcc_mve_channel {
  int32_t bias, multiplier, shift;
};

QCC_INLINE int32x4_t qcc_mve_dw_rounded(struct qcc_epilogue_kind k, struct qcc_mve_channel c, int32x4_t v) {
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

#endif

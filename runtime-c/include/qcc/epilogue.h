/* SPDX-License-Identifier: 0BSD */
/* Contract of the epilogue that convolution-like kernels share: int32 accumulator -> stored output.
 *
 *   QCC_OUT_Q8 : v = clamp(rounded(acc, scale of o) + y_zero, y_min, y_max)             (requantize.h)
 *                QCC_ROUND_ONNX          float mult[oc]      rne(f32(acc) * mult[o])
 *                QCC_ROUND_TFLITE_DOUBLE int32_t fixed[2*oc] qcc_fixed_double(acc, fixed[2*o], fixed[2*o+1])
 *                QCC_ROUND_TFLITE_SINGLE int32_t fixed[2*oc] qcc_fixed_single(acc, fixed[2*o], fixed[2*o+1])
 *                has_add:    a, b = v, residual (add_first = 1) or residual, v (add_first = 0)
 *                            v = clamp(rne(fma(a, add_a, fma(b, add_b, add_fixed))), z_min, z_max)   (add_q8.h)
 *                add_linear, 16 to 24: TFLite's sum in the linear form of add_fixed_q8.h, which nothing leaves 32 bits of
 *                            v = clamp((v * v_factor + residual * r_factor + add_constant) >> add_linear, z_min, z_max)
 *                has_lookup: v = table[v & 255]
 *   QCC_OUT_S16: v = clamp(rounded(acc, scale of o), y_min, y_max), QCC_ROUND_ONNX alone; int16_t, y_zero is 0
 *   QCC_OUT_S32: v = acc
 *   QCC_OUT_F32: QCC_ROUND_ONNX          float mult[oc]      v = f32(acc) * mult[o]
 *                QCC_ROUND_AFFINE        float pair[2*oc]    v = f32(acc) * pair[2*o] + pair[2*o+1], rounded twice
 *
 * Q8 values are stored as their low byte. `kind` is part of a kernel's params (a literal, so branches fold);
 * `data` holds numbers that differ between layers of one shape, so that those layers share one instance. */
#ifndef QCC_EPILOGUE_H
#define QCC_EPILOGUE_H

#include "qcc/base.h"

enum { QCC_OUT_Q8 = 0, QCC_OUT_S32 = 1, QCC_OUT_F32 = 2, QCC_OUT_S16 = 3 };

/* Where a channel's constants lie. Apart: bias[oc] and scale, as above. For 8-bit results under a fixed-point rule whose
 * kind.proved is not 0, kernels with the word ANY_CONSTANTS read two shorter forms:
 *   JOINED  bias is null, scale int32_t joined[2 * oc]: multiplier, and bias * 256 + right (shift = -right, 1 to 20)
 *   SHARED  scale int32_t fixed[2]: all channels have this multiplier and shift */
enum { QCC_CONSTANTS_APART = 0, QCC_CONSTANTS_JOINED = 1, QCC_CONSTANTS_SHARED = 2 };

/* What the array `scale` holds, and the rule. AFFINE is of QCC_OUT_F32 alone, the fixed-point rules of QCC_OUT_Q8; what is stored
 * in 16 bits rounds as QCC_ROUND_ONNX. */
enum { QCC_ROUND_ONNX = 0, QCC_ROUND_TFLITE_DOUBLE = 1, QCC_ROUND_TFLITE_SINGLE = 2, QCC_ROUND_AFFINE = 3 };

struct qcc_epilogue_kind {
  int32_t out;        /* QCC_OUT_* */
  int32_t rounding;   /* QCC_ROUND_* */
  int32_t proved;     /* 1: |acc * mult| < 2^31 for every channel; 0: clamp the float product first. A fixed-point rule:
                         1: every shift is negative, and |acc| < 2^30, 2: and no negative tie changes what is stored */
  int32_t y_signed;   /* 1: the requantized value is s8, 0: u8 (y_min/y_max are within that range) */
  int32_t full_range; /* 1: y_min..y_max is the whole of s8 (u8, s16): saturation alone clamps */
  int32_t has_add;
  int32_t add_first;
  int32_t r_signed;
  int32_t z_signed; /* the sum */
  int32_t z_full_range; /* the same of z_min..z_max; and no float sum of stored values leaves +-2^30 */
  int32_t has_lookup;
  int32_t constants; /* QCC_CONSTANTS_* */
  int32_t add_linear; /* 0, or the shift of a fixed-point sum */
  int32_t no_zero;    /* 1: y_zero is 0, and need not be added; 0 says nothing */
};

struct qcc_epilogue_data {
  int32_t y_zero;
  int32_t y_min;
  int32_t y_max;
  float add_a;
  float add_b;
  float add_fixed;
  int32_t z_min;
  int32_t z_max;
  int32_t v_factor;
  int32_t r_factor;
  int32_t add_constant;
};

/* Fixed-point rules: multiplier * 2^(shift - 31). */
struct qcc_fixed {
  int32_t multiplier, shift;
};

/* Words of `scale` for a channel; the array is null for QCC_OUT_S32. Of constants that lie apart. */
QCC_INLINE int32_t qcc_scale_words(struct qcc_epilogue_kind k) {
  return k.out == QCC_OUT_S32 ? 0 : k.rounding == QCC_ROUND_ONNX ? 1 : 2;
}

QCC_INLINE int32_t qcc_channel_bias(struct qcc_epilogue_kind k, const int32_t *bias, const void *scale, int32_t o) {
  return k.constants == QCC_CONSTANTS_JOINED ? ((const int32_t *)scale)[2 * (ptrdiff_t)o + 1] >> 8 : bias[o];
}

QCC_INLINE struct qcc_fixed qcc_channel_fixed(struct qcc_epilogue_kind k, const void *scale, int32_t o) {
  const int32_t *const from = (const int32_t *)scale + (k.constants == QCC_CONSTANTS_SHARED ? 0 : 2 * (ptrdiff_t)o);
  return (struct qcc_fixed){from[0], k.constants == QCC_CONSTANTS_JOINED ? -(from[1] & 255) : from[1]};
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* Contract of the epilogue that convolution-like kernels share: int32 accumulator -> stored output.
 *
 *   QCC_OUT_Q8 : v = clamp(rounded(acc, scale of o) + y_zero, y_min, y_max)             (requantize.h)
 *                QCC_ROUND_ONNX          float mult[oc]      rne(f32(acc) * mult[o])
 *                QCC_ROUND_TFLITE_DOUBLE int32_t fixed[2*oc] qcc_fixed_double(acc, fixed[2*o], fixed[2*o+1])
 *                QCC_ROUND_TFLITE_SINGLE int32_t fixed[2*oc] qcc_fixed_single(acc, fixed[2*o], fixed[2*o+1])
 *                has_add:    a, b = v, residual (add_first = 1) or residual, v (add_first = 0)
 *                            v = clamp(rne(fma(a, add_a, fma(b, add_b, add_fixed))), z_min, z_max)   (add_q8.h)
 *                has_lookup: v = table[v & 255]
 *   QCC_OUT_S32: v = acc
 *   QCC_OUT_F32: v = f32(acc) * mult[o]    (scale is float mult[oc], rounding is QCC_ROUND_ONNX)
 *
 * Q8 values are stored as their low byte. `kind` is part of a kernel's params (a literal, so branches fold);
 * `data` holds numbers that differ between layers of one shape, so that those layers share one instance. */
#ifndef QCC_EPILOGUE_H
#define QCC_EPILOGUE_H

#include "qcc/base.h"

enum { QCC_OUT_Q8 = 0, QCC_OUT_S32 = 1, QCC_OUT_F32 = 2 };

/* What the array `scale` holds, and the rule. A kernel that knows the first one only says ROUND_ONNX in its needs. */
enum { QCC_ROUND_ONNX = 0, QCC_ROUND_TFLITE_DOUBLE = 1, QCC_ROUND_TFLITE_SINGLE = 2 };

struct qcc_epilogue_kind {
  int32_t out;        /* QCC_OUT_* */
  int32_t rounding;   /* QCC_ROUND_* */
  int32_t proved;     /* 1: |acc * mult| < 2^31 for every channel; 0: clamp the float product first. A fixed-point rule:
                         1: every shift is negative, and |acc| < 2^30, 2: and no negative tie changes what is stored */
  int32_t y_signed;   /* 1: the requantized value is s8, 0: u8 (y_min/y_max are within that range) */
  int32_t full_range; /* 1: y_min..y_max is the whole of s8 (u8): saturation alone clamps */
  int32_t has_add;
  int32_t add_first;
  int32_t r_signed;
  int32_t z_signed; /* the sum */
  int32_t z_full_range;
  int32_t has_lookup;
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
};

#endif

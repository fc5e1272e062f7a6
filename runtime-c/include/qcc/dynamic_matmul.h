/* SPDX-License-Identifier: 0BSD */
/* Contract of family dynamic_matmul: rows of bytes that were quantized at run time, times constant weights, to floats.
 *
 *   acc[r,o] = sum over i of (X[r,i] - zero[r]) * w[o,i]                    no int32 sum can overflow: proved for every zero point
 *   v        = f32(acc) * f32(x_scale[r] * scale[2 * o]) + scale[2 * o + 1]  rounded after each of the three operations
 *   y[r,o]   = QCC_ACTIVATE_NONE v
 *              QCC_ACTIVATE_RELU v < 0 ? 0 : v
 *              QCC_ACTIVATE_GELU (v * (erff(v / 1.41421354) + 1)) * 0.5      each operation rounded (erf.h)
 *
 * X reads the stored value (signed if x_signed, and so is zero). x_scale and zero hold one number for each row (per_row = 1),
 * or one for all. Kernels sum up the stored bytes, or those less `shift` (128 where the packing ends in _xs8 and x is u8, -128
 * where it ends in _xu8 and x is s8), and add (shift - zero[r]) * sums[o], all modulo 2^32.
 *
 * x [rows,k] bytes   w [n,1,1,k] packed as the kernel's packing says   sums s32[n]: of each channel's weights
 * scale f32 pair[2 * n]: scale of the weights, what is added (-0 adds nothing)   y f32 [rows,n]
 * scratch: as for conv2d_q8. Reads past the end of x and w: at most the kernel's slack. sums and scale hold n rounded up to the
 * tile's NR channels, the rest zero. Nothing overlaps. w, sums, scale and scratch are 64-byte aligned. */
#ifndef QCC_DYNAMIC_MATMUL_H
#define QCC_DYNAMIC_MATMUL_H

#include "qcc/conv2d_q8.h"
#include "qcc/erf.h"

enum { QCC_ACTIVATE_NONE = 0, QCC_ACTIVATE_RELU = 1, QCC_ACTIVATE_GELU = 2 };

struct qcc_dynamic_matmul_params {
  int32_t rows, k, n;
  int32_t x_signed;
  int32_t per_row;
  int32_t activation; /* QCC_ACTIVATE_* */
};

typedef void qcc_dynamic_matmul_fn(struct qcc_dynamic_matmul_params p, const uint8_t *x, const void *w, const int32_t *sums,
                                   const float *scale, const float *x_scale, const uint8_t *zero, float *y, void *scratch);

/* What a row's numbers make of a channel's. */
struct qcc_dynamic_row {
  int32_t by; /* shift - zero */
  float scale;
};

QCC_INLINE struct qcc_dynamic_row qcc_dynamic_row_of(struct qcc_dynamic_matmul_params p, int32_t shift, const float *x_scale,
                                                     const uint8_t *zero, ptrdiff_t row) {
  const ptrdiff_t at = p.per_row ? row : 0;
  return (struct qcc_dynamic_row){shift - (p.x_signed ? (int32_t)(int8_t)zero[at] : (int32_t)zero[at]), x_scale[at]};
}

/* The same product as a convolution whose results are its sums. */
QCC_INLINE struct qcc_conv2d_q8_params qcc_dynamic_convolution(struct qcc_dynamic_matmul_params p) {
  return (struct qcc_conv2d_q8_params){.n = 1,  .h = 1,  .w = p.rows, .c = p.k, .oh = 1, .ow = p.rows, .oc = p.n,
                                       .kh = 1, .kw = 1, .sh = 1,     .sw = 1,  .dh = 1, .dw = 1,      .groups = 1,
                                       .x_signed = p.x_signed, .kind = {.out = QCC_OUT_S32}};
}

#define QCC_GELU_DIVISOR 1.41421354f
QCC_INLINE float qcc_dynamic_gelu(float v) {
  return qcc_mulf(qcc_mulf(v, qcc_erff(v / QCC_GELU_DIVISOR) + 1.0f), 0.5f);
}

QCC_INLINE float qcc_dynamic_activated(int32_t activation, float v) {
  if (activation == QCC_ACTIVATE_RELU) return v < 0.0f ? 0.0f : v;
  return activation == QCC_ACTIVATE_GELU ? qcc_dynamic_gelu(v) : v;
}

/* One value: acc without what the row's zero point takes off; `pair` of its channel. */
QCC_INLINE float qcc_dynamic_value(struct qcc_dynamic_matmul_params p, struct qcc_dynamic_row row, int32_t acc, int32_t sum,
                                   const float *pair) {
  const int32_t centred = (int32_t)((uint32_t)acc + (uint32_t)row.by * (uint32_t)sum);
  return qcc_dynamic_activated(p.activation, qcc_mulf((float)centred, qcc_mulf(row.scale, pair[0])) + pair[1]);
}

#endif

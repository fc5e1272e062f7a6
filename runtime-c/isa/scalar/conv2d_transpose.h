/* SPDX-License-Identifier: 0BSD */
/* Transposed convolutions in plain C: every output gathers the taps that reach it; formulas in qcc/conv2d_transpose.h. */
#ifndef QCC_SCALAR_CONV2D_TRANSPOSE_H
#define QCC_SCALAR_CONV2D_TRANSPOSE_H

#include "epilogue.h"
#include "qcc/conv2d_transpose.h"
#include "qcc/lanes.h"
#include "qcc/math.h"

/* The pixel of x whose tap k lands on output position o, or -1. */
QCC_INLINE int32_t qcc_transposed_source(int32_t o, int32_t pad, int32_t k, int32_t dilation, int32_t stride, int32_t size) {
  const int32_t at = o + pad - k * dilation;
  return at >= 0 && at % stride == 0 && at / stride < size ? at / stride : -1;
}

QCC_INLINE void qcc_conv2d_transpose_f32__1__scalar(struct qcc_conv2d_transpose_f32_params p, const float *x, const float *w,
                                                    const float *bias, float *y) {
  const int32_t cg = p.c / p.groups, og = p.oc / p.groups;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t o = 0; o < p.oc; o++) {
          float lane[8] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
          for (int32_t ky = p.kh - 1; ky >= 0; ky--) {
            const int32_t iy = qcc_transposed_source(oy, p.pad_top, ky, p.dh, p.sh, p.h);
            if (iy < 0) continue;
            for (int32_t kx = p.kw - 1; kx >= 0; kx--) {
              const int32_t ix = qcc_transposed_source(ox, p.pad_left, kx, p.dw, p.sw, p.w);
              if (ix < 0) continue;
              {
                const size_t pixel = ((size_t)n * (size_t)p.h + (size_t)iy) * (size_t)p.w + (size_t)ix;
                const float *xi = x + pixel * (size_t)p.c + (size_t)(o / og) * (size_t)cg;
                const float *wi = w + (((size_t)o * (size_t)p.kh + (size_t)ky) * (size_t)p.kw + (size_t)kx) * (size_t)cg;
                int32_t i = 0;
                for (; i + 8 <= cg; i += 8)
                  for (int32_t l = 0; l < 8; l++) lane[l] = qcc_fmaf(xi[i + l], wi[i + l], lane[l]);
                for (; i < cg; i++) lane[i & 7] = qcc_fmaf(xi[i], wi[i], lane[i & 7]);
              }
            }
          }
          {
            const float sum = qcc_sum_lanes(lane);
            *y++ = p.has_bias ? sum + bias[o] : sum;
          }
        }
}

#define QCC_SCALAR_CONV2D_TRANSPOSE(name, type)                                                                           \
  QCC_INLINE void name(struct qcc_conv2d_transpose_q8_params p, struct qcc_conv2d_transpose_q8_data d, const uint8_t *x,  \
                       const void *w, const int32_t *bias, const void *scale, void *y) {                                  \
    const type *const weights = (const type *)w;                                                                          \
    const int32_t cg = p.c / p.groups, og = p.oc / p.groups;                                                              \
    size_t at = 0;                                                                                                        \
    for (int32_t n = 0; n < p.n; n++)                                                                                     \
      for (int32_t oy = 0; oy < p.oh; oy++)                                                                               \
        for (int32_t ox = 0; ox < p.ow; ox++)                                                                             \
          for (int32_t o = 0; o < p.oc; o++, at++) {                                                                      \
            int32_t acc = bias[o];                                                                                        \
            for (int32_t ky = 0; ky < p.kh; ky++) {                                                                       \
              const int32_t iy = qcc_transposed_source(oy, p.pad_top, ky, p.dh, p.sh, p.h);                               \
              if (iy < 0) continue;                                                                                       \
              for (int32_t kx = 0; kx < p.kw; kx++) {                                                                     \
                const int32_t ix = qcc_transposed_source(ox, p.pad_left, kx, p.dw, p.sw, p.w);                            \
                if (ix < 0) continue;                                                                                     \
                {                                                                                                         \
                  const size_t pixel = ((size_t)n * (size_t)p.h + (size_t)iy) * (size_t)p.w + (size_t)ix;                 \
                  const uint8_t *xi = x + pixel * (size_t)p.c + (size_t)(o / og) * (size_t)cg;                            \
                  const type *wi =                                                                                        \
                      weights + (((size_t)o * (size_t)p.kh + (size_t)ky) * (size_t)p.kw + (size_t)kx) * (size_t)cg;       \
                  for (int32_t i = 0; i < cg; i++) acc += (qcc_stored(xi[i], p.x_signed) - d.x_zero) * (int32_t)wi[i];    \
                }                                                                                                         \
              }                                                                                                           \
            }                                                                                                             \
            qcc_epilogue_store(p.kind, d.e, acc, scale, o, NULL, NULL, y, at);                                            \
          }                                                                                                               \
  }

QCC_SCALAR_CONV2D_TRANSPOSE(qcc_conv2d_transpose_q8__s8__scalar, int8_t)
QCC_SCALAR_CONV2D_TRANSPOSE(qcc_conv2d_transpose_q8__s16__scalar, int16_t)

#undef QCC_SCALAR_CONV2D_TRANSPOSE

#endif

/* SPDX-License-Identifier: 0BSD */
/* Convolution and pooling of floats in plain C, in the order of operations their contracts fix. */
#ifndef QCC_SCALAR_FLOAT_H
#define QCC_SCALAR_FLOAT_H

#include "fused_f32.h"
#include "qcc/conv2d_f32.h"
#include "qcc/lanes.h"
#include "qcc/math.h"
#include "qcc/pool_f32.h"

QCC_INLINE size_t qcc_pixel(int32_t n, int32_t h, int32_t w, int32_t c, int32_t iy, int32_t ix) {
  return (((size_t)n * (size_t)h + (size_t)iy) * (size_t)w + (size_t)ix) * (size_t)c;
}

QCC_INLINE void qcc_conv2d_f32__1__scalar(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, const float *x, const float *w,
                                          const float *bias, const float *residual, float *y) {
  const int32_t cg = p.c / p.groups, og = p.oc / p.groups;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t o = 0; o < p.oc; o++) {
          float lane[8] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
          for (int32_t ky = 0; ky < p.kh; ky++) {
            const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
            if (iy < 0 || iy >= p.h) continue;
            for (int32_t kx = 0; kx < p.kw; kx++) {
              const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;
              if (ix < 0 || ix >= p.w) continue;
              const float *xi = x + qcc_pixel(n, p.h, p.w, p.c, iy, ix) + (size_t)(o / og) * (size_t)cg;
              const float *wi = w + (((size_t)o * (size_t)p.kh + (size_t)ky) * (size_t)p.kw + (size_t)kx) * (size_t)cg;
              const int32_t rest = cg % 8, whole = cg - rest;
              for (int32_t i = 0; i < whole; i += 8)
                for (int32_t l = 0; l < 8; l++) lane[l] = qcc_fmaf(xi[i + l], wi[i + l], lane[l]);
              for (int32_t l = 0; l < rest; l++) lane[l] = qcc_fmaf(xi[whole + l], wi[whole + l], lane[l]);
            }
          }
          {
            const float sum = qcc_sum_lanes(lane);
            *y++ = qcc_fused_epilogue(p, d, p.has_bias ? sum + bias[o] : sum, residual);
            if (p.has_add) residual++;
          }
        }
}

QCC_INLINE void qcc_average_pool_f32__1__scalar(struct qcc_pool_f32_params p, const float *x, float *y) {
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t c = 0; c < p.c; c++) {
          float sum = 0.0f;
          int32_t count = 0;
          for (int32_t ky = 0; ky < p.kh; ky++) {
            const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
            if (iy < 0 || iy >= p.h) continue;
            for (int32_t kx = 0; kx < p.kw; kx++) {
              const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;
              if (ix < 0 || ix >= p.w) continue;
              sum += x[qcc_pixel(n, p.h, p.w, p.c, iy, ix) + (size_t)c];
              count++;
            }
          }
          *y++ = sum / (float)(p.count_include_pad ? p.kh * p.kw : count);
        }
}

QCC_INLINE void qcc_max_pool_f32__1__scalar(struct qcc_pool_f32_params p, const float *x, float *y) {
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t c = 0; c < p.c; c++) {
          float max = -1.0f / 0.0f;
          for (int32_t ky = 0; ky < p.kh; ky++) {
            const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
            if (iy < 0 || iy >= p.h) continue;
            for (int32_t kx = 0; kx < p.kw; kx++) {
              const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;
              if (ix < 0 || ix >= p.w) continue;
              {
                const float v = x[qcc_pixel(n, p.h, p.w, p.c, iy, ix) + (size_t)c];
                max = v > max || v != v ? v : max;
              }
            }
          }
          *y++ = max;
        }
}

QCC_INLINE void qcc_max_pool_index_f32__1__scalar(struct qcc_max_pool_index_params p, const float *x, int64_t *y) {
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t c = 0; c < p.c; c++) {
          float max = 0.0f;
          int64_t found = -1;
          for (int32_t ky = 0; ky < p.kh; ky++) {
            const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
            if (iy < 0 || iy >= p.h) continue;
            for (int32_t kx = 0; kx < p.kw; kx++) {
              const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;
              if (ix < 0 || ix >= p.w) continue;
              {
                const float v = x[qcc_pixel(n, p.h, p.w, p.c, iy, ix) + (size_t)c];
                if (found >= 0 && !(v > max || v != v)) continue;
                max = v;
                found = ((int64_t)n * p.c + c) * p.h * p.w + (p.columns ? (int64_t)ix * p.h + iy : (int64_t)iy * p.w + ix);
              }
            }
          }
          *y++ = found;
        }
}

#endif

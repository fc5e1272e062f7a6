/* SPDX-License-Identifier: 0BSD */
/* max_pool_q8, average_pool_q8 and window_mean_q8 in plain C; formulas in qcc/pool_q8.h. */
#ifndef QCC_SCALAR_POOL_Q8_H
#define QCC_SCALAR_POOL_Q8_H

#include "epilogue.h"
#include "qcc/pool_q8.h"

QCC_INLINE size_t qcc_pool_at(struct qcc_pool_q8_params p, int32_t n, int32_t iy, int32_t ix, int32_t c) {
  return (((size_t)n * (size_t)p.h + (size_t)iy) * (size_t)p.w + (size_t)ix) * (size_t)p.c + (size_t)c;
}

/* Sum and maximum over the window's pixels inside the image, and their number. */
struct qcc_pool_window {
  int32_t sum, max, count;
};

QCC_INLINE struct qcc_pool_window qcc_pool_gather(struct qcc_pool_q8_params p, const uint8_t *x, int32_t zero, int32_t n,
                                                  int32_t oy, int32_t ox, int32_t c) {
  struct qcc_pool_window v = {0, -256, 0};
  for (int32_t ky = 0; ky < p.kh; ky++) {
    const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
    if (iy < 0 || iy >= p.h) continue;
    for (int32_t kx = 0; kx < p.kw; kx++) {
      const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;
      if (ix < 0 || ix >= p.w) continue;
      const int32_t q = qcc_stored(x[qcc_pool_at(p, n, iy, ix, c)], p.x_signed);
      v.sum += q - zero;
      v.max = q > v.max ? q : v.max;
      v.count++;
    }
  }
  return v;
}

QCC_INLINE void qcc_max_pool_q8__1__scalar(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x, uint8_t *y) {
  size_t at = 0;
  (void)d;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t c = 0; c < p.c; c++) y[at++] = (uint8_t)qcc_pool_gather(p, x, 0, n, oy, ox, c).max;
}

QCC_INLINE void qcc_average_pool_q8__1__scalar(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                               const float *mult, uint8_t *y) {
  size_t at = 0;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t c = 0; c < p.c; c++) {
          const struct qcc_pool_window v = qcc_pool_gather(p, x, d.x_zero, n, oy, ox, c);
          const int32_t k = p.count_include_pad ? p.kh * p.kw : v.count;
          y[at++] = (uint8_t)qcc_requantize(v.sum, mult[k], d.y_zero, d.y_min, d.y_max);
        }
}

QCC_INLINE void qcc_window_mean_q8__1__scalar(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                              uint8_t *y) {
  const int32_t up = p.y_signed ? 128 : 0;
  size_t at = 0;
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
              sum += qcc_dequantize(qcc_stored(x[qcc_pool_at(p, n, iy, ix, c)], p.x_signed), d.x_scale, d.x_zero);
              count++;
            }
          }
          {
            const float mean = sum / (float)(p.count_include_pad ? p.kh * p.kw : count);
            y[at++] = (uint8_t)(qcc_round_to_stored(mean / d.y_scale + (float)(d.y_zero + up), 0, d.y_min + up, d.y_max + up) - up);
          }
        }
}

#endif

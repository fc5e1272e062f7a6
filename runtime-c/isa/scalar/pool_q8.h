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

/* One value of window_mean_q8, every rounding done as float32 does it; k: what the sum is divided by. */
QCC_RARE int32_t qcc_window_mean__wide(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x, int32_t n,
                                       int32_t oy, int32_t ox, int32_t c, int32_t k) {
  const struct qcc_wide scale = qcc_wide_of_f32(d.x_scale);
  const int32_t up = p.y_signed ? 128 : 0;
  struct qcc_wide v = qcc_wide_of(0);
  for (int32_t ky = 0; ky < p.kh; ky++) {
    const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
    if (iy < 0 || iy >= p.h) continue;
    for (int32_t kx = 0; kx < p.kw; kx++) {
      const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;
      if (ix < 0 || ix >= p.w) continue;
      const int32_t q = qcc_stored(x[qcc_pool_at(p, n, iy, ix, c)], p.x_signed) - d.x_zero;
      v = qcc_wide_f32(qcc_wide_sum(v, qcc_wide_f32(qcc_wide_product(qcc_wide_of(q), scale))));
    }
  }
  v = qcc_wide_f32(qcc_wide_quotient(v, qcc_wide_of(k)));
  v = qcc_wide_f32(qcc_wide_quotient(v, qcc_wide_of_f32(d.y_scale)));
  v = qcc_wide_f32(qcc_wide_sum(v, qcc_wide_of(d.y_zero + up)));
  return qcc_wide_stored(v, d.y_min + up, d.y_max + up) - up;
}

/* x_scale / (y_scale * k) in units of 2^-40, or -1 where k > 64 or x_scale / y_scale >= 8. */
QCC_INLINE int64_t qcc_window_step(struct qcc_pool_q8_data d, int32_t k) {
  const struct qcc_wide divisor = qcc_wide_product(qcc_wide_of_f32(d.y_scale), qcc_wide_of(k));
  const struct qcc_wide q = qcc_wide_quotient(qcc_wide_of_f32(d.x_scale), divisor);
  const int32_t up = q.exponent + 40;
  uint64_t step;
  if (k > 64 || up > 12 || (up > 0 && q.magnitude >> 43 != 0u)) return -1;
  step = up >= 0 ? q.magnitude << up : up < -63 ? 0u : q.magnitude >> -up;
  return step >> 43 != 0u || step * (uint64_t)k >> 43 != 0u ? -1 : (int64_t)step;
}

/* window_mean_q8 without a float operation. With r = x_scale / y_scale float32 is off by (k + 3) * 255 * r * 2^-24, of k products
 * and sums of at most 255 * k * x_scale and of two quotients, and by 2^-15 for the last sum. Farther than that from a tie the
 * exact sum in fixed point has the same nearest integer. */
QCC_INLINE void qcc_window_mean_q8__integer(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x, uint8_t *y) {
  const uint64_t one = UINT64_C(1) << 40;
  size_t at = 0;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++) {
        const int32_t k = p.count_include_pad ? p.kh * p.kw : qcc_pool_gather(p, x, 0, n, oy, ox, 0).count;
        const int64_t step = qcc_window_step(d, k);
        const uint64_t near = ((uint64_t)(k + 4) * (uint64_t)(step * k) >> 16) + (UINT64_C(1) << 26);
        for (int32_t c = 0; c < p.c; c++, at++) {
          if (step >= 0) {
            const int64_t sum = qcc_pool_gather(p, x, d.x_zero, n, oy, ox, c).sum * step;
            const uint64_t v = (uint64_t)(sum + ((int64_t)d.y_zero + (INT64_C(1) << 14)) * (int64_t)one) + (one >> 1);
            if (((v + near) & (one - 1u)) > 2u * near) {
              const int32_t q = (int32_t)(v >> 40) - (INT32_C(1) << 14);
              y[at] = (uint8_t)(q < d.y_min ? d.y_min : q > d.y_max ? d.y_max : q);
              continue;
            }
          }
          y[at] = (uint8_t)qcc_window_mean__wide(p, d, x, n, oy, ox, c, k);
        }
      }
}

QCC_INLINE void qcc_window_mean_q8__1__scalar(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                              uint8_t *y) {
#if QCC_NO_FPU
  qcc_window_mean_q8__integer(p, d, x, y);
#else
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
#endif
}

#endif

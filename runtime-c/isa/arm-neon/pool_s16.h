/* SPDX-License-Identifier: 0BSD */
/* max_pool_s16, average_pool_fixed_s16 and average_pool_q16 on AArch64: 8 channels of one output pixel at a time, over the part
 * of its window that lies inside the image; two vectors of 32-bit sums. The last channels of c >= 8 are done again as part of
 * 8 whole ones; fewer channels are plain C's. */
#ifndef QCC_ARM_NEON_POOL_S16_H
#define QCC_ARM_NEON_POOL_S16_H

#include "../scalar/fixed_s16.h"
#include "elementwise_q16.h"
#include "pool_q8.h"

/* The pixels of one output's window inside the image, from x on, steps in elements. */
struct qcc_neon_window_s16 {
  const int16_t *x;
  int32_t rows, columns;
  ptrdiff_t row_step, column_step;
};

QCC_INLINE struct qcc_neon_window_s16 qcc_neon_window_s16_at(struct qcc_pool_q8_params p, const int16_t *x, int32_t oy, int32_t ox) {
  const int32_t iy = oy * p.sh - p.pad_top, ix = ox * p.sw - p.pad_left;
  const int32_t top = qcc_neon_taps_before(iy, 0, p.dh, p.kh), left = qcc_neon_taps_before(ix, 0, p.dw, p.kw);
  const ptrdiff_t first = ((ptrdiff_t)(iy + top * p.dh) * p.w + ix + left * p.dw) * p.c;
  return (struct qcc_neon_window_s16){x + first, qcc_neon_taps_before(iy, p.h, p.dh, p.kh) - top,
                                      qcc_neon_taps_before(ix, p.w, p.dw, p.kw) - left, (ptrdiff_t)p.dh * p.w * p.c,
                                      (ptrdiff_t)p.dw * p.c};
}

QCC_INLINE int16x8_t qcc_neon_max_s16(struct qcc_neon_window_s16 v, int32_t c) {
  int16x8_t max = vdupq_n_s16(-32768);
  for (int32_t ky = 0; ky < v.rows; ky++) {
    const int16_t *from = v.x + ky * v.row_step + c;
    for (int32_t kx = 0; kx < v.columns; kx++, from += v.column_step) max = vmaxq_s16(max, vld1q_s16(from));
  }
  return max;
}

QCC_INLINE struct qcc_neon_eight qcc_neon_sum_s16(struct qcc_neon_window_s16 v, int32_t c) {
  struct qcc_neon_eight sum = {vdupq_n_s32(0), vdupq_n_s32(0)};
  for (int32_t ky = 0; ky < v.rows; ky++) {
    const int16_t *from = v.x + ky * v.row_step + c;
    for (int32_t kx = 0; kx < v.columns; kx++, from += v.column_step) {
      const int16x8_t x = vld1q_s16(from);
      sum.low = vaddw_s16(sum.low, vget_low_s16(x));
      sum.high = vaddw_high_s16(sum.high, x);
    }
  }
  return sum;
}

/* floor(n / count), n < 2^31, count <= 2^15: half a unit of 1 / count is far more than what the product is off by. */
QCC_INLINE uint32x2_t qcc_neon_divide(uint32x2_t n, float64x2_t reciprocal) {
  const float64x2_t half = vaddq_f64(vcvtq_f64_u64(vmovl_u32(n)), vdupq_n_f64(0.5));
  return vmovn_u64(vcvtq_u64_f64(vmulq_f64(half, reciprocal)));
}

/* sum / count to nearest, ties away from zero. */
QCC_INLINE int32x4_t qcc_neon_mean_away(int32x4_t sum, int32_t count) {
  const float64x2_t reciprocal = vdupq_n_f64(1.0 / (double)count);
  const uint32x4_t n = vaddq_u32(vreinterpretq_u32_s32(vabsq_s32(sum)), vdupq_n_u32((uint32_t)count / 2u));
  const uint32x4_t size = vcombine_u32(qcc_neon_divide(vget_low_u32(n), reciprocal), qcc_neon_divide(vget_high_u32(n), reciprocal));
  const int32x4_t sign = vshrq_n_s32(sum, 31);
  return vsubq_s32(veorq_s32(vreinterpretq_s32_u32(size), sign), sign);
}

/* A mean of int16 is one. */
QCC_INLINE int16x8_t qcc_neon_mean_s16(struct qcc_neon_window_s16 v, int32_t c) {
  const struct qcc_neon_eight sum = qcc_neon_sum_s16(v, c);
  const int32_t count = v.rows * v.columns;
  return vcombine_s16(vmovn_s32(qcc_neon_mean_away(sum.low, count)), vmovn_s32(qcc_neon_mean_away(sum.high, count)));
}

/* Of c >= 8 channels; is_mean, a literal at every call: the mean of each window, or its maximum. */
QCC_INLINE void qcc_neon_pool_s16(int32_t is_mean, struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const int16_t *x,
                                  int16_t *y) {
  const int16x8_t low = vdupq_n_s16((int16_t)d.y_min), high = vdupq_n_s16((int16_t)d.y_max);
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, y += p.c) {
        const struct qcc_neon_window_s16 v = qcc_neon_window_s16_at(p, x, oy, ox);
        for (int32_t k = 0; k < p.c; k += 8) {
          const int32_t c = k < p.c - 8 ? k : p.c - 8;
          const int16x8_t found = is_mean ? qcc_neon_mean_s16(v, c) : qcc_neon_max_s16(v, c);
          vst1q_s16(y + c, vminq_s16(vmaxq_s16(found, low), high));
        }
      }
}

QCC_INLINE void qcc_max_pool_s16__8__arm_neon(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const int16_t *x, int16_t *y) {
  if (p.c < 8)
    qcc_max_pool_s16__1__scalar(p, d, x, y);
  else
    qcc_neon_pool_s16(0, p, d, x, y);
}

QCC_INLINE void qcc_average_pool_fixed_s16__8__arm_neon(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const int16_t *x,
                                                        int16_t *y) {
  if (p.c < 8)
    qcc_average_pool_fixed_s16__1__scalar(p, d, x, y);
  else
    qcc_neon_pool_s16(1, p, d, x, y);
}

QCC_INLINE void qcc_average_pool_q16__8__arm_neon(struct qcc_average_pool_q16_params p, struct qcc_average_pool_q16_data d,
                                                  const int16_t *x, const float *mult, void *y) {
  const struct qcc_pool_q8_params q = {p.n,  p.h,  p.w,  p.c,  p.oh,      p.ow,       p.kh,                p.kw, p.sh,
                                       p.sw, p.dh, p.dw, p.pad_top, p.pad_left, p.count_include_pad, 1,    1};
  size_t at = 0;
  if (p.c < 8) {
    qcc_average_pool_q16__1__scalar(p, d, x, mult, y);
    return;
  }
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, at += (size_t)p.c) {
        const struct qcc_neon_window_s16 v = qcc_neon_window_s16_at(q, x, oy, ox);
        const float32x4_t m = vdupq_n_f32(mult[p.count_include_pad ? p.kh * p.kw : v.rows * v.columns]);
        for (int32_t k = 0; k < p.c; k += 8) {
          const int32_t c = k < p.c - 8 ? k : p.c - 8;
          struct qcc_neon_eight s = qcc_neon_sum_s16(v, c);
          s.low = qcc_neon_round_to_stored(qcc_neon_mul(vcvtq_f32_s32(s.low), m), d.y_zero, d.y_min, d.y_max);
          s.high = qcc_neon_round_to_stored(qcc_neon_mul(vcvtq_f32_s32(s.high), m), d.y_zero, d.y_min, d.y_max);
          qcc_neon_store_q16(y, p.y_element, at + (size_t)c, s);
        }
      }
}

#endif

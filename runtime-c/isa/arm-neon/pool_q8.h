/* SPDX-License-Identifier: 0BSD */
/* max_pool_q8, average_pool_q8 and window_mean_q8 on NEON: 16 channels of one output pixel at a time, over the part of its
 * window that lies inside the image.
 *
 * average_pool_q8 sums in 16 bits: 256 stored values fit (256 * 255 in u16, 256 * -128 in s16), then they join 32-bit
 * sums. window_mean_q8 adds floats in the contract's order: lanes are channels, so each lane is one scalar sum: AArch64 only.
 * The last channels of c >= 16 are done again as part of 16 whole ones. */
#ifndef QCC_ARM_NEON_POOL_Q8_H
#define QCC_ARM_NEON_POOL_Q8_H

#include "qcc/pool_q8.h"
#include "simd.h"

/* The pixels of one output's window inside the image: rows x columns of them from x on, steps in bytes. */
struct qcc_neon_window {
  const uint8_t *x, *end;
  int32_t rows, columns, valid;
  ptrdiff_t row_step, column_step;
};

/* How many of `count` taps, `step` apart from position `start` on, lie before 0 / before `limit`. */
QCC_INLINE int32_t qcc_neon_taps_before(int32_t start, int32_t limit, int32_t step, int32_t count) {
  const int32_t taps = start >= limit ? 0 : (limit - start + step - 1) / step;
  return taps < count ? taps : count;
}

/* The window of output (oy, ox) of the image at x, channels from 0 on. */
QCC_INLINE struct qcc_neon_window qcc_neon_window_at(struct qcc_pool_q8_params p, const uint8_t *x, const uint8_t *end,
                                                     int32_t oy, int32_t ox) {
  const int32_t iy = oy * p.sh - p.pad_top, ix = ox * p.sw - p.pad_left;
  const int32_t top = qcc_neon_taps_before(iy, 0, p.dh, p.kh), left = qcc_neon_taps_before(ix, 0, p.dw, p.kw);
  struct qcc_neon_window v = {x, end, qcc_neon_taps_before(iy, p.h, p.dh, p.kh) - top,
                              qcc_neon_taps_before(ix, p.w, p.dw, p.kw) - left, 16,
                              (ptrdiff_t)p.dh * p.w * p.c, (ptrdiff_t)p.dw * p.c};
  v.x += ((ptrdiff_t)(iy + top * p.dh) * p.w + ix + left * p.dw) * p.c;
  return v;
}

QCC_INLINE uint8x16_t qcc_neon_window_max(struct qcc_neon_window v, int32_t is_signed) {
  uint8x16_t max = vdupq_n_u8(is_signed ? 0x80 : 0);
  for (int32_t ky = 0; ky < v.rows; ky++) {
    const uint8_t *from = v.x + ky * v.row_step;
    for (int32_t kx = 0; kx < v.columns; kx++, from += v.column_step) {
      const uint8x16_t x = qcc_neon_load_part(from, v.valid, v.end);
      max = is_signed ? vreinterpretq_u8_s8(vmaxq_s8(vreinterpretq_s8_u8(max), vreinterpretq_s8_u8(x))) : vmaxq_u8(max, x);
    }
  }
  return max;
}

/* 16 sums in 32 bits; `low` and `high` hold up to 256 stored values each. */
struct qcc_neon_sums {
  int32x4_t v0, v1, v2, v3;
  uint16x8_t low, high;
};

QCC_INLINE struct qcc_neon_sums qcc_neon_join(struct qcc_neon_sums s, int32_t is_signed) {
  if (is_signed) {
    const int16x8_t low = vreinterpretq_s16_u16(s.low), high = vreinterpretq_s16_u16(s.high);
    s.v0 = vaddw_s16(s.v0, vget_low_s16(low));
    s.v1 = qcc_neon_addw_high_s16(s.v1, low);
    s.v2 = vaddw_s16(s.v2, vget_low_s16(high));
    s.v3 = qcc_neon_addw_high_s16(s.v3, high);
  } else {
    s.v0 = vreinterpretq_s32_u32(vaddw_u16(vreinterpretq_u32_s32(s.v0), vget_low_u16(s.low)));
    s.v1 = vreinterpretq_s32_u32(qcc_neon_addw_high_u16(vreinterpretq_u32_s32(s.v1), s.low));
    s.v2 = vreinterpretq_s32_u32(vaddw_u16(vreinterpretq_u32_s32(s.v2), vget_low_u16(s.high)));
    s.v3 = vreinterpretq_s32_u32(qcc_neon_addw_high_u16(vreinterpretq_u32_s32(s.v3), s.high));
  }
  s.low = s.high = vdupq_n_u16(0);
  return s;
}

QCC_INLINE struct qcc_neon_sums qcc_neon_window_sum(struct qcc_pool_q8_params p, struct qcc_neon_window v) {
  const int32x4_t zero = vdupq_n_s32(0);
  struct qcc_neon_sums s = {zero, zero, zero, zero, vdupq_n_u16(0), vdupq_n_u16(0)};
  int32_t held = 0;
  for (int32_t ky = 0; ky < v.rows; ky++) {
    const uint8_t *from = v.x + ky * v.row_step;
    for (int32_t kx = 0; kx < v.columns; kx++, from += v.column_step) {
      const uint8x16_t x = qcc_neon_load_part(from, v.valid, v.end);
      if (p.kh * p.kw > 256 && held++ == 256) {
        s = qcc_neon_join(s, p.x_signed);
        held = 1;
      }
      if (p.x_signed) {
        const int8x16_t q = vreinterpretq_s8_u8(x);
        s.low = vreinterpretq_u16_s16(vaddw_s8(vreinterpretq_s16_u16(s.low), vget_low_s8(q)));
        s.high = vreinterpretq_u16_s16(qcc_neon_addw_high_s8(vreinterpretq_s16_u16(s.high), q));
      } else {
        s.low = vaddw_u8(s.low, vget_low_u8(x));
        s.high = qcc_neon_addw_high_u8(s.high, x);
      }
    }
  }
  return qcc_neon_join(s, p.x_signed);
}

/* clamp(rne(f32(s - n * x_zero) * mult) + y_zero) */
QCC_INLINE uint8x16_t qcc_neon_average(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, struct qcc_neon_sums s,
                                       int32_t pixels, float mult) {
  const int32x4_t zero = vdupq_n_s32(pixels * d.x_zero);
  const float32x4_t m = vdupq_n_f32(mult);
#define QCC_NEON_SCALED(v) qcc_neon_mul(vcvtq_f32_s32(vsubq_s32(v, zero)), m)
  int16x8_t low = qcc_neon_round(QCC_NEON_SCALED(s.v0), QCC_NEON_SCALED(s.v1));
  int16x8_t high = qcc_neon_round(QCC_NEON_SCALED(s.v2), QCC_NEON_SCALED(s.v3));
#undef QCC_NEON_SCALED
  low = vqaddq_s16(low, vdupq_n_s16((int16_t)d.y_zero));
  high = vqaddq_s16(high, vdupq_n_s16((int16_t)d.y_zero));
  return qcc_neon_narrow(low, high, p.y_signed, 0, d.y_min, d.y_max);
}

#if QCC_NEON_64
/* window_mean_q8 of one window; k: what the sum is divided by. */
QCC_INLINE uint8x16_t qcc_neon_window_mean(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d,
                                           struct qcc_neon_window v, int32_t k) {
  const int16x8_t x_zero = vdupq_n_s16((int16_t)d.x_zero);
  const float32x4_t scale = vdupq_n_f32(d.x_scale), y_scale = vdupq_n_f32(d.y_scale);
  const int32_t up = p.y_signed ? 128 : 0; /* a signed result is rounded as the unsigned one 128 above it */
  const float32x4_t y_zero = vdupq_n_f32((float)(d.y_zero + up)), count = vdupq_n_f32((float)k);
  const float32x4_t y_min = vdupq_n_f32((float)(d.y_min + up)), y_max = vdupq_n_f32((float)(d.y_max + up));
  const int16x8_t down = vdupq_n_s16((int16_t)up);
  float32x4_t s0 = vdupq_n_f32(0.0f), s1 = s0, s2 = s0, s3 = s0;
  for (int32_t ky = 0; ky < v.rows; ky++) {
    const uint8_t *from = v.x + ky * v.row_step;
    for (int32_t kx = 0; kx < v.columns; kx++, from += v.column_step) {
      const uint8x16_t x = qcc_neon_load_part(from, v.valid, v.end);
      const int16x8_t low = vsubq_s16(qcc_neon_widen_low(x, p.x_signed), x_zero);
      const int16x8_t high = vsubq_s16(qcc_neon_widen_high(x, p.x_signed), x_zero);
      s0 = vaddq_f32(s0, qcc_neon_mul(qcc_neon_float_low(low), scale));
      s1 = vaddq_f32(s1, qcc_neon_mul(qcc_neon_float_high(low), scale));
      s2 = vaddq_f32(s2, qcc_neon_mul(qcc_neon_float_low(high), scale));
      s3 = vaddq_f32(s3, qcc_neon_mul(qcc_neon_float_high(high), scale));
    }
  }
#define QCC_NEON_MEAN(s) vaddq_f32(vdivq_f32(vdivq_f32(s, count), y_scale), y_zero)
  const int16x8_t first = vsubq_s16(qcc_neon_round_within(QCC_NEON_MEAN(s0), QCC_NEON_MEAN(s1), y_min, y_max), down);
  const int16x8_t second = vsubq_s16(qcc_neon_round_within(QCC_NEON_MEAN(s2), QCC_NEON_MEAN(s3), y_min, y_max), down);
#undef QCC_NEON_MEAN
  return qcc_neon_narrow(first, second, p.y_signed, 1, 0, 0);
}
#endif

enum { QCC_NEON_POOL_MAX = 0, QCC_NEON_POOL_AVERAGE = 1, QCC_NEON_POOL_MEAN = 2 };

/* All channels of one output pixel; v: its window. `what` is a literal at every call. */
QCC_INLINE void qcc_neon_pool_pixel(int32_t what, struct qcc_pool_q8_params p, struct qcc_pool_q8_data d,
                                    struct qcc_neon_window v, const float *mult, uint8_t *y) {
  const int32_t pixels = v.rows * v.columns, k = p.count_include_pad ? p.kh * p.kw : pixels;
  const uint8_t *x = v.x;
  if (p.c < 16) v.valid = p.c;
  for (int32_t c = 0; c < p.c; c += 16) {
    if (p.c >= 16 && p.c - c < 16) c = p.c - 16;
    v.x = x + c;
    uint8x16_t r;
    if (what == QCC_NEON_POOL_MAX)
      r = qcc_neon_window_max(v, p.x_signed);
#if QCC_NEON_64
    else if (what == QCC_NEON_POOL_MEAN)
      r = qcc_neon_window_mean(p, d, v, k);
#endif
    else
      r = qcc_neon_average(p, d, qcc_neon_window_sum(p, v), pixels, mult[k]);
    qcc_neon_store_part(y + c, r, v.valid);
  }
}

QCC_INLINE void qcc_neon_pool(int32_t what, struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                              const float *mult, uint8_t *y) {
  const uint8_t *end = x + (ptrdiff_t)p.n * p.h * p.w * p.c;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, y += p.c) {
        struct qcc_neon_window v = qcc_neon_window_at(p, x, end, oy, ox);
        if (v.rows == p.kh && v.columns == p.kw) { /* literals where the shape is */
          v.rows = p.kh;
          v.columns = p.kw;
          qcc_neon_pool_pixel(what, p, d, v, mult, y);
        } else {
          qcc_neon_pool_pixel(what, p, d, v, mult, y);
        }
      }
}

#if QCC_NEON_64
QCC_INLINE void qcc_max_pool_q8__16__arm_neon(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                              uint8_t *y) {
  qcc_neon_pool(QCC_NEON_POOL_MAX, p, d, x, 0, y);
}

QCC_INLINE void qcc_average_pool_q8__16__arm_neon(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d,
                                                  const uint8_t *x, const float *mult, uint8_t *y) {
  qcc_neon_pool(QCC_NEON_POOL_AVERAGE, p, d, x, mult, y);
}

QCC_INLINE void qcc_window_mean_q8__16__arm_neon(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d,
                                                 const uint8_t *x, uint8_t *y) {
  qcc_neon_pool(QCC_NEON_POOL_MEAN, p, d, x, 0, y);
}
#endif

#endif

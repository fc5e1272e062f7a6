/* SPDX-License-Identifier: 0BSD */
/* add_fixed_q8 and average_pool_fixed_q8 on Helium, four elements at a time.
 *
 *   vqrdmulh is qcc_high_multiply; vrshl rounds ties up, qcc_divide_power away from zero: negative values are one less
 *   before it, unless nothing is shifted, or the clamp stores what is below the zero point as that. The linear form:
 *   vmlas, vmla, vqshl, vshr. */
#ifndef QCC_ARM_MVE_FIXED_Q8_H
#define QCC_ARM_MVE_FIXED_Q8_H

#include "qcc/add_fixed_q8.h"
#include "qcc/pool_q8.h"
#include "simd.h"

/* qcc_divide_power for right < 32; is_shifted, minds_ties: literals. */
QCC_INLINE int32x4_t qcc_mve_divide_power(int32x4_t v, int32_t right, int32_t is_shifted, int32_t minds_ties) {
  if (!is_shifted) return v;
  if (minds_ties) v = vaddq_s32(v, vshrq_n_s32(vandq_s32(v, vdupq_n_s32(-right)), 31)); /* nothing where right is 0 */
  return vrshlq_n_s32(v, -right);
}

/* One operand of a sum, at a; zero: its zero point times 2^20. */
QCC_INLINE int32x4_t qcc_mve_term(int32x4_t v, int32_t zero, int32_t multiplier, int32_t right, int32_t is_shifted) {
  v = vqrdmulhq_n_s32(vsubq_n_s32(vshlq_n_s32(v, 20), zero), multiplier);
  return qcc_mve_divide_power(v, right, is_shifted, 1);
}

/* Four sums of the linear form; those of all s8 saturate at the top of 32 bits. */
QCC_INLINE uint32x4_t qcc_mve_linear_sum(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, int32x4_t a, int32x4_t b) {
  int32x4_t v = vmlaq_n_s32(vmlasq_n_s32(a, vdupq_n_s32(d.a_factor), d.constant), b, d.b_factor);
  if (p.full == 1) {
    v = vshrq_n_s32(vqshlq_r_s32(v, 24 - p.linear), 24);
  } else {
    v = vshlq_r_s32(v, -p.linear);
    v = vminq_s32(vmaxq_s32(v, vdupq_n_s32(d.y_min)), vdupq_n_s32(d.y_max));
  }
  return vreinterpretq_u32_s32(v);
}

QCC_INLINE void qcc_mve_add_linear(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                   const uint8_t *b, uint8_t *y) {
  for (int32_t row = 0; row < p.rows; row++, b += p.b_row) {
    const uint8_t *other = b;
    int32_t left = p.columns;
    if (p.b_column && p.a_signed && p.b_signed) {
      for (int32_t turns = left / 4; turns > 0; turns--, a += 4, other += 4, y += 4)
        vstrbq_u32(y, qcc_mve_linear_sum(p, d, vldrbq_s32((const int8_t *)a), vldrbq_s32((const int8_t *)other)));
      left %= 4;
    }
    for (; left > 0; left -= 4, a += 4, other += 4 * p.b_column, y += 4) {
      int32x4_t w = vdupq_n_s32(p.b_signed ? (int32_t)(int8_t)*other : (int32_t)*other);
      if (p.b_column) w = qcc_mve_load_stored(other, p.b_signed, left);
      qcc_mve_store_bytes(y, qcc_mve_linear_sum(p, d, qcc_mve_load_stored(a, p.a_signed, left), w), left);
    }
    a += left, y += left; /* what the last vector was short of */
  }
}

/* A row; the flags are literals. */
QCC_INLINE void qcc_mve_add_fixed_row(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, int32_t a_shifted,
                                      int32_t b_shifted, int32_t minds_ties, const uint8_t *a, const uint8_t *b, uint8_t *y) {
  const int32_t a_zero = d.a_zero * (1 << 20), b_zero = d.b_zero * (1 << 20);
  const int32x4_t low = vdupq_n_s32(d.y_min), high = vdupq_n_s32(d.y_max);
  int32x4_t same = vdupq_n_s32(0);
  if (!p.b_column) {
    same = vdupq_n_s32(p.b_signed ? (int32_t)(int8_t)*b : (int32_t)*b);
    same = qcc_mve_term(same, b_zero, d.b_multiplier, d.b_right, b_shifted);
  }
  for (int32_t left = p.columns; left > 0; left -= 4, a += 4, b += 4, y += 4) {
    int32x4_t v = qcc_mve_term(qcc_mve_load_stored(a, p.a_signed, left), a_zero, d.a_multiplier, d.a_right, a_shifted);
    int32x4_t w = same;
    if (p.b_column) w = qcc_mve_term(qcc_mve_load_stored(b, p.b_signed, left), b_zero, d.b_multiplier, d.b_right, b_shifted);
    if (p.a_negative) v = vnegq_s32(v);
    v = p.b_negative ? vsubq_s32(v, w) : vaddq_s32(v, w);
    v = qcc_mve_divide_power(vqrdmulhq_n_s32(v, d.y_multiplier), d.y_right, 1, minds_ties);
    v = vminq_s32(vmaxq_s32(vaddq_n_s32(v, d.y_zero), low), high);
    qcc_mve_store_bytes(y, vreinterpretq_u32_s32(v), left);
  }
}

/* All rows of plain s8 sums without repetition, whole vectors first: the loop of residual networks. */
QCC_INLINE void qcc_mve_add_fixed_rows(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, int32_t a_shifted,
                                       int32_t b_shifted, int32_t minds_ties, const uint8_t *a, const uint8_t *b,
                                       uint8_t *y) {
  if (p.rows == 1 && p.b_column && p.a_signed && p.b_signed && !p.a_negative && !p.b_negative) {
    const int32_t a_zero = d.a_zero * (1 << 20), b_zero = d.b_zero * (1 << 20);
    const int32x4_t low = vdupq_n_s32(d.y_min), high = vdupq_n_s32(d.y_max);
    for (int32_t left = p.columns / 4; left > 0; left--, a += 4, b += 4, y += 4) {
      int32x4_t v = qcc_mve_term(vldrbq_s32((const int8_t *)a), a_zero, d.a_multiplier, d.a_right, a_shifted);
      v = vaddq_s32(v, qcc_mve_term(vldrbq_s32((const int8_t *)b), b_zero, d.b_multiplier, d.b_right, b_shifted));
      v = qcc_mve_divide_power(vqrdmulhq_n_s32(v, d.y_multiplier), d.y_right, 1, minds_ties);
      v = vminq_s32(vmaxq_s32(vaddq_n_s32(v, d.y_zero), low), high);
      vstrbq_s32((int8_t *)y, v);
    }
    p.columns %= 4;
  }
  for (int32_t row = 0; row < p.rows; row++, a += p.columns, b += p.b_row, y += p.columns)
    qcc_mve_add_fixed_row(p, d, a_shifted, b_shifted, minds_ties, a, b, y);
}

QCC_INLINE void qcc_add_fixed_q8__4__arm_mve(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d,
                                             const uint8_t *a, const uint8_t *b, uint8_t *y) {
  const int32_t is_clamped = d.y_min >= d.y_zero;
  if (p.linear != 0)
    qcc_mve_add_linear(p, d, a, b, y);
  else if (is_clamped && d.a_right == 0)
    qcc_mve_add_fixed_rows(p, d, 0, 1, 0, a, b, y);
  else if (is_clamped && d.b_right == 0)
    qcc_mve_add_fixed_rows(p, d, 1, 0, 0, a, b, y);
  else
    qcc_mve_add_fixed_rows(p, d, 1, 1, 1, a, b, y);
}

/* The window of one output inside the image: rows x columns pixels from x on. */
struct qcc_mve_window {
  const uint8_t *x;
  int32_t rows, columns;
};

/* Taps of `count`, `step` apart from `start` on, that lie before `limit`. */
QCC_INLINE int32_t qcc_mve_taps_before(int32_t start, int32_t limit, int32_t step, int32_t count) {
  const int32_t taps = start >= limit ? 0 : (limit - start + step - 1) / step;
  return taps < count ? taps : count;
}

QCC_INLINE struct qcc_mve_window qcc_mve_window_at(struct qcc_pool_q8_params p, const uint8_t *image, int32_t oy, int32_t ox) {
  const int32_t iy = oy * p.sh - p.pad_top, ix = ox * p.sw - p.pad_left;
  const int32_t top = qcc_mve_taps_before(iy, 0, p.dh, p.kh), left = qcc_mve_taps_before(ix, 0, p.dw, p.kw);
  const struct qcc_mve_window v = {image + ((iy + top * p.dh) * p.w + ix + left * p.dw) * p.c,
                                   qcc_mve_taps_before(iy, p.h, p.dh, p.kh) - top,
                                   qcc_mve_taps_before(ix, p.w, p.dw, p.kw) - left};
  return v;
}

/* Sums of eight channels from x on (`valid` of them exist) over at most 256 pixels: 16 bits hold them. */
QCC_INLINE uint16x8_t qcc_mve_window_sum(struct qcc_pool_q8_params p, struct qcc_mve_window v, int32_t channel, int32_t valid) {
  const int32_t step = p.dw * p.c;
  uint16x8_t sum = vdupq_n_u16(0), x;
  for (int32_t ky = 0; ky < v.rows; ky++) {
    const uint8_t *from = v.x + ky * p.dh * p.w * p.c + channel;
#define QCC_MVE_SUM_ROW(load)                                             \
  __asm__ volatile("vctp.16 %[valid]\n\twls lr, %[n], 2f\n"               \
                   "1:\n\tvpst\n\t" load " %q[x], [%[from]]\n\t"          \
                   "add %[from], %[from], %[step]\n\t"                    \
                   "vadd.i16 %q[sum], %q[sum], %q[x]\n\t"                 \
                   "le lr, 1b\n2:"                                        \
                   : [sum] "+w"(sum), [x] "=&w"(x), [from] "+r"(from)     \
                   : [n] "r"(v.columns), [step] "r"(step), [valid] "r"(valid) \
                   : "lr", "memory")
    if (p.x_signed)
      QCC_MVE_SUM_ROW("vldrbt.s16");
    else
      QCC_MVE_SUM_ROW("vldrbt.u16");
#undef QCC_MVE_SUM_ROW
  }
  return sum;
}

/* The even and the odd of eight sums, in 32 bits. */
QCC_INLINE int32x4_t qcc_mve_widen(uint16x8_t v, int32_t is_odd, int32_t is_signed) {
  if (is_signed)
    return is_odd ? vmovltq_s16(vreinterpretq_s16_u16(v)) : vmovlbq_s16(vreinterpretq_s16_u16(v));
  return vreinterpretq_s32_u32(is_odd ? vmovltq_u16(v) : vmovlbq_u16(v));
}

/* clamp(s / count to nearest, ties away from zero): the quotient of |s| + count / 2 <= 128.5 * count by a multiplication
 * with 2^32 / count rounded up, whose error is less than |s| + count / 2 < 2^32 / count. */
QCC_INLINE int32x4_t qcc_mve_quotient(int32x4_t s, int32_t count, uint32_t inverse, struct qcc_pool_q8_data d) {
  const int32x4_t sign = vshrq_n_s32(s, 31);
  uint32x4_t size = vreinterpretq_u32_s32(vsubq_s32(veorq_s32(s, sign), sign));
  size = vaddq_n_u32(size, (uint32_t)(count / 2));
  if (count > 1) size = vmulhq_u32(size, vdupq_n_u32(inverse));
  s = vsubq_s32(veorq_s32(vreinterpretq_s32_u32(size), sign), sign);
  return vminq_s32(vmaxq_s32(s, vdupq_n_s32(d.y_min)), vdupq_n_s32(d.y_max));
}

/* clamp(rne(f32(s - count * x_zero) * mult) + y_zero) */
QCC_INLINE int32x4_t qcc_mve_average(int32x4_t s, int32_t count, float mult, struct qcc_pool_q8_data d) {
  const int32x4_t v = vcvtnq_s32_f32(vmulq_n_f32(vcvtq_f32_s32(vsubq_n_s32(s, count * d.x_zero)), mult));
  return vminq_s32(vmaxq_s32(vqaddq_n_s32(v, d.y_zero), vdupq_n_s32(d.y_min)), vdupq_n_s32(d.y_max));
}

/* is_fixed, a literal: TFLite's rule, else mult[] says the scale for each number of pixels. */
QCC_INLINE void qcc_mve_average_pool(int32_t is_fixed, struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                     const float *mult, uint8_t *y) {
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, y += p.c) {
        const struct qcc_mve_window v = qcc_mve_window_at(p, x, oy, ox);
        const int32_t count = v.rows * v.columns;
        const uint32_t inverse = UINT32_MAX / (uint32_t)count + 1u;
        const float m = is_fixed ? 0.0f : mult[p.count_include_pad ? p.kh * p.kw : count];
        for (int32_t c = 0; c < p.c; c += 8) {
          const int32_t valid = p.c - c < 8 ? p.c - c : 8;
          const uint16x8_t sums = qcc_mve_window_sum(p, v, c, valid);
          int32x4_t even = qcc_mve_widen(sums, 0, p.x_signed), odd = qcc_mve_widen(sums, 1, p.x_signed);
          even = is_fixed ? qcc_mve_quotient(even, count, inverse, d) : qcc_mve_average(even, count, m, d);
          odd = is_fixed ? qcc_mve_quotient(odd, count, inverse, d) : qcc_mve_average(odd, count, m, d);
          vstrbq_p_u16(y + c, vreinterpretq_u16_s16(vmovntq_s32(vreinterpretq_s16_s32(even), odd)), vctp16q((uint32_t)valid));
        }
      }
}

QCC_INLINE void qcc_average_pool_fixed_q8__8__arm_mve(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                                      uint8_t *y) {
  qcc_mve_average_pool(1, p, d, x, 0, y);
}

QCC_INLINE void qcc_average_pool_q8__8__arm_mve(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                                const float *mult, uint8_t *y) {
  qcc_mve_average_pool(0, p, d, x, mult, y);
}

#endif

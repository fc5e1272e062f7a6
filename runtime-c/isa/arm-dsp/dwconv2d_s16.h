/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_s16 on arm-dsp: four channels at a time. A tap is two words of x and one of weights, which unpacks into the pairs of
 * channels 0, 2 and 1, 3: nine instructions for four products. Channels beyond a multiple of four go one by one. */
#ifndef QCC_ARM_DSP_DWCONV2D_S16_H
#define QCC_ARM_DSP_DWCONV2D_S16_H

#include "qcc/conv2d_s16.h"
#include "qcc/taps.h"
#include "simd.h"

/* Sums of 32 bits to a stored value, as qcc_dsp_s16_store of conv2d_s16.h. */
QCC_INLINE int16_t qcc_dsp_s16_result(struct qcc_dwconv2d_s16_params p, struct qcc_dwconv2d_s16_data d, int32_t sum,
                                      const int32_t *scale) {
  if (p.rounding == QCC_WIDE_CUT && scale[1] > 16 && scale[1] < 48) {
    const int32_t high = qcc_dsp_smmul(sum, scale[0] * (INT32_C(1) << 16));
    return (int16_t)qcc_wide_clamp(qcc_dsp_round_shift(high, scale[1] - 16, 0), d.y_min, d.y_max);
  }
  return (int16_t)qcc_wide_clamp(qcc_wide_narrow_result(p.rounding, sum, scale), d.y_min, d.y_max);
}

struct qcc_dsp_s16_four {
  int32_t a0, a1, a2, a3;
};

/* Sums of the four channels from o on. */
QCC_INLINE struct qcc_dsp_s16_four qcc_dsp_s16_four_of(struct qcc_dwconv2d_s16_params p, struct qcc_taps s,
                                                       const int16_t *x, const int8_t *w, const int32_t *bias, int32_t o) {
  const ptrdiff_t c = p.c, down = (ptrdiff_t)p.dh * p.w * c, right = p.dw * c;
  int32_t a0 = bias[o], a1 = bias[o + 1], a2 = bias[o + 2], a3 = bias[o + 3];
  ptrdiff_t line = s.first + o;
  for (int32_t ky = s.ky0; ky < s.ky1; ky++, line += down) {
    const int8_t *wk = w + ((ptrdiff_t)ky * p.kw + s.kx0) * c + o;
    ptrdiff_t at = line;
    for (int32_t kx = s.kx0; kx < s.kx1; kx++, at += right, wk += c) {
      const uint32_t x01 = qcc_dsp_load(x + at), x23 = qcc_dsp_load(x + at + 2), word = qcc_dsp_load(wk);
      const uint32_t w02 = qcc_dsp_even(word, 1), w13 = qcc_dsp_odd(word, 1);
      a0 = qcc_dsp_smlabb(x01, w02, a0);
      a1 = qcc_dsp_smlatb(x01, w13, a1);
      a2 = qcc_dsp_smlabt(x23, w02, a2);
      a3 = qcc_dsp_smlatt(x23, w13, a3);
    }
  }
  return (struct qcc_dsp_s16_four){a0, a1, a2, a3};
}

/* Sum of channel o. */
QCC_INLINE int32_t qcc_dsp_s16_one_of(struct qcc_dwconv2d_s16_params p, struct qcc_taps s, const int16_t *x,
                                      const int8_t *w, const int32_t *bias, int32_t o) {
  const ptrdiff_t c = p.c, down = (ptrdiff_t)p.dh * p.w * c, right = p.dw * c;
  int32_t sum = bias[o];
  for (int32_t ky = s.ky0; ky < s.ky1; ky++)
    for (int32_t kx = s.kx0; kx < s.kx1; kx++)
      sum += x[s.first + o + (ky - s.ky0) * down + (kx - s.kx0) * right] * w[((ptrdiff_t)ky * p.kw + kx) * c + o];
  return sum;
}

QCC_INLINE void qcc_dwconv2d_s16__1x4__arm_dsp(struct qcc_dwconv2d_s16_params p, struct qcc_dwconv2d_s16_data d, const int16_t *x,
                                               const int8_t *w, const void *bias, const int32_t *scale, int16_t *y, void *scratch) {
  const int32_t *const biases = (const int32_t *)bias;
  (void)scratch;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++) {
        const struct qcc_taps window = QCC_TAPS(p, oy, ox);
        int32_t o = 0;
        for (; o + 4 <= p.c; o += 4) {
          const struct qcc_dsp_s16_four a = qcc_dsp_s16_four_of(p, window, x, w, biases, o);
          *y++ = qcc_dsp_s16_result(p, d, a.a0, scale + 2 * (ptrdiff_t)o);
          *y++ = qcc_dsp_s16_result(p, d, a.a1, scale + 2 * (ptrdiff_t)o + 2);
          *y++ = qcc_dsp_s16_result(p, d, a.a2, scale + 2 * (ptrdiff_t)o + 4);
          *y++ = qcc_dsp_s16_result(p, d, a.a3, scale + 2 * (ptrdiff_t)o + 6);
        }
        for (; o < p.c; o++)
          *y++ = qcc_dsp_s16_result(p, d, qcc_dsp_s16_one_of(p, window, x, w, biases, o), scale + 2 * (ptrdiff_t)o);
      }
}

#endif

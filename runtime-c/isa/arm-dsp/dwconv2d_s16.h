/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_s16 on arm-dsp: four channels at a time. A tap is two words of x and one of weights, which unpacks into the pairs of
 * channels 0, 2 and 1, 3: nine instructions for four products. Channels beyond a multiple of four go one by one. */
#ifndef QCC_ARM_DSP_DWCONV2D_S16_H
#define QCC_ARM_DSP_DWCONV2D_S16_H

#include "qcc/conv2d_s16.h"
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

QCC_INLINE void qcc_dwconv2d_s16__1x4__arm_dsp(struct qcc_dwconv2d_s16_params p, struct qcc_dwconv2d_s16_data d, const int16_t *x,
                                               const int8_t *w, const void *bias, const int32_t *scale, int16_t *y, void *scratch) {
  const int32_t *const biases = (const int32_t *)bias;
  const ptrdiff_t c = p.c, down = (ptrdiff_t)p.dh * p.w * c, right = p.dw * c;
  (void)scratch;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++) {
        const int32_t top = oy * p.sh - p.pad_top, left = ox * p.sw - p.pad_left;
        int32_t ky0 = 0, ky1 = p.kh, kx0 = 0, kx1 = p.kw, o = 0;
        while (ky0 < ky1 && top + ky0 * p.dh < 0) ky0++;
        while (ky1 > ky0 && top + (ky1 - 1) * p.dh >= p.h) ky1--;
        while (kx0 < kx1 && left + kx0 * p.dw < 0) kx0++;
        while (kx1 > kx0 && left + (kx1 - 1) * p.dw >= p.w) kx1--;
        /* The first tap inside the image. */
        const ptrdiff_t first = ((ptrdiff_t)(top + ky0 * p.dh) * p.w + left + kx0 * p.dw) * c;
        for (; o + 4 <= p.c; o += 4) {
          int32_t a0 = biases[o], a1 = biases[o + 1], a2 = biases[o + 2], a3 = biases[o + 3];
          ptrdiff_t line = first + o;
          for (int32_t ky = ky0; ky < ky1; ky++, line += down) {
            const int8_t *wk = w + ((ptrdiff_t)ky * p.kw + kx0) * c + o;
            ptrdiff_t at = line;
            for (int32_t kx = kx0; kx < kx1; kx++, at += right, wk += c) {
              const uint32_t x01 = qcc_dsp_load(x + at), x23 = qcc_dsp_load(x + at + 2), word = qcc_dsp_load(wk);
              const uint32_t w02 = qcc_dsp_even(word, 1), w13 = qcc_dsp_odd(word, 1);
              a0 = qcc_dsp_smlabb(x01, w02, a0);
              a1 = qcc_dsp_smlatb(x01, w13, a1);
              a2 = qcc_dsp_smlabt(x23, w02, a2);
              a3 = qcc_dsp_smlatt(x23, w13, a3);
            }
          }
          *y++ = qcc_dsp_s16_result(p, d, a0, scale + 2 * (ptrdiff_t)o);
          *y++ = qcc_dsp_s16_result(p, d, a1, scale + 2 * (ptrdiff_t)o + 2);
          *y++ = qcc_dsp_s16_result(p, d, a2, scale + 2 * (ptrdiff_t)o + 4);
          *y++ = qcc_dsp_s16_result(p, d, a3, scale + 2 * (ptrdiff_t)o + 6);
        }
        for (; o < p.c; o++) {
          int32_t sum = biases[o];
          for (int32_t ky = ky0; ky < ky1; ky++)
            for (int32_t kx = kx0; kx < kx1; kx++)
              sum += x[first + o + (ky - ky0) * down + (kx - kx0) * right] * w[((ptrdiff_t)ky * p.kw + kx) * c + o];
          *y++ = qcc_dsp_s16_result(p, d, sum, scale + 2 * (ptrdiff_t)o);
        }
      }
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* conv2d_s16 on arm-dsp: int16 activations meet smlad as they lie in memory, two neighbours in a word; only the weights, bytes
 * [pair of k][k][channel 0, 1], are unpacked, one word into the pairs of both channels.
 *
 * 4x2: four pixels by two channels with the loop of conv2d_4x2.h, 13 instructions for 16 products; the pixels' pairs lie side by side
 *   in scratch. Sums of 32 bits.
 * 1x2: one pixel, two channels, 6 instructions for 4 products; the window is read where it lies if it is a run, else from a copy of
 *   its taps. Sums of 32 bits, or of 64 by smlald. */
#ifndef QCC_ARM_DSP_CONV2D_S16_H
#define QCC_ARM_DSP_CONV2D_S16_H

#include "conv2d_4x2.h"
#include "qcc/conv2d_s16.h"

/* count values, in words. */
QCC_INLINE void qcc_dsp_s16_copy(int16_t *to, const int16_t *from, int32_t count) {
  for (; count >= 4; count -= 4, from += 4, to += 4) {
    const uint32_t first = qcc_dsp_load(from), second = qcc_dsp_load(from + 2);
    qcc_copy(to, &first, 4);
    qcc_copy(to + 2, &second, 4);
  }
  for (; count > 0; count--) *to++ = *from++;
}

QCC_INLINE void qcc_dsp_s16_zeros(int16_t *to, int32_t count) {
  for (; count > 0; count--) *to++ = 0;
}

/* The taps of a pixel in the order of the weights. */
QCC_INLINE void qcc_dsp_s16_gather(struct qcc_conv2d_s16_params p, const int16_t *image, int32_t oy, int32_t ox, int16_t *to) {
  const int32_t top = oy * p.sh - p.pad_top, left = ox * p.sw - p.pad_left, row = p.kw * p.c;
  for (int32_t ky = 0; ky < p.kh; ky++, to += row) {
    const int32_t iy = top + ky * p.dh;
    if ((uint32_t)iy >= (uint32_t)p.h) {
      qcc_dsp_s16_zeros(to, row);
      continue;
    }
    const int16_t *const from = image + (ptrdiff_t)iy * p.w * p.c;
    if (p.dw == 1 && left >= 0 && left + p.kw <= p.w) {
      qcc_dsp_s16_copy(to, from + (ptrdiff_t)left * p.c, row);
      continue;
    }
    for (int32_t kx = 0; kx < p.kw; kx++) {
      const int32_t ix = left + kx * p.dw;
      if ((uint32_t)ix < (uint32_t)p.w)
        qcc_dsp_s16_copy(to + kx * p.c, from + (ptrdiff_t)ix * p.c, p.c);
      else
        qcc_dsp_s16_zeros(to + kx * p.c, p.c);
    }
  }
}

QCC_INLINE int32_t qcc_dsp_s16_is_pointwise(struct qcc_conv2d_s16_params p) {
  return p.kh * p.kw * p.sh * p.sw == 1 && p.pad_top == 0 && p.pad_left == 0 && p.oh == p.h && p.ow == p.w;
}

/* A pair of x, the last one of an odd number ends in a zero. */
QCC_INLINE uint32_t qcc_dsp_s16_last(const int16_t *x) { return (uint16_t)*x; }

/* Up to four sums of one channel. A right shift beyond 16 is a high product and a shift: the bits below are not needed, for half a
 * step is a multiple of 2^16. */
QCC_INLINE void qcc_dsp_s16_store(struct qcc_conv2d_s16_params p, struct qcc_conv2d_s16_data d, const int32_t *sums, int32_t count,
                                  const int32_t *scale, int16_t *y) {
  if (p.rounding == QCC_WIDE_CUT && scale[1] > 16) {
    const int32_t multiplier = scale[0] * (INT32_C(1) << 16), right = scale[1] - 16;
    for (int32_t i = 0; i < count; i++, y += p.oc)
      *y = (int16_t)qcc_wide_clamp(right > 31 ? 0 : qcc_dsp_round_shift(qcc_dsp_smmul(sums[i], multiplier), right, 0), d.y_min, d.y_max);
    return;
  }
  for (int32_t i = 0; i < count; i++, y += p.oc)
    *y = (int16_t)qcc_wide_clamp(qcc_wide_narrow_result(p.rounding, sums[i], scale), d.y_min, d.y_max);
}

QCC_INLINE void qcc_conv2d_s16__4x2__arm_dsp(struct qcc_conv2d_s16_params p, struct qcc_conv2d_s16_data d, const int16_t *x,
                                             const int8_t *w, const void *bias, const int32_t *scale, int16_t *y, void *scratch) {
  const int32_t pixels = p.n * p.oh * p.ow, cells = p.kh * p.kw * p.c, pairs = (cells + 1) / 2, skipped = -pairs & 7;
  const int32_t *const biases = (const int32_t *)bias;
  uint32_t *const spread = (uint32_t *)scratch;
  int16_t *const taps = (int16_t *)(spread + 4 * (ptrdiff_t)pairs);
  int32_t oy = 0, ox = 0;
  for (int32_t pixel = 0; pixel < pixels; pixel += 4, y += 4 * (ptrdiff_t)p.oc) {
    const int32_t count = pixels - pixel < 4 ? pixels - pixel : 4;
    for (int32_t i = 0; i < count; i++) {
      const int16_t *from = taps;
      uint32_t *to = spread + i;
      if (qcc_dsp_s16_is_pointwise(p)) {
        from = x + (ptrdiff_t)(pixel + i) * p.c;
      } else {
        qcc_dsp_s16_gather(p, x, oy, ox, taps);
        if (++ox == p.ow) {
          ox = 0;
          if (++oy == p.oh) oy = 0, x += (ptrdiff_t)p.h * p.w * p.c;
        }
      }
      for (int32_t k = 0; k + 1 < cells; k += 2, to += 4) *to = qcc_dsp_load(from + k);
      if (cells % 2 != 0) *to = qcc_dsp_s16_last(from + cells - 1);
    }
    const int8_t *wo = w;
    for (int32_t o = 0; o < p.oc; o += 2) {
      struct qcc_dsp_4x2 a;
      a.sums[0] = biases[o];
      a.sums[1] = biases[o + 1];
      wo = qcc_dsp_dot_4x2(&a, spread, wo, pairs, skipped);
      qcc_dsp_s16_store(p, d, a.sums, count, scale + 2 * (ptrdiff_t)o, y + o);
      if (o + 1 < p.oc) qcc_dsp_s16_store(p, d, a.sums + 4, count, scale + 2 * (ptrdiff_t)(o + 1), y + o + 1);
    }
  }
}

/* Sums of two channels over `cells` values. */
#define QCC_DSP_S16_DOT(name, type, mac)                                                         \
  struct name##_sums {                                                                           \
    type a0, a1;                                                                                 \
  };                                                                                             \
  QCC_INLINE struct name##_sums name(struct name##_sums a, const int16_t *x, const int8_t *w, int32_t cells) { \
    int32_t pairs = cells / 2;                                                                   \
    for (; pairs >= 4; pairs -= 4, x += 8, w += 16) {                                            \
      const uint32_t x0 = qcc_dsp_load(x), w0 = qcc_dsp_load(w);                                 \
      a.a0 = mac(x0, qcc_dsp_even(w0, 1), a.a0);                                                 \
      a.a1 = mac(x0, qcc_dsp_odd(w0, 1), a.a1);                                                  \
      const uint32_t x1 = qcc_dsp_load(x + 2), w1 = qcc_dsp_load(w + 4);                         \
      a.a0 = mac(x1, qcc_dsp_even(w1, 1), a.a0);                                                 \
      a.a1 = mac(x1, qcc_dsp_odd(w1, 1), a.a1);                                                  \
      const uint32_t x2 = qcc_dsp_load(x + 4), w2 = qcc_dsp_load(w + 8);                         \
      a.a0 = mac(x2, qcc_dsp_even(w2, 1), a.a0);                                                 \
      a.a1 = mac(x2, qcc_dsp_odd(w2, 1), a.a1);                                                  \
      const uint32_t x3 = qcc_dsp_load(x + 6), w3 = qcc_dsp_load(w + 12);                        \
      a.a0 = mac(x3, qcc_dsp_even(w3, 1), a.a0);                                                 \
      a.a1 = mac(x3, qcc_dsp_odd(w3, 1), a.a1);                                                  \
    }                                                                                            \
    for (; pairs > 0; pairs--, x += 2, w += 4) {                                                 \
      const uint32_t xw = qcc_dsp_load(x), ww = qcc_dsp_load(w);                                 \
      a.a0 = mac(xw, qcc_dsp_even(ww, 1), a.a0);                                                 \
      a.a1 = mac(xw, qcc_dsp_odd(ww, 1), a.a1);                                                  \
    }                                                                                            \
    if (cells % 2 != 0) {                                                                        \
      const uint32_t xw = qcc_dsp_s16_last(x), ww = qcc_dsp_load(w);                             \
      a.a0 = mac(xw, qcc_dsp_even(ww, 1), a.a0);                                                 \
      a.a1 = mac(xw, qcc_dsp_odd(ww, 1), a.a1);                                                  \
    }                                                                                            \
    return a;                                                                                    \
  }
QCC_DSP_S16_DOT(qcc_dsp_s16_dot, int32_t, qcc_dsp_smlad)
QCC_DSP_S16_DOT(qcc_dsp_s16_dot_wide, int64_t, qcc_dsp_smlald)

/* All channels of one pixel. */
QCC_INLINE void qcc_dsp_s16_pixel(struct qcc_conv2d_s16_params p, struct qcc_conv2d_s16_data d, const int16_t *x, const int8_t *w,
                                  const void *bias, const int32_t *scale, int16_t *y) {
  const int32_t cells = p.kh * p.kw * p.c;
  for (int32_t o = 0; o < p.oc; o += 2, w += 4 * (ptrdiff_t)((cells + 1) / 2), scale += 4) {
    const int32_t more = o + 1 < p.oc;
    if (p.is_wide) {
      const int64_t *const b = (const int64_t *)bias + o;
      const struct qcc_dsp_s16_dot_wide_sums a = qcc_dsp_s16_dot_wide((struct qcc_dsp_s16_dot_wide_sums){b[0], b[1]}, x, w, cells);
      y[o] = (int16_t)qcc_wide_clamp(qcc_wide_result(p.rounding, a.a0, scale), d.y_min, d.y_max);
      if (more) y[o + 1] = (int16_t)qcc_wide_clamp(qcc_wide_result(p.rounding, a.a1, scale + 2), d.y_min, d.y_max);
    } else {
      const int32_t *const b = (const int32_t *)bias + o;
      const struct qcc_dsp_s16_dot_sums a = qcc_dsp_s16_dot((struct qcc_dsp_s16_dot_sums){b[0], b[1]}, x, w, cells);
      qcc_dsp_s16_store(p, d, &a.a0, 1, scale, y + o);
      if (more) qcc_dsp_s16_store(p, d, &a.a1, 1, scale + 2, y + o + 1);
    }
  }
}

QCC_INLINE void qcc_conv2d_s16__1x2__arm_dsp(struct qcc_conv2d_s16_params p, struct qcc_conv2d_s16_data d, const int16_t *x,
                                             const int8_t *w, const void *bias, const int32_t *scale, int16_t *y, void *scratch) {
  int16_t *const taps = (int16_t *)scratch;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, y += p.oc) {
        const int16_t *from = x + ((ptrdiff_t)oy * p.w + ox) * p.c;
        if (!qcc_dsp_s16_is_pointwise(p)) {
          qcc_dsp_s16_gather(p, x, oy, ox, taps);
          from = taps;
        }
        qcc_dsp_s16_pixel(p, d, from, w, bias, scale, y);
      }
}

#endif

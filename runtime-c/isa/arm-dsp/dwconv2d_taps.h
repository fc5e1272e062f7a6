/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 on arm-dsp, any window.
 *
 * Four channels at a time: a word of x and one of weights unpack to even and odd halves, which meet in four products, 10
 * instructions a tap. Pairs of taps for SMLAD would have to be packed first, which costs twice the products it saves.
 * Taps outside the image read a word of x_pad. The last oc % 4 channels are plain C's. */
#ifndef QCC_ARM_DSP_DWCONV2D_TAPS_H
#define QCC_ARM_DSP_DWCONV2D_TAPS_H

#include "dwconv2d_q8.h"

struct qcc_dsp_sums {
  int32_t low, high;
};

/* Both computed before one is stored: y may be the residual. */
QCC_INLINE void qcc_dsp_dw_store(struct qcc_epilogue_kind k, struct qcc_epilogue_data d, struct qcc_dsp_sums s, const void *scale,
                                 int32_t o, const uint8_t *residual, const uint8_t *table, void *y, size_t at) {
  if (k.out == QCC_OUT_Q8) {
    const uint8_t low = qcc_dsp_result(k, d, s.low, scale, o, residual, table, at);
    const uint8_t high = qcc_dsp_result(k, d, s.high, scale, o + 2, residual, table, at + 2);
    ((uint8_t *)y)[at] = low;
    ((uint8_t *)y)[at + 2] = high;
  } else {
    qcc_epilogue_store(k, d, s.low, scale, o, residual, table, y, at);
    qcc_epilogue_store(k, d, s.high, scale, o + 2, residual, table, y, at + 2);
  }
}

struct qcc_dsp_quad {
  int32_t c0, c1, c2, c3;
};

QCC_INLINE struct qcc_dsp_quad qcc_dsp_add_tap(struct qcc_dsp_quad s, uint32_t x, uint32_t w, int32_t is_signed) {
  const uint32_t xe = qcc_dsp_even(x, is_signed), we = qcc_dsp_even(w, 1), xo = qcc_dsp_odd(x, is_signed), wo = qcc_dsp_odd(w, 1);
  s.c0 = qcc_dsp_smlabb(xe, we, s.c0);
  s.c2 = qcc_dsp_smlatt(xe, we, s.c2);
  s.c1 = qcc_dsp_smlabb(xo, wo, s.c1);
  s.c3 = qcc_dsp_smlatt(xo, wo, s.c3);
  return s;
}

/* All taps of a window inside the image. */
QCC_INLINE struct qcc_dsp_quad qcc_dsp_add_inside(struct qcc_dwconv2d_q8_params p, struct qcc_dsp_quad s, const uint8_t *x, const int8_t *w) {
  for (int32_t ky = 0; ky < p.kh; ky++, x += ((ptrdiff_t)p.dh * p.w - (ptrdiff_t)p.kw * p.dw) * p.c)
    for (int32_t kx = 0; kx < p.kw; kx++, x += (ptrdiff_t)p.dw * p.c, w += p.c)
      s = qcc_dsp_add_tap(s, qcc_dsp_load(x), qcc_dsp_load(w), p.x_signed);
  return s;
}

QCC_INLINE void qcc_dwconv2d_q8__taps__arm_dsp(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x,
                                               const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                               const uint8_t *table, void *y, void *scratch) {
  const uint32_t pad = (uint32_t)(uint8_t)d.x_pad * UINT32_C(0x01010101);
  const int32_t whole = p.c / 4 * 4;
  size_t at = 0;
  (void)scratch;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, at += (size_t)p.c) {
        const int32_t top = oy * p.sh - p.pad_top, left = ox * p.sw - p.pad_left;
        const int32_t is_inside = top >= 0 && top + (p.kh - 1) * p.dh < p.h && left >= 0 && left + (p.kw - 1) * p.dw < p.w;
        const uint8_t *const corner = x + (((ptrdiff_t)n * p.h + top) * p.w + left) * p.c;
        for (int32_t o = 0; o < whole; o += 4) {
          struct qcc_dsp_quad s = {qcc_channel_bias(p.kind, bias, scale, o), qcc_channel_bias(p.kind, bias, scale, o + 1),
                                   qcc_channel_bias(p.kind, bias, scale, o + 2), qcc_channel_bias(p.kind, bias, scale, o + 3)};
          const int8_t *wo = (const int8_t *)w + o;
          if (is_inside) s = qcc_dsp_add_inside(p, s, corner + o, wo);
          for (int32_t ky = is_inside ? p.kh : 0; ky < p.kh; ky++) {
            const int32_t in_rows = (uint32_t)(top + ky * p.dh) < (uint32_t)p.h;
            for (int32_t kx = 0; kx < p.kw; kx++, wo += p.c) {
              const int32_t inside = in_rows && (uint32_t)(left + kx * p.dw) < (uint32_t)p.w;
              const uint32_t word = inside ? qcc_dsp_load(corner + ((ptrdiff_t)ky * p.dh * p.w + kx * p.dw) * p.c + o) : pad;
              s = qcc_dsp_add_tap(s, word, qcc_dsp_load(wo), p.x_signed);
            }
          }
          const struct qcc_dsp_sums even = {s.c0, s.c2}, odd = {s.c1, s.c3};
          qcc_dsp_dw_store(p.kind, d.e, even, scale, o, residual, table, y, at + (size_t)o);
          qcc_dsp_dw_store(p.kind, d.e, odd, scale, o + 1, residual, table, y, at + (size_t)o + 1);
        }
      }
  if (whole < p.c) qcc_dsp_dw_rest(p, d, x, (const int8_t *)w, bias, scale, whole, residual, table, y);
}

#endif

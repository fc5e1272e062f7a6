/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 in plain C for 32-bit cores: two pixels by two channels: four loads serve four products; the sums,
 * the pointers and what was loaded fit twelve registers. 2x2: the windows of both pixels lie in scratch, the padding
 * filled in; 1x1_2x2: they are the image's own pixels. */
#ifndef QCC_MCU32_CONV2D_Q8_H
#define QCC_MCU32_CONV2D_Q8_H

#include "../scalar/epilogue.h"
#include "qcc/conv2d_q8.h"

/* The window of a pixel. */
QCC_INLINE void qcc_mcu32_window(struct qcc_conv2d_q8_params p, int32_t x_pad, const uint8_t *image, int32_t oy,
                                 int32_t ox, uint8_t *to) {
  const int32_t top = oy * p.sh - p.pad_top, left = ox * p.sw - p.pad_left;
  for (int32_t ky = 0; ky < p.kh; ky++) {
    const int32_t iy = top + ky * p.dh, is_row = (uint32_t)iy < (uint32_t)p.h;
    for (int32_t kx = 0; kx < p.kw; kx++) {
      const int32_t ix = left + kx * p.dw;
      if (is_row && (uint32_t)ix < (uint32_t)p.w) {
        const uint8_t *from = image + ((ptrdiff_t)iy * p.w + ix) * p.c;
        for (int32_t c = 0; c < p.c; c++) *to++ = *from++;
      } else {
        for (int32_t c = 0; c < p.c; c++) *to++ = (uint8_t)x_pad;
      }
    }
  }
}

/* All channels of two pixels, x0 and x1; the second is not stored where `two` is 0. at: element of the first. */
QCC_INLINE void qcc_mcu32_pixels(struct qcc_conv2d_q8_params p, struct qcc_epilogue_data d, const uint8_t *x0,
                                 const uint8_t *x1, int32_t cells, const int8_t *w, const int32_t *bias,
                                 const void *scale, const uint8_t *residual, const uint8_t *table, void *y, size_t at,
                                 int32_t two) {
  const size_t next = at + (size_t)p.oc;
  for (int32_t o = 0; o < p.oc; o += 2) {
    const int32_t is_pair = o + 1 < p.oc, second = is_pair ? o + 1 : o;
    const int8_t *const v = w + (is_pair ? cells : 0);
    int32_t a0 = qcc_channel_bias(p.kind, bias, scale, o), b0 = qcc_channel_bias(p.kind, bias, scale, second);
    int32_t a1 = a0, b1 = b0;
    for (int32_t i = 0; i < cells; i++) {
      const int32_t u0 = qcc_stored(x0[i], p.x_signed), u1 = qcc_stored(x1[i], p.x_signed), wa = w[i], wb = v[i];
      a0 += u0 * wa;
      a1 += u1 * wa;
      b0 += u0 * wb;
      b1 += u1 * wb;
    }
    qcc_epilogue_store(p.kind, d, a0, scale, o, residual, table, y, at + (size_t)o);
    if (is_pair) qcc_epilogue_store(p.kind, d, b0, scale, second, residual, table, y, at + (size_t)second);
    if (two) qcc_epilogue_store(p.kind, d, a1, scale, o, residual, table, y, next + (size_t)o);
    if (two && is_pair) qcc_epilogue_store(p.kind, d, b1, scale, second, residual, table, y, next + (size_t)second);
    w = v + cells;
  }
}

QCC_INLINE void qcc_conv2d_q8__1x1_2x2__mcu32(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                                              const uint8_t *x, const void *w, const int32_t *bias, const void *scale,
                                              const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t pixels = p.n * p.oh * p.ow;
  (void)scratch;
  for (int32_t m = 0; m < pixels; m += 2) {
    const int32_t two = m + 1 < pixels;
    const size_t at = (size_t)m * (size_t)p.oc;
    qcc_mcu32_pixels(p, d.e, x, x + (two ? p.c : 0), p.c, (const int8_t *)w, bias, scale, residual, table, y, at, two);
    x += (1 + two) * (ptrdiff_t)p.c;
  }
}

QCC_INLINE void qcc_conv2d_q8__2x2__mcu32(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                                          const uint8_t *x, const void *w, const int32_t *bias, const void *scale,
                                          const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t cells = p.kh * p.kw * p.c;
  uint8_t *const rows = (uint8_t *)scratch;
  size_t at = 0;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox += 2) {
        const int32_t two = ox + 1 < p.ow;
        for (int32_t i = 0; i < 1 + two; i++) qcc_mcu32_window(p, d.x_pad, x, oy, ox + i, rows + i * cells);
        qcc_mcu32_pixels(p, d.e, rows, rows + (two ? cells : 0), cells, (const int8_t *)w, bias, scale, residual, table,
                         y, at, two);
        at += (size_t)(1 + two) * (size_t)p.oc;
      }
}

#endif

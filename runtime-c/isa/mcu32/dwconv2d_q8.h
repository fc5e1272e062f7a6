/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 in plain C for 32-bit cores: whether a window lies in the image is asked once for all channels, not at
 * every tap. */
#ifndef QCC_MCU32_DWCONV2D_Q8_H
#define QCC_MCU32_DWCONV2D_Q8_H

#include "../scalar/epilogue.h"
#include "qcc/dwconv2d_q8.h"

/* One channel of a window inside the image, x and w at its first tap. */
QCC_INLINE int32_t qcc_mcu32_taps(struct qcc_dwconv2d_q8_params p, const uint8_t *x, const int8_t *w, int32_t acc) {
  const ptrdiff_t down = (ptrdiff_t)(p.w - p.kw) * p.c;
  for (int32_t ky = 0; ky < p.kh; ky++, x += down)
    for (int32_t kx = 0; kx < p.kw; kx++, x += p.c, w += p.c) acc += qcc_stored(*x, p.x_signed) * *w;
  return acc;
}

/* The same of any window. */
QCC_INLINE int32_t qcc_mcu32_edge_taps(struct qcc_dwconv2d_q8_params p, int32_t x_pad, const uint8_t *image,
                                       int32_t top, int32_t left, const int8_t *w, int32_t acc) {
  for (int32_t iy = top; iy < top + p.kh; iy++)
    for (int32_t ix = left; ix < left + p.kw; ix++, w += p.c) {
      const int32_t is_inside = (uint32_t)iy < (uint32_t)p.h && (uint32_t)ix < (uint32_t)p.w;
      acc += (is_inside ? qcc_stored(image[((ptrdiff_t)iy * p.w + ix) * p.c], p.x_signed) : x_pad) * *w;
    }
  return acc;
}

QCC_INLINE void qcc_dwconv2d_q8__window__mcu32(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d,
                                               const uint8_t *x, const void *w, const int32_t *bias, const void *scale,
                                               const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int8_t *const weights = (const int8_t *)w;
  size_t at = 0;
  (void)scratch;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++) {
        const int32_t top = oy * p.sh - p.pad_top, left = ox * p.sw - p.pad_left;
        const int32_t is_inside = top >= 0 && left >= 0 && top + p.kh <= p.h && left + p.kw <= p.w;
        const ptrdiff_t first = ((ptrdiff_t)top * p.w + left) * p.c;
        for (int32_t o = 0; o < p.c; o++, at++) {
          const int32_t start = qcc_channel_bias(p.kind, bias, scale, o);
          const int32_t acc = is_inside ? qcc_mcu32_taps(p, x + first + o, weights + o, start)
                                        : qcc_mcu32_edge_taps(p, d.x_pad, x + o, top, left, weights + o, start);
          qcc_epilogue_store(p.kind, d.e, acc, scale, o, residual, table, y, at);
        }
      }
}

#endif

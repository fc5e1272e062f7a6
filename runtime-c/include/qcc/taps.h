/* SPDX-License-Identifier: 0BSD */
/* The taps of a pixel's window that lie inside the image: rows ky0 to ky1 of columns kx0 to kx1, and where in x, of that image, the
 * first of them is. */
#ifndef QCC_TAPS_H
#define QCC_TAPS_H

#include "qcc/base.h"

struct qcc_taps {
  int32_t ky0, ky1, kx0, kx1;
  ptrdiff_t first;
};

/* p: the params struct of a depthwise convolution. */
#define QCC_TAPS(p, oy, ox)                                                                                            \
  qcc_taps_of((oy) * (p).sh - (p).pad_top, (ox) * (p).sw - (p).pad_left, (p).kh, (p).kw, (p).dh, (p).dw, (p).h, (p).w, (p).c)

QCC_INLINE struct qcc_taps qcc_taps_of(int32_t top, int32_t left, int32_t kh, int32_t kw, int32_t dh, int32_t dw, int32_t h,
                                       int32_t w, int32_t c) {
  struct qcc_taps t = {0, kh, 0, kw, 0};
  while (t.ky0 < t.ky1 && top + t.ky0 * dh < 0) t.ky0++;
  while (t.ky1 > t.ky0 && top + (t.ky1 - 1) * dh >= h) t.ky1--;
  while (t.kx0 < t.kx1 && left + t.kx0 * dw < 0) t.kx0++;
  while (t.kx1 > t.kx0 && left + (t.kx1 - 1) * dw >= w) t.kx1--;
  t.first = ((ptrdiff_t)(top + t.ky0 * dh) * w + left + t.kx0 * dw) * c;
  return t;
}

#endif

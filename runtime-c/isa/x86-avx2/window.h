/* SPDX-License-Identifier: 0BSD */
/* The part of a convolution's or pooling's window that lies inside the image, as taps ky0 <= ky < ky1, kx0 <= kx < kx1 and where the first is. */
#ifndef QCC_X86_AVX2_WINDOW_H
#define QCC_X86_AVX2_WINDOW_H

#include "qcc/base.h"

struct qcc_avx2_window {
  int32_t rows, columns;           /* taps inside */
  int32_t ky, kx;                  /* the first tap inside */
  ptrdiff_t first, row, column;    /* elements: of the first tap in x, from tap row to tap row, from tap to tap */
};

/* First tap at or after 0, and number of taps before `size`, of a window that starts at `start`. */
QCC_INLINE int32_t qcc_avx2_first_tap(int32_t start, int32_t dilation) {
  return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}
QCC_INLINE int32_t qcc_avx2_last_tap(int32_t start, int32_t dilation, int32_t kernel, int32_t size) {
  const int32_t taps = (size - start + dilation - 1) / dilation;
  return taps < kernel ? taps : kernel;
}

/* p: the params struct of a float convolution or of a pooling family. */
#define QCC_AVX2_WINDOW(p, n, oy, ox)                                                                                   \
  qcc_avx2_window_of((oy) * (p).sh - (p).pad_top, (ox) * (p).sw - (p).pad_left, (p).kh, (p).kw, (p).dh, (p).dw, (p).h, (p).w, \
                     (p).c, n)

QCC_INLINE struct qcc_avx2_window qcc_avx2_window_of(int32_t iy, int32_t ix, int32_t kh, int32_t kw, int32_t dh, int32_t dw,
                                                     int32_t h, int32_t w, int32_t c, int32_t n) {
  const int32_t ky = qcc_avx2_first_tap(iy, dh), kx = qcc_avx2_first_tap(ix, dw);
  struct qcc_avx2_window v;
  v.ky = ky;
  v.kx = kx;
  v.rows = qcc_avx2_last_tap(iy, dh, kh, h) - ky;
  v.columns = qcc_avx2_last_tap(ix, dw, kw, w) - kx;
  v.first = (((ptrdiff_t)n * h + iy + ky * dh) * w + ix + kx * dw) * c;
  v.row = (ptrdiff_t)dh * w * c;
  v.column = (ptrdiff_t)dw * c;
  return v;
}

#endif

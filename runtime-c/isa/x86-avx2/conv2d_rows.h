/* SPDX-License-Identifier: 0BSD */
/* Rows of the matrix a convolution multiplies: for each output pixel the kh*kw*(c/groups) activations under its
 * window, outside the image the padding value, as s16 (`wide`) or as bytes.
 *
 * Invariant: element k of row r lies at rows + r * stride + k * size; what follows the last k of a row is any value
 * (its weights are zero), and at most 15 elements past it are written: stride covers them. */
#ifndef QCC_X86_AVX2_CONV2D_ROWS_H
#define QCC_X86_AVX2_CONV2D_ROWS_H

#include "qcc/conv2d_q8.h"
#include "simd.h"

struct qcc_avx2_rows {
  struct qcc_conv2d_q8_params p;
  int32_t wide;
  int32_t pad;
  int32_t group;
  const uint8_t *x, *end;
  uint8_t *rows;
  ptrdiff_t stride; /* bytes */
};

/* The rows are the image itself: pixels times channels. */
QCC_INLINE int32_t qcc_avx2_is_matrix(struct qcc_conv2d_q8_params p) {
  return p.kh == 1 && p.kw == 1 && p.sh == 1 && p.sw == 1 && p.pad_top == 0 && p.pad_left == 0 && p.oh == p.h &&
         p.ow == p.w && p.groups == 1;
}

/* Bytes between rows: room for the run that overshoots, and an odd number of cache lines where K is a power of two. */
QCC_INLINE ptrdiff_t qcc_avx2_row_stride(int32_t k, int32_t size) {
  return (ptrdiff_t)((k + 15) / 16 * 16 + 16) * size;
}

QCC_INLINE void qcc_avx2_put_run(struct qcc_avx2_rows r, uint8_t *to, const uint8_t *from, int32_t count,
                                 const uint8_t *end) {
  if (r.wide)
    qcc_avx2_widen_run((int16_t *)(void *)to, from, count, end, r.p.x_signed);
  else
    qcc_avx2_copy_run(to, from, count, end);
}

/* A run of `count` activations for each of n pixels, whose sources lie `step` bytes apart. */
QCC_INLINE void qcc_avx2_put_runs(struct qcc_avx2_rows r, uint8_t *to, const uint8_t *from, ptrdiff_t step, int32_t n,
                                  int32_t count) {
  const int32_t whole = (count + 15) / 16 * 16;
  for (; n > 0 && r.end - from - (n - 1) * step < whole; n--) /* the image's last pixels: no whole groups there */
    qcc_avx2_put_run(r, to + (n - 1) * r.stride, from + (n - 1) * step, count, r.end);
  for (; n > 0; n--, to += r.stride, from += step) qcc_avx2_put_run(r, to, from, whole, from + whole);
}

QCC_INLINE void qcc_avx2_put_padding(struct qcc_avx2_rows r, uint8_t *to, int32_t count) {
  if (r.wide)
    qcc_avx2_fill_s16((int16_t *)(void *)to, r.pad, count);
  else
    qcc_avx2_fill_bytes(to, r.pad, count);
}

/* One kernel row of one pixel whose window starts at column ix of an input row: what lies left of the image, in it, right of it. */
QCC_INLINE void qcc_avx2_put_window(struct qcc_avx2_rows r, uint8_t *to, const uint8_t *line, int32_t ix) {
  const struct qcc_conv2d_q8_params p = r.p;
  const int32_t size = r.wide ? 2 : 1;
  const int32_t left = ix >= 0 ? 0 : -ix < p.kw ? -ix : p.kw, end = p.w - ix < p.kw ? p.w - ix : p.kw;
  const int32_t inside = end > left ? end - left : 0, right = p.kw - left - inside;
  if (left > 0) qcc_avx2_put_padding(r, to, left * p.c);
  if (inside > 0)
    qcc_avx2_put_run(r, to + (ptrdiff_t)left * p.c * size, line + (ptrdiff_t)(ix + left) * p.c, inside * p.c, r.end);
  if (right > 0) qcc_avx2_put_padding(r, to + (ptrdiff_t)(left + inside) * p.c * size, right * p.c);
}

/* The same tap by tap, for those that do not lie side by side. */
QCC_INLINE void qcc_avx2_put_taps(struct qcc_avx2_rows r, uint8_t *to, const uint8_t *line, int32_t ix) {
  struct qcc_conv2d_q8_params p = r.p;
  int32_t cg = p.c / p.groups, size = r.wide ? 2 : 1;
  if (p.groups == 1 && (p.dw == 1 || p.kw == 1)) {
    qcc_avx2_put_window(r, to, line, ix);
    return;
  }
  for (int32_t kx = 0; kx < p.kw; kx++, ix += p.dw, to += (ptrdiff_t)cg * size) {
    if (ix >= 0 && ix < p.w)
      qcc_avx2_put_run(r, to, line + (ptrdiff_t)ix * p.c, cg, r.end);
    else
      qcc_avx2_put_padding(r, to, cg);
  }
}

/* One kernel row of `count` output pixels from column ox; line is the input row or null outside the image. */
QCC_INLINE void qcc_avx2_put_window_rows(struct qcc_avx2_rows r, uint8_t *to, const uint8_t *line, int32_t ox,
                                         int32_t count) {
  struct qcc_conv2d_q8_params p = r.p;
  if (line == 0) {
    for (int32_t i = 0; i < count; i++) qcc_avx2_put_padding(r, to + i * r.stride, p.kw * (p.c / p.groups));
    return;
  }
  /* Between first and last the window lies inside the image and is one run of kw*c bytes. */
  int32_t first = 0, last = 0;
  if (p.groups == 1 && (p.dw == 1 || p.kw == 1) && p.kw <= p.w) {
    first = (p.pad_left + p.sw - 1) / p.sw - ox;
    last = (p.w - p.kw + p.pad_left) / p.sw + 1 - ox;
    first = first < 0 ? 0 : first > count ? count : first;
    last = last < first ? first : last > count ? count : last;
  }
  for (int32_t i = 0; i < first; i++) qcc_avx2_put_taps(r, to + i * r.stride, line, (ox + i) * p.sw - p.pad_left);
  if (first < last)
    qcc_avx2_put_runs(r, to + first * r.stride, line + (ptrdiff_t)((ox + first) * p.sw - p.pad_left) * p.c,
                      (ptrdiff_t)p.sw * p.c, last - first, p.kw * p.c);
  for (int32_t i = last; i < count; i++) qcc_avx2_put_taps(r, to + i * r.stride, line, (ox + i) * p.sw - p.pad_left);
}

/* `count` output pixels of one output row, from column ox. */
QCC_INLINE void qcc_avx2_put_pixels(struct qcc_avx2_rows r, uint8_t *to, int32_t n, int32_t oy, int32_t ox,
                                    int32_t count) {
  struct qcc_conv2d_q8_params p = r.p;
  int32_t cg = p.c / p.groups, size = r.wide ? 2 : 1;
  for (int32_t ky = 0; ky < p.kh; ky++, to += (ptrdiff_t)p.kw * cg * size) {
    int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
    const uint8_t *line = 0;
    if (iy >= 0 && iy < p.h) line = r.x + ((ptrdiff_t)n * p.h + iy) * p.w * p.c + (ptrdiff_t)r.group * cg;
    qcc_avx2_put_window_rows(r, to, line, ox, count);
  }
}

/* The rows of output pixels first .. first+count-1, counted over all images. */
QCC_INLINE void qcc_avx2_put_rows(struct qcc_avx2_rows r, int32_t first, int32_t count) {
  struct qcc_conv2d_q8_params p = r.p;
  uint8_t *to = r.rows;
  if (qcc_avx2_is_matrix(p)) {
    qcc_avx2_put_runs(r, to, r.x + (ptrdiff_t)first * p.c, p.c, count, p.c);
    return;
  }
  int32_t ox = first % p.ow, row = first / p.ow;
  while (count > 0) {
    int32_t now = count < p.ow - ox ? count : p.ow - ox;
    qcc_avx2_put_pixels(r, to, row / p.oh, row % p.oh, ox, now);
    to += now * r.stride;
    count -= now;
    ox = 0;
    row++;
  }
}

#endif

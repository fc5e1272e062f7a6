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

QCC_INLINE void qcc_avx2_put_run(struct qcc_avx2_rows r, uint8_t *to, const uint8_t *from, int32_t count) {
  if (r.wide)
    qcc_avx2_widen_run((int16_t *)(void *)to, from, count, r.end, r.p.x_signed);
  else
    qcc_avx2_copy_run(to, from, count, r.end);
}

QCC_INLINE void qcc_avx2_put_padding(struct qcc_avx2_rows r, uint8_t *to, int32_t count) {
  if (r.wide)
    qcc_avx2_fill_s16((int16_t *)(void *)to, r.pad, count);
  else
    qcc_avx2_fill_bytes(to, r.pad, count);
}

/* One kernel row of one pixel whose window starts at column ix; line is the input row or null outside the image. */
QCC_INLINE void qcc_avx2_put_window_row(struct qcc_avx2_rows r, uint8_t *to, const uint8_t *line, int32_t ix) {
  struct qcc_conv2d_q8_params p = r.p;
  int32_t cg = p.c / p.groups, size = r.wide ? 2 : 1;
  if (line == 0) {
    qcc_avx2_put_padding(r, to, p.kw * cg);
    return;
  }
  if (p.groups == 1 && (p.dw == 1 || p.kw == 1) && ix >= 0 && ix + p.kw <= p.w) {
    qcc_avx2_put_run(r, to, line + (ptrdiff_t)ix * p.c, p.kw * cg);
    return;
  }
  for (int32_t kx = 0; kx < p.kw; kx++, ix += p.dw, to += (ptrdiff_t)cg * size) {
    if (ix >= 0 && ix < p.w)
      qcc_avx2_put_run(r, to, line + (ptrdiff_t)ix * p.c, cg);
    else
      qcc_avx2_put_padding(r, to, cg);
  }
}

/* `count` output pixels of one output row, from column ox. */
QCC_INLINE void qcc_avx2_put_pixels(struct qcc_avx2_rows r, uint8_t *to, int32_t n, int32_t oy, int32_t ox,
                                    int32_t count) {
  struct qcc_conv2d_q8_params p = r.p;
  int32_t cg = p.c / p.groups, size = r.wide ? 2 : 1;
  for (int32_t ky = 0; ky < p.kh; ky++) {
    int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
    const uint8_t *line =
        iy >= 0 && iy < p.h ? r.x + ((ptrdiff_t)n * p.h + iy) * p.w * p.c + (ptrdiff_t)r.group * cg : (const uint8_t *)0;
    for (int32_t i = 0; i < count; i++)
      qcc_avx2_put_window_row(r, to + i * r.stride + (ptrdiff_t)ky * p.kw * cg * size, line,
                              (ox + i) * p.sw - p.pad_left);
  }
}

/* The rows of output pixels first .. first+count-1, counted over all images. */
QCC_INLINE void qcc_avx2_put_rows(struct qcc_avx2_rows r, int32_t first, int32_t count) {
  struct qcc_conv2d_q8_params p = r.p;
  uint8_t *to = r.rows;
  if (qcc_avx2_is_matrix(p)) {
    for (int32_t i = 0; i < count; i++, to += r.stride) qcc_avx2_put_run(r, to, r.x + ((ptrdiff_t)first + i) * p.c, p.c);
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

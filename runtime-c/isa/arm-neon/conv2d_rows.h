/* SPDX-License-Identifier: 0BSD */
/* Rows of the matrix a convolution multiplies: for each output pixel the kh*kw*(c/groups) activations under its window,
 * outside the image the padding value; as s16 (`wide`), or as s8, where u8 activations lose 128 (x ^ 0x80).
 *
 * Invariant: element k of row r lies at rows + r * stride + k * size. What follows the last k of a row is any value (its
 * weights are zero); at most 15 elements past it are written, and stride covers them. */
#ifndef QCC_ARM_NEON_CONV2D_ROWS_H
#define QCC_ARM_NEON_CONV2D_ROWS_H

#include "qcc/conv2d_q8.h"
#include "simd.h"

struct qcc_neon_rows {
  struct qcc_conv2d_q8_params p;
  int32_t wide, pad, group;
  const uint8_t *x, *end;
  uint8_t *rows;
  ptrdiff_t stride; /* bytes */
};

/* The rows are the image itself: pixels times channels. */
QCC_INLINE int32_t qcc_neon_is_matrix(struct qcc_conv2d_q8_params p) {
  return p.kh == 1 && p.kw == 1 && p.sh == 1 && p.sw == 1 && p.pad_top == 0 && p.pad_left == 0 && p.oh == p.h &&
         p.ow == p.w && p.groups == 1;
}

/* Bytes between rows: K in whole groups of 16 and room for a run that overshoots. */
QCC_INLINE ptrdiff_t qcc_neon_row_stride(int32_t k, int32_t size) { return (ptrdiff_t)((k + 15) / 16 * 16 + 16) * size; }

QCC_INLINE void qcc_neon_put_16(struct qcc_neon_rows r, uint8_t *to, uint8x16_t v) {
  if (r.wide) {
    qcc_neon_store_s16(to, qcc_neon_widen_low(v, r.p.x_signed));
    qcc_neon_store_s16(to + 16, qcc_neon_widen_high(v, r.p.x_signed));
  } else {
    vst1q_u8(to, r.p.x_signed ? v : veorq_u8(v, vdupq_n_u8(0x80)));
  }
}

/* count activations, in whole groups of 16; reads no further than `end`. */
QCC_INLINE void qcc_neon_put_run(struct qcc_neon_rows r, uint8_t *to, const uint8_t *from, int32_t count,
                                 const uint8_t *end) {
  const int32_t step = r.wide ? 32 : 16;
  for (; count >= 16; count -= 16, to += step, from += 16) qcc_neon_put_16(r, to, vld1q_u8(from));
  if (count > 0) qcc_neon_put_16(r, to, qcc_neon_load_part(from, count, end));
}

/* A run of `count` activations for each of n pixels, whose sources lie `step` bytes apart. */
QCC_INLINE void qcc_neon_put_runs(struct qcc_neon_rows r, uint8_t *to, const uint8_t *from, ptrdiff_t step, int32_t n,
                                  int32_t count) {
  const int32_t whole = (count + 15) / 16 * 16;
  if (whole != count) /* the image's last pixels: no whole groups there */
    for (; n > 0 && r.end - from - (n - 1) * step < whole; n--)
      qcc_neon_put_run(r, to + (n - 1) * r.stride, from + (n - 1) * step, count, r.end);
  for (; n > 0; n--, to += r.stride, from += step) qcc_neon_put_run(r, to, from, whole, r.end);
}

QCC_INLINE void qcc_neon_put_padding(struct qcc_neon_rows r, uint8_t *to, int32_t count) {
  const int32_t step = r.wide ? 32 : 16;
  for (; count > 0; count -= 16, to += step) qcc_neon_put_16(r, to, vdupq_n_u8((uint8_t)r.pad));
}

/* One kernel row of one pixel whose window starts at column ix of an input row, tap by tap. */
QCC_INLINE void qcc_neon_put_taps(struct qcc_neon_rows r, uint8_t *to, const uint8_t *line, int32_t ix) {
  const struct qcc_conv2d_q8_params p = r.p;
  const int32_t cg = p.c / p.groups, size = r.wide ? 2 : 1;
  for (int32_t kx = 0; kx < p.kw; kx++, ix += p.dw, to += (ptrdiff_t)cg * size) {
    if (ix >= 0 && ix < p.w)
      qcc_neon_put_run(r, to, line + (ptrdiff_t)ix * p.c, cg, r.end);
    else
      qcc_neon_put_padding(r, to, cg);
  }
}

/* One kernel row of `count` output pixels from column ox; line is the input row or null outside the image. */
QCC_INLINE void qcc_neon_put_window_rows(struct qcc_neon_rows r, uint8_t *to, const uint8_t *line, int32_t ox,
                                         int32_t count) {
  const struct qcc_conv2d_q8_params p = r.p;
  if (line == 0) {
    for (int32_t i = 0; i < count; i++) qcc_neon_put_padding(r, to + i * r.stride, p.kw * (p.c / p.groups));
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
  for (int32_t i = 0; i < first; i++) qcc_neon_put_taps(r, to + i * r.stride, line, (ox + i) * p.sw - p.pad_left);
  if (first < last)
    qcc_neon_put_runs(r, to + first * r.stride, line + (ptrdiff_t)((ox + first) * p.sw - p.pad_left) * p.c,
                      (ptrdiff_t)p.sw * p.c, last - first, p.kw * p.c);
  for (int32_t i = last; i < count; i++) qcc_neon_put_taps(r, to + i * r.stride, line, (ox + i) * p.sw - p.pad_left);
}

/* `count` output pixels of one output row, from column ox. */
QCC_INLINE void qcc_neon_put_pixels(struct qcc_neon_rows r, uint8_t *to, int32_t n, int32_t oy, int32_t ox,
                                    int32_t count) {
  const struct qcc_conv2d_q8_params p = r.p;
  const int32_t cg = p.c / p.groups, size = r.wide ? 2 : 1;
  for (int32_t ky = 0; ky < p.kh; ky++, to += (ptrdiff_t)p.kw * cg * size) {
    const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
    const uint8_t *line = 0;
    if (iy >= 0 && iy < p.h) line = r.x + ((ptrdiff_t)n * p.h + iy) * p.w * p.c + (ptrdiff_t)r.group * cg;
    qcc_neon_put_window_rows(r, to, line, ox, count);
  }
}

/* The rows of output pixels first .. first+count-1, counted over all images. */
QCC_INLINE void qcc_neon_put_rows(struct qcc_neon_rows r, int32_t first, int32_t count) {
  const struct qcc_conv2d_q8_params p = r.p;
  uint8_t *to = r.rows;
  if (qcc_neon_is_matrix(p)) {
    qcc_neon_put_runs(r, to, r.x + (ptrdiff_t)first * p.c, p.c, count, p.c);
    return;
  }
  int32_t ox = first % p.ow, row = first / p.ow;
  while (count > 0) {
    const int32_t now = count < p.ow - ox ? count : p.ow - ox;
    qcc_neon_put_pixels(r, to, row / p.oh, row % p.oh, ox, now);
    to += now * r.stride;
    count -= now;
    ox = 0;
    row++;
  }
}

#endif

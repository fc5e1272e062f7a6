/* SPDX-License-Identifier: 0BSD */
/* Rows of the matrix a convolution multiplies: for each output pixel the kh*kw*(c/groups) activations under its window,
 * outside the image the padding value, as u8 (stored s8 with its top bit flipped).
 *
 * Invariant: byte k of row r lies at rows + r * stride + k; what follows the last k of a row is any value (its weights are
 * zero), and at most 63 bytes past it are written: stride covers them. */
#ifndef QCC_X86_AVX512VNNI_CONV2D_ROWS_H
#define QCC_X86_AVX512VNNI_CONV2D_ROWS_H

#include "qcc/conv2d_q8.h"
#include "simd.h"

struct qcc_vnni_rows {
  struct qcc_conv2d_q8_params p;
  __m512i flip, pad; /* pad: as it is stored in a row */
  const uint8_t *x;  /* the group's first channel */
  uint8_t *rows;
  ptrdiff_t stride;
};

/* The rows are the image itself: pixels times channels. */
QCC_INLINE int32_t qcc_vnni_is_matrix(struct qcc_conv2d_q8_params p) {
  return p.kh == 1 && p.kw == 1 && p.sh == 1 && p.sw == 1 && p.pad_top == 0 && p.pad_left == 0 && p.oh == p.h &&
         p.ow == p.w && p.groups == 1;
}

/* Bytes between rows: room for the run that overshoots; an odd number of cache lines, so that the rows of a tile lie in
 * different cache sets. */
QCC_INLINE ptrdiff_t qcc_vnni_row_stride(int32_t k) { return (ptrdiff_t)(((k + 63) / 64 + 1) | 1) * 64; }

QCC_INLINE void qcc_vnni_put_padding(struct qcc_vnni_rows r, uint8_t *to, int32_t count) {
  if (count <= 16)
    _mm_storeu_si128((__m128i *)(void *)to, _mm512_castsi512_si128(r.pad));
  else
    for (int32_t i = 0; i < count; i += 64) qcc_vnni_store(to + i, r.pad);
}

/* One kernel row of one pixel whose window starts at column ix of an input row, tap by tap. */
QCC_INLINE void qcc_vnni_put_taps(struct qcc_vnni_rows r, uint8_t *to, const uint8_t *line, int32_t ix) {
  const struct qcc_conv2d_q8_params p = r.p;
  const int32_t cg = p.c / p.groups;
  for (int32_t kx = 0; kx < p.kw; kx++, ix += p.dw, to += cg) {
    if (ix >= 0 && ix < p.w)
      qcc_vnni_copy_run(to, line + (ptrdiff_t)ix * p.c, cg, r.flip);
    else
      qcc_vnni_put_padding(r, to, cg);
  }
}

/* A run of at most 16 activations for each of `count` pixels whose sources lie `step` bytes apart: four a turn, as the
 * speed of one a turn depends on where so short a loop lies in the code (a layer's by a tenth). */
QCC_INLINE void qcc_vnni_copy_short_runs(struct qcc_vnni_rows r, uint8_t *to, const uint8_t *from, ptrdiff_t step, int32_t count,
                                         int32_t bytes) {
  const __m128i flip = _mm512_castsi512_si128(r.flip);
#define QCC_VNNI_SHORT_RUN(i)                                                \
  _mm_storeu_si128((__m128i *)(void *)(to + (i) * r.stride),                 \
                   _mm_xor_si128(qcc_vnni_load_up_to_16(from + (i) * step, bytes), flip));
  for (; count >= 4; count -= 4, to += 4 * r.stride, from += 4 * step) {
    QCC_VNNI_SHORT_RUN(0)
    QCC_VNNI_SHORT_RUN(1)
    QCC_VNNI_SHORT_RUN(2)
    QCC_VNNI_SHORT_RUN(3)
  }
  for (; count > 0; count--, to += r.stride, from += step) QCC_VNNI_SHORT_RUN(0)
#undef QCC_VNNI_SHORT_RUN
}

/* One kernel row of `count` output pixels from column ox; line is the input row or null outside the image. */
QCC_INLINE void qcc_vnni_put_window_rows(struct qcc_vnni_rows r, uint8_t *to, const uint8_t *line, int32_t ox, int32_t count) {
  const struct qcc_conv2d_q8_params p = r.p;
  if (line == 0) {
    for (int32_t i = 0; i < count; i++) qcc_vnni_put_padding(r, to + i * r.stride, p.kw * (p.c / p.groups));
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
  for (int32_t i = 0; i < first; i++) qcc_vnni_put_taps(r, to + i * r.stride, line, (ox + i) * p.sw - p.pad_left);
  if (first < last && p.groups == 1 && p.kw * p.c <= 16)
    qcc_vnni_copy_short_runs(r, to + first * r.stride, line + (ptrdiff_t)((ox + first) * p.sw - p.pad_left) * p.c,
                             (ptrdiff_t)p.sw * p.c, last - first, p.kw * p.c);
  else
    for (int32_t i = first; i < last; i++)
      qcc_vnni_copy_run(to + i * r.stride, line + (ptrdiff_t)((ox + i) * p.sw - p.pad_left) * p.c, p.kw * p.c, r.flip);
  for (int32_t i = last; i < count; i++) qcc_vnni_put_taps(r, to + i * r.stride, line, (ox + i) * p.sw - p.pad_left);
}

/* The rows of output pixels first .. first+count-1, counted over all images. */
QCC_INLINE void qcc_vnni_put_rows(struct qcc_vnni_rows r, int32_t first, int32_t count) {
  const struct qcc_conv2d_q8_params p = r.p;
  uint8_t *to = r.rows;
  if (qcc_vnni_is_matrix(p)) {
    const uint8_t *from = r.x + (ptrdiff_t)first * p.c;
    for (int32_t i = 0; i < count; i++) qcc_vnni_copy_run(to + i * r.stride, from + (ptrdiff_t)i * p.c, p.c, r.flip);
    return;
  }
  int32_t ox = first % p.ow, row = first / p.ow;
  while (count > 0) {
    const int32_t now = count < p.ow - ox ? count : p.ow - ox, n = row / p.oh, oy = row % p.oh;
    for (int32_t ky = 0; ky < p.kh; ky++) {
      const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
      const uint8_t *line = iy >= 0 && iy < p.h ? r.x + ((ptrdiff_t)n * p.h + iy) * p.w * p.c : 0;
      qcc_vnni_put_window_rows(r, to + (ptrdiff_t)ky * p.kw * (p.c / p.groups), line, ox, now);
    }
    to += now * r.stride;
    count -= now;
    ox = 0;
    row++;
  }
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on AVX2: blocks of output pixels are widened into scratch as matrix rows (conv2d_rows.h), then every panel
 * of 16 output channels passes over the block in tiles of MR rows (conv2d_tile.h): the panel stays in L1, the block in L2.
 *
 *   for each block of pixels:   rows = activations under each window
 *     for each panel:           for each MR rows: tile; the last tile has exactly the rows that are left
 */
#ifndef QCC_X86_AVX2_CONV2D_Q8_H
#define QCC_X86_AVX2_CONV2D_Q8_H

#include "conv2d_rows.h"
#include "conv2d_tile.h"

enum { QCC_AVX2_CONV2D_ROWS = 54, QCC_AVX2_CONV2D_BLOCK_BYTES = 1 << 19 };

/* Rows per block: a multiple of mr, at most QCC_AVX2_CONV2D_ROWS, L2-sized, and evenly filled blocks. */
QCC_INLINE int32_t qcc_avx2_block_rows(int32_t pixels, ptrdiff_t stride, int32_t mr) {
  int32_t most = (int32_t)(QCC_AVX2_CONV2D_BLOCK_BYTES / stride);
  if (most > QCC_AVX2_CONV2D_ROWS) most = QCC_AVX2_CONV2D_ROWS;
  most = most < mr ? mr : most / mr * mr;
  int32_t blocks = (pixels + most - 1) / most;
  int32_t even = (pixels + blocks - 1) / blocks;
  return (even + mr - 1) / mr * mr;
}

struct qcc_avx2_panel {
  int32_t scheme, steps;
  const uint8_t *w;
  const int32_t *bias;
  const qcc_avx2_word *scale;
  struct qcc_avx2_output out;
  int32_t y_stride, valid;
};

/* rows: a multiple of mr, in the last block plus tail, which is a literal where the shape is. is_half: q.valid <= 8. */
QCC_INLINE void qcc_avx2_panel_pass(struct qcc_avx2_panel q, int32_t mr, int32_t is_half, const uint8_t *a, ptrdiff_t stride,
                                    int32_t rows, int32_t tail, ptrdiff_t at) {
  int32_t i = 0;
  for (; i + mr <= rows; i += mr)
    qcc_avx2_tile_x16(mr, q.scheme, is_half, q.steps, a + i * stride, stride, q.w, q.bias, q.scale, q.out,
                      at + (ptrdiff_t)i * q.y_stride, q.y_stride, q.valid);
  if (i < rows)
    qcc_avx2_tail_x16(tail, mr, q.scheme, is_half, q.steps, a + i * stride, stride, q.w, q.bias, q.scale, q.out,
                      at + (ptrdiff_t)i * q.y_stride, q.y_stride, q.valid);
}

/* All panels of one group over one block of rows, whose first output element is `at`; ocg % 16 is 0 or `rest`, a literal where the
 * shape is. */
QCC_INLINE void qcc_avx2_block_pass(struct qcc_avx2_panel q, int32_t mr, const uint8_t *a, ptrdiff_t stride, int32_t rows,
                                    int32_t tail, int32_t ocg, int32_t rest, ptrdiff_t at) {
  const ptrdiff_t panel_bytes = (ptrdiff_t)q.steps * (q.scheme == QCC_AVX2_PAIRS8 ? 32 : 64);
  const int32_t words = qcc_scale_words(q.out.kind);
  int32_t bias[16] = {0};
  int32_t scale[32] = {0};
  for (int32_t o = 0; o < ocg; o += 16) {
    q.valid = rest == 0 || ocg - o > 16 ? 16 : ocg - o;
    if (q.valid < 16) {
      for (int32_t i = 0; i < q.valid; i++) bias[i] = q.bias[i];
      for (int32_t i = 0; i < q.valid * words; i++) scale[i] = q.scale[i];
      q.bias = bias;
      q.scale = scale;
    }
    /* 24 channels are a panel and a half. */
    qcc_avx2_panel_pass(q, mr, rest != 0 && rest <= 8 && q.valid <= 8, a, stride, rows, tail, at + o);
    q.w += panel_bytes;
    q.bias += 16;
    if (words) q.scale += 16 * words;
  }
}

/* The whole convolution; mr and scheme are literals at every call. */
QCC_INLINE void qcc_avx2_conv2d(int32_t mr, int32_t scheme, struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                                const uint8_t *x, const void *w, const int32_t *bias, const qcc_avx2_word *scale,
                                const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t size = scheme == QCC_AVX2_QUADS ? 1 : 2, kr = 4 / size;
  const int32_t k = p.kh * p.kw * (p.c / p.groups), ocg = p.oc / p.groups, steps = (k + kr - 1) / kr;
  const int32_t pixels = p.n * p.oh * p.ow;
  /* Bytes need no widening: where whole steps lie in the image, it is the matrix. */
  const int32_t in_place = size == 1 && qcc_avx2_is_matrix(p) && p.c % 4 == 0;
  const ptrdiff_t stride = in_place ? p.c : qcc_avx2_row_stride(k, size);
  const int32_t block = qcc_avx2_block_rows(pixels, stride, mr);
  const ptrdiff_t group_bytes = (ptrdiff_t)((ocg + 15) / 16) * steps * 64;
  struct qcc_avx2_rows r = {p, size == 2, d.x_pad, 0, x, x + (ptrdiff_t)p.n * p.h * p.w * p.c, (uint8_t *)scratch, stride};
  struct qcc_avx2_output out = {p.kind, d.e, QCC_AVX2_NATURAL, residual, table, y, 0};
  for (int32_t first = 0; first < pixels; first += block) {
    const int32_t rows = first + block <= pixels ? block : pixels - first;
    for (int32_t g = 0; g < p.groups; g++) {
      r.group = g;
      const uint8_t *a = in_place ? x + (ptrdiff_t)first * p.c : r.rows;
      if (!in_place) qcc_avx2_put_rows(r, first, rows);
      struct qcc_avx2_panel q = {scheme, steps, (const uint8_t *)w + g * group_bytes, bias + g * ocg, scale, out, p.oc, 16};
      if (p.kind.out != QCC_OUT_S32) q.scale += (ptrdiff_t)g * ocg * qcc_scale_words(p.kind);
      qcc_avx2_block_pass(q, mr, a, stride, rows, pixels % mr, ocg, ocg % 16, (ptrdiff_t)first * p.oc + (ptrdiff_t)g * ocg);
    }
  }
}

#define QCC_AVX2_CONV2D(name, mr, scheme)                                                                         \
  QCC_INLINE void qcc_conv2d_q8__##name##__x86_avx2(                                                              \
      struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x, const void *w,                \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,             \
      void *scratch) {                                                                                            \
    qcc_avx2_conv2d(mr, scheme, p, d, x, w, bias, (const qcc_avx2_word *)scale, residual, table, y, scratch);             \
  }

QCC_AVX2_CONV2D(6x16, 6, QCC_AVX2_PAIRS)
QCC_AVX2_CONV2D(5x16b, 5, QCC_AVX2_QUADS)

#endif

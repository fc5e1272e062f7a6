/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on NEON: blocks of output pixels become matrix rows (conv2d_rows.h), then every panel of output channels
 * passes over the block in tiles of MR rows (conv2d_tile.h).
 *
 *   for each block of pixels:   rows = activations under each window
 *     for each panel:           for each MR rows: tile; the last tile has exactly the rows that are left
 *
 * The 4x4 tiles multiply s8 by s8. For u8 activations the rows hold x - 128 and the bias makes up for it (packing _xs8);
 * products and sums are exact modulo 2^32, and so is acc. */
#ifndef QCC_ARM_NEON_CONV2D_Q8_H
#define QCC_ARM_NEON_CONV2D_Q8_H

#include "conv2d_rows.h"
#include "conv2d_tile.h"

enum { QCC_NEON_CONV2D_ROWS = 56, QCC_NEON_CONV2D_L1 = 1 << 14, QCC_NEON_CONV2D_L2 = 1 << 17 };

/* Rows per block: a multiple of mr, at most QCC_NEON_CONV2D_ROWS, and evenly filled blocks. A block that fits half of L1
 * is read there by every panel; where that would leave too few rows to share a panel's weights, it fits L2. */
QCC_INLINE int32_t qcc_neon_block_rows(int32_t pixels, ptrdiff_t stride, int32_t mr) {
  int32_t most = (int32_t)((16 * stride <= QCC_NEON_CONV2D_L1 ? QCC_NEON_CONV2D_L1 : QCC_NEON_CONV2D_L2) / stride);
  if (most > QCC_NEON_CONV2D_ROWS) most = QCC_NEON_CONV2D_ROWS;
  most = most < mr ? mr : most / mr * mr;
  const int32_t blocks = (pixels + most - 1) / most;
  const int32_t even = (pixels + blocks - 1) / blocks;
  return (even + mr - 1) / mr * mr;
}

QCC_INLINE void qcc_neon_tile(int32_t mr, int32_t scheme, struct qcc_neon_tile t) {
  if (scheme == QCC_NEON_WIDE)
    qcc_neon_tile_8x8(mr, t);
  else
    qcc_neon_tile_4x4(mr, scheme, t);
}

/* All rows of a block against one panel. rows is a multiple of mr, or of mr plus tail: `tail` is a literal where the
 * shape is, so one tail folds. */
QCC_INLINE void qcc_neon_panel_pass(int32_t mr, int32_t scheme, struct qcc_neon_tile t, int32_t rows, int32_t tail) {
  for (; rows >= mr; rows -= mr, t.a += mr * t.stride, t.at += mr * t.y_stride) qcc_neon_tile(mr, scheme, t);
  if (rows == 0) return;
#define QCC_NEON_TAIL(n)             \
  case n:                            \
    qcc_neon_tile(n, scheme, t);     \
    break;
  switch (tail) {
    QCC_NEON_TAIL(1)
    QCC_NEON_TAIL(2)
    QCC_NEON_TAIL(3)
    QCC_NEON_TAIL(4)
    QCC_NEON_TAIL(5)
    QCC_NEON_TAIL(6)
    QCC_NEON_TAIL(7)
    default: break;
  }
#undef QCC_NEON_TAIL
}

/* All panels of one group over one block of rows, whose first output element is t.at. */
QCC_INLINE void qcc_neon_block_pass(int32_t mr, int32_t scheme, struct qcc_neon_tile t, int32_t rows, int32_t tail,
                                    int32_t ocg) {
  const int32_t nr = scheme == QCC_NEON_WIDE ? 8 : 4, words = qcc_scale_words(t.out.kind);
  const ptrdiff_t panel_bytes = scheme == QCC_NEON_WIDE ? (ptrdiff_t)t.k * 16 : (ptrdiff_t)((t.k + 15) / 16) * 64;
  int32_t bias[8] = {0};
  int32_t scale[16] = {0};
  for (int32_t o = 0; o < ocg; o += nr) {
    t.valid = ocg % nr == 0 || ocg - o > nr ? nr : ocg - o;
    if (t.valid < nr) { /* what follows may belong to the next group */
      for (int32_t i = 0; i < t.valid; i++) {
        bias[i] = t.bias[i];
        for (int32_t j = 0; j < words; j++) scale[i * words + j] = t.scale[i * words + j];
      }
      t.bias = bias;
      t.scale = scale;
    }
    qcc_neon_panel_pass(mr, scheme, t, rows, tail);
    t.w += panel_bytes;
    t.at += nr;
    t.bias += nr;
    if (words) t.scale += nr * words;
  }
}

/* The whole convolution; mr and scheme are literals at every call. */
QCC_INLINE void qcc_neon_conv2d(int32_t mr, int32_t scheme, struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                                const uint8_t *x, const void *w, const int32_t *bias, const int32_t *scale,
                                const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t wide = scheme == QCC_NEON_WIDE;
  const int32_t k = p.kh * p.kw * (p.c / p.groups), ocg = p.oc / p.groups, pixels = p.n * p.oh * p.ow;
  const ptrdiff_t group_bytes =
      wide ? (ptrdiff_t)((ocg + 7) / 8) * k * 16 : (ptrdiff_t)((ocg + 3) / 4) * ((k + 15) / 16) * 64;
  /* s8 activations are the matrix where the steps of a row end with it. */
  const int32_t in_place = !wide && p.x_signed && p.c % 8 == 0 && qcc_neon_is_matrix(p);
  const ptrdiff_t stride = in_place ? p.c : qcc_neon_row_stride(k, wide ? 2 : 1);
  const int32_t block = qcc_neon_block_rows(pixels, stride, mr);
  struct qcc_neon_rows r = {p, wide, d.x_pad, 0, x, x + (ptrdiff_t)p.n * p.h * p.w * p.c, (uint8_t *)scratch, stride};
  for (int32_t first = 0; first < pixels; first += block) {
    const int32_t count = first + block <= pixels ? block : pixels - first;
    for (int32_t g = 0; g < p.groups; g++) {
      r.group = g;
      if (!in_place) qcc_neon_put_rows(r, first, count);
      struct qcc_neon_tile t = {in_place ? x + (ptrdiff_t)first * p.c : r.rows,
                                (const uint8_t *)w + g * group_bytes,
                                stride,
                                (ptrdiff_t)first * p.oc + (ptrdiff_t)g * ocg,
                                p.oc,
                                k,
                                0,
                                bias + g * ocg,
                                scale,
                                {p.kind, d.e, residual, table, y}};
      if (p.kind.out != QCC_OUT_S32) t.scale += g * ocg * qcc_scale_words(p.kind);
      qcc_neon_block_pass(mr, scheme, t, count, pixels % mr, ocg);
    }
  }
}

#define QCC_NEON_CONV2D(name, isa, mr, scheme)                                                             \
  QCC_INLINE void qcc_conv2d_q8__##name##__##isa(                                                          \
      struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x, const void *w,         \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,      \
      void *scratch) {                                                                                     \
    qcc_neon_conv2d(mr, scheme, p, d, x, w, bias, (const int32_t *)scale, residual, table, y, scratch);    \
  }

#if QCC_NEON_64
QCC_NEON_CONV2D(4x4c16, arm_neon, 4, QCC_NEON_PAIRS)
QCC_NEON_CONV2D(4x4c8, arm_neon, 4, QCC_NEON_SINGLES)
QCC_NEON_CONV2D(8x8, arm_neon, 8, QCC_NEON_WIDE)
#endif

#endif

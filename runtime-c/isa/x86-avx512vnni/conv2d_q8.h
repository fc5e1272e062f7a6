/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 with vpdpbusd: all output pixels are split evenly into tiles of at most 5 rows. Blocks of tiles get their
 * activations as matrix rows in scratch (conv2d_rows.h), or, where a 1x1 convolution finds whole steps of u8 in the image
 * itself, read them there. Panels of 16 output channels pass over a block four at a time, the last ones by two and one.
 *
 *   for each block of tiles:   rows = activations under each window
 *     for each 4, 2, 1 panels: for each tile: rows x panels
 */
#ifndef QCC_X86_AVX512VNNI_CONV2D_Q8_H
#define QCC_X86_AVX512VNNI_CONV2D_Q8_H

#include "conv2d_rows.h"
#include "conv2d_tile.h"

enum { QCC_VNNI_BLOCK_ROWS = 95, QCC_VNNI_BLOCK_BYTES = 1 << 17 };

/* How the pixels are split: the first `larger` tiles have rows + 1 rows, the others `rows`. */
struct qcc_vnni_split {
  int32_t tiles, rows, larger;
  int32_t block; /* tiles in a block */
};

QCC_INLINE struct qcc_vnni_split qcc_vnni_split_of(int32_t pixels, ptrdiff_t stride) {
  struct qcc_vnni_split s;
  s.tiles = (pixels + QCC_VNNI_TILE_ROWS - 1) / QCC_VNNI_TILE_ROWS;
  s.rows = pixels / s.tiles;
  s.larger = pixels % s.tiles;
  const int32_t most = (int32_t)(QCC_VNNI_BLOCK_BYTES / stride);
  s.block = (most < QCC_VNNI_BLOCK_ROWS ? most : QCC_VNNI_BLOCK_ROWS) / QCC_VNNI_TILE_ROWS;
  if (s.block < 1) s.block = 1;
  return s;
}

/* Tiles first .. first + count - 1 of the split; a: the row of the first. */
QCC_INLINE void qcc_vnni_tiles(int32_t panels, struct qcc_vnni_panels q, struct qcc_vnni_split s, int32_t first, int32_t count,
                               const uint8_t *a, ptrdiff_t stride, ptrdiff_t at) {
#define QCC_VNNI_ROWS(n)                                \
  case n: qcc_vnni_tile(n, panels, q, a, stride, at, sums); break;
  int32_t sums[64 * QCC_VNNI_TILE_ROWS] = {0}; /* vectors of four are finished whole, even where rows are missing */
  for (int32_t t = first; t < first + count; t++) {
    const int32_t rows = t < s.larger ? s.rows + 1 : s.rows;
    switch (rows) {
      QCC_VNNI_ROWS(1)
      QCC_VNNI_ROWS(2)
      QCC_VNNI_ROWS(3)
      QCC_VNNI_ROWS(4)
      QCC_VNNI_ROWS(5)
      default: break;
    }
    if (qcc_vnni_keeps_sums(q)) qcc_vnni_finish_sums(rows, panels, q, sums, at);
    a += rows * stride;
    at += (ptrdiff_t)rows * q.y_stride;
    if (q.row_sums != NULL) q.row_sums += rows;
  }
#undef QCC_VNNI_ROWS
}

/* The part of a group's output channels that `panels` panels hold, `valid` of which exist; moves q on to the next part. */
QCC_INLINE void qcc_vnni_part(int32_t panels, int32_t valid, struct qcc_vnni_panels *q, struct qcc_vnni_split s, int32_t first,
                              int32_t count, const uint8_t *a, ptrdiff_t stride, ptrdiff_t at) {
  const int32_t words = qcc_scale_words(q->out.kind);
  struct qcc_vnni_panels now = *q;
  int32_t bias[64] = {0}, scale[128] = {0}, zeros[64] = {0};
  now.valid = valid;
  if (valid < 16 * panels) {
    for (int32_t i = 0; i < valid; i++) bias[i] = q->bias[i];
    for (int32_t i = 0; i < words * valid; i++) scale[i] = q->scale[i];
    now.bias = bias;
    now.scale = scale;
    if (q->zeros != NULL) {
      for (int32_t i = 0; i < valid; i++) zeros[i] = q->zeros[i];
      now.zeros = zeros;
    }
  }
  qcc_vnni_tiles(panels, now, s, first, count, a, stride, at + q->first);
  q->w += (ptrdiff_t)panels * q->steps * 64;
  q->bias += valid;
  q->scale += words * valid;
  q->first += valid;
  if (q->zeros != NULL) q->zeros += valid;
}

/* One group's output channels over one block of tiles. */
QCC_INLINE void qcc_vnni_block(struct qcc_vnni_panels q, int32_t channels, struct qcc_vnni_split s, int32_t first, int32_t count,
                               const uint8_t *a, ptrdiff_t stride, ptrdiff_t at) {
  /* One call per number of panels: each is five tiles of code, before a compiler knows which of them there are. */
  const int32_t rest = channels % 64, whole = rest > 48 ? channels : channels - rest, left = channels - whole;
  for (int32_t o = 0; o < whole; o += 64)
    qcc_vnni_part(4, rest > 48 && whole - o < 64 ? rest : 64, &q, s, first, count, a, stride, at);
  if (left > 16) qcc_vnni_part(2, left > 32 ? 32 : left, &q, s, first, count, a, stride, at);
  if (left > 32 || (left > 0 && left <= 16)) qcc_vnni_part(1, left > 32 ? left - 32 : left, &q, s, first, count, a, stride, at);
}

QCC_INLINE void qcc_conv2d_q8__5x64__x86_avx512vnni(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                                    const void *w, const int32_t *bias, const void *scale,
                                                    const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t k = p.kh * p.kw * (p.c / p.groups), ocg = p.oc / p.groups, steps = (k + 3) / 4, pixels = p.n * p.oh * p.ow;
  const int32_t in_place = qcc_vnni_is_matrix(p) && p.c % 4 == 0 && !p.x_signed;
  const ptrdiff_t stride = in_place ? p.c : qcc_vnni_row_stride(k);
  const struct qcc_vnni_split s = qcc_vnni_split_of(pixels, stride);
  const ptrdiff_t group_bytes = (ptrdiff_t)((ocg + 15) / 16) * steps * 64;
  const int32_t flip = p.x_signed ? 128 : 0;
  struct qcc_vnni_rows r = {
      p, _mm512_set1_epi8((int8_t)(uint8_t)flip), _mm512_set1_epi8((int8_t)(uint8_t)((d.x_pad & 255) ^ flip)), x,
      (uint8_t *)scratch, stride};
  const struct qcc_vnni_output out = {p.kind, d.e, residual, table, y};
  for (int32_t tile = 0, pixel = 0; tile < s.tiles; tile += s.block) {
    const int32_t tiles = s.tiles - tile < s.block ? s.tiles - tile : s.block;
    const int32_t larger = s.larger <= tile ? 0 : s.larger - tile < tiles ? s.larger - tile : tiles;
    const int32_t rows = tiles * s.rows + larger;
    for (int32_t g = 0; g < p.groups; g++) {
      r.x = x + (ptrdiff_t)g * (p.c / p.groups);
      if (!in_place) qcc_vnni_put_rows(r, pixel, rows);
      const struct qcc_vnni_panels q = {steps, (const uint8_t *)w + g * group_bytes, bias + g * ocg,
                                        (const qcc_vnni_word *)scale + qcc_scale_words(p.kind) * g * ocg, out, p.oc, 0, 0, NULL, NULL};
      qcc_vnni_block(q, ocg, s, tile, tiles, in_place ? x + (ptrdiff_t)pixel * p.c : r.rows, stride,
                     (ptrdiff_t)pixel * p.oc + (ptrdiff_t)g * ocg);
    }
    pixel += rows;
  }
}

#endif

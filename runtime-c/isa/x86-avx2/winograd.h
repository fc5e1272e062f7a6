/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8, 3x3 with stride 1, by Winograd's F(4x4,3x3): 36 multiplications where the formula has 144.
 *
 *   for each block of 4x4-pixel tiles:   V[36][tile][channel] = transformed activations
 *     for each panel of 16 outputs:      M[36][tile][16] = V[p] * U[p]      the tiles of conv2d_tile.h, PAIRS
 *       for each tile:                   transform back, epilogue
 *
 * Invariant: exact: winograd_transform.h. Tiles that reach over the image's edge read padding and store what exists. */
#ifndef QCC_X86_AVX2_WINOGRAD_H
#define QCC_X86_AVX2_WINOGRAD_H

#include "conv2d_q8.h"
#include "winograd_transform.h"

enum { QCC_AVX2_WINOGRAD_TILES = 12 };

struct qcc_avx2_winograd {
  struct qcc_conv2d_q8_params p;
  int32_t pad;
  const uint8_t *x;
  int16_t *v;
  int32_t *m, *sums;
  ptrdiff_t stride;         /* elements of a tile's channels in V */
  int32_t rows, columns;    /* tiles of an image */
  struct qcc_avx2_output out;
};

QCC_INLINE ptrdiff_t qcc_avx2_winograd_stride(int32_t c) { return (ptrdiff_t)((c + 15) / 16 * 16 + 16); }

/* 16 channels (`count` of them exist) of the 6x6 pixels whose first is (iy, ix), as s16. */
QCC_INLINE void qcc_avx2_winograd_gather(struct qcc_avx2_winograd w, const uint8_t *image, int32_t iy, int32_t ix,
                                         int32_t count, const uint8_t *end, __m256i *d) {
  const struct qcc_conv2d_q8_params p = w.p;
  const ptrdiff_t row = (ptrdiff_t)p.w * p.c, first = iy * row + (ptrdiff_t)ix * p.c;
  if (iy >= 0 && ix >= 0 && iy + 6 <= p.h && ix + 6 <= p.w && count >= 16) {
    for (int32_t i = 0; i < 6; i++)
      for (int32_t j = 0; j < 6; j++)
        d[6 * i + j] = qcc_avx2_widen(qcc_avx2_load_half(image + first + i * row + (ptrdiff_t)j * p.c), p.x_signed);
    return;
  }
  for (int32_t i = 0; i < 6; i++)
    for (int32_t j = 0; j < 6; j++) {
      const ptrdiff_t at = first + i * row + (ptrdiff_t)j * p.c;
      const int32_t inside = iy + i >= 0 && iy + i < p.h && ix + j >= 0 && ix + j < p.w;
      d[6 * i + j] = inside ? qcc_avx2_widen(qcc_avx2_load_up_to_16(image + at, count, end), p.x_signed)
                            : _mm256_set1_epi16((int16_t)w.pad);
    }
}

/* V of tile `slot` of the block, which is tile `tile` of all images. */
QCC_INLINE void qcc_avx2_winograd_put_tile(struct qcc_avx2_winograd w, int32_t tile, int32_t slot) {
  const struct qcc_conv2d_q8_params p = w.p;
  const int32_t n = tile / (w.rows * w.columns), ty = tile / w.columns % w.rows, tx = tile % w.columns;
  const uint8_t *end = w.x + (ptrdiff_t)p.n * p.h * p.w * p.c;
  for (int32_t i = 0; i < p.c; i += 16) {
    __m256i d[36], t[36];
    qcc_avx2_winograd_gather(w, w.x + (ptrdiff_t)n * p.h * p.w * p.c + i, 4 * ty - p.pad_top, 4 * tx - p.pad_left,
                             p.c - i, end, d);
    for (int32_t j = 0; j < 6; j++) qcc_avx2_winograd_input(d + j, 6, t + j, 6);
    for (int32_t j = 0; j < 6; j++) qcc_avx2_winograd_input(t + 6 * j, 1, d + 6 * j, 1);
    for (int32_t j = 0; j < 36; j++)
      qcc_avx2_store(w.v + ((ptrdiff_t)j * QCC_AVX2_WINOGRAD_TILES + slot) * w.stride + i, d[j]);
  }
}

/* The pixels of one tile, 16 channels from o on, of which `valid` exist. */
QCC_INLINE void qcc_avx2_winograd_take_tile(struct qcc_avx2_winograd w, int32_t tile, int32_t slot, int32_t o,
                                            const int32_t *bias, const qcc_avx2_word *scale, int32_t valid) {
  const struct qcc_conv2d_q8_params p = w.p;
  const int32_t n = tile / (w.rows * w.columns), ty = tile / w.columns % w.rows, tx = tile % w.columns;
  const uint8_t *m = (const uint8_t *)(w.m + 16 * slot);
  for (int32_t half = 0; half < 2; half++)
    qcc_avx2_winograd_sums(m + 32 * half, 64 * QCC_AVX2_WINOGRAD_TILES, bias + 8 * half, w.sums + 8 * half, 16);
  for (int32_t i = 0; i < 4 && 4 * ty + i < p.oh; i++) {
    const ptrdiff_t at = (((ptrdiff_t)n * p.oh + 4 * ty + i) * p.ow + 4 * tx) * p.oc + o;
    for (int32_t j = 0; j < 4 && 4 * tx + j < p.ow; j += 2) {
      const int32_t *sums = w.sums + 16 * (4 * i + j);
      qcc_avx2_finish(w.out, 4 * tx + j + 1 < p.ow ? 2 : 1, qcc_avx2_load(sums), qcc_avx2_load(sums + 8),
                      qcc_avx2_load(sums + 16), qcc_avx2_load(sums + 24), scale, at + (ptrdiff_t)j * p.oc,
                      at + (ptrdiff_t)(j + 1) * p.oc, valid);
    }
  }
}

/* One panel over one block of `count` tiles from `first` on; tail: count modulo 6, a literal. u: the panel's 36 parts. */
QCC_INLINE void qcc_avx2_winograd_panel(struct qcc_avx2_winograd w, int32_t first, int32_t count, int32_t tail,
                                        const uint8_t *u, int32_t o, const int32_t *bias, const qcc_avx2_word *scale) {
  static const int32_t zero[16] = {0};
  const int32_t steps = (w.p.c + 1) / 2, valid = w.p.oc - o < 16 ? w.p.oc - o : 16;
  struct qcc_avx2_panel q = {QCC_AVX2_PAIRS, steps, u, zero, 0, w.out, 16, 16};
  q.out.kind.out = QCC_OUT_S32;
  for (int32_t position = 0; position < 36; position++, q.w += (ptrdiff_t)steps * 64) {
    q.out.y = w.m + (ptrdiff_t)position * QCC_AVX2_WINOGRAD_TILES * 16;
    qcc_avx2_panel_pass(q, 6, 0, (const uint8_t *)(w.v + (ptrdiff_t)position * QCC_AVX2_WINOGRAD_TILES * w.stride),
                        2 * w.stride, count, tail, 0);
  }
  for (int32_t slot = 0; slot < count; slot++)
    qcc_avx2_winograd_take_tile(w, first + slot, slot, o, bias, scale, valid);
}

QCC_INLINE void qcc_conv2d_q8__winograd4__x86_avx2(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                                                   const uint8_t *x, const void *w, const int32_t *bias,
                                                   const void *scale, const uint8_t *residual, const uint8_t *table,
                                                   void *y, void *scratch) {
  const qcc_avx2_word *const per_channel = (const qcc_avx2_word *)scale;
  const int32_t words = qcc_scale_words(p.kind);
  const ptrdiff_t stride = qcc_avx2_winograd_stride(p.c), panel = (ptrdiff_t)((p.c + 1) / 2) * 64 * 36;
  const int32_t rows = (p.oh + 3) / 4, columns = (p.ow + 3) / 4, tiles = p.n * rows * columns;
  int32_t *m = (int32_t *)scratch, *sums = m + 36 * QCC_AVX2_WINOGRAD_TILES * 16;
  struct qcc_avx2_winograd t = {p, d.x_pad, x, (int16_t *)(void *)(sums + 256), m, sums, stride, rows, columns,
                                {p.kind, d.e, QCC_AVX2_NATURAL, residual, table, y, 0}};
  for (int32_t first = 0; first < tiles; first += QCC_AVX2_WINOGRAD_TILES) {
    const int32_t count = tiles - first < QCC_AVX2_WINOGRAD_TILES ? tiles - first : QCC_AVX2_WINOGRAD_TILES;
    for (int32_t slot = 0; slot < count; slot++) qcc_avx2_winograd_put_tile(t, first + slot, slot);
    for (int32_t o = 0; o < p.oc; o += 16)
      qcc_avx2_winograd_panel(t, first, count, tiles % 6, (const uint8_t *)w + o / 16 * panel, o, bias + o,
                              words == 0 ? 0 : per_channel + (ptrdiff_t)o * words);
  }
}

#endif

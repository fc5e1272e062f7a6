/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 with vpdpbusd: all output pixels are split evenly into tiles of at most 5 rows. Blocks of tiles get their
 * activations as matrix rows in scratch (conv2d_rows.h), or, where a 1x1 convolution finds whole steps of u8 in the image
 * itself, read them there. Panels of 16 output channels pass over a block four at a time, the last ones by two and one.
 *
 *   for each block of tiles:   rows = activations under each window
 *     for each 4, 2, 1 panels: for each tile: rows x panels
 *
 * 5x64z: weights of which no s8 holds all, stored less a zero point of their channel that makes them fit:
 *
 *   sum x w = sum x (w + zero) - zero * sum x      (modulo 2^32)
 *
 * sum x: once for each row. Most channels need no zero point: panels of such channels alone take the way of 5x64. */
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
  int32_t sums[64 * QCC_VNNI_TILE_ROWS] = {0}; /* vectors of four are finished whole, even where rows are missing */
  for (int32_t t = first; t < first + count; t++) {
    const int32_t rows = t < s.larger ? s.rows + 1 : s.rows;
    qcc_vnni_tile(rows, panels, q, a, stride, at, sums);
    if (qcc_vnni_keeps_sums(q)) qcc_vnni_finish_sums(rows, panels, q, sums, at);
    a += rows * stride;
    at += (ptrdiff_t)rows * q.y_stride;
    if (q.row_sums != NULL) q.row_sums += rows;
  }
}

/* The part of a group's output channels that `panels` panels hold, `valid` of which exist; moves q on to the next part. */
QCC_INLINE void qcc_vnni_part(int32_t panels, int32_t valid, struct qcc_vnni_panels *q, struct qcc_vnni_split s, int32_t first,
                              int32_t count, const uint8_t *a, ptrdiff_t stride, ptrdiff_t at) {
  const int32_t words = qcc_scale_words(q->out.kind);
  struct qcc_vnni_panels now = *q;
  int32_t bias[64] = {0}, scale[128] = {0}, zeros[64] = {0};
  now.valid = valid;
  if (q->head > 0) {
    __mmask16 any = 0;
    for (int32_t i = 0; i < panels; i++) {
      const __m512i v = qcc_vnni_load(q->w + i * qcc_vnni_panel_bytes(*q));
      any = (__mmask16)(any | _mm512_cmpneq_epi32_mask(v, _mm512_setzero_si512()));
      qcc_vnni_store(zeros + 16 * i, v);
    }
    now.w += q->head;
    now.zeros = any ? zeros : NULL;
  }
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
  q->w += panels * qcc_vnni_panel_bytes(*q);
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

/* The sums of `count` rows of k bytes, of four at a time: whole vectors of four are written. */
QCC_INLINE void qcc_vnni_sum_rows(const uint8_t *a, ptrdiff_t stride, int32_t count, int32_t k, int32_t *sums) {
  const __m512i ones = _mm512_set1_epi8(1);
  for (int32_t r = 0; r < count; r += 4, a += 4 * stride) {
    const uint8_t *const b = r + 1 < count ? a + stride : a, *const c = r + 2 < count ? b + stride : b;
    const uint8_t *const d = r + 3 < count ? c + stride : c;
    qcc_vnni_sums s0 = QCC_VNNI_SUMS(_mm512_setzero_si512()), s1 = s0, s2 = s0, s3 = s0;
    for (int32_t i = 0; i < k; i += 64) {
      s0 = qcc_vnni_dot(s0, qcc_vnni_load_up_to_64(a + i, k - i), ones);
      s1 = qcc_vnni_dot(s1, qcc_vnni_load_up_to_64(b + i, k - i), ones);
      s2 = qcc_vnni_dot(s2, qcc_vnni_load_up_to_64(c + i, k - i), ones);
      s3 = qcc_vnni_dot(s3, qcc_vnni_load_up_to_64(d + i, k - i), ones);
    }
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(QCC_VNNI_BITS(s0), QCC_VNNI_BITS(s1)),
                                        _mm512_unpackhi_epi32(QCC_VNNI_BITS(s0), QCC_VNNI_BITS(s1)));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(QCC_VNNI_BITS(s2), QCC_VNNI_BITS(s3)),
                                        _mm512_unpackhi_epi32(QCC_VNNI_BITS(s2), QCC_VNNI_BITS(s3)));
    const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    _mm_storeu_si128((__m128i *)(void *)(sums + r),
                     _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)));
  }
}

/* The whole convolution; head and are_pairs (qcc_vnni_panels) are literals at every call; p counts bytes of x as channels. scratch:
 * sums of a block's rows if there is a head, the rows. */
QCC_INLINE void qcc_vnni_conv2d(int32_t head, int32_t are_pairs, struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                const uint8_t *table, void *y, void *scratch) {
  const int32_t k = p.kh * p.kw * (p.c / p.groups), ocg = p.oc / p.groups, steps = (k + 3) / 4, pixels = p.n * p.oh * p.ow;
  const int32_t in_place = qcc_vnni_is_matrix(p) && p.c % 4 == 0 && !p.x_signed;
  const ptrdiff_t stride = in_place ? p.c : qcc_vnni_row_stride(k);
  const struct qcc_vnni_split s = qcc_vnni_split_of(pixels, stride);
  const int32_t narrow = !head && !are_pairs && ocg % 16 != 0;
  const ptrdiff_t group_bytes =
      narrow ? steps * (ptrdiff_t)4 * ocg : (ptrdiff_t)((ocg + 15) / 16) * (steps * (ptrdiff_t)64 + head);
  const int32_t flip = p.x_signed ? 128 : 0;
  int32_t *const sums = (int32_t *)scratch;
  struct qcc_vnni_rows r = {
      p, _mm512_set1_epi8((int8_t)(uint8_t)flip), _mm512_set1_epi8((int8_t)(uint8_t)((d.x_pad & 255) ^ flip)), x,
      (uint8_t *)scratch + (head ? (QCC_VNNI_BLOCK_ROWS + 1) * 4 : 0), stride};
  const struct qcc_vnni_output out = {p.kind, d.e, residual, table, y};
  for (int32_t tile = 0, pixel = 0; tile < s.tiles; tile += s.block) {
    const int32_t tiles = s.tiles - tile < s.block ? s.tiles - tile : s.block;
    const int32_t larger = s.larger <= tile ? 0 : s.larger - tile < tiles ? s.larger - tile : tiles;
    const int32_t rows = tiles * s.rows + larger;
    for (int32_t g = 0; g < p.groups; g++) {
      const uint8_t *const from = in_place ? x + (ptrdiff_t)pixel * p.c : r.rows;
      r.x = x + (ptrdiff_t)g * (p.c / p.groups);
      if (!in_place) qcc_vnni_put_rows(r, pixel, rows);
      if (head) qcc_vnni_sum_rows(from, stride, rows, k, sums);
      const struct qcc_vnni_panels q = {steps, (const uint8_t *)w + g * group_bytes, bias + g * ocg,
                                        (const qcc_vnni_word *)scale + qcc_scale_words(p.kind) * g * ocg, out, p.oc, 0, 0,
                                        head, NULL, head ? sums : NULL, are_pairs, narrow};
      qcc_vnni_block(q, ocg, s, tile, tiles, from, stride, (ptrdiff_t)pixel * p.oc + (ptrdiff_t)g * ocg);
    }
    pixel += rows;
  }
}

#define QCC_VNNI_CONV2D(name, head)                                                                                         \
  QCC_INLINE void qcc_conv2d_q8__##name##__x86_avx512vnni(                                                                 \
      struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x, const void *w, const int32_t *bias,    \
      const void *scale, const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {                          \
    qcc_vnni_conv2d(head, 0, p, d, x, w, bias, scale, residual, table, y, scratch);                                           \
  }

QCC_VNNI_CONV2D(5x64, 0)
QCC_VNNI_CONV2D(5x64z, 64)

#endif

/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 by byte multiplications that are exact for any s8 weights. vpmaddubsw saturates where the products of two
 * neighbours do not fit 16 bits; which two are neighbours is free, so the compiler chose it (src/program/quads.ts): per group
 * of panels an order in which no pair can saturate. Within 16 inputs it costs one shuffle; single inputs come from elsewhere
 * one by one. What is left over of a weight that fits with none is multiplied in a step of its own behind the others.
 *
 *   for each block of pixels:       rows = activations under each window (conv2d_rows.h), or the image itself
 *     for each group of panels:     quads = rows in the group's order, as u8
 *       for each panel of 16:       tiles of 5 rows: 4 k per step (conv2d_tile.h)
 *
 * Weights, per group: 64 bytes that begin with (s32) its extra steps, the panels of a group, the bytes from one group to the next,
 * how many steps of the last 16 inputs are left out for they hold none, and its moves; for each 16 inputs 16 indices; for each move
 * the place in the ordered row and the input that comes there (s32), zeros up to a multiple of 64; its panels of 64 bytes a step. A
 * place of an extra step that no move fills has weights of zero. Any group may be the first: parts of a run begin at theirs. */
#ifndef QCC_X86_AVX2_CONV2D_QUADS_H
#define QCC_X86_AVX2_CONV2D_QUADS_H

#include "conv2d_q8.h"

/* Of a group: all its steps, of which those that are extra are at most half of `blocks` * 4 (see the scratch in kernels.def). */
struct qcc_avx2_order {
  int32_t blocks, steps, moves, flip;
  const uint8_t *indices, *list, *panels;
};

QCC_INLINE struct qcc_avx2_order qcc_avx2_order_at(const uint8_t *at, int32_t blocks, int32_t flip) {
  const qcc_avx2_word *const head = (const qcc_avx2_word *)(const void *)at;
  const uint8_t *const list = at + 64 + 16 * blocks;
  return (struct qcc_avx2_order){blocks,  4 * blocks - head[3] + head[0], head[4], flip, at + 64, list,
                                 at + 64 + (16 * blocks + 8 * head[4] + 63) / 64 * 64};
}

QCC_INLINE ptrdiff_t qcc_avx2_quads_stride(int32_t steps) { return (ptrdiff_t)(steps + 3) / 4 * 16 + 16; }

/* One row: reads whole blocks of 16. */
QCC_INLINE void qcc_avx2_put_blocks(struct qcc_avx2_order o, uint8_t *to, const uint8_t *from) {
  const __m256i flip = _mm256_set1_epi8((int8_t)(o.flip ? -128 : 0));
  int32_t b = 0;
  for (; b + 2 <= o.blocks; b += 2) {
    const __m256i v = _mm256_shuffle_epi8(qcc_avx2_load(from + 16 * b), qcc_avx2_load(o.indices + 16 * b));
    qcc_avx2_store(to + 16 * b, _mm256_xor_si256(v, flip));
  }
  if (b < o.blocks) {
    const __m128i v = _mm_shuffle_epi8(qcc_avx2_load_half(from + 16 * b), qcc_avx2_load_half(o.indices + 16 * b));
    qcc_avx2_store_half(to + 16 * b, _mm_xor_si128(v, _mm256_castsi256_si128(flip)));
  }
}

/* Four rows at a time, while they are in L1. Moves follow the blocks, which write whole vectors: over steps that are left out too. */
QCC_INLINE void qcc_avx2_put_quads(struct qcc_avx2_order o, uint8_t *to, ptrdiff_t to_stride, const uint8_t *from,
                                   ptrdiff_t from_stride, int32_t rows) {
  const uint8_t flip = o.flip ? 128 : 0;
  for (int32_t first = 0; first < rows; first += 4, to += 4 * to_stride, from += 4 * from_stride) {
    const int32_t count = rows - first < 4 ? rows - first : 4;
    for (int32_t i = 0; i < count; i++) qcc_avx2_put_blocks(o, to + i * to_stride, from + i * from_stride);
    for (int32_t m = 0; m < o.moves; m++) {
      const qcc_avx2_word *const move = (const qcc_avx2_word *)(const void *)(o.list + 8 * m);
      uint8_t *const there = to + move[0];
      const uint8_t *const input = from + move[1];
      if (count == 4) {
        const uint8_t v0 = input[0], v1 = input[from_stride], v2 = input[2 * from_stride], v3 = input[3 * from_stride];
        there[0] = v0 ^ flip;
        there[to_stride] = v1 ^ flip;
        there[2 * to_stride] = v2 ^ flip;
        there[3 * to_stride] = v3 ^ flip;
      } else {
        for (int32_t i = 0; i < count; i++) there[i * to_stride] = input[i * from_stride] ^ flip;
      }
    }
  }
}

QCC_INLINE void qcc_conv2d_q8__5x16q__x86_avx2(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                               const void *w, const int32_t *bias, const void *scale,
                                               const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const int32_t k = p.kh * p.kw * (p.c / p.groups), ocg = p.oc / p.groups, blocks = (k + 15) / 16;
  const int32_t pixels = p.n * p.oh * p.ow, in_place = qcc_avx2_is_matrix(p) && p.c % 16 == 0;
  const int32_t words = qcc_scale_words(p.kind);
  const ptrdiff_t from_stride = in_place ? p.c : qcc_avx2_row_stride(k, 1);
  const int32_t block = qcc_avx2_block_rows(pixels, from_stride + 16 * blocks, 5);
  const int32_t together = 16 * ((const qcc_avx2_word *)w)[1];
  const ptrdiff_t apart = ((const qcc_avx2_word *)w)[2];
  struct qcc_avx2_rows r = {p, 0, d.x_pad, 0, x, x + (ptrdiff_t)p.n * p.h * p.w * p.c, (uint8_t *)scratch, from_stride};
  struct qcc_avx2_output out = {p.kind, d.e, QCC_AVX2_NATURAL, residual, table, y, 0};
  uint8_t *const quads = (uint8_t *)scratch + QCC_AVX2_CONV2D_ROWS * qcc_avx2_row_stride(k, 1);
  for (int32_t first = 0; first < pixels; first += block) {
    const int32_t rows = first + block <= pixels ? block : pixels - first;
    const uint8_t *at = (const uint8_t *)w;
    for (int32_t g = 0; g < p.groups; g++) {
      const uint8_t *from = in_place ? x + (ptrdiff_t)first * p.c : r.rows;
      r.group = g;
      if (!in_place) qcc_avx2_put_rows(r, first, rows);
      for (int32_t o = 0; o < ocg; o += together, at += apart) {
        const struct qcc_avx2_order order = qcc_avx2_order_at(at, blocks, p.x_signed);
        const int32_t channels = ocg - o < together ? ocg - o : together, all = g * ocg + o;
        const ptrdiff_t stride = qcc_avx2_quads_stride(order.steps);
        qcc_avx2_put_quads(order, quads, stride, from, from_stride, rows);
        struct qcc_avx2_panel q = {QCC_AVX2_QUADS, order.steps, order.panels, bias + all, (const qcc_avx2_word *)scale, out,
                                   p.oc, 16};
        if (words) q.scale += (ptrdiff_t)all * words;
        qcc_avx2_block_pass(q, 5, quads, stride, rows, pixels % 5, channels, ocg % 16, (ptrdiff_t)first * p.oc + all);
      }
    }
  }
}

#endif

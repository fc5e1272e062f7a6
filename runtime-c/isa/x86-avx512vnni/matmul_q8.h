/* SPDX-License-Identifier: 0BSD */
/* matmul_q8 by the tiles of this folder's convolution (conv2d_q8.h): a's rows as u8, b as s8 in panels of 16 columns,
 *
 *   sum (A - a_zero) (B - b_zero) = sum A B  - a_zero * sum of b's column + k * a_zero * b_zero     a bias of the column
 *                                            - b_zero * sum of a's row                             (modulo 2^32)
 *
 * where A, B and the zero points are those of the operands after s8 rows got 128 added, u8 columns taken off. */
#ifndef QCC_X86_AVX512VNNI_MATMUL_Q8_H
#define QCC_X86_AVX512VNNI_MATMUL_Q8_H

#include "conv2d_q8.h"
#include "qcc/matmul_q8.h"

/* One product; strides as in the contract. */
struct qcc_vnni_matmul {
  struct qcc_matmul_q8_params p;
  int32_t steps, columns; /* of four k; of the panels */
  uint8_t a_flip, b_flip;
  uint8_t *panels;
  int32_t *bias, *zeros, *row_sums; /* of each column, of each row of a block */
  uint8_t *rows;
  ptrdiff_t stride;
};

/* Row k of b from column n on, as s8; zero behind the last row and column. */
QCC_INLINE __m512i qcc_vnni_b_row(struct qcc_vnni_matmul s, const uint8_t *b, int32_t n, int32_t k) {
  if (k >= s.p.k) return _mm512_setzero_si512();
  const __m512i v = qcc_vnni_load_up_to_64(b + (ptrdiff_t)k * s.p.b_k + n, s.p.n - n);
  return _mm512_xor_si512(v, _mm512_set1_epi8((int8_t)s.b_flip));
}

/* Four panels of rows: rows 4 k .. 4 k + 3 interleaved by bytes are 128-bit lanes of 4 columns, then transposed by lanes. */
QCC_INLINE void qcc_vnni_put_b_rows(struct qcc_vnni_matmul s, const uint8_t *b, int32_t n) {
  const ptrdiff_t panel = (ptrdiff_t)s.steps * 64;
  const int32_t panels = s.columns - n < 64 ? (s.columns - n) / 16 : 4;
  uint8_t *to = s.panels + n / 16 * panel;
  for (int32_t k = 0; k < s.steps; k++, to += 64) {
    const __m512i r0 = qcc_vnni_b_row(s, b, n, 4 * k), r1 = qcc_vnni_b_row(s, b, n, 4 * k + 1);
    const __m512i r2 = qcc_vnni_b_row(s, b, n, 4 * k + 2), r3 = qcc_vnni_b_row(s, b, n, 4 * k + 3);
    const __m512i low01 = _mm512_unpacklo_epi8(r0, r1), high01 = _mm512_unpackhi_epi8(r0, r1);
    const __m512i low23 = _mm512_unpacklo_epi8(r2, r3), high23 = _mm512_unpackhi_epi8(r2, r3);
    const __m512i q0 = _mm512_unpacklo_epi16(low01, low23), q1 = _mm512_unpackhi_epi16(low01, low23);
    const __m512i q2 = _mm512_unpacklo_epi16(high01, high23), q3 = _mm512_unpackhi_epi16(high01, high23);
    const __m512i t0 = _mm512_shuffle_i32x4(q0, q1, 0x44), t1 = _mm512_shuffle_i32x4(q0, q1, 0xee);
    const __m512i t2 = _mm512_shuffle_i32x4(q2, q3, 0x44), t3 = _mm512_shuffle_i32x4(q2, q3, 0xee);
    qcc_vnni_store(to, _mm512_shuffle_i32x4(t0, t2, 0x88));
    if (panels > 1) qcc_vnni_store(to + panel, _mm512_shuffle_i32x4(t0, t2, 0xdd));
    if (panels > 2) qcc_vnni_store(to + 2 * panel, _mm512_shuffle_i32x4(t1, t3, 0x88));
    if (panels > 3) qcc_vnni_store(to + 3 * panel, _mm512_shuffle_i32x4(t1, t3, 0xdd));
  }
}

/* Columns of b one by one, by whole words where they are contiguous. */
QCC_INLINE void qcc_vnni_put_b_columns(struct qcc_vnni_matmul s, const uint8_t *b) {
  const int32_t flip = (int32_t)(s.b_flip * UINT32_C(0x01010101)), whole = s.p.b_k == 1 ? s.p.k / 4 : 0;
  for (int32_t n = 0; n < s.columns; n++) {
    uint8_t *to = s.panels + (ptrdiff_t)(n / 16) * s.steps * 64 + n % 16 * 4;
    const uint8_t *from = b + (ptrdiff_t)n * s.p.b_n;
    if (n >= s.p.n) {
      for (int32_t k = 0; k < s.steps; k++) *(qcc_vnni_word *)(to + (ptrdiff_t)k * 64) = 0;
      continue;
    }
    for (int32_t k = 0; k < whole; k++) *(qcc_vnni_word *)(to + (ptrdiff_t)k * 64) = *(const qcc_vnni_word *)(from + 4 * k) ^ flip;
    for (int32_t k = 4 * whole; k < 4 * s.steps; k++)
      to[(ptrdiff_t)(k / 4) * 64 + k % 4] = k < s.p.k ? from[(ptrdiff_t)k * s.p.b_k] ^ s.b_flip : 0;
  }
}

/* Biases and zero points of all columns, their panels being there; 1 if a zero point is not 0. */
QCC_INLINE int32_t qcc_vnni_put_constants(struct qcc_vnni_matmul s, struct qcc_matmul_q8_data d, const int32_t *b_zeros) {
  const __m512i ones = _mm512_set1_epi8(1), a_zero = _mm512_set1_epi32(d.a_zero + s.a_flip), flip = _mm512_set1_epi32(s.b_flip);
  const uint8_t *w = s.panels;
  __mmask16 any = 0;
  for (int32_t n = 0; n < s.columns; n += 16) {
    qcc_vnni_sums sums = QCC_VNNI_SUMS(_mm512_setzero_si512());
    for (int32_t k = 0; k < s.steps; k++, w += 64) sums = qcc_vnni_dot(sums, ones, qcc_vnni_load(w));
    const __mmask16 valid = qcc_vnni_mask_16(n < s.p.n ? s.p.n - n : 0);
    const __m512i own = s.p.b_zero_per_column ? _mm512_maskz_loadu_epi32(valid, b_zeros + n) : _mm512_set1_epi32(d.b_zero);
    const __m512i zeros = _mm512_sub_epi32(own, flip);
    any = (__mmask16)(any | (valid & _mm512_cmpneq_epi32_mask(zeros, _mm512_setzero_si512())));
    qcc_vnni_store(s.zeros + n, zeros);
    qcc_vnni_store(s.bias + n, _mm512_mullo_epi32(a_zero, _mm512_sub_epi32(_mm512_mullo_epi32(zeros, _mm512_set1_epi32(s.p.k)),
                                                                            QCC_VNNI_BITS(sums))));
  }
  return any != 0;
}

/* `count` rows of a from a on, copied to the block unless they lie there; their sums if b has zero points. */
QCC_INLINE void qcc_vnni_put_a(struct qcc_vnni_matmul s, const uint8_t *a, int32_t count, int32_t in_place, int32_t has_zeros) {
  const __m512i flip = _mm512_set1_epi8((int8_t)s.a_flip), ones = _mm512_set1_epi8(1);
  for (ptrdiff_t r = 0; r < count; r++) {
    const uint8_t *row = a + r * s.p.a_m;
    uint8_t *const to = s.rows + r * s.stride;
    if (!in_place) {
      if (s.p.a_k == 1)
        qcc_vnni_copy_run(to, row, s.p.k, flip);
      else
        for (int32_t k = 0; k < s.p.k; k++) to[k] = row[(ptrdiff_t)k * s.p.a_k] ^ s.a_flip;
      row = to;
    }
    if (!has_zeros) continue;
    qcc_vnni_sums sums = QCC_VNNI_SUMS(_mm512_setzero_si512());
    for (int32_t k = 0; k < s.p.k; k += 64) sums = qcc_vnni_dot(sums, qcc_vnni_load_up_to_64(row + k, s.p.k - k), ones);
    s.row_sums[r] = _mm512_reduce_add_epi32(QCC_VNNI_BITS(sums));
  }
}

/* All columns over one block of tiles; fewer tiles than a convolution has (qcc_vnni_block), for programs of many products. */
QCC_INLINE void qcc_vnni_matmul_block(struct qcc_vnni_panels q, int32_t columns, struct qcc_vnni_split s, int32_t first,
                                      int32_t count, const uint8_t *a, ptrdiff_t stride, ptrdiff_t at) {
  int32_t n = 0;
  for (; columns - n > 32; n += 64) qcc_vnni_part(4, columns - n < 64 ? columns - n : 64, &q, s, first, count, a, stride, at);
  for (; n < columns; n += 16) qcc_vnni_part(1, columns - n < 16 ? columns - n : 16, &q, s, first, count, a, stride, at);
}

/* y = a b; `at` is its first element. */
QCC_INLINE void qcc_vnni_matmul_one(struct qcc_vnni_matmul s, struct qcc_matmul_q8_data d, const uint8_t *a, const uint8_t *b,
                                    const int32_t *b_zeros, const float *mult, struct qcc_vnni_output out, ptrdiff_t at) {
  const int32_t in_place = s.p.a_k == 1 && s.p.k % 4 == 0 && !s.p.a_signed;
  const struct qcc_vnni_split split = qcc_vnni_split_of(s.p.m, s.stride);
  if (s.p.b_n == 1)
    for (int32_t n = 0; n < s.columns; n += 64) qcc_vnni_put_b_rows(s, b, n);
  else
    qcc_vnni_put_b_columns(s, b);
  const int32_t has_zeros = qcc_vnni_put_constants(s, d, b_zeros);
  const struct qcc_vnni_panels q = {s.steps, s.panels, s.bias, (const qcc_vnni_word *)mult, out, s.p.n, 0, 0, 0,
                                    has_zeros ? s.zeros : NULL, s.row_sums, 0, 0};
  for (int32_t tile = 0, m = 0; tile < split.tiles; tile += split.block) {
    const int32_t tiles = split.tiles - tile < split.block ? split.tiles - tile : split.block;
    const int32_t larger = split.larger <= tile ? 0 : split.larger - tile < tiles ? split.larger - tile : tiles;
    const int32_t rows = tiles * split.rows + larger;
    const uint8_t *const from = a + (ptrdiff_t)m * s.p.a_m;
    qcc_vnni_put_a(s, from, rows, in_place, has_zeros);
    qcc_vnni_matmul_block(q, s.p.n, split, tile, tiles, in_place ? from : s.rows, in_place ? s.p.a_m : s.stride,
                   at + (ptrdiff_t)m * s.p.n);
    m += rows;
  }
}

/* scratch: panels, biases, zero points, sums of a block's rows, the block. */
QCC_INLINE void qcc_matmul_q8__5x64__x86_avx512vnni(struct qcc_matmul_q8_params p, struct qcc_matmul_q8_data d, const uint8_t *a,
                                                    const uint8_t *b, const int32_t *b_zeros, const float *mult, void *y,
                                                    void *scratch) {
  struct qcc_vnni_output out = {p.kind, d.e, NULL, NULL, y};
  out.kind.rounding = QCC_ROUND_ONNX; /* the only rule of this family, which adds and looks up nothing */
  out.kind.has_add = out.kind.has_lookup = 0;
  struct qcc_vnni_matmul s = {.p = p, .steps = (p.k + 3) / 4, .columns = p.n % 64 > 32 ? (p.n + 63) / 64 * 64 : (p.n + 15) / 16 * 16,
                              .a_flip = p.a_signed ? 128 : 0, .b_flip = p.b_signed ? 0 : 128, .panels = (uint8_t *)scratch,
                              .stride = qcc_vnni_row_stride(p.k)};
  s.bias = (int32_t *)(void *)(s.panels + (ptrdiff_t)s.columns * s.steps * 4);
  s.zeros = s.bias + s.columns;
  s.row_sums = s.zeros + s.columns;
  s.rows = (uint8_t *)(s.row_sums + QCC_VNNI_BLOCK_ROWS + 1);
  ptrdiff_t at = 0;
  for (int32_t g0 = 0; g0 < p.g0; g0++)
    for (int32_t g1 = 0; g1 < p.g1; g1++)
      for (int32_t g2 = 0; g2 < p.g2; g2++, at += (ptrdiff_t)p.m * p.n)
        qcc_vnni_matmul_one(s, d, a + (ptrdiff_t)g0 * p.ga0 + (ptrdiff_t)g1 * p.ga1 + (ptrdiff_t)g2 * p.ga2,
                            b + (ptrdiff_t)g0 * p.gb0 + (ptrdiff_t)g1 * p.gb1 + (ptrdiff_t)g2 * p.gb2, b_zeros, mult, out, at);
}

#endif

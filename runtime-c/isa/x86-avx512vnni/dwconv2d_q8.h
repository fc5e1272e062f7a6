/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 for 3x3 windows with vpdpbusd, multiplier 1: 32 channels wide over a ring of input rows (dwconv2d_rows.h).
 *
 * The three rows of a column are interleaved once, to one doubleword a channel (the fourth byte is zero), and each output
 * that uses the column adds its products with the weights of the window's column: 3 vpdpbusd for 9 taps. 4 outputs along x:
 * 16 accumulators cON (output O, vector N), 4 of a column, weights from L1. ymm: on Zen 4 as fast as zmm, and 32 channels
 * leave less over. Two outputs share an epilogue in zmm.
 *
 * 3x3s1w, 3x3s2w: weights that are the sum of two s8. Blocks of channels in which some weight needs the second one multiply
 * twice; of unsigned weights with a zero point these are few. */
#ifndef QCC_X86_AVX512VNNI_DWCONV2D_Q8_H
#define QCC_X86_AVX512VNNI_DWCONV2D_Q8_H

#include "dwconv2d_rows.h"
#include "qcc/requantize.h"
#include "simd_epilogue.h"

/* One output row of one block. */
struct qcc_vnni_dw_row {
  struct qcc_vnni_output out;
  const uint8_t *block;             /* constants */
  const uint8_t *row0, *row1, *row2; /* of the window, in the ring */
  int32_t width, c, valid;
  int32_t twice; /* some weight is beyond s8 */
  ptrdiff_t at;
};

/* A channel's words in the order of qcc_vnni_quads_of, one by one: s32, f32 and s16 outputs. */
QCC_INLINE void qcc_vnni_dw_words(struct qcc_vnni_dw_row r, __m256i a, __m256i b, __m256i c, __m256i d, ptrdiff_t at) {
  int32_t sums[32];
  qcc_vnni_put_32((uint8_t *)sums, a);
  qcc_vnni_put_32((uint8_t *)(sums + 8), b);
  qcc_vnni_put_32((uint8_t *)(sums + 16), c);
  qcc_vnni_put_32((uint8_t *)(sums + 24), d);
  for (int32_t i = 0; i < r.valid; i++) {
    const int32_t k = i / 4 % 4 * 8 + i / 16 * 4 + i % 4;
    qcc_vnni_word mult = ((const qcc_vnni_word *)(const void *)(r.block + QCC_VNNI_DW_MULT))[k];
    const float product = qcc_mulf((float)sums[k], qcc_f32_of_bits((uint32_t)mult));
    if (r.out.kind.out == QCC_OUT_S32)
      ((int32_t *)r.out.y)[at + i] = sums[k];
    else if (r.out.kind.out == QCC_OUT_S16)
      ((int16_t *)r.out.y)[at + i] = (int16_t)qcc_round_to_stored(product, 0, r.out.data.y_min, r.out.data.y_max);
    else if (r.out.kind.rounding == QCC_ROUND_AFFINE)
      ((float *)r.out.y)[at + i] = product + ((const float *)(const void *)(r.block + QCC_VNNI_DW_MULT))[k + 32];
    else
      ((float *)r.out.y)[at + i] = product;
  }
}

/* The outputs at `at` and, where `pixels` is 2, at the next pixel. */
#define QCC_VNNI_DW_FINISH(o, u, pixels, to)                                                                         \
  qcc_vnni_dw_finish(r, pixels, QCC_VNNI_BITS8(c##o##0), QCC_VNNI_BITS8(c##o##1), QCC_VNNI_BITS8(c##o##2),           \
                     QCC_VNNI_BITS8(c##o##3), QCC_VNNI_BITS8(c##u##0), QCC_VNNI_BITS8(c##u##1),                      \
                     QCC_VNNI_BITS8(c##u##2), QCC_VNNI_BITS8(c##u##3), to)

QCC_INLINE __m512i qcc_vnni_join(__m256i low, __m256i high) { return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1); }

QCC_INLINE void qcc_vnni_dw_finish(struct qcc_vnni_dw_row r, int32_t pixels, __m256i a, __m256i b, __m256i c, __m256i d,
                                   __m256i a2, __m256i b2, __m256i c2, __m256i d2, ptrdiff_t at) {
  if (r.out.kind.out != QCC_OUT_Q8) {
    qcc_vnni_dw_words(r, a, b, c, d, at);
    if (pixels > 1) qcc_vnni_dw_words(r, a2, b2, c2, d2, at + r.c);
    return;
  }
  const uint8_t *mult = r.block + QCC_VNNI_DW_MULT, *residual = r.out.residual;
  struct qcc_vnni_four acc = {qcc_vnni_join(a, a2), qcc_vnni_join(b, b2), qcc_vnni_join(c, c2), qcc_vnni_join(d, d2)};
#define QCC_VNNI_TWICE(k) _mm512_broadcast_i64x4(qcc_vnni_load_up_to_32(mult + 32 * (k), 32))
  const struct qcc_vnni_four m = {QCC_VNNI_TWICE(0), QCC_VNNI_TWICE(1), QCC_VNNI_TWICE(2), QCC_VNNI_TWICE(3)};
  if (r.out.kind.rounding != QCC_ROUND_ONNX) {
    acc.a = qcc_vnni_fixed(r.out.kind, acc.a, (struct qcc_vnni_pairs){m.a, QCC_VNNI_TWICE(4)});
    acc.b = qcc_vnni_fixed(r.out.kind, acc.b, (struct qcc_vnni_pairs){m.b, QCC_VNNI_TWICE(5)});
    acc.c = qcc_vnni_fixed(r.out.kind, acc.c, (struct qcc_vnni_pairs){m.c, QCC_VNNI_TWICE(6)});
    acc.d = qcc_vnni_fixed(r.out.kind, acc.d, (struct qcc_vnni_pairs){m.d, QCC_VNNI_TWICE(7)});
  }
#undef QCC_VNNI_TWICE
  __m512i add = _mm512_setzero_si512();
  if (r.out.kind.has_add) {
    const __m256i first = qcc_vnni_load_up_to_32(residual + at, r.valid);
    add = qcc_vnni_join(first, pixels > 1 ? qcc_vnni_load_up_to_32(residual + at + r.c, r.valid) : first);
  }
  __m512i v = qcc_vnni_bytes(r.out, QCC_VNNI_LANES, acc, m, add);
  if (r.out.kind.has_lookup) v = qcc_vnni_lookup(r.out.table, v);
  uint8_t *y = (uint8_t *)r.out.y + at;
  qcc_vnni_store_up_to_32(y, _mm512_castsi512_si256(v), r.valid);
  if (pixels > 1) qcc_vnni_store_up_to_32(y + r.c, _mm512_extracti64x4_epi64(v, 1), r.valid);
}

#define QCC_VNNI_DW_DOTS(o, at)                                        \
  {                                                                    \
    c##o##0 = qcc_vnni_dot8(c##o##0, q.q0, w + (at));                  \
    c##o##1 = qcc_vnni_dot8(c##o##1, q.q1, w + (at) + 32);             \
    c##o##2 = qcc_vnni_dot8(c##o##2, q.q2, w + (at) + 64);             \
    c##o##3 = qcc_vnni_dot8(c##o##3, q.q3, w + (at) + 96);             \
  }
/* Output o adds the products of the column's quads with column k of the window. */
#define QCC_VNNI_DW_ADD(o, k)                                                                                    \
  if (count > o) QCC_VNNI_DW_DOTS(o, 128 * (k))                                                                   \
  if (count > o && twice) QCC_VNNI_DW_DOTS(o, QCC_VNNI_DW_BEYOND - QCC_VNNI_DW_WEIGHTS + 128 * (k))
/* Column j of the tile, used first by output `user`. The weights are loaded anew: there is no room to keep them. */
#define QCC_VNNI_DW_COLUMN(j, user, uses)                                                                       \
  if (count > user) {                                                                                           \
    const struct qcc_vnni_quads q =                                                                             \
        qcc_vnni_quads_of(qcc_vnni_load_up_to_32(r.row0 + column + 32 * (j), 32),                               \
                          qcc_vnni_load_up_to_32(r.row1 + column + 32 * (j), 32),                               \
                          qcc_vnni_load_up_to_32(r.row2 + column + 32 * (j), 32));                              \
    QCC_VNNI_HERE(w);                                                                                           \
    uses                                                                                                        \
  }
#define QCC_VNNI_DW_START(n) \
  qcc_vnni_sums8 c0##n = QCC_VNNI_SUMS8(qcc_vnni_load_up_to_32(r.block + 32 * n, 32)), c1##n = c0##n, c2##n = c0##n, c3##n = c0##n;

/* `count` outputs from column ox on; count, stride and twice are literals at every call. */
QCC_INLINE void qcc_vnni_dw_tile(struct qcc_vnni_dw_row r, int32_t stride, int32_t twice, int32_t count, int32_t ox) {
  const uint8_t *w = r.block + QCC_VNNI_DW_WEIGHTS;
  const ptrdiff_t column = (ptrdiff_t)ox * stride * 32, at = r.at + (ptrdiff_t)ox * r.c;
  QCC_VNNI_DW_START(0)
  QCC_VNNI_DW_START(1)
  QCC_VNNI_DW_START(2)
  QCC_VNNI_DW_START(3)
#define ADD QCC_VNNI_DW_ADD
  if (stride == 1) {
    QCC_VNNI_DW_COLUMN(0, 0, ADD(0, 0))
    QCC_VNNI_DW_COLUMN(1, 0, ADD(0, 1) ADD(1, 0))
    QCC_VNNI_DW_COLUMN(2, 0, ADD(0, 2) ADD(1, 1) ADD(2, 0))
    QCC_VNNI_DW_COLUMN(3, 1, ADD(1, 2) ADD(2, 1) ADD(3, 0))
    QCC_VNNI_DW_COLUMN(4, 2, ADD(2, 2) ADD(3, 1))
    QCC_VNNI_DW_COLUMN(5, 3, ADD(3, 2))
  } else {
    QCC_VNNI_DW_COLUMN(0, 0, ADD(0, 0))
    QCC_VNNI_DW_COLUMN(1, 0, ADD(0, 1))
    QCC_VNNI_DW_COLUMN(2, 0, ADD(0, 2) ADD(1, 0))
    QCC_VNNI_DW_COLUMN(3, 1, ADD(1, 1))
    QCC_VNNI_DW_COLUMN(4, 1, ADD(1, 2) ADD(2, 0))
    QCC_VNNI_DW_COLUMN(5, 2, ADD(2, 1))
    QCC_VNNI_DW_COLUMN(6, 2, ADD(2, 2) ADD(3, 0))
    QCC_VNNI_DW_COLUMN(7, 3, ADD(3, 1))
    QCC_VNNI_DW_COLUMN(8, 3, ADD(3, 2))
  }
#undef ADD
  QCC_VNNI_DW_FINISH(0, 1, count > 1 ? 2 : 1, at);
  if (count > 2) QCC_VNNI_DW_FINISH(2, 3, count > 3 ? 2 : 1, at + 2 * (ptrdiff_t)r.c);
}

QCC_INLINE void qcc_vnni_dw_line(struct qcc_vnni_dw_row r, int32_t stride, int32_t twice) {
  int32_t ox = 0;
  for (; ox + 4 <= r.width; ox += 4) qcc_vnni_dw_tile(r, stride, twice, 4, ox);
  switch (r.width % 4) {
    case 1: qcc_vnni_dw_tile(r, stride, twice, 1, ox); break;
    case 2: qcc_vnni_dw_tile(r, stride, twice, 2, ox); break;
    case 3: qcc_vnni_dw_tile(r, stride, twice, 3, ox); break;
    default: break;
  }
}

/* `count` vectors of outputs side by side (1 or 4, a literal as twice is) from vector `first` of a packed row on; column k of their windows
 * lies at k of `columns`. */
#define QCC_VNNI_DW_PACKED(o, k)                                                                                      \
  if (count > o) {                                                                                                    \
    const ptrdiff_t at_column = columns[k] + 32 * (ptrdiff_t)(first + (o));                                           \
    const struct qcc_vnni_quads q =                                                                                   \
        qcc_vnni_quads_of(qcc_vnni_load_up_to_32(r.row0 + at_column, 32), qcc_vnni_load_up_to_32(r.row1 + at_column, 32), \
                          qcc_vnni_load_up_to_32(r.row2 + at_column, 32));                                            \
    QCC_VNNI_HERE(w);                                                                                                 \
    QCC_VNNI_DW_ADD(o, k)                                                                                             \
  }
QCC_INLINE void qcc_vnni_dw_packed_tile(struct qcc_vnni_dw_row r, int32_t twice, int32_t count, const ptrdiff_t columns[3],
                                        int32_t first) {
  const uint8_t *w = r.block + QCC_VNNI_DW_WEIGHTS;
  const ptrdiff_t at = r.at + 32 * (ptrdiff_t)first;
  QCC_VNNI_DW_START(0)
  QCC_VNNI_DW_START(1)
  QCC_VNNI_DW_START(2)
  QCC_VNNI_DW_START(3)
  QCC_VNNI_DW_PACKED(0, 0) QCC_VNNI_DW_PACKED(0, 1) QCC_VNNI_DW_PACKED(0, 2)
  QCC_VNNI_DW_PACKED(1, 0) QCC_VNNI_DW_PACKED(1, 1) QCC_VNNI_DW_PACKED(1, 2)
  QCC_VNNI_DW_PACKED(2, 0) QCC_VNNI_DW_PACKED(2, 1) QCC_VNNI_DW_PACKED(2, 2)
  QCC_VNNI_DW_PACKED(3, 0) QCC_VNNI_DW_PACKED(3, 1) QCC_VNNI_DW_PACKED(3, 2)
  QCC_VNNI_DW_FINISH(0, 1, count > 1 ? 2 : 1, at);
  if (count > 2) QCC_VNNI_DW_FINISH(2, 3, 2, at + 64);
}

/* A row of `bytes` outputs; r.c is 32: from vector to vector. */
QCC_INLINE void qcc_vnni_dw_packed_line(struct qcc_vnni_dw_row r, int32_t twice, const ptrdiff_t columns[3], int32_t bytes) {
  int32_t i = 0;
  for (; 32 * (i + 4) <= bytes; i += 4) qcc_vnni_dw_packed_tile(r, twice, 4, columns, i);
  for (; 32 * i < bytes; i++) {
    r.valid = bytes - 32 * i < 32 ? bytes - 32 * i : 32;
    qcc_vnni_dw_packed_tile(r, twice, 1, columns, i);
  }
}

/* The whole convolution where vectors hold several outputs. */
QCC_INLINE void qcc_vnni_dw_packed(struct qcc_vnni_ring ring, struct qcc_vnni_dw_row r, int32_t wide, const uint8_t *w, const int32_t *bias,
                                   const qcc_vnni_word *scale, uint8_t *block) {
  const struct qcc_dwconv2d_q8_params p = ring.p;
  const ptrdiff_t half = qcc_vnni_packed_half(ring);
  const ptrdiff_t columns[3] = {0, qcc_vnni_packed_at(p, half, 1), qcc_vnni_packed_at(p, half, 2)};
  r.twice = qcc_vnni_dw_constants(p, wide, block, w, bias, scale, 0);
  r.block = block;
  r.c = 32;
  qcc_vnni_ring_clear(ring, 1);
  for (int32_t line = 0; line < p.n * p.oh; line++) {
    const int32_t n = line / p.oh, oy = line % p.oh, top = oy * p.sh, filled = oy == 0 ? 0 : top - p.sh + 3;
    for (int32_t row = filled > top ? filled : top; row < top + 3; row++) qcc_vnni_packed_fill(ring, row % 3, n, row - p.pad_top);
    r.row0 = qcc_vnni_ring_row(ring, 0, top % 3);
    r.row1 = qcc_vnni_ring_row(ring, 0, (top + 1) % 3);
    r.row2 = qcc_vnni_ring_row(ring, 0, (top + 2) % 3);
    r.at = (ptrdiff_t)line * p.ow * p.c;
    if (wide && r.twice)
      qcc_vnni_dw_packed_line(r, 1, columns, p.ow * p.c);
    else
      qcc_vnni_dw_packed_line(r, 0, columns, p.ow * p.c);
  }
}

/* The whole convolution; stride and wide are literals at every call. */
QCC_INLINE void qcc_vnni_dwconv2d(int32_t stride, int32_t wide, struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x,
                                  const void *w, const int32_t *bias, const qcc_vnni_word *scale, const uint8_t *residual,
                                  const uint8_t *table, void *y, void *scratch) {
  const int32_t channels = 32 * QCC_VNNI_DW_BLOCKS, flip = p.x_signed ? 128 : 0, bytes = qcc_vnni_dw_bytes(wide);
  uint8_t *const blocks = (uint8_t *)scratch;
  const struct qcc_vnni_ring ring = {p, 3, qcc_vnni_ring_columns(p), _mm256_set1_epi8((int8_t)(uint8_t)flip),
                                     _mm256_set1_epi8((int8_t)(uint8_t)((d.x_pad & 255) ^ flip)), x,
                                     blocks + QCC_VNNI_DW_BLOCKS * bytes};
  const struct qcc_vnni_output out = {p.kind, d.e, residual, table, y};
  int32_t twice[QCC_VNNI_DW_BLOCKS] = {0};
  struct qcc_vnni_dw_row r = {out, 0, 0, 0, 0, p.ow, p.c, 32, 0, 0};
  if (qcc_vnni_dw_packs(p) > 1) {
    qcc_vnni_dw_packed(ring, r, wide, (const uint8_t *)w, bias, scale, blocks);
    return;
  }
  qcc_vnni_ring_clear(ring, p.c <= 32 ? 1 : QCC_VNNI_DW_BLOCKS);
  for (int32_t channel = 0; channel < p.c; channel += channels) {
    const int32_t count = p.c - channel <= 32 ? 1 : QCC_VNNI_DW_BLOCKS;
    for (int32_t b = 0; b < count; b++)
      twice[b] = qcc_vnni_dw_constants(p, wide, blocks + b * bytes, (const uint8_t *)w, bias, scale, channel + 32 * b);
    for (int32_t line = 0; line < p.n * p.oh; line++) {
      const int32_t n = line / p.oh, oy = line % p.oh, top = oy * p.sh;
      /* Rows count from the first window's top; those of the window above are still there. */
      const int32_t filled = oy == 0 ? 0 : top - p.sh + 3;
      for (int32_t row = filled > top ? filled : top; row < top + 3; row++)
        qcc_vnni_ring_fill(ring, row % 3, n, row - p.pad_top, channel, count);
      for (int32_t b = 0; b < count; b++) {
        r.block = blocks + b * bytes;
        r.row0 = qcc_vnni_ring_row(ring, b, top % 3);
        r.row1 = qcc_vnni_ring_row(ring, b, (top + 1) % 3);
        r.row2 = qcc_vnni_ring_row(ring, b, (top + 2) % 3);
        r.valid = p.c % 32 == 0 || p.c - channel - 32 * b > 32 ? 32 : p.c - channel - 32 * b;
        r.at = (ptrdiff_t)line * p.ow * p.c + channel + 32 * b;
        if (wide && twice[b])
          qcc_vnni_dw_line(r, stride, 1);
        else
          qcc_vnni_dw_line(r, stride, 0);
      }
    }
  }
}

#define QCC_VNNI_DWCONV2D(name, stride, wide)                                                                          \
  QCC_INLINE void qcc_dwconv2d_q8__##name##__x86_avx512vnni(                                                     \
      struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x, const void *w,           \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y,            \
      void *scratch) {                                                                                           \
    qcc_vnni_dwconv2d(stride, wide, p, d, x, w, bias, (const qcc_vnni_word *)scale, residual, table, y, scratch);        \
  }

QCC_VNNI_DWCONV2D(3x3s1, 1, 0)
QCC_VNNI_DWCONV2D(3x3s2, 2, 0)
QCC_VNNI_DWCONV2D(3x3s1w, 1, 1)
QCC_VNNI_DWCONV2D(3x3s2w, 2, 1)

#endif

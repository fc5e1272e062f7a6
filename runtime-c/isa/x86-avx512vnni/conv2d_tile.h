/* SPDX-License-Identifier: 0BSD */
/* The inner product of a convolution: up to 5 rows of activations times 1, 2 or 4 panels of 16 output channels.
 *
 *   c[r][o] = bias[o] + sum over steps of four products u8 * s8 (vpdpbusd)        y = epilogue(c)
 *             or two products s16 * s16 (vpdpwssd)
 *
 * Registers: 20 accumulators cR_P (row R, panel P), 4 of weights, 1 broadcast of a row's 4 bytes. Panels are a
 * literal at every call. */
#ifndef QCC_X86_AVX512VNNI_CONV2D_TILE_H
#define QCC_X86_AVX512VNNI_CONV2D_TILE_H

#include "simd.h"
#include "simd_epilogue.h"

enum { QCC_VNNI_TILE_ROWS = 5 };

/* What the tiles of one group of panels share. */
struct qcc_vnni_panels {
  int32_t steps;
  const uint8_t *w; /* panels, one after the other: a head, 64 bytes a step */
  const int32_t *bias;
  const qcc_vnni_word *scale; /* of the first channel */
  struct qcc_vnni_output out;
  int32_t y_stride; /* output elements from row to row */
  int32_t first;    /* of the group's output channels: the first of these panels */
  int32_t valid;    /* channels that exist, of 16 a panel */
  int32_t head;     /* bytes of a panel before its steps: 64 where they are zero points of its channels, s32 */
  /* Of weights with zero points, null for others: for each channel what is taken off its sums for each unit of the row's own
   * sum. */
  const int32_t *zeros, *row_sums;
  int32_t are_pairs; /* 1: steps of two s16, a literal */
  int32_t narrow;    /* 1: the last panel holds the channels that exist, no others; a literal */
};

/* Bytes of one panel of 16 channels. */
QCC_INLINE ptrdiff_t qcc_vnni_panel_bytes(struct qcc_vnni_panels q) { return (ptrdiff_t)q.steps * 64 + q.head; }

/* bias - zeros * row_sum, modulo 2^32. */
QCC_INLINE qcc_vnni_sums qcc_vnni_less_zeros(qcc_vnni_sums bias, const int32_t *zeros, int32_t row_sum) {
  return QCC_VNNI_SUMS(
      _mm512_sub_epi32(QCC_VNNI_BITS(bias), _mm512_mullo_epi32(qcc_vnni_load(zeros), _mm512_set1_epi32(row_sum))));
}

/* The residual of four vectors: rows of 16, 32 or 64 channels at the elements at, at1, ...; what stands for missing rows is idle. */
QCC_INLINE struct qcc_vnni_four qcc_vnni_residual(struct qcc_vnni_panels q, int32_t panels, int32_t rows, ptrdiff_t at,
                                                  ptrdiff_t at1, ptrdiff_t at2, ptrdiff_t at3) {
  const __m512i zero = _mm512_setzero_si512();
  struct qcc_vnni_four v = {zero, zero, zero, zero};
  if (!q.out.kind.has_add) return v;
#define QCC_VNNI_LOADED(element, panel) \
  qcc_vnni_load_stored(q.out.residual + (element) + 16 * (panel), q.valid - 16 * (panel), q.out.kind.r_signed)
  v.a = QCC_VNNI_LOADED(at, 0);
  if (panels == 4) {
    v.b = QCC_VNNI_LOADED(at, 1);
    v.c = QCC_VNNI_LOADED(at, 2);
    v.d = QCC_VNNI_LOADED(at, 3);
  } else if (panels == 2) {
    v.b = QCC_VNNI_LOADED(at, 1);
    if (rows > 1) v.c = QCC_VNNI_LOADED(at1, 0);
    if (rows > 1) v.d = QCC_VNNI_LOADED(at1, 1);
  } else {
    if (rows > 1) v.b = QCC_VNNI_LOADED(at1, 0);
    if (rows > 2) v.c = QCC_VNNI_LOADED(at2, 0);
    if (rows > 3) v.d = QCC_VNNI_LOADED(at3, 0);
  }
#undef QCC_VNNI_LOADED
  return v;
}

/* Multipliers of four accumulators as qcc_vnni_finish takes them. */
QCC_INLINE struct qcc_vnni_four qcc_vnni_multipliers(int32_t panels, const qcc_vnni_word *scale) {
  struct qcc_vnni_four m;
  m.a = qcc_vnni_load(scale);
  m.b = panels > 1 ? qcc_vnni_load(scale + 16) : m.a;
  m.c = panels > 2 ? qcc_vnni_load(scale + 32) : m.a;
  m.d = panels > 2 ? qcc_vnni_load(scale + 48) : m.b;
  return m;
}

/* Stores the bytes of one row of 4 panels, two rows of 2, four rows of 1. */
QCC_INLINE void qcc_vnni_put_bytes(uint8_t *y, int32_t panels, int32_t rows, __m512i v, int32_t valid, ptrdiff_t at,
                                   ptrdiff_t at1, ptrdiff_t at2, ptrdiff_t at3) {
  if (panels == 4) qcc_vnni_store_up_to_64(y + at, v, valid);
  if (panels == 2) qcc_vnni_store_up_to_32(y + at, _mm512_castsi512_si256(v), valid);
  if (panels == 2 && rows > 1) qcc_vnni_store_up_to_32(y + at1, _mm512_extracti64x4_epi64(v, 1), valid);
  if (panels > 1) return;
  qcc_vnni_store_up_to_16(y + at, _mm512_castsi512_si128(v), valid);
  if (rows > 1) qcc_vnni_store_up_to_16(y + at1, _mm512_extracti32x4_epi32(v, 1), valid);
  if (rows > 2) qcc_vnni_store_up_to_16(y + at2, _mm512_extracti32x4_epi32(v, 2), valid);
  if (rows > 3) qcc_vnni_store_up_to_16(y + at3, _mm512_extracti32x4_epi32(v, 3), valid);
}

/* Finishes four accumulators: one row of 4 panels, two rows of 2, four rows of 1; `rows` of them exist, the first output
 * element of each is at, at1, ... This one where qcc_vnni_keeps_sums is false: it stands many times in a tile, and what a
 * compiler has to read there it reads for every instance, long before it knows that it is dead. */
QCC_FOLDED void qcc_vnni_finish_here(struct qcc_vnni_panels q, int32_t panels, int32_t rows, struct qcc_vnni_four acc,
                                     ptrdiff_t at) {
  const ptrdiff_t at1 = at + q.y_stride, at2 = at1 + q.y_stride, at3 = at2 + q.y_stride;
  QCC_VNNI_HERE(q.scale); /* anew for every four: beside 20 sums there is no room to keep them */
  const struct qcc_vnni_four m = qcc_vnni_multipliers(panels, q.scale);
  const __m512i v = qcc_vnni_bytes(q.out, QCC_VNNI_BLOCKS, acc, m, qcc_vnni_residual(q, panels, rows, at, at1, at2, at3));
  qcc_vnni_put_bytes((uint8_t *)q.out.y, panels, rows, v, q.valid, at, at1, at2, at3);
}

/* The same for every epilogue. */
QCC_FOLDED void qcc_vnni_finish(struct qcc_vnni_panels q, int32_t panels, int32_t rows, struct qcc_vnni_four acc, ptrdiff_t at) {
  const ptrdiff_t at1 = at + q.y_stride, at2 = at1 + q.y_stride, at3 = at2 + q.y_stride;
  struct qcc_vnni_four m = acc;
  QCC_VNNI_HERE(q.scale);
  if (q.out.kind.out == QCC_OUT_Q8 && q.out.kind.rounding != QCC_ROUND_ONNX) {
    /* Second, third and fourth vector: panel 1, 2, 3; panel 1, 0, 1; or all of panel 0. */
    const struct qcc_vnni_pairs a = qcc_vnni_load_pairs(q.scale), b = panels > 1 ? qcc_vnni_load_pairs(q.scale + 32) : a;
    acc.a = qcc_vnni_fixed(q.out.kind, acc.a, a);
    acc.b = qcc_vnni_fixed(q.out.kind, acc.b, b);
    acc.c = qcc_vnni_fixed(q.out.kind, acc.c, panels > 2 ? qcc_vnni_load_pairs(q.scale + 64) : a);
    acc.d = qcc_vnni_fixed(q.out.kind, acc.d, panels > 2 ? qcc_vnni_load_pairs(q.scale + 96) : b);
  } else if (q.out.kind.rounding == QCC_ROUND_AFFINE) {
    const struct qcc_vnni_pairs a = qcc_vnni_load_pairs(q.scale), b = panels > 1 ? qcc_vnni_load_pairs(q.scale + 32) : a;
    acc.a = qcc_vnni_affine(q.out, acc.a, a);
    acc.b = qcc_vnni_affine(q.out, acc.b, b);
    acc.c = qcc_vnni_affine(q.out, acc.c, panels > 2 ? qcc_vnni_load_pairs(q.scale + 64) : a);
    acc.d = qcc_vnni_affine(q.out, acc.d, panels > 2 ? qcc_vnni_load_pairs(q.scale + 96) : b);
  } else if (q.out.kind.out != QCC_OUT_S32) {
    m = qcc_vnni_multipliers(panels, q.scale);
  }
  if (q.out.kind.out != QCC_OUT_Q8) {
    qcc_vnni_put_words(q.out, acc.a, m.a, at, q.valid);
    if (panels > 1) qcc_vnni_put_words(q.out, acc.b, m.b, at + 16, q.valid - 16);
    if (panels == 1 && rows > 1) qcc_vnni_put_words(q.out, acc.b, m.b, at1, q.valid);
    if (panels == 4) qcc_vnni_put_words(q.out, acc.c, m.c, at + 32, q.valid - 32);
    if (panels == 4) qcc_vnni_put_words(q.out, acc.d, m.d, at + 48, q.valid - 48);
    if (panels == 2 && rows > 1) qcc_vnni_put_words(q.out, acc.c, m.c, at1, q.valid);
    if (panels == 2 && rows > 1) qcc_vnni_put_words(q.out, acc.d, m.d, at1 + 16, q.valid - 16);
    if (panels == 1 && rows > 2) qcc_vnni_put_words(q.out, acc.c, m.c, at2, q.valid);
    if (panels == 1 && rows > 3) qcc_vnni_put_words(q.out, acc.d, m.d, at3, q.valid);
    return;
  }
  __m512i v = qcc_vnni_bytes(q.out, QCC_VNNI_BLOCKS, acc, m, qcc_vnni_residual(q, panels, rows, at, at1, at2, at3));
  if (q.out.kind.has_lookup) v = qcc_vnni_lookup(q.out.table, v);
  qcc_vnni_put_bytes((uint8_t *)q.out.y, panels, rows, v, q.valid, at, at1, at2, at3);
}

#define QCC_VNNI_START(r)                                                                        \
  qcc_vnni_sums c##r##_0 = b0, c##r##_1 = b1, c##r##_2 = b2, c##r##_3 = b3;                      \
  if (q.zeros != NULL && rows > r) {                                                             \
    c##r##_0 = qcc_vnni_less_zeros(b0, q.zeros, q.row_sums[r]);                                  \
    if (panels > 1) c##r##_1 = qcc_vnni_less_zeros(b1, q.zeros + 16, q.row_sums[r]);             \
    if (panels > 2) c##r##_2 = qcc_vnni_less_zeros(b2, q.zeros + 32, q.row_sums[r]);             \
    if (panels > 2) c##r##_3 = qcc_vnni_less_zeros(b3, q.zeros + 48, q.row_sums[r]);             \
  }
/* c + the products of one step. */
QCC_INLINE qcc_vnni_sums qcc_vnni_step(struct qcc_vnni_panels q, qcc_vnni_sums c, __m512i x, __m512i w) {
  return q.are_pairs ? qcc_vnni_dot_pairs(c, x, w) : qcc_vnni_dot(c, x, w);
}

/* Row r of `count`, one step. */
#define QCC_VNNI_ROW(r, count)                                                     \
  if (count > r) {                                                                 \
    const __m512i x = qcc_vnni_broadcast_word(a + r * stride);                     \
    c##r##_0 = qcc_vnni_step(q, c##r##_0, x, v.a);                                 \
    if (panels > 1 && !half) c##r##_1 = qcc_vnni_step(q, c##r##_1, x, v.b);        \
    if (panels > 1 && half) c##r##_1 = qcc_vnni_dot_first(c##r##_1, x, v.b);       \
    if (panels > 2) c##r##_2 = qcc_vnni_step(q, c##r##_2, x, v.c);                 \
    if (panels > 2) c##r##_3 = qcc_vnni_step(q, c##r##_3, x, v.d);                 \
  }
#define QCC_VNNI_FOUR(e, f, g, h) {QCC_VNNI_BITS(e), QCC_VNNI_BITS(f), QCC_VNNI_BITS(g), QCC_VNNI_BITS(h)}
/* Row r of 4 panels; rows r and s of 2; rows r, s, t, u of 1. */
#define QCC_VNNI_FINISH_1(r)                                                                                     \
  if (rows > r) {                                                                                                \
    const struct qcc_vnni_four acc = QCC_VNNI_FOUR(c##r##_0, c##r##_1, c##r##_2, c##r##_3);                                   \
    qcc_vnni_finish_here(q, 4, 1, acc, at + (ptrdiff_t)r * q.y_stride);                                               \
  }
#define QCC_VNNI_FINISH_2(r, s, count)                                                                                  \
  if (rows > r) {                                                                                                \
    const struct qcc_vnni_four acc = QCC_VNNI_FOUR(c##r##_0, c##r##_1, c##s##_0, c##s##_1);                                   \
    qcc_vnni_finish_here(q, 2, count, acc, at + (ptrdiff_t)r * q.y_stride);                                \
  }
#define QCC_VNNI_FINISH_4(r, s, t, u, count)                                                                     \
  if (rows > r) {                                                                                                \
    const struct qcc_vnni_four acc = QCC_VNNI_FOUR(c##r##_0, c##s##_0, c##t##_0, c##u##_0);                                   \
    qcc_vnni_finish_here(q, 1, count, acc, at + (ptrdiff_t)r * q.y_stride);                                           \
  }

/* The rules of fixed point, tables and words are long or rare: their epilogue stands once behind the tiles, which leave their
 * sums to it. */
QCC_INLINE int32_t qcc_vnni_keeps_sums(struct qcc_vnni_panels q) {
  return q.out.kind.out != QCC_OUT_Q8 || q.out.kind.rounding != QCC_ROUND_ONNX || q.out.kind.has_lookup;
}

/* Finishes the sums of `rows` rows. */
QCC_INLINE void qcc_vnni_finish_sums(int32_t rows, int32_t panels, struct qcc_vnni_panels q, const int32_t *sums, ptrdiff_t at) {
  const int32_t each = 4 / panels;
  for (int32_t r = 0; r < rows; r += each, sums += 64) {
    const struct qcc_vnni_four acc = {qcc_vnni_load(sums), qcc_vnni_load(sums + 16), qcc_vnni_load(sums + 32),
                                      qcc_vnni_load(sums + 48)};
    qcc_vnni_finish(q, panels, rows - r < each ? rows - r : each, acc, at + (ptrdiff_t)r * q.y_stride);
  }
}

#define QCC_VNNI_KEEP(r)                                                                      \
  if (rows > r) {                                                                             \
    int32_t *const row = sums + 16 * panels * r;                                              \
    qcc_vnni_store(row, QCC_VNNI_BITS(c##r##_0));                                             \
    if (panels > 1) qcc_vnni_store(row + 16, QCC_VNNI_BITS(c##r##_1));                        \
    if (panels > 2) qcc_vnni_store(row + 32, QCC_VNNI_BITS(c##r##_2));                        \
    if (panels > 2) qcc_vnni_store(row + 48, QCC_VNNI_BITS(c##r##_3));                        \
  }

/* The next panels are on their way to L2 while these are multiplied: weights of many channels come from a cache that cores share, or
 * from memory. A single row would wait for them anyway. Past the last panel nothing is read. */
#define QCC_VNNI_AHEAD(p) _mm_prefetch((const char *)(p), _MM_HINT_T1)

/* Of one step. */
QCC_INLINE struct qcc_vnni_four qcc_vnni_weights(struct qcc_vnni_panels q, int32_t panels, __mmask16 mask, const uint8_t *w,
                                                 const uint8_t *last) {
  const ptrdiff_t panel = qcc_vnni_panel_bytes(q);
  const __m512i of_last = q.narrow ? _mm512_maskz_loadu_epi32(mask, last) : qcc_vnni_load(last);
  struct qcc_vnni_four r = {of_last, of_last, of_last, of_last};
  if (panels > 1) r.a = qcc_vnni_load(w);
  if (panels > 2) r.b = qcc_vnni_load(w + panel);
  if (panels > 2) r.c = qcc_vnni_load(w + 2 * panel);
  return r;
}

QCC_INLINE void qcc_vnni_fetch_ahead(struct qcc_vnni_panels q, int32_t panels, const uint8_t *w) {
  const ptrdiff_t panel = qcc_vnni_panel_bytes(q);
  QCC_VNNI_AHEAD(w + panels * panel);
  if (panels > 1) QCC_VNNI_AHEAD(w + (panels + 1) * panel);
  if (panels > 2) QCC_VNNI_AHEAD(w + (panels + 2) * panel);
  if (panels > 2) QCC_VNNI_AHEAD(w + (panels + 3) * panel);
}

/* All steps of a tile of `count` rows. */
#define QCC_VNNI_MULTIPLY(count)                                                                        \
  case count:                                                                                           \
    for (int32_t k = 0; k < q.steps; k++, a += 4, w += 64, last += 4 * (ptrdiff_t)channels) {           \
      const struct qcc_vnni_four v = qcc_vnni_weights(q, panels, mask, w, last);                        \
      if (count > 1) qcc_vnni_fetch_ahead(q, panels, w);                                                \
      QCC_VNNI_ROW(0, count)                                                                            \
      QCC_VNNI_ROW(1, count)                                                                            \
      QCC_VNNI_ROW(2, count)                                                                            \
      QCC_VNNI_ROW(3, count)                                                                            \
      QCC_VNNI_ROW(4, count)                                                                            \
    }                                                                                                   \
    break;

/* a: rows of 4 bytes per step, `stride` bytes apart; `at`: the output element of row 0; sums: room for those of 5 rows and 4
 * panels, used where qcc_vnni_keeps_sums says so. Only the loop over the steps stands once for each number of rows. */
QCC_INLINE void qcc_vnni_tile(int32_t rows, int32_t panels, struct qcc_vnni_panels q, const uint8_t *a, ptrdiff_t stride,
                              ptrdiff_t at, int32_t *sums) {
  const int32_t half = panels == 2 && q.valid <= 24 && !q.are_pairs; /* 24 channels are a panel and a half */
  QCC_VNNI_HERE(q.bias);
  const qcc_vnni_sums b0 = QCC_VNNI_SUMS(qcc_vnni_load(q.bias));
  const qcc_vnni_sums b1 = panels > 1 ? QCC_VNNI_SUMS(qcc_vnni_load(q.bias + 16)) : b0;
  const qcc_vnni_sums b2 = panels > 2 ? QCC_VNNI_SUMS(qcc_vnni_load(q.bias + 32)) : b0;
  const qcc_vnni_sums b3 = panels > 2 ? QCC_VNNI_SUMS(qcc_vnni_load(q.bias + 48)) : b0;
  QCC_VNNI_START(0)
  QCC_VNNI_START(1)
  QCC_VNNI_START(2)
  QCC_VNNI_START(3)
  QCC_VNNI_START(4)
  const int32_t channels = q.narrow ? q.valid - 16 * (panels - 1) : 16;
  const __mmask16 mask = qcc_vnni_mask_16(channels);
  const uint8_t *w = q.w, *last = q.w + (panels - 1) * qcc_vnni_panel_bytes(q);
  switch (rows) {
    QCC_VNNI_MULTIPLY(1)
    QCC_VNNI_MULTIPLY(2)
    QCC_VNNI_MULTIPLY(3)
    QCC_VNNI_MULTIPLY(4)
    QCC_VNNI_MULTIPLY(5)
    default: break;
  }
  if (qcc_vnni_keeps_sums(q)) {
    QCC_VNNI_KEEP(0)
    QCC_VNNI_KEEP(1)
    QCC_VNNI_KEEP(2)
    QCC_VNNI_KEEP(3)
    QCC_VNNI_KEEP(4)
  } else if (panels == 4) {
    QCC_VNNI_FINISH_1(0)
    QCC_VNNI_FINISH_1(1)
    QCC_VNNI_FINISH_1(2)
    QCC_VNNI_FINISH_1(3)
    QCC_VNNI_FINISH_1(4)
  } else if (panels == 2) {
    QCC_VNNI_FINISH_2(0, 1, rows > 1 ? 2 : 1)
    QCC_VNNI_FINISH_2(2, 3, rows > 3 ? 2 : 1)
    QCC_VNNI_FINISH_2(4, 4, 1)
  } else {
    QCC_VNNI_FINISH_4(0, 1, 2, 3, rows < 4 ? rows : 4)
    QCC_VNNI_FINISH_4(4, 4, 4, 4, 1)
  }
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8, 3x3 with stride 1, by Winograd's F(4x4,3x3) in integers; the transforms are those of x86-avx2, stated there.
 *
 *   for each block of at most 16 tiles:   V[36][tile][channel] = transformed activations, 32 channels at a time
 *     for each two panels of 16 outputs:  M[36][tile][32] = V[p] * U[p]      up to 8 rows by 2 panels, vpdpwssd
 *       for each tile:                    transform back, epilogue
 *
 * Blocks are of equal size, as weights pass through the caches once for each; so are the groups of rows in a block.
 * Registers of the product: 16 sums cR_P (row R, panel P), 2 of weights, 1 broadcast of a row's two s16. */
#ifndef QCC_X86_AVX512VNNI_WINOGRAD_H
#define QCC_X86_AVX512VNNI_WINOGRAD_H

#include "conv2d_tile.h"
#include "qcc/conv2d_q8.h"
#include "winograd_transform.h"

enum { QCC_VNNI_WINOGRAD_TILES = 16, QCC_VNNI_WINOGRAD_ROWS = 8 };

struct qcc_vnni_winograd {
  struct qcc_conv2d_q8_params p;
  int32_t pad;
  const uint8_t *x;
  int16_t *v;
  int32_t *m;
  ptrdiff_t stride;      /* elements of a tile's channels in V */
  int32_t rows, columns; /* tiles of an image */
  struct qcc_vnni_panels q;
};

QCC_INLINE ptrdiff_t qcc_vnni_winograd_stride(int32_t c) { return (ptrdiff_t)((c + 31) / 32 * 32 + 32); }

/* `count` channels (32 if it is more) of a pixel as s16. */
QCC_INLINE __m512i qcc_vnni_winograd_widen(const uint8_t *from, int32_t count, int32_t is_signed) {
  const __m256i v = count >= 32 ? _mm256_loadu_si256((const __m256i *)(const void *)from)
                                : _mm256_maskz_loadu_epi8((__mmask32)qcc_vnni_mask_64(count), from);
  return is_signed ? _mm512_cvtepi8_epi16(v) : _mm512_cvtepu8_epi16(v);
}

/* V of tile `slot` of the block for 32 channels from i on; is_inside: no pixel lies outside the image (a literal). */
QCC_INLINE void qcc_vnni_winograd_put(struct qcc_vnni_winograd w, int32_t is_inside, const uint8_t *image, int32_t iy, int32_t ix,
                                      int32_t i, int32_t slot) {
  const struct qcc_conv2d_q8_params p = w.p;
  const ptrdiff_t row = (ptrdiff_t)p.w * p.c;
  __m512i t[36];
  for (int32_t j = 0; j < 6; j++) {
    __m512i d[6];
    for (int32_t k = 0; k < 6; k++) {
      const uint8_t *pixel = image + (iy + k) * row + (ptrdiff_t)(ix + j) * p.c + i;
      if (is_inside || (iy + k >= 0 && iy + k < p.h && ix + j >= 0 && ix + j < p.w))
        d[k] = qcc_vnni_winograd_widen(pixel, p.c - i, p.x_signed);
      else
        d[k] = _mm512_set1_epi16((int16_t)w.pad);
    }
    qcc_vnni_winograd_input(d, t + j, 6);
  }
  int16_t *to = w.v + slot * w.stride + i;
  for (int32_t j = 0; j < 6; j++) {
    __m512i d[6];
    qcc_vnni_winograd_input(t + 6 * j, d, 1);
    for (int32_t k = 0; k < 6; k++) qcc_vnni_store(to + (6 * j + k) * QCC_VNNI_WINOGRAD_TILES * w.stride, d[k]);
  }
}

/* V of tile `slot` of the block, which is tile `tile` of all images. */
QCC_INLINE void qcc_vnni_winograd_put_tile(struct qcc_vnni_winograd w, int32_t tile, int32_t slot) {
  const struct qcc_conv2d_q8_params p = w.p;
  const int32_t n = tile / (w.rows * w.columns), ty = tile / w.columns % w.rows, tx = tile % w.columns;
  const int32_t iy = 4 * ty - p.pad_top, ix = 4 * tx - p.pad_left;
  const int32_t is_inside = iy >= 0 && ix >= 0 && iy + 6 <= p.h && ix + 6 <= p.w;
  const uint8_t *image = w.x + (ptrdiff_t)n * p.h * p.w * p.c;
  for (int32_t i = 0; i < p.c; i += 32)
    if (is_inside)
      qcc_vnni_winograd_put(w, 1, image, iy, ix, i, slot);
    else
      qcc_vnni_winograd_put(w, 0, image, iy, ix, i, slot);
}

#define QCC_VNNI_PAIRS_START(r) qcc_vnni_sums c##r##_0 = QCC_VNNI_SUMS(_mm512_setzero_si512()), c##r##_1 = c##r##_0;
#define QCC_VNNI_PAIRS_ROW(r)                                        \
  if (rows > r) {                                                    \
    const __m512i x = qcc_vnni_broadcast_word(a + r * stride);       \
    c##r##_0 = qcc_vnni_dot_pairs(c##r##_0, x, w0);                  \
    if (panels > 1) c##r##_1 = qcc_vnni_dot_pairs(c##r##_1, x, w1);  \
  }
#define QCC_VNNI_PAIRS_STORE(r)                                      \
  if (rows > r) {                                                    \
    qcc_vnni_store(m + 32 * r, QCC_VNNI_BITS(c##r##_0));             \
    if (panels > 1) qcc_vnni_store(m + 32 * r + 16, QCC_VNNI_BITS(c##r##_1)); \
  }

/* `rows` rows at a, `stride` bytes apart, times one or two panels at w, `panel` bytes apart; rows and panels are literals.
 * soon: as many bytes as a panel has here, to be fetched into L2 meanwhile. */
QCC_INLINE void qcc_vnni_winograd_tile(int32_t rows, int32_t panels, int32_t steps, const uint8_t *a, ptrdiff_t stride,
                                       const uint8_t *w, ptrdiff_t panel, const uint8_t *soon, int32_t *m) {
  QCC_VNNI_PAIRS_START(0) QCC_VNNI_PAIRS_START(1) QCC_VNNI_PAIRS_START(2) QCC_VNNI_PAIRS_START(3)
  QCC_VNNI_PAIRS_START(4) QCC_VNNI_PAIRS_START(5) QCC_VNNI_PAIRS_START(6) QCC_VNNI_PAIRS_START(7)
  for (int32_t k = 0; k < steps; k++, a += 4, w += 64) {
    const __m512i w0 = qcc_vnni_load(w), w1 = panels > 1 ? qcc_vnni_load(w + panel) : w0;
    _mm_prefetch((const char *)soon + 64 * (ptrdiff_t)k, _MM_HINT_T1);
    QCC_VNNI_PAIRS_ROW(0) QCC_VNNI_PAIRS_ROW(1) QCC_VNNI_PAIRS_ROW(2) QCC_VNNI_PAIRS_ROW(3)
    QCC_VNNI_PAIRS_ROW(4) QCC_VNNI_PAIRS_ROW(5) QCC_VNNI_PAIRS_ROW(6) QCC_VNNI_PAIRS_ROW(7)
  }
  QCC_VNNI_PAIRS_STORE(0) QCC_VNNI_PAIRS_STORE(1) QCC_VNNI_PAIRS_STORE(2) QCC_VNNI_PAIRS_STORE(3)
  QCC_VNNI_PAIRS_STORE(4) QCC_VNNI_PAIRS_STORE(5) QCC_VNNI_PAIRS_STORE(6) QCC_VNNI_PAIRS_STORE(7)
}

/* M of one position: one function for all layers, as a call costs little beside 36 of them for 32 channels. */
static QCC_NOINLINE QCC_MAYBE_UNUSED void qcc_vnni_winograd_product(int32_t rows, int32_t panels, int32_t steps, const uint8_t *a,
                                                                    ptrdiff_t stride, const uint8_t *w, ptrdiff_t panel,
                                                                    const uint8_t *soon, int32_t *m) {
#define QCC_VNNI_PAIRS_CASE(n)                                                    \
  case n: qcc_vnni_winograd_tile(n, 2, steps, a, stride, w, panel, soon, m); break;     \
  case n + 8: qcc_vnni_winograd_tile(n, 1, steps, a, stride, w, panel, soon, m); break;
  switch (panels > 1 ? rows : rows + 8) {
    QCC_VNNI_PAIRS_CASE(1)
    QCC_VNNI_PAIRS_CASE(2)
    QCC_VNNI_PAIRS_CASE(3)
    QCC_VNNI_PAIRS_CASE(4)
    QCC_VNNI_PAIRS_CASE(5)
    QCC_VNNI_PAIRS_CASE(6)
    QCC_VNNI_PAIRS_CASE(7)
    QCC_VNNI_PAIRS_CASE(8)
    default: break;
  }
#undef QCC_VNNI_PAIRS_CASE
}

#undef QCC_VNNI_PAIRS_START
#undef QCC_VNNI_PAIRS_ROW
#undef QCC_VNNI_PAIRS_STORE

/* The pixels of one tile and one panel of 16 channels, of which q.valid exist; m: its place in M. */
QCC_INLINE void qcc_vnni_winograd_take_tile(struct qcc_vnni_winograd w, struct qcc_vnni_panels q, int32_t tile, const int32_t *m) {
  const struct qcc_conv2d_q8_params p = w.p;
  const int32_t n = tile / (w.rows * w.columns), ty = tile / w.columns % w.rows, tx = tile % w.columns;
  const int32_t pixels = p.ow - 4 * tx < 4 ? p.ow - 4 * tx : 4;
  const __m512i ninth = _mm512_set1_epi32(QCC_AVX2_NINTH), bias = qcc_vnni_load(q.bias);
  __m512i rows[24];
  for (int32_t j = 0; j < 6; j++) {
    __m512i d[6];
    for (int32_t i = 0; i < 6; i++) d[i] = qcc_vnni_load(m + (ptrdiff_t)(6 * i + j) * QCC_VNNI_WINOGRAD_TILES * 32);
    qcc_vnni_winograd_output(d, rows + j, 6);
  }
  for (int32_t i = 0; i < 4 && 4 * ty + i < p.oh; i++) {
    __m512i z[4];
    qcc_vnni_winograd_output(rows + 6 * i, z, 1);
    for (int32_t j = 0; j < 4; j++) z[j] = _mm512_add_epi32(_mm512_srai_epi32(_mm512_mullo_epi32(z[j], ninth), 6), bias);
    qcc_vnni_finish(q, 1, pixels, (struct qcc_vnni_four){z[0], z[1], z[2], z[3]},
                    (((ptrdiff_t)n * p.oh + 4 * ty + i) * p.ow + 4 * tx) * p.oc + q.first);
  }
}

/* Output channels o .. o + 31 of one block of `count` tiles from `first` on; u: the first panel's 36 parts. */
QCC_INLINE void qcc_vnni_winograd_panels(struct qcc_vnni_winograd w, int32_t first, int32_t count, const uint8_t *u, int32_t o,
                                         const int32_t *bias, const qcc_vnni_word *scale) {
  const int32_t steps = (w.p.c + 1) / 2, left = w.p.oc - o;
  const ptrdiff_t part = (ptrdiff_t)steps * 64, panel = 36 * part;
  const int32_t rows = count > QCC_VNNI_WINOGRAD_ROWS ? (count + 1) / 2 : count;
  for (int32_t position = 0; position < 36; position++) {
    const int16_t *v = w.v + position * QCC_VNNI_WINOGRAD_TILES * w.stride;
    int32_t *m = w.m + position * QCC_VNNI_WINOGRAD_TILES * 32;
    const uint8_t *now = u + position * part;
    /* One group of rows fetches the next position of the first panel, the other that of the second. */
    for (int32_t r = 0; r < count; r += rows)
      qcc_vnni_winograd_product(count - r < rows ? count - r : rows, left > 16 ? 2 : 1, steps,
                                (const uint8_t *)(v + r * w.stride), 2 * w.stride, now, panel,
                                now + part + (r > 0 && left > 16 ? panel : 0), m + 32 * r);
  }
  for (int32_t half = 0; half < 2 && 16 * half < left; half++) {
    struct qcc_vnni_panels q = w.q;
    const int32_t words = qcc_scale_words(q.out.kind);
    int32_t b[16] = {0}, s[32] = {0};
    q.first = o + 16 * half;
    q.valid = left - 16 * half < 16 ? left - 16 * half : 16;
    q.bias = bias + q.first;
    q.scale = scale + words * q.first;
    if (q.valid < 16) {
      for (int32_t i = 0; i < q.valid; i++) b[i] = q.bias[i];
      for (int32_t i = 0; i < words * q.valid; i++) s[i] = q.scale[i];
      q.bias = b;
      q.scale = s;
    }
    for (int32_t slot = 0; slot < count; slot++) qcc_vnni_winograd_take_tile(w, q, first + slot, w.m + 32 * slot + 16 * half);
  }
}

QCC_INLINE void qcc_conv2d_q8__winograd4__x86_avx512vnni(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d,
                                                         const uint8_t *x, const void *w, const int32_t *bias,
                                                         const void *scale, const uint8_t *residual, const uint8_t *table,
                                                         void *y, void *scratch) {
  const ptrdiff_t panel = (ptrdiff_t)((p.c + 1) / 2) * 64 * 36;
  const int32_t rows = (p.oh + 3) / 4, columns = (p.ow + 3) / 4, tiles = p.n * rows * columns;
  const int32_t blocks = (tiles + QCC_VNNI_WINOGRAD_TILES - 1) / QCC_VNNI_WINOGRAD_TILES;
  int32_t *const m = (int32_t *)scratch;
  const struct qcc_vnni_output out = {p.kind, d.e, residual, table, y};
  const struct qcc_vnni_winograd t = {
      p, d.x_pad, x, (int16_t *)(void *)(m + 36 * QCC_VNNI_WINOGRAD_TILES * 32), m, qcc_vnni_winograd_stride(p.c), rows, columns,
      {0, 0, 0, 0, out, p.oc, 0, 0, 0, NULL, NULL, 0, 0}};
  for (int32_t block = 0, first = 0; block < blocks; block++) {
    const int32_t count = (tiles - first) / (blocks - block);
    for (int32_t slot = 0; slot < count; slot++) qcc_vnni_winograd_put_tile(t, first + slot, slot);
    for (int32_t o = 0; o < p.oc; o += 32)
      qcc_vnni_winograd_panels(t, first, count, (const uint8_t *)w + o / 16 * panel, o, bias, (const qcc_vnni_word *)scale);
    first += count;
  }
}

#endif

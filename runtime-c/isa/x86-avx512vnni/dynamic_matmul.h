/* SPDX-License-Identifier: 0BSD */
/* dynamic_matmul with vpdpbusd: the tiles of conv2d_q8 keep their sums; what makes floats of them stands once behind them.
 *
 *   for each block of tiles:   rows = activations as u8
 *     for each 4, 2, 1 panels: for each tile: sums; then y = f32(sum + by * sums) * (scale * w_scale) + add
 *                              GELU: once more over these rows and channels, which are in L1
 */
#ifndef QCC_X86_AVX512VNNI_DYNAMIC_MATMUL_H
#define QCC_X86_AVX512VNNI_DYNAMIC_MATMUL_H

#include "conv2d_q8.h"
#include "qcc/dynamic_matmul.h"
#include "simd_erf.h"

/* sums, scale and y are those of the first channel of some panels. */
struct qcc_vnni_dynamic {
  struct qcc_dynamic_matmul_params p;
  const int32_t *sums;
  const float *scale, *x_scale;
  const uint8_t *zero;
  float *y;
};

/* The quotient as a product that is corrected: the one of |v| <= 6, or one that leaves erf + 1 what it is. */
QCC_INLINE __m512 qcc_vnni_dynamic_gelu_16(__m512 v) {
  const __m512 by = _mm512_set1_ps(QCC_GELU_DIVISOR), inverse = _mm512_set1_ps(1.0f / QCC_GELU_DIVISOR);
  const __m512 size = _mm512_min_ps(_mm512_set1_ps(6.0f), _mm512_abs_ps(v));
  const __m512 near = _mm512_mul_ps(size, inverse);
  const __m512 e = qcc_vnni_erf_of_size(_mm512_fmadd_ps(_mm512_fnmadd_ps(near, by, size), inverse, near));
  const __m512 factor = _mm512_add_ps(qcc_vnni_signed_as(e, v), _mm512_set1_ps(1.0f));
  return _mm512_mul_ps(_mm512_mul_ps(v, factor), _mm512_set1_ps(0.5f));
}

/* GELU of `count` (64 at most) floats of each row, the next of which lies `stride` floats on. A loop of its own: the tables of erf
 * fill the registers, and stay there from row to row. */
static QCC_NOINLINE QCC_MAYBE_UNUSED void qcc_vnni_dynamic_gelu(float *y, ptrdiff_t stride, int32_t rows, int32_t count) {
  for (int32_t r = 0; r < rows; r++, y += stride)
    for (int32_t o = 0; o < count; o += 16) {
      const __mmask16 there = qcc_vnni_mask_16(count - o);
      const __m512 v = _mm512_maskz_loadu_ps(there, y + o);
      _mm512_mask_storeu_ps(y + o, there, qcc_vnni_dynamic_gelu_16(v));
    }
}

/* 16 sums of one row. */
QCC_INLINE __m512 qcc_vnni_dynamic_16(int32_t activation, struct qcc_dynamic_row row, __m512i acc, __m512i sums,
                                      struct qcc_vnni_pairs of) {
  acc = _mm512_add_epi32(acc, _mm512_mullo_epi32(sums, _mm512_set1_epi32(row.by)));
  const __m512 m = _mm512_mul_ps(_mm512_set1_ps(row.scale), _mm512_castsi512_ps(of.multiplier));
  __m512 v = _mm512_mul_ps(_mm512_cvtepi32_ps(acc), m);
#if QCC_FENCED
  QCC_VNNI_FENCE(v);
#endif
  v = _mm512_add_ps(v, _mm512_castsi512_ps(of.shift));
  /* of two zeros the second, and a NaN */
  return activation == QCC_ACTIVATE_RELU ? _mm512_max_ps(_mm512_setzero_ps(), v) : v;
}

/* The kept sums of `rows` rows from `first` on and `panels` panels, of whose channels `valid` exist. */
QCC_INLINE void qcc_vnni_dynamic_finish(struct qcc_vnni_dynamic q, int32_t panels, const int32_t *kept, ptrdiff_t first, int32_t rows,
                                        int32_t valid) {
  for (int32_t panel = 0; panel < panels; panel++) {
    const __m512i sums = qcc_vnni_load(q.sums + 16 * panel);
    const struct qcc_vnni_pairs of = qcc_vnni_load_pairs((const qcc_vnni_word *)(const void *)(q.scale + 32 * panel));
    const __mmask16 there = qcc_vnni_mask_16(valid - 16 * panel);
    for (int32_t r = 0; r < rows; r++) {
      const struct qcc_dynamic_row row = qcc_dynamic_row_of(q.p, q.p.x_signed ? -128 : 0, q.x_scale, q.zero, first + r);
      const __m512i acc = qcc_vnni_load(kept + 16 * (panels * r + panel));
      _mm512_mask_storeu_ps(q.y + (first + r) * q.p.n + 16 * panel, there,
                            qcc_vnni_dynamic_16(q.p.activation, row, acc, sums, of));
    }
  }
}

/* Tiles first .. first + count - 1 of the split, whose first row is `row`. */
QCC_INLINE void qcc_vnni_dynamic_tiles(int32_t panels, struct qcc_vnni_panels tile, struct qcc_vnni_dynamic q, struct qcc_vnni_split s,
                                       int32_t first, int32_t count, const uint8_t *a, ptrdiff_t stride, ptrdiff_t row) {
  int32_t kept[64 * QCC_VNNI_TILE_ROWS];
  for (int32_t t = first; t < first + count; t++) {
    const int32_t rows = t < s.larger ? s.rows + 1 : s.rows;
    qcc_vnni_tile(rows, panels, tile, a, stride, 0, kept);
    qcc_vnni_dynamic_finish(q, panels, kept, row, rows, tile.valid);
    a += rows * stride;
    row += rows;
  }
}

QCC_INLINE void qcc_dynamic_matmul__5x64__x86_avx512vnni(struct qcc_dynamic_matmul_params of, const uint8_t *x, const void *w,
                                                         const int32_t *sums, const float *scale, const float *x_scale,
                                                         const uint8_t *zero, float *y, void *scratch) {
  static const int32_t none[64] = {0};
  const struct qcc_conv2d_q8_params p = qcc_dynamic_convolution(of);
  const int32_t steps = (p.c + 3) / 4, in_place = p.c % 4 == 0 && !p.x_signed;
  const ptrdiff_t stride = in_place ? p.c : qcc_vnni_row_stride(p.c);
  const struct qcc_vnni_split s = qcc_vnni_split_of(p.w, stride);
  const __m512i flip = _mm512_set1_epi8((int8_t)(uint8_t)(p.x_signed ? 128 : 0));
  const struct qcc_vnni_rows r = {p, flip, flip, x, (uint8_t *)scratch, stride};
  for (int32_t tile = 0, row = 0; tile < s.tiles; tile += s.block) {
    const int32_t tiles = s.tiles - tile < s.block ? s.tiles - tile : s.block;
    const int32_t larger = s.larger <= tile ? 0 : s.larger - tile < tiles ? s.larger - tile : tiles;
    const int32_t rows = tiles * s.rows + larger;
    const uint8_t *const a = in_place ? x + (ptrdiff_t)row * p.c : r.rows;
    if (!in_place) qcc_vnni_put_rows(r, row, rows);
    for (int32_t o = 0; o < p.oc; o += 64) {
      const int32_t valid = p.oc - o < 64 ? p.oc - o : 64;
      const uint8_t *const panels = (const uint8_t *)w + (ptrdiff_t)(o / 16) * steps * 64;
      struct qcc_vnni_panels q = {steps, panels, none, none, {.kind = p.kind}, p.oc, 0, valid, 0, NULL, NULL, 0, 0};
      struct qcc_vnni_dynamic f = {of, sums + o, scale + 2 * (ptrdiff_t)o, x_scale, zero, y + o};
      int32_t left = valid;
      /* One call per number of panels, as in qcc_vnni_block. */
      if (valid > 48) {
        qcc_vnni_dynamic_tiles(4, q, f, s, tile, tiles, a, stride, row);
        left = 0;
      } else if (valid > 16) {
        q.valid = valid > 32 ? 32 : valid;
        qcc_vnni_dynamic_tiles(2, q, f, s, tile, tiles, a, stride, row);
        left = valid - 32;
        q.w += (ptrdiff_t)2 * steps * 64;
        f.sums += 32;
        f.scale += 64;
        f.y += 32;
      }
      q.valid = left;
      if (left > 0) qcc_vnni_dynamic_tiles(1, q, f, s, tile, tiles, a, stride, row);
      if (of.activation == QCC_ACTIVATE_GELU) qcc_vnni_dynamic_gelu(y + (ptrdiff_t)row * p.oc + o, p.oc, rows, valid);
    }
    row += rows;
  }
}

#endif

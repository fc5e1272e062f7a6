/* SPDX-License-Identifier: 0BSD */
/* dynamic_matmul on AVX2: the tiles of conv2d_q8 leave the sums of a block of rows and 16 channels in the scratch, where
 * they stay in L1 (rows of the result may all lie in the same few sets of it); a second loop makes floats of them.
 *
 *   for each block of rows:      rows = activations as the tiles read them
 *     for each panel of 16:      tiles: acc; then for each row: y = f32(acc + by * sums) * (scale * w_scale) + add
 *                                GELU: of these floats before they go to y
 */
#ifndef QCC_X86_AVX2_DYNAMIC_MATMUL_H
#define QCC_X86_AVX2_DYNAMIC_MATMUL_H

#include "conv2d_octs.h"
#include "conv2d_quads.h"
#include "conv2d_signs.h"
#include "qcc/dynamic_matmul.h"
#include "simd_erf.h"

/* What the loop over a block's rows needs; sums, scale and y are those of a panel's first channel. */
struct qcc_avx2_dynamic {
  struct qcc_dynamic_matmul_params p;
  int32_t shift;
  const int32_t *sums;
  const float *scale, *x_scale;
  const uint8_t *zero;
  int32_t *acc;
  float *y;
};

/* Sums of a block, and what they take of the scratch. */
enum { QCC_AVX2_DYNAMIC_ACC = QCC_AVX2_CONV2D_ROWS * 16 * 4 };
QCC_INLINE uint8_t *qcc_avx2_dynamic_rest(void *scratch) { return (uint8_t *)scratch + QCC_AVX2_DYNAMIC_ACC; }

/* GELU of 4 vectors, in place. The quotient as a product that is corrected: the one of |v| <= 6, or one that leaves erf + 1 what it
 * is. */
QCC_INLINE void qcc_avx2_dynamic_gelu_32(__m256 *v) {
  const __m256 sign = _mm256_set1_ps(-0.0f), by = _mm256_set1_ps(QCC_GELU_DIVISOR);
  const __m256 inverse = _mm256_set1_ps(1.0f / QCC_GELU_DIVISOR);
  __m256 e[4], near[4];
  QCC_AVX2_EACH(4) e[i] = _mm256_min_ps(_mm256_set1_ps(6.0f), _mm256_andnot_ps(sign, v[i])); /* beyond, erf is 1 */
  QCC_AVX2_EACH(4) near[i] = _mm256_mul_ps(e[i], inverse);
  QCC_AVX2_EACH(4) e[i] = _mm256_fmadd_ps(_mm256_fnmadd_ps(near[i], by, e[i]), inverse, near[i]);
  qcc_avx2_erf_of_sizes(4, e);
  QCC_AVX2_EACH(4) e[i] = _mm256_add_ps(_mm256_or_ps(e[i], _mm256_and_ps(sign, v[i])), _mm256_set1_ps(1.0f));
  QCC_AVX2_EACH(4) v[i] = _mm256_mul_ps(_mm256_mul_ps(v[i], e[i]), _mm256_set1_ps(0.5f));
}

/* `valid` of 16 floats. */
QCC_INLINE void qcc_avx2_dynamic_put(float *y, __m256 low, __m256 high, int32_t valid) {
  if (valid == 16) {
    _mm256_storeu_ps(y, low);
    _mm256_storeu_ps(y + 8, high);
    return;
  }
  qcc_avx2_store_words(y, _mm256_castps_si256(low), valid);
  if (valid > 8) qcc_avx2_store_words(y + 8, _mm256_castps_si256(high), valid - 8);
}

/* GELU of rows of 16 floats, `valid` of which go to rows of y, `stride` floats apart. */
static QCC_NOINLINE QCC_MAYBE_UNUSED void qcc_avx2_dynamic_gelu(const float *x, float *y, ptrdiff_t stride, int32_t rows,
                                                                int32_t valid) {
  for (int32_t r = 0; r < rows; r += 2, x += 32, y += 2 * stride) {
    const int32_t next = r + 1 < rows; /* a single row twice */
    __m256 v[4] = {_mm256_loadu_ps(x), _mm256_loadu_ps(x + 8), _mm256_loadu_ps(x + 16 * next), _mm256_loadu_ps(x + 16 * next + 8)};
    qcc_avx2_dynamic_gelu_32(v);
    qcc_avx2_dynamic_put(y, v[0], v[1], valid);
    qcc_avx2_dynamic_put(y + stride * next, v[2], v[3], valid);
  }
}

/* 8 sums of one row. */
QCC_INLINE __m256 qcc_avx2_dynamic_8(int32_t activation, struct qcc_dynamic_row row, __m256i acc, __m256i sums,
                                     struct qcc_avx2_pairs of) {
  acc = _mm256_add_epi32(acc, _mm256_mullo_epi32(sums, _mm256_set1_epi32(row.by)));
  const __m256 m = _mm256_mul_ps(_mm256_set1_ps(row.scale), _mm256_castsi256_ps(of.multiplier));
  __m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(acc), m);
#if QCC_FENCED
  QCC_AVX2_FENCE(v);
#endif
  v = _mm256_add_ps(v, _mm256_castsi256_ps(of.shift)); /* what is added stands where other rules have a shift */
  /* of two zeros the second, and a NaN */
  return activation == QCC_ACTIVATE_RELU ? _mm256_max_ps(_mm256_setzero_ps(), v) : v;
}

/* Rows first .. first + rows - 1, `valid` of 16 channels. What GELU is taken of stays where the sums were: rows of y may all lie in
 * the same few sets of L1. */
QCC_INLINE void qcc_avx2_dynamic_rows(struct qcc_avx2_dynamic q, ptrdiff_t first, int32_t rows, int32_t valid) {
  const int32_t *const scale = (const int32_t *)(const void *)q.scale;
  const __m256i sums0 = qcc_avx2_load(q.sums), sums1 = qcc_avx2_load(q.sums + 8);
  const struct qcc_avx2_pairs of0 = qcc_avx2_load_pairs(scale, 8), of1 = qcc_avx2_load_pairs(scale + 16, 8);
  const int32_t is_gelu = q.p.activation == QCC_ACTIVATE_GELU;
  float *const held = (float *)(void *)q.acc, *const y = q.y + first * q.p.n;
  struct qcc_dynamic_row row = qcc_dynamic_row_of(q.p, q.shift, q.x_scale, q.zero, first);
  for (ptrdiff_t r = 0; r < rows; r++) {
    if (q.p.per_row) row = qcc_dynamic_row_of(q.p, q.shift, q.x_scale, q.zero, first + r);
    const int32_t *const acc = q.acc + r * 16;
    const __m256 v0 = qcc_avx2_dynamic_8(q.p.activation, row, qcc_avx2_load(acc), sums0, of0);
    const __m256 v1 = qcc_avx2_dynamic_8(q.p.activation, row, qcc_avx2_load(acc + 8), sums1, of1);
    if (is_gelu)
      qcc_avx2_dynamic_put(held + r * 16, v0, v1, 16);
    else
      qcc_avx2_dynamic_put(y + r * q.p.n, v0, v1, valid);
  }
  if (is_gelu) qcc_avx2_dynamic_gelu(held, y, q.p.n, rows, valid);
}

/* The panels of `channels` channels over one block. */
QCC_INLINE void qcc_avx2_dynamic_block(struct qcc_avx2_panel panel, struct qcc_avx2_dynamic q, int32_t mr, const uint8_t *a,
                                       ptrdiff_t stride, int32_t first, int32_t rows, int32_t channels) {
  static const int32_t none[16] = {0};
  const ptrdiff_t panel_bytes = (ptrdiff_t)panel.steps * 64;
  panel.bias = none;
  panel.out.y = q.acc;
  for (int32_t o = 0; o < channels; o += 16) {
    qcc_avx2_panel_pass(panel, mr, 0, a, stride, rows, q.p.rows % mr, 0);
    qcc_avx2_dynamic_rows(q, first, rows, channels % 16 == 0 || channels - o > 16 ? 16 : channels - o);
    panel.w += panel_bytes;
    q.sums += 16;
    q.scale += 32;
    q.y += 16;
  }
}

/* mr and scheme are literals at every call. */
QCC_INLINE void qcc_avx2_dynamic_matmul(int32_t mr, int32_t scheme, struct qcc_avx2_dynamic q, const uint8_t *x, const void *w,
                                        void *scratch) {
  const struct qcc_conv2d_q8_params p = qcc_dynamic_convolution(q.p);
  const int32_t size = scheme == QCC_AVX2_QUADS ? 1 : 2, kr = 4 / size;
  const int32_t in_place = size == 1 && p.c % 4 == 0;
  const ptrdiff_t stride = in_place ? p.c : qcc_avx2_row_stride(p.c, size);
  const int32_t block = qcc_avx2_block_rows(p.w, stride, mr);
  struct qcc_avx2_rows r = {p, size == 2, 0, 0, x, x + (ptrdiff_t)p.w * p.c, (uint8_t *)scratch, stride};
  const struct qcc_avx2_panel panel = {
      scheme, (p.c + kr - 1) / kr, (const uint8_t *)w, NULL, NULL, {.kind = p.kind, .order = QCC_AVX2_NATURAL}, 16, 16};
  for (int32_t first = 0; first < p.w; first += block) {
    const int32_t rows = first + block <= p.w ? block : p.w - first;
    if (!in_place) qcc_avx2_put_rows(r, first, rows);
    qcc_avx2_dynamic_block(panel, q, mr, in_place ? x + (ptrdiff_t)first * p.c : r.rows, stride, first, rows, p.oc);
  }
}

#define QCC_AVX2_DYNAMIC(name, mr, scheme)                                                                                 \
  QCC_INLINE void qcc_dynamic_matmul__##name##__x86_avx2(                                                                  \
      struct qcc_dynamic_matmul_params p, const uint8_t *x, const void *w, const int32_t *sums, const float *scale,        \
      const float *x_scale, const uint8_t *zero, float *y, void *scratch) {                                                \
    qcc_avx2_dynamic_matmul(mr, scheme, (struct qcc_avx2_dynamic){p, 0, sums, scale, x_scale, zero, (int32_t *)scratch, y}, x, w, qcc_avx2_dynamic_rest(scratch)); \
  }

QCC_AVX2_DYNAMIC(6x16, 6, QCC_AVX2_PAIRS)
QCC_AVX2_DYNAMIC(5x16b, 5, QCC_AVX2_QUADS)

/* Weights and rows as conv2d_quads.h has them. */
QCC_INLINE void qcc_dynamic_matmul__5x16q__x86_avx2(struct qcc_dynamic_matmul_params of, const uint8_t *x, const void *w,
                                                    const int32_t *sums, const float *scale, const float *x_scale,
                                                    const uint8_t *zero, float *y, void *scratch) {
  const struct qcc_conv2d_q8_params p = qcc_dynamic_convolution(of);
  const int32_t blocks = (p.c + 15) / 16, in_place = p.c % 16 == 0, together = 16 * ((const qcc_avx2_word *)w)[1];
  const ptrdiff_t apart = ((const qcc_avx2_word *)w)[2];
  uint8_t *const rest = qcc_avx2_dynamic_rest(scratch);
  const ptrdiff_t from_stride = in_place ? p.c : qcc_avx2_row_stride(p.c, 1);
  const int32_t block = qcc_avx2_block_rows(p.w, from_stride + 16 * blocks, 5);
  struct qcc_avx2_rows r = {p, 0, 0, 0, x, x + (ptrdiff_t)p.w * p.c, rest, from_stride};
  uint8_t *const quads = rest + QCC_AVX2_CONV2D_ROWS * qcc_avx2_row_stride(p.c, 1);
  for (int32_t first = 0; first < p.w; first += block) {
    const int32_t rows = first + block <= p.w ? block : p.w - first;
    const uint8_t *at = (const uint8_t *)w, *const from = in_place ? x + (ptrdiff_t)first * p.c : r.rows;
    if (!in_place) qcc_avx2_put_rows(r, first, rows);
    for (int32_t o = 0; o < p.oc; o += together, at += apart) {
      const struct qcc_avx2_order order = qcc_avx2_order_at(at, blocks, p.x_signed);
      const int32_t channels = p.oc - o < together ? p.oc - o : together;
      const ptrdiff_t stride = qcc_avx2_quads_stride(order.steps);
      qcc_avx2_put_quads(order, quads, stride, from, from_stride, rows);
      const struct qcc_avx2_panel panel = {
          QCC_AVX2_QUADS, order.steps, order.panels, NULL, NULL, {.kind = p.kind, .order = QCC_AVX2_NATURAL}, 16, 16};
      const struct qcc_avx2_dynamic q = {of, p.x_signed ? -128 : 0, sums + o, scale + 2 * (ptrdiff_t)o, x_scale, zero, (int32_t *)scratch, y + o};
      qcc_avx2_dynamic_block(panel, q, 5, quads, stride, first, rows, channels);
    }
  }
}

/* Rows as conv2d_signs.h has them. */
QCC_INLINE void qcc_dynamic_matmul__5x16s__x86_avx2(struct qcc_dynamic_matmul_params of, const uint8_t *x, const void *w,
                                                    const int32_t *sums, const float *scale, const float *x_scale,
                                                    const uint8_t *zero, float *y, void *scratch) {
  const struct qcc_conv2d_q8_params p = qcc_dynamic_convolution(of);
  const int32_t in_place = p.c % 32 == 0, shift = p.x_signed ? 0 : 128;
  uint8_t *const rest = qcc_avx2_dynamic_rest(scratch);
  const ptrdiff_t from_stride = in_place ? p.c : qcc_avx2_signs_from_stride(p.c), stride = qcc_avx2_signs_stride(p.c);
  const int32_t block = qcc_avx2_block_rows(p.w, from_stride + stride, 5);
  const int32_t held = p.w < QCC_AVX2_CONV2D_ROWS ? p.w : QCC_AVX2_CONV2D_ROWS;
  struct qcc_avx2_rows r = {p, 0, 0, 0, x, x + (ptrdiff_t)p.w * p.c, rest, from_stride};
  uint8_t *const signs = rest + held * qcc_avx2_signs_from_stride(p.c);
  const struct qcc_avx2_panel panel = {
      QCC_AVX2_SIGNS, (p.c + 3) / 4, (const uint8_t *)w, NULL, NULL, {.kind = p.kind, .order = QCC_AVX2_NATURAL}, 16, 16};
  const struct qcc_avx2_dynamic q = {of, shift, sums, scale, x_scale, zero, (int32_t *)scratch, y};
  for (int32_t first = 0; first < p.w; first += block) {
    const int32_t rows = first + block <= p.w ? block : p.w - first;
    if (!in_place) qcc_avx2_put_rows(r, first, rows);
    qcc_avx2_put_signs(signs, in_place ? x + (ptrdiff_t)first * p.c : r.rows, from_stride, p.c, shift, rows);
    qcc_avx2_dynamic_block(panel, q, 5, signs, stride, first, rows, p.oc);
  }
}

/* Rows in place, weights as conv2d_octs.h has them; sums lie behind those. */
QCC_INLINE void qcc_dynamic_matmul__3x16o__x86_avx2(struct qcc_dynamic_matmul_params of, const uint8_t *x, const void *w,
                                                    const int32_t *sums, const float *scale, const float *x_scale,
                                                    const uint8_t *zero, float *y, void *scratch) {
  const struct qcc_conv2d_q8_params p = qcc_dynamic_convolution(of);
  const struct qcc_avx2_output none = {.kind = p.kind, .order = QCC_AVX2_NATURAL};
  const ptrdiff_t panel_bytes = qcc_avx2_octs_panel_bytes(p.c / 4);
  const int32_t shift = p.x_signed ? 0 : 128;
  struct qcc_avx2_octs_scratch *const held = (struct qcc_avx2_octs_scratch *)scratch;
  for (int32_t first = 0; first < p.w; first += QCC_AVX2_OCTS_SPAN) {
    const int32_t rows = p.w - first < QCC_AVX2_OCTS_SPAN ? p.w - first : QCC_AVX2_OCTS_SPAN;
    qcc_avx2_octs_windows(held->pixels, 0, rows, rows, 0, p.c);
    for (int32_t o = 0; o < p.oc; o += 16) {
      const int32_t valid = p.oc % 16 == 0 || p.oc - o > 16 ? 16 : p.oc - o;
      for (int32_t i = 0; i < 16; i++) held->bias[i] = 0;
      int32_t *const acc = qcc_avx2_octs_panel(p, 0, qcc_avx2_octs_is_half(p.oc, valid), 1, (const uint8_t *)w + o / 16 * panel_bytes,
                                               x + (ptrdiff_t)first * p.c, rows, held, none, NULL, 0, valid);
      const struct qcc_avx2_dynamic q = {of, shift, sums + o, scale + 2 * (ptrdiff_t)o, x_scale, zero, acc, y + o};
      qcc_avx2_dynamic_rows(q, first, rows, valid);
    }
  }
}

#endif

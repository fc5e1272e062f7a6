/* SPDX-License-Identifier: 0BSD */
/* matmul_f32 on AVX2, the contract's 8 lanes kept apart in registers:
 *
 *   3x4: columns of b are contiguous: lanes side by side, as a 1x1 convolution of this folder
 *   3x16: rows of b are contiguous: 16 columns of 3 rows side by side, in four sweeps over k, each of two lanes that the
 *        contract adds to each other: 12 sums lRH (lane l = a or b, row R, half H), 2 registers of b, 1 of a. The columns
 *        are copied to lie side by side, where several tiles read them: in b they share a few sets of the first cache, if
 *        its rows lie a power of two apart */
#ifndef QCC_X86_AVX2_MATMUL_F32_H
#define QCC_X86_AVX2_MATMUL_F32_H

#include "conv2d_f32.h"
#include "isa/scalar/matmul.h"
#include "qcc/matmul_f32.h"

#define QCC_AVX2_BATCHES(p, MATRIX)                                                                              \
  for (int32_t g0 = 0; g0 < p.g0; g0++)                                                                          \
    for (int32_t g1 = 0; g1 < p.g1; g1++)                                                                        \
      for (int32_t g2 = 0; g2 < p.g2; g2++, y += (ptrdiff_t)p.m * p.n) {                                         \
        const float *const ag = a + (ptrdiff_t)g0 * p.ga0 + (ptrdiff_t)g1 * p.ga1 + (ptrdiff_t)g2 * p.ga2;       \
        const float *const bg = b + (ptrdiff_t)g0 * p.gb0 + (ptrdiff_t)g1 * p.gb1 + (ptrdiff_t)g2 * p.gb2;       \
        MATRIX;                                                                                                  \
      }

QCC_INLINE void qcc_matmul_f32__3x4__x86_avx2(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y,
                                              void *scratch) {
  (void)scratch;
  const struct qcc_conv2d_f32_params rows = {.n = 1, .h = 1, .w = p.m, .c = p.k, .oh = 1, .ow = p.m, .oc = p.n, .kh = 1,
                                             .kw = 1, .sh = 1, .sw = 1, .dh = 1, .dw = 1, .groups = 1};
  QCC_AVX2_BATCHES(p, qcc_avx2_f32_tiles(rows, qcc_conv2d_f32_plain(), ag, bg, NULL, NULL, y))
}

#define QCC_AVX2_MATMUL_ROW(l, r)                                                                 \
  if (rows > r) {                                                                                 \
    const __m256 x = _mm256_broadcast_ss(at + (ptrdiff_t)r * p.a_m);                              \
    l##_##r##0 = _mm256_fmadd_ps(x, w0, l##_##r##0);                                              \
    if (valid > 8) l##_##r##1 = _mm256_fmadd_ps(x, w1, l##_##r##1);                               \
  }
/* One k of lane l, the k-th of the sweep's blocks of 8. */
#define QCC_AVX2_MATMUL_K(l, k)                                                                   \
  {                                                                                               \
    const float *const at = a + (ptrdiff_t)(k) * p.a_k, *const row = b + (ptrdiff_t)(k) * p.b_k;  \
    __m256 w0 = qcc_avx2_f32_some(row, valid), w1 = w0;                                           \
    QCC_AVX2_FENCE(w0); /* once for all rows */                                                   \
    if (valid > 8) {                                                                              \
      w1 = qcc_avx2_f32_some(row + 8, valid - 8);                                                 \
      QCC_AVX2_FENCE(w1);                                                                         \
    }                                                                                             \
    QCC_AVX2_MATMUL_ROW(l, 0) QCC_AVX2_MATMUL_ROW(l, 1) QCC_AVX2_MATMUL_ROW(l, 2)                 \
  }
#define QCC_AVX2_MATMUL_JOIN(r, h) _mm256_add_ps(a_##r##h, b_##r##h)

/* Lanes i and j of `rows` rows (1 to 3), added to each other; rows, i and j are literals, valid too but for the last columns. */
QCC_INLINE struct qcc_avx2_f32_sums qcc_avx2_matmul_sweep(int32_t rows, int32_t i, int32_t j, struct qcc_matmul_f32_params p,
                                                          int32_t valid, const float *a, const float *b) {
  const __m256 zero = _mm256_setzero_ps();
  const int32_t rest = p.k % 8;
  int32_t whole = p.k / 8;
  QCC_AVX2_OPAQUE(whole); /* an unrolled loop is reordered, and spills */
  __m256 a_00 = zero, a_01 = zero, a_10 = zero, a_11 = zero, a_20 = zero, a_21 = zero;
  __m256 b_00 = zero, b_01 = zero, b_10 = zero, b_11 = zero, b_20 = zero, b_21 = zero;
  for (; whole > 0; whole--) {
    QCC_AVX2_MATMUL_K(a, i)
    QCC_AVX2_MATMUL_K(b, j)
    a += 8 * (ptrdiff_t)p.a_k;
    b += 8 * (ptrdiff_t)p.b_k;
  }
  if (i < rest) QCC_AVX2_MATMUL_K(a, i)
  if (j < rest) QCC_AVX2_MATMUL_K(b, j)
  return (struct qcc_avx2_f32_sums){QCC_AVX2_MATMUL_JOIN(0, 0), QCC_AVX2_MATMUL_JOIN(0, 1), QCC_AVX2_MATMUL_JOIN(1, 0),
                                    QCC_AVX2_MATMUL_JOIN(1, 1), QCC_AVX2_MATMUL_JOIN(2, 0), QCC_AVX2_MATMUL_JOIN(2, 1)};
}

#undef QCC_AVX2_MATMUL_ROW
#undef QCC_AVX2_MATMUL_K
#undef QCC_AVX2_MATMUL_JOIN

QCC_INLINE void qcc_avx2_matmul_store(float *y, int32_t valid, __m256 low, __m256 high) {
  qcc_avx2_f32_store(y, valid, low);
  if (valid > 8) qcc_avx2_f32_store(y + 8, valid - 8, high);
}

/* `rows` rows of 16 columns, `valid` of which exist. */
QCC_INLINE void qcc_avx2_matmul_16(int32_t rows, struct qcc_matmul_f32_params p, int32_t valid, const float *a, const float *b,
                                   float *y) {
  struct qcc_avx2_f32_sums even = qcc_avx2_matmul_sweep(rows, 0, 4, p, valid, a, b);
  even = qcc_avx2_f32_add(even, qcc_avx2_matmul_sweep(rows, 2, 6, p, valid, a, b));
  struct qcc_avx2_f32_sums odd = qcc_avx2_matmul_sweep(rows, 1, 5, p, valid, a, b);
  odd = qcc_avx2_f32_add(odd, qcc_avx2_matmul_sweep(rows, 3, 7, p, valid, a, b));
  const struct qcc_avx2_f32_sums sum = qcc_avx2_f32_add(even, odd);
  qcc_avx2_matmul_store(y, valid, sum.s00, sum.s01);
  if (rows > 1) qcc_avx2_matmul_store(y + p.n, valid, sum.s10, sum.s11);
  if (rows > 2) qcc_avx2_matmul_store(y + 2 * (ptrdiff_t)p.n, valid, sum.s20, sum.s21);
}

QCC_INLINE void qcc_avx2_matmul_columns(struct qcc_matmul_f32_params p, int32_t valid, const float *a, const float *b, float *y) {
  int32_t m = 0;
  for (; m + 3 <= p.m; m += 3) qcc_avx2_matmul_16(3, p, valid, a + (ptrdiff_t)m * p.a_m, b, y + (ptrdiff_t)m * p.n);
  if (p.m - m == 2) qcc_avx2_matmul_16(2, p, valid, a + (ptrdiff_t)m * p.a_m, b, y + (ptrdiff_t)m * p.n);
  if (p.m - m == 1) qcc_avx2_matmul_16(1, p, valid, a + (ptrdiff_t)m * p.a_m, b, y + (ptrdiff_t)m * p.n);
}

/* `valid` of 16 columns of b for all rows of a; side by side in `copy`, if more than one tile reads them. */
QCC_INLINE void qcc_avx2_matmul_copied(struct qcc_matmul_f32_params p, int32_t valid, const float *a, const float *b, float *y,
                                       float *copy) {
  if (p.m > 3) {
    for (int32_t k = 0; k < p.k; k++, b += p.b_k) {
      _mm256_store_ps(copy + 16 * (ptrdiff_t)k, qcc_avx2_f32_some(b, valid));
      if (valid > 8) _mm256_store_ps(copy + 16 * (ptrdiff_t)k + 8, qcc_avx2_f32_some(b + 8, valid - 8));
    }
    b = copy;
    p.b_k = 16;
  }
  qcc_avx2_matmul_columns(p, valid, a, b, y);
}

QCC_INLINE void qcc_avx2_matmul_rows(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y, float *copy) {
  int32_t n = 0;
  for (; n + 16 <= p.n; n += 16) qcc_avx2_matmul_copied(p, 16, a, b + n, y + n, copy);
  if (n < p.n) qcc_avx2_matmul_copied(p, p.n - n, a, b + n, y + n, copy);
}

QCC_INLINE void qcc_matmul_f32__3x16__x86_avx2(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y,
                                               void *scratch) {
  QCC_AVX2_BATCHES(p, qcc_avx2_matmul_rows(p, ag, bg, y, (float *)scratch))
}

#endif

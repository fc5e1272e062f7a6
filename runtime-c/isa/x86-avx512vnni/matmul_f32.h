/* SPDX-License-Identifier: 0BSD */
/* matmul_f32 where rows of b are contiguous: 3 rows of a times 16 columns of b, the contract's 8 lanes kept apart.
 *
 * Registers: 24 sums cRL (row R, lane L: the products whose k is L modulo 8), one of b; a comes broadcast from memory. The
 * last columns are masked. */
#ifndef QCC_X86_AVX512VNNI_MATMUL_F32_H
#define QCC_X86_AVX512VNNI_MATMUL_F32_H

#include "isa/x86-avx2/matmul_f32.h"
#include "simd.h"

/* One k, `l` its lane. */
#define QCC_VNNI_F32_K(l, at)                                                                                             \
  {                                                                                                                       \
    __m512 w = _mm512_maskz_loadu_ps(valid, b + (at) * p.b_k);                                                            \
    QCC_VNNI_FENCE(w); /* once for all rows */                                                                            \
    c0##l = _mm512_fmadd_ps(_mm512_set1_ps(a[(at) * p.a_k]), w, c0##l);                                                   \
    if (rows > 1) c1##l = _mm512_fmadd_ps(_mm512_set1_ps(a[p.a_m + (at) * p.a_k]), w, c1##l);                             \
    if (rows > 2) c2##l = _mm512_fmadd_ps(_mm512_set1_ps(a[2 * (ptrdiff_t)p.a_m + (at) * p.a_k]), w, c2##l);              \
  }
#define QCC_VNNI_F32_LANES(r)                                                                                            \
  __m512 c##r##0 = _mm512_setzero_ps(), c##r##1 = c##r##0, c##r##2 = c##r##0, c##r##3 = c##r##0, c##r##4 = c##r##0,       \
         c##r##5 = c##r##0, c##r##6 = c##r##0, c##r##7 = c##r##0;
#define QCC_VNNI_F32_STORE(r)                                                                                            \
  if (rows > r) {                                                                                                        \
    const __m512 even = _mm512_add_ps(_mm512_add_ps(c##r##0, c##r##4), _mm512_add_ps(c##r##2, c##r##6));                  \
    const __m512 odd = _mm512_add_ps(_mm512_add_ps(c##r##1, c##r##5), _mm512_add_ps(c##r##3, c##r##7));                   \
    _mm512_mask_storeu_ps(y + (ptrdiff_t)r * p.n, valid, _mm512_add_ps(even, odd));                                       \
  }

/* `rows` (1 to 3, a literal) rows of 16 columns, `valid` of which exist; a and b point at their first k. */
QCC_INLINE void qcc_vnni_matmul_16(int32_t rows, struct qcc_matmul_f32_params p, __mmask16 valid, const float *a, const float *b,
                                   float *y) {
  QCC_VNNI_F32_LANES(0) QCC_VNNI_F32_LANES(1) QCC_VNNI_F32_LANES(2)
  const ptrdiff_t whole = p.k / 8 * 8, rest = p.k % 8;
  for (ptrdiff_t k = 0; k < whole; k += 8) {
    QCC_VNNI_F32_K(0, k) QCC_VNNI_F32_K(1, k + 1) QCC_VNNI_F32_K(2, k + 2) QCC_VNNI_F32_K(3, k + 3)
    QCC_VNNI_F32_K(4, k + 4) QCC_VNNI_F32_K(5, k + 5) QCC_VNNI_F32_K(6, k + 6) QCC_VNNI_F32_K(7, k + 7)
  }
  if (rest > 0) QCC_VNNI_F32_K(0, whole)
  if (rest > 1) QCC_VNNI_F32_K(1, whole + 1)
  if (rest > 2) QCC_VNNI_F32_K(2, whole + 2)
  if (rest > 3) QCC_VNNI_F32_K(3, whole + 3)
  if (rest > 4) QCC_VNNI_F32_K(4, whole + 4)
  if (rest > 5) QCC_VNNI_F32_K(5, whole + 5)
  if (rest > 6) QCC_VNNI_F32_K(6, whole + 6)
  QCC_VNNI_F32_STORE(0) QCC_VNNI_F32_STORE(1) QCC_VNNI_F32_STORE(2)
}

#undef QCC_VNNI_F32_K
#undef QCC_VNNI_F32_LANES
#undef QCC_VNNI_F32_STORE

/* A column block of b stays in the first cache for all rows of a. */
QCC_INLINE void qcc_vnni_matmul_columns(struct qcc_matmul_f32_params p, __mmask16 valid, const float *a, const float *b, float *y) {
  int32_t m = 0;
  for (; m + 3 <= p.m; m += 3) qcc_vnni_matmul_16(3, p, valid, a + (ptrdiff_t)m * p.a_m, b, y + (ptrdiff_t)m * p.n);
  if (p.m - m == 2) qcc_vnni_matmul_16(2, p, valid, a + (ptrdiff_t)m * p.a_m, b, y + (ptrdiff_t)m * p.n);
  if (p.m - m == 1) qcc_vnni_matmul_16(1, p, valid, a + (ptrdiff_t)m * p.a_m, b, y + (ptrdiff_t)m * p.n);
}

QCC_INLINE void qcc_vnni_matmul_rows(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y) {
  for (int32_t n = 0; n + 16 <= p.n; n += 16) qcc_vnni_matmul_columns(p, 0xffff, a, b + n, y + n);
  if (p.n % 16 != 0)
    qcc_vnni_matmul_columns(p, qcc_vnni_mask_16(p.n % 16), a, b + p.n / 16 * 16, y + p.n / 16 * 16);
}

QCC_INLINE void qcc_matmul_f32__3x16__x86_avx512vnni(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y,
                                                     void *scratch) {
  (void)scratch;
  QCC_AVX2_BATCHES(p, qcc_vnni_matmul_rows(p, ag, bg, y))
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* matmul_q8 by tiles of 6 rows and 16 columns (conv2d_tile.h), after both operands are centred in scratch:
 *
 *   A' = A - a_zero, s16, 6 rows at a time        B' = B - b_zero, s16, in panels of 16 columns by pairs of k
 *   acc = sum of vpmaddwd(A', B'): |A'|, |B'| <= 255, so a pair is at most 130050 and no sum leaves int32 (proved)
 *
 * Panels hold a pair of k as vpunpck leaves it: columns 0-3, 8-11 | 4-7, 12-15. An odd k ends in a row of zeros of B', so
 * that what stands there in A' is of no account. */
#ifndef QCC_X86_AVX2_MATMUL_Q8_H
#define QCC_X86_AVX2_MATMUL_Q8_H

#include "conv2d_tile.h"
#include "qcc/matmul_q8.h"

QCC_INLINE int32_t qcc_avx2_stored(uint8_t v, int32_t is_signed) { return is_signed ? (int32_t)(int8_t)v : (int32_t)v; }

/* Rows of `count` values, `step` bytes apart, less zero. Writes groups of 16: up to 15 values behind the row. */
QCC_INLINE void qcc_avx2_centre_row(int16_t *to, const uint8_t *from, int32_t count, int32_t step, const uint8_t *end,
                                    int32_t is_signed, int32_t zero) {
  if (step != 1) {
    for (int32_t i = 0; i < count; i++) to[i] = (int16_t)(qcc_avx2_stored(from[(ptrdiff_t)i * step], is_signed) - zero);
    if (count & 1) to[count] = 0;
    return;
  }
  for (int32_t i = 0; i < count; i += 16) {
    const __m256i v = qcc_avx2_widen(qcc_avx2_load_up_to_16(from + i, count - i, end), is_signed);
    qcc_avx2_store(to + i, _mm256_sub_epi16(v, _mm256_set1_epi16((int16_t)zero)));
  }
}

/* One panel: `valid` columns from `b` on. zeros: those of 16 columns. */
QCC_INLINE void qcc_avx2_centre_panel(struct qcc_matmul_q8_params p, int16_t *to, const uint8_t *b, int32_t valid,
                                      const uint8_t *end, const int16_t *zeros) {
  if (p.b_n == 1) {
    const __m256i zero = qcc_avx2_load(zeros);
    for (int32_t k = 0; k < p.k; k += 2, to += 32) {
      const uint8_t *row = b + (ptrdiff_t)k * p.b_k;
      const __m256i v = _mm256_sub_epi16(qcc_avx2_widen(qcc_avx2_load_up_to_16(row, valid, end), p.b_signed), zero);
      __m256i w = _mm256_setzero_si256();
      if (k + 1 < p.k)
        w = _mm256_sub_epi16(qcc_avx2_widen(qcc_avx2_load_up_to_16(row + p.b_k, valid, end), p.b_signed), zero);
      qcc_avx2_store(to, _mm256_unpacklo_epi16(v, w));
      qcc_avx2_store(to + 16, _mm256_unpackhi_epi16(v, w));
    }
    return;
  }
  for (int32_t n = 0; n < 16; n++) {
    int16_t *column = to + 16 * ((n >> 2) & 1) + 2 * ((n & 3) + ((n >> 3) << 2));
    const uint8_t *from = b + (ptrdiff_t)n * p.b_n;
    for (int32_t k = 0; k < p.k + (p.k & 1); k++)
      column[32 * (k >> 1) + (k & 1)] =
          n < valid && k < p.k ? (int16_t)(qcc_avx2_stored(from[(ptrdiff_t)k * p.b_k], p.b_signed) - zeros[n]) : (int16_t)0;
  }
}

/* A block of 6 rows, or of what is left at the end, times all panels; `at`: the output element of its first row. */
QCC_INLINE void qcc_avx2_matmul_block(struct qcc_matmul_q8_params p, int32_t rows, const int16_t *a, const int16_t *panels,
                                      const float *mult, struct qcc_avx2_output out, ptrdiff_t at) {
  static const int32_t none[16] = {0};
  const int32_t steps = (p.k + 1) / 2;
  const ptrdiff_t stride = 4 * (ptrdiff_t)steps;
  for (int32_t n = 0; n < p.n; n += 16) {
    const uint8_t *const w = (const uint8_t *)(panels + (ptrdiff_t)(n / 16) * 32 * steps);
    const int32_t valid = p.n - n < 16 ? p.n - n : 16;
    float m[16] = {0.0f};
    if (p.kind.out != QCC_OUT_S32)
      for (int32_t i = 0; i < valid; i++) m[i] = mult[n + i];
    if (rows == 6)
      qcc_avx2_tile_x16(6, QCC_AVX2_PAIRS, 0, steps, (const uint8_t *)a, stride, w, none, m, out, at + n, p.n, valid);
    else
      qcc_avx2_tail_x16(p.m % 6, 6, QCC_AVX2_PAIRS, 0, steps, (const uint8_t *)a, stride, w, none, m, out, at + n, p.n, valid);
  }
}

/* scratch: B' in panels, then 6 rows of A' and a group of 16 values. */
QCC_INLINE void qcc_matmul_q8__6x16__x86_avx2(struct qcc_matmul_q8_params p, struct qcc_matmul_q8_data d, const uint8_t *a,
                                              const uint8_t *b, const int32_t *b_zeros, const float *mult, void *y,
                                              void *scratch) {
  struct qcc_avx2_output out = {p.kind, d.e, QCC_AVX2_UNPACK, NULL, NULL, y, 0};
  out.kind.rounding = QCC_ROUND_ONNX; /* the only rule of this family */
  const ptrdiff_t steps = (p.k + 1) / 2;
  int16_t *const panels = (int16_t *)scratch;
  int16_t *const block = panels + (ptrdiff_t)((p.n + 15) / 16) * 32 * steps;
  const ptrdiff_t a_last = (ptrdiff_t)(p.g0 - 1) * p.ga0 + (ptrdiff_t)(p.g1 - 1) * p.ga1 + (ptrdiff_t)(p.g2 - 1) * p.ga2 +
                           (ptrdiff_t)(p.m - 1) * p.a_m + (ptrdiff_t)(p.k - 1) * p.a_k;
  const ptrdiff_t b_last = (ptrdiff_t)(p.g0 - 1) * p.gb0 + (ptrdiff_t)(p.g1 - 1) * p.gb1 + (ptrdiff_t)(p.g2 - 1) * p.gb2 +
                           (ptrdiff_t)(p.k - 1) * p.b_k + (ptrdiff_t)(p.n - 1) * p.b_n;
  ptrdiff_t at = 0;
  for (int32_t g0 = 0; g0 < p.g0; g0++)
    for (int32_t g1 = 0; g1 < p.g1; g1++)
      for (int32_t g2 = 0; g2 < p.g2; g2++) {
        const uint8_t *ag = a + (ptrdiff_t)g0 * p.ga0 + (ptrdiff_t)g1 * p.ga1 + (ptrdiff_t)g2 * p.ga2;
        const uint8_t *bg = b + (ptrdiff_t)g0 * p.gb0 + (ptrdiff_t)g1 * p.gb1 + (ptrdiff_t)g2 * p.gb2;
        for (int32_t n = 0; n < p.n; n += 16) {
          const int32_t valid = p.n - n < 16 ? p.n - n : 16;
          int16_t zeros[16] = {0};
          for (int32_t i = 0; i < valid; i++) zeros[i] = (int16_t)(p.b_zero_per_column ? b_zeros[n + i] : d.b_zero);
          qcc_avx2_centre_panel(p, panels + (ptrdiff_t)(n / 16) * 32 * steps, bg + (ptrdiff_t)n * p.b_n, valid, b + b_last + 1,
                                zeros);
        }
        for (int32_t m = 0; m < p.m; m += 6, at += 6 * (ptrdiff_t)p.n) {
          const int32_t rows = p.m - m < 6 ? p.m - m : 6;
          for (int32_t r = 0; r < rows; r++)
            qcc_avx2_centre_row(block + 2 * steps * r, ag + (ptrdiff_t)(m + r) * p.a_m, p.k, p.a_k, a + a_last + 1, p.a_signed,
                                d.a_zero);
          qcc_avx2_matmul_block(p, rows, block, panels, mult, out, at);
        }
        at = (ptrdiff_t)((g0 * p.g1 + g1) * p.g2 + g2 + 1) * p.m * p.n;
      }
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* matmul_f32 and matmul_q8 in plain C; formulas in the contract headers. */
#ifndef QCC_SCALAR_MATMUL_H
#define QCC_SCALAR_MATMUL_H

#include "epilogue.h"
#include "qcc/lanes.h"
#include "qcc/math.h"
#include "qcc/matmul_f32.h"
#include "qcc/matmul_q8.h"

QCC_INLINE float qcc_dot_f32(const float *a, const float *b, int32_t k, int32_t a_step, int32_t b_step) {
  float lane[8] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
  int32_t i = 0;
  for (; i + 8 <= k; i += 8, a += (ptrdiff_t)8 * a_step, b += (ptrdiff_t)8 * b_step)
    for (int32_t l = 0; l < 8; l++) lane[l] = qcc_fmaf(a[(ptrdiff_t)l * a_step], b[(ptrdiff_t)l * b_step], lane[l]);
  for (; i < k; i++, a += a_step, b += b_step) lane[i & 7] = qcc_fmaf(*a, *b, lane[i & 7]);
  return qcc_sum_lanes(lane);
}

QCC_INLINE void qcc_matmul_f32__1__scalar(struct qcc_matmul_f32_params p, const float *a, const float *b, float *y,
                                          void *scratch) {
  (void)scratch;
  for (int32_t g0 = 0; g0 < p.g0; g0++)
    for (int32_t g1 = 0; g1 < p.g1; g1++)
      for (int32_t g2 = 0; g2 < p.g2; g2++) {
        const float *ag = a + (ptrdiff_t)g0 * p.ga0 + (ptrdiff_t)g1 * p.ga1 + (ptrdiff_t)g2 * p.ga2;
        const float *bg = b + (ptrdiff_t)g0 * p.gb0 + (ptrdiff_t)g1 * p.gb1 + (ptrdiff_t)g2 * p.gb2;
        for (int32_t m = 0; m < p.m; m++)
          for (int32_t n = 0; n < p.n; n++)
            *y++ = qcc_dot_f32(ag + (ptrdiff_t)m * p.a_m, bg + (ptrdiff_t)n * p.b_n, p.k, p.a_k, p.b_k);
      }
}

QCC_INLINE void qcc_matmul_q8__1__scalar(struct qcc_matmul_q8_params p, struct qcc_matmul_q8_data d, const uint8_t *a,
                                         const uint8_t *b, const int32_t *b_zeros, const float *mult, void *y, void *scratch) {
  size_t at = 0;
  (void)scratch;
  for (int32_t g0 = 0; g0 < p.g0; g0++)
    for (int32_t g1 = 0; g1 < p.g1; g1++)
      for (int32_t g2 = 0; g2 < p.g2; g2++) {
        const uint8_t *ag = a + (ptrdiff_t)g0 * p.ga0 + (ptrdiff_t)g1 * p.ga1 + (ptrdiff_t)g2 * p.ga2;
        const uint8_t *bg = b + (ptrdiff_t)g0 * p.gb0 + (ptrdiff_t)g1 * p.gb1 + (ptrdiff_t)g2 * p.gb2;
        for (int32_t m = 0; m < p.m; m++)
          for (int32_t n = 0; n < p.n; n++, at++) {
            const uint8_t *ai = ag + (ptrdiff_t)m * p.a_m, *bi = bg + (ptrdiff_t)n * p.b_n;
            const int32_t b_zero = p.b_zero_per_column ? b_zeros[n] : d.b_zero;
            int32_t acc = 0;
            for (int32_t k = 0; k < p.k; k++)
              acc += (qcc_stored(ai[(ptrdiff_t)k * p.a_k], p.a_signed) - d.a_zero) *
                     (qcc_stored(bi[(ptrdiff_t)k * p.b_k], p.b_signed) - b_zero);
            qcc_epilogue_store(p.kind, d.e, acc, mult, n, NULL, NULL, y, at);
          }
      }
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* lstm and gru with s8 weights on AVX-512 VNNI. One row of whole vectors of state goes through lstm_row.h; else the products are
 * this folder's convolution, the rest is that of AVX2. */
#ifndef QCC_X86_AVX512VNNI_RECURRENT_H
#define QCC_X86_AVX512VNNI_RECURRENT_H

#include "conv2d_q8.h"
#include "isa/x86-avx2/recurrent.h"
#include "lstm_row.h"

QCC_INLINE void qcc_vnni_state_scale(int32_t count, const int32_t *acc, float scale, const float *scales, float *y) {
  const __m256 s = _mm256_set1_ps(scale);
  int32_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 sum = _mm256_cvtepi32_ps(qcc_avx2_load(acc + i));
    _mm256_storeu_ps(y + i, _mm256_mul_ps(sum, _mm256_mul_ps(s, _mm256_loadu_ps(scales + i))));
  }
  if (i < count) qcc_scalar_state_scale(count - i, acc + i, scale, scales + i, y + i);
}

QCC_STATE_PRODUCTS_Q8(qcc_vnni_state_products, qcc_conv2d_q8__5x64__x86_avx512vnni, 4, qcc_dynamic_quantize__32__x86_avx2,
                      qcc_vnni_state_scale, 0)
QCC_LSTM_Q8(qcc_vnni_lstm_any, qcc_vnni_state_products, qcc_avx2_lstm_cell)
QCC_GRU_Q8(qcc_gru_q8__16__x86_avx512vnni, qcc_vnni_state_products, qcc_avx2_gru_reset, qcc_avx2_gru_cell)

QCC_INLINE void qcc_lstm_q8__16__x86_avx512vnni_part(struct qcc_lstm_params p, struct qcc_share t, const float *gates,
                                                     const void *r, const int32_t *r_sums, const float *r_scales, const float *h0,
                                                     const float *c0, const float *peephole, float *y, float *h, float *c,
                                                     void *scratch) {
  qcc_vnni_lstm_row(p, t, gates, r, r_sums, r_scales, h0, c0, peephole, y, h, c, scratch);
}

QCC_INLINE void qcc_lstm_q8__16__x86_avx512vnni(struct qcc_lstm_params p, const float *gates, const void *r, const int32_t *r_sums,
                                                const float *r_scales, const float *h0, const float *c0, const float *peephole,
                                                float *y, float *h, float *c, void *scratch) {
  if (p.batch == 1 && p.hidden % 16 == 0)
    qcc_vnni_lstm_row(p, qcc_share_whole(p.hidden), gates, r, r_sums, r_scales, h0, c0, peephole, y, h, c, scratch);
  else
    qcc_vnni_lstm_any(p, gates, r, r_sums, r_scales, h0, c0, peephole, y, h, c, scratch);
}

#endif

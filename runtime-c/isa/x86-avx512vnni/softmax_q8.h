/* SPDX-License-Identifier: 0BSD */
/* softmax_q8 of rows of at most 128 values: the sums of AVX2's kernel, quotients 16 at a time. Longer rows are AVX2's. */
#ifndef QCC_X86_AVX512VNNI_SOFTMAX_Q8_H
#define QCC_X86_AVX512VNNI_SOFTMAX_Q8_H

#include "isa/x86-avx2/softmax_q8.h"

/* `count` values of y, whose exponentials are e: qcc_avx2_softmax_bytes, whose bounds hold here too. */
QCC_INLINE void qcc_vnni_softmax_bytes(struct qcc_softmax_q8_data d, const float *e, ptrdiff_t count, float sum, uint8_t *y) {
  const __m512i zero = _mm512_set1_epi32(d.y_zero), low = _mm512_set1_epi32(d.y_min), high = _mm512_set1_epi32(d.y_max);
  const __m512 by = _mm512_set1_ps(d.steps / sum), most = _mm512_set1_ps(1024.0f);
  ptrdiff_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m512 v = _mm512_min_ps(_mm512_mul_ps(_mm512_loadu_ps(e + i), by), most);
    const __m512i q = _mm512_cvtps_epi32(v);
    const __m512 off = _mm512_abs_ps(_mm512_sub_ps(v, _mm512_cvtepi32_ps(q)));
    if (_mm512_cmp_ps_mask(off, _mm512_set1_ps(0.499755859375f), _CMP_NLT_UQ) == 0) {
      const __m512i b = _mm512_min_epi32(_mm512_max_epi32(_mm512_add_epi32(q, zero), low), high);
      qcc_avx2_store_half(y + i, _mm512_cvtepi32_epi8(b));
    } else {
      for (ptrdiff_t k = i; k < i + 16; k++) y[k] = qcc_avx2_softmax_one(d, e[k], sum);
    }
  }
  qcc_avx2_softmax_bytes(d, e + i, count - i, sum, y + i);
}

QCC_INLINE void qcc_softmax_q8__4__x86_avx512vnni(struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d,
                                                  const uint8_t *x, const float *table, uint8_t *y) {
  const ptrdiff_t dim = p.dim, kept = QCC_AVX2_SOFTMAX_KEPT;
  const int32_t whole = p.outer / 4 * 4;
  if (p.inner != 1 || dim > kept) {
    qcc_softmax_q8__4__x86_avx2(p, d, x, table, y);
    return;
  }
  for (ptrdiff_t o = 0; o < p.outer; o += o < whole ? 4 : 1) {
    const float *entry[4];
    float sum[4] = {0.0f, 0.0f, 0.0f, 0.0f}, e[4 * QCC_AVX2_SOFTMAX_KEPT];
    const ptrdiff_t rows = o < whole ? 4 : 1;
    if (rows == 4)
      qcc_avx2_softmax_sums(4, p, x + o * dim, table, entry, sum, e);
    else
      qcc_avx2_softmax_sums(1, p, x + o * dim, table, entry, sum, e);
    for (ptrdiff_t r = 0; r < rows; r++) qcc_vnni_softmax_bytes(d, e + r * kept, dim, sum[r], y + (o + r) * dim);
  }
}

#endif

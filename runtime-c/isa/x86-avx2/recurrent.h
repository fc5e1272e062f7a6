/* SPDX-License-Identifier: 0BSD */
/* lstm, gru and rnn on AVX2: the products by this folder's convolutions, the gates 8 values at a time by the operations of
 * qcc/gates.h, a row's last values one by one. */
#ifndef QCC_X86_AVX2_RECURRENT_H
#define QCC_X86_AVX2_RECURRENT_H

#include "conv2d_f32.h"
#include "conv2d_signs.h"
#include "dynamic_quantize.h"
#include "qcc/recurrent.h"
#include "isa/scalar/recurrent.h"

#define QCC_AVX2_GATE_FIRST(c) v = _mm256_set1_ps(c);
#define QCC_AVX2_GATE_STEP(c) v = _mm256_fmadd_ps(v, xx, _mm256_set1_ps(c));

/* max and min answer their second operand for a NaN. */
QCC_INLINE __m256 qcc_avx2_limit(__m256 x, float low, float high) {
  return _mm256_min_ps(_mm256_set1_ps(high), _mm256_max_ps(_mm256_set1_ps(low), x));
}

QCC_INLINE __m256 qcc_avx2_gate_tanh(__m256 x) {
  __m256 v, p, xx;
  x = qcc_avx2_limit(x, -QCC_TANH_LIMIT, QCC_TANH_LIMIT);
  xx = _mm256_mul_ps(x, x);
  QCC_TANH_P(QCC_AVX2_GATE_STEP, QCC_AVX2_GATE_FIRST)
  p = _mm256_mul_ps(v, x);
  QCC_TANH_Q(QCC_AVX2_GATE_STEP, QCC_AVX2_GATE_FIRST)
  return _mm256_div_ps(p, v);
}

QCC_INLINE __m256 qcc_avx2_gate_sigmoid(__m256 x) {
  __m256 v, p, xx;
  x = qcc_avx2_limit(x, -QCC_SIGMOID_LIMIT, QCC_SIGMOID_LIMIT);
  xx = _mm256_mul_ps(x, x);
  QCC_SIGMOID_P(QCC_AVX2_GATE_STEP, QCC_AVX2_GATE_FIRST)
  p = _mm256_mul_ps(v, x);
  QCC_SIGMOID_Q(QCC_AVX2_GATE_STEP, QCC_AVX2_GATE_FIRST)
  return qcc_avx2_limit(_mm256_add_ps(_mm256_div_ps(p, v), _mm256_set1_ps(0.5f)), 0.0f, 1.0f);
}

/* The value of a gate before its function. */
QCC_INLINE __m256 qcc_avx2_gate(const float *v, const float *sums) {
  return _mm256_add_ps(_mm256_loadu_ps(v), _mm256_loadu_ps(sums));
}

QCC_INLINE void qcc_avx2_state_scale(int32_t count, const int32_t *acc, float scale, const float *scales, float *y) {
  const __m256 s = _mm256_set1_ps(scale);
  int32_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 sum = _mm256_cvtepi32_ps(qcc_avx2_load(acc + i));
    _mm256_storeu_ps(y + i, _mm256_mul_ps(sum, _mm256_mul_ps(s, _mm256_loadu_ps(scales + i))));
  }
  if (i < count) qcc_scalar_state_scale(count - i, acc + i, scale, scales + i, y + i);
}

QCC_INLINE void qcc_avx2_lstm_cell(int32_t n, int32_t from, int32_t count, const float *v, const float *sums,
                                   const float *peephole, float *c, float *h) {
  const int32_t whole = from + count / 8 * 8;
  for (int32_t j = from; j < whole; j += 8) {
    __m256 i = qcc_avx2_gate(v + j, sums + j), o = qcc_avx2_gate(v + n + j, sums + n + j);
    __m256 f = qcc_avx2_gate(v + 2 * n + j, sums + 2 * n + j);
    const __m256 g = qcc_avx2_gate_tanh(qcc_avx2_gate(v + 3 * n + j, sums + 3 * n + j));
    __m256 cell = _mm256_loadu_ps(c + j);
    if (peephole != NULL) {
      i = _mm256_fmadd_ps(_mm256_loadu_ps(peephole + j), cell, i);
      f = _mm256_fmadd_ps(_mm256_loadu_ps(peephole + 2 * n + j), cell, f);
    }
    cell = _mm256_fmadd_ps(qcc_avx2_gate_sigmoid(f), cell, _mm256_mul_ps(qcc_avx2_gate_sigmoid(i), g));
    if (peephole != NULL) o = _mm256_fmadd_ps(_mm256_loadu_ps(peephole + n + j), cell, o);
    _mm256_storeu_ps(c + j, cell);
    _mm256_storeu_ps(h + j, _mm256_mul_ps(qcc_avx2_gate_sigmoid(o), qcc_avx2_gate_tanh(cell)));
  }
  for (int32_t j = whole; j < from + count; j++) qcc_scalar_lstm_value(n, j, v, sums, peephole, c, h);
}

QCC_INLINE void qcc_avx2_gru_reset(int32_t n, const float *v, const float *sums, const float *h, float *kept) {
  const int32_t whole = n / 8 * 8;
  for (int32_t j = 0; j < whole; j += 8) {
    const __m256 r = qcc_avx2_gate_sigmoid(qcc_avx2_gate(v + j, sums + j));
    _mm256_storeu_ps(kept + j, _mm256_mul_ps(r, _mm256_loadu_ps(h + j)));
  }
  if (whole < n) qcc_scalar_gru_reset(n - whole, v + whole, sums + whole, h + whole, kept + whole);
}

QCC_INLINE void qcc_avx2_gru_cell(int32_t n, int32_t from, int32_t count, const float *v, const float *sums,
                                  const float *sums_n, const float *bias, const float *last, float *h) {
  const int32_t whole = from + count / 8 * 8;
  for (int32_t j = from; j < whole; j += 8) {
    const __m256 z = qcc_avx2_gate_sigmoid(qcc_avx2_gate(v + j, sums + j)), vn = _mm256_loadu_ps(v + 2 * n + j);
    __m256 s = _mm256_loadu_ps(sums_n + j);
    if (bias != NULL) {
      const __m256 r = qcc_avx2_gate_sigmoid(qcc_avx2_gate(v + n + j, sums + n + j));
      s = _mm256_fmadd_ps(r, _mm256_add_ps(s, _mm256_loadu_ps(bias + j)), vn);
    } else {
      s = _mm256_add_ps(vn, s);
    }
    s = qcc_avx2_gate_tanh(s);
    _mm256_storeu_ps(h + j, _mm256_fmadd_ps(z, _mm256_sub_ps(_mm256_loadu_ps(last + j), s), s));
  }
  for (int32_t j = whole; j < from + count; j++) qcc_scalar_gru_value(n, j, v, sums, sums_n, bias, last, h);
}

QCC_INLINE void qcc_avx2_rnn_cell(int32_t fn, int32_t from, int32_t count, const float *v, const float *sums, float *h) {
  const int32_t whole = from + count / 8 * 8;
  for (int32_t j = from; j < whole; j += 8) {
    const __m256 s = qcc_avx2_gate(v + j, sums + j);
    const __m256 f = fn == 0   ? qcc_avx2_gate_tanh(s)
                     : fn == 2 ? qcc_avx2_gate_sigmoid(s)
                               : _mm256_max_ps(_mm256_setzero_ps(), s); /* the second where it is NaN or -0 */
    _mm256_storeu_ps(h + j, f);
  }
  qcc_scalar_rnn_cell(fn, whole, from + count - whole, v, sums, h);
}

QCC_STATE_PRODUCTS_Q8(qcc_avx2_state_products, qcc_conv2d_q8__5x16s__x86_avx2, 4, qcc_dynamic_quantize__32__x86_avx2,
                      qcc_avx2_state_scale, 128)
QCC_LSTM_F32(qcc_lstm_f32__8__x86_avx2, qcc_avx2_f32_tiles, qcc_avx2_lstm_cell)
QCC_LSTM_Q8(qcc_lstm_q8__8__x86_avx2, qcc_avx2_state_products, qcc_avx2_lstm_cell)
QCC_GRU_F32(qcc_gru_f32__8__x86_avx2, qcc_avx2_f32_tiles, qcc_avx2_gru_reset, qcc_avx2_gru_cell)
QCC_GRU_Q8(qcc_gru_q8__8__x86_avx2, qcc_avx2_state_products, qcc_avx2_gru_reset, qcc_avx2_gru_cell)
QCC_RNN_F32(qcc_rnn_f32__8__x86_avx2, qcc_avx2_f32_tiles, qcc_avx2_rnn_cell)

#endif

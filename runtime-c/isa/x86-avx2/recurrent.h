/* SPDX-License-Identifier: 0BSD */
/* lstm, gru and rnn on AVX2: products with floats by this folder's convolutions, with s8 weights one row at a time as
 * conv2d_signs.h has it, the gates 8 values at a time by the operations of qcc/gates.h, a row's last values one by one. */
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

/* Cells go through their values in two sweeps: what all of a value's functions wait for is longer than what a core looks ahead. */

/* The value of a gate before its function. */
QCC_INLINE __m256 qcc_avx2_gate(const float *v, const float *sums) {
  return _mm256_add_ps(_mm256_loadu_ps(v), _mm256_loadu_ps(sums));
}

/* What makes sums of products of a state of its integer sums. */
struct qcc_avx2_state {
  float scale;
  int32_t by; /* of the sums of weights: 128 - zero */
};

/* 8 integer sums before any product: a row's negatives (conv2d_signs.h), and what the zero point takes off. */
QCC_INLINE __m256i qcc_avx2_state_start(struct qcc_avx2_state s, const int32_t *r_sums, __m256i negatives) {
  return _mm256_add_epi32(negatives, _mm256_mullo_epi32(_mm256_set1_epi32(s.by), qcc_avx2_load(r_sums)));
}

QCC_INLINE void qcc_avx2_state_finish(struct qcc_avx2_state s, __m256i acc, const float *scales, float *y) {
  _mm256_storeu_ps(y, _mm256_mul_ps(_mm256_cvtepi32_ps(acc), _mm256_mul_ps(_mm256_set1_ps(s.scale), _mm256_loadu_ps(scales))));
}

#define QCC_AVX2_STATE_START(p)                                                           \
  __m256i a##p##0 = panels > p ? qcc_avx2_state_start(s, r_sums + 16 * p, negatives) : negatives, \
          a##p##1 = panels > p ? qcc_avx2_state_start(s, r_sums + 16 * p + 8, negatives) : negatives;
#define QCC_AVX2_STATE_STEP(p)                                                                                         \
  if (panels > p) {                                                                                                    \
    a##p##0 = qcc_avx2_dot(QCC_AVX2_SIGNS, a##p##0, x, _mm256_xor_si256(qcc_avx2_load(w + p * next), signs));          \
    a##p##1 = qcc_avx2_dot(QCC_AVX2_SIGNS, a##p##1, x, _mm256_xor_si256(qcc_avx2_load(w + p * next + 32), signs));     \
  }
#define QCC_AVX2_STATE_FINISH(p)                                              \
  if (panels > p) {                                                           \
    qcc_avx2_state_finish(s, a##p##0, r_scales + 16 * p, y + 16 * p);         \
    qcc_avx2_state_finish(s, a##p##1, r_scales + 16 * p + 8, y + 16 * p + 8); \
  }

/* One row of the state times up to 4 panels of 16 rows of r; panels is a literal. Writes whole vectors. */
QCC_INLINE void qcc_avx2_state_panels(struct qcc_avx2_state s, int32_t panels, int32_t steps, const uint8_t *a, const uint8_t *w,
                                      const int32_t *r_sums, const float *r_scales, float *y) {
  const ptrdiff_t next = (ptrdiff_t)steps * 64;
  const __m256i negatives = qcc_avx2_broadcast_word(a + 8 * (ptrdiff_t)steps);
  QCC_AVX2_STATE_START(0)
  QCC_AVX2_STATE_START(1)
  QCC_AVX2_STATE_START(2)
  QCC_AVX2_STATE_START(3)
  for (ptrdiff_t k = 0; k < steps; k++, w += 64) {
    const __m256i x = qcc_avx2_broadcast_word(a + 8 * k), signs = qcc_avx2_broadcast_word(a + 8 * k + 4);
    QCC_AVX2_STATE_STEP(0)
    QCC_AVX2_STATE_STEP(1)
    QCC_AVX2_STATE_STEP(2)
    QCC_AVX2_STATE_STEP(3)
  }
  QCC_AVX2_STATE_FINISH(0)
  QCC_AVX2_STATE_FINISH(1)
  QCC_AVX2_STATE_FINISH(2)
  QCC_AVX2_STATE_FINISH(3)
}

/* sums[batch][rows] = h * r, of the values of t. Row after row of batch: the last vectors of each reach into the next. */
QCC_INLINE void qcc_avx2_state_products(struct qcc_share t, int32_t batch, int32_t hidden, int32_t rows, const float *h,
                                        const void *r, const int32_t *r_sums, const float *r_scales, float *sums, void *scratch) {
  const struct qcc_dynamic_quantize_params q = {1, batch * hidden};
  const struct qcc_state_pieces pieces = qcc_state_pieces_of(t, hidden, rows);
  const int32_t steps = (hidden + 3) / 4;
  uint8_t *const stored = (uint8_t *)scratch, *const signs = qcc_state_after(stored, (size_t)(batch * hidden) + QCC_STATE_TAIL);
  struct qcc_avx2_state s;
  uint8_t zero;
  qcc_dynamic_quantize__32__x86_avx2(q, h, stored, &s.scale, &zero);
  s.by = 128 - (int32_t)zero;
  for (ptrdiff_t b = 0; b < batch; b++) {
    qcc_avx2_put_signs_row(signs, stored + b * hidden, hidden, 128);
    for (int32_t piece = 0; piece < pieces.count; piece++) {
      const ptrdiff_t first = (ptrdiff_t)piece * hidden + t.first, end = first + pieces.rows;
      ptrdiff_t o = first;
      for (; o + 64 <= end; o += 64)
        qcc_avx2_state_panels(s, 4, steps, signs, (const uint8_t *)r + o * 4 * steps, r_sums + o, r_scales + o, sums + b * rows + o);
      for (; o < end; o += 16)
        qcc_avx2_state_panels(s, 1, steps, signs, (const uint8_t *)r + o * 4 * steps, r_sums + o, r_scales + o, sums + b * rows + o);
    }
  }
}

QCC_INLINE void qcc_avx2_lstm_cell(int32_t n, int32_t from, int32_t count, const float *v, const float *sums,
                                   const float *peephole, float *c, float *h) {
  const int32_t whole = from + count / 8 * 8;
  for (int32_t j = from; j < whole; j += 8) {
    __m256 i = qcc_avx2_gate(v + j, sums + j), f = qcc_avx2_gate(v + 2 * n + j, sums + 2 * n + j);
    const __m256 g = qcc_avx2_gate_tanh(qcc_avx2_gate(v + 3 * n + j, sums + 3 * n + j)), cell = _mm256_loadu_ps(c + j);
    if (peephole != NULL) {
      i = _mm256_fmadd_ps(_mm256_loadu_ps(peephole + j), cell, i);
      f = _mm256_fmadd_ps(_mm256_loadu_ps(peephole + 2 * n + j), cell, f);
    }
    i = _mm256_mul_ps(qcc_avx2_gate_sigmoid(i), g);
    _mm256_storeu_ps(c + j, _mm256_fmadd_ps(qcc_avx2_gate_sigmoid(f), cell, i));
  }
  for (int32_t j = from; j < whole; j += 8) {
    __m256 o = qcc_avx2_gate(v + n + j, sums + n + j);
    const __m256 cell = _mm256_loadu_ps(c + j);
    if (peephole != NULL) o = _mm256_fmadd_ps(_mm256_loadu_ps(peephole + n + j), cell, o);
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
  for (int32_t j = from; j < whole; j += 8) { /* h holds what tanh is of */
    const __m256 vn = _mm256_loadu_ps(v + 2 * n + j);
    __m256 s = _mm256_loadu_ps(sums_n + j);
    if (bias != NULL) {
      const __m256 r = qcc_avx2_gate_sigmoid(qcc_avx2_gate(v + n + j, sums + n + j));
      s = _mm256_fmadd_ps(r, _mm256_add_ps(s, _mm256_loadu_ps(bias + j)), vn);
    } else {
      s = _mm256_add_ps(vn, s);
    }
    _mm256_storeu_ps(h + j, s);
  }
  for (int32_t j = from; j < whole; j += 8) {
    const __m256 z = qcc_avx2_gate_sigmoid(qcc_avx2_gate(v + j, sums + j)), s = qcc_avx2_gate_tanh(_mm256_loadu_ps(h + j));
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

QCC_LSTM_F32(qcc_lstm_f32__8__x86_avx2, qcc_avx2_f32_tiles, qcc_avx2_lstm_cell)
QCC_LSTM_Q8(qcc_lstm_q8__8__x86_avx2, qcc_avx2_state_products, qcc_avx2_lstm_cell)
QCC_GRU_F32(qcc_gru_f32__8__x86_avx2, qcc_avx2_f32_tiles, qcc_avx2_gru_reset, qcc_avx2_gru_cell)
QCC_GRU_Q8(qcc_gru_q8__8__x86_avx2, qcc_avx2_state_products, qcc_avx2_gru_reset, qcc_avx2_gru_cell)
QCC_RNN_F32(qcc_rnn_f32__8__x86_avx2, qcc_avx2_f32_tiles, qcc_avx2_rnn_cell)

#endif

/* SPDX-License-Identifier: 0BSD */
/* One row of an lstm with s8 weights: 16 values of the state at a time, whose four gates are four panels of weights. The sums
 * stay in registers until the new values are there; while the gates of 16 values are computed the next products begin.
 *
 * Weights come from the second cache: all of them pass by in each step in time. Steps take the panels in turns from the first to
 * the last and back, so that what a step read last is still in the first cache when the next one begins. */
#ifndef QCC_X86_AVX512VNNI_LSTM_ROW_H
#define QCC_X86_AVX512VNNI_LSTM_ROW_H

#include "isa/x86-avx2/quantize.h"
#include "qcc/gates.h"
#include "qcc/lstm.h"
#include "simd.h"

#define QCC_VNNI_GATE_FIRST(c) v = _mm512_set1_ps(c);
#define QCC_VNNI_GATE_STEP(c) v = _mm512_fmadd_ps(v, xx, _mm512_set1_ps(c));

/* max and min answer their second operand for a NaN. */
QCC_INLINE __m512 qcc_vnni_limit(__m512 x, float low, float high) {
  return _mm512_min_ps(_mm512_set1_ps(high), _mm512_max_ps(_mm512_set1_ps(low), x));
}

QCC_INLINE __m512 qcc_vnni_gate_tanh(__m512 x) {
  __m512 v, p, xx;
  x = qcc_vnni_limit(x, -QCC_TANH_LIMIT, QCC_TANH_LIMIT);
  xx = _mm512_mul_ps(x, x);
  QCC_TANH_P(QCC_VNNI_GATE_STEP, QCC_VNNI_GATE_FIRST)
  p = _mm512_mul_ps(v, x);
  QCC_TANH_Q(QCC_VNNI_GATE_STEP, QCC_VNNI_GATE_FIRST)
  return _mm512_div_ps(p, v);
}

QCC_INLINE __m512 qcc_vnni_gate_sigmoid(__m512 x) {
  __m512 v, p, xx;
  x = qcc_vnni_limit(x, -QCC_SIGMOID_LIMIT, QCC_SIGMOID_LIMIT);
  xx = _mm512_mul_ps(x, x);
  QCC_SIGMOID_P(QCC_VNNI_GATE_STEP, QCC_VNNI_GATE_FIRST)
  p = _mm512_mul_ps(v, x);
  QCC_SIGMOID_Q(QCC_VNNI_GATE_STEP, QCC_VNNI_GATE_FIRST)
  return qcc_vnni_limit(_mm512_add_ps(_mm512_div_ps(p, v), _mm512_set1_ps(0.5f)), 0.0f, 1.0f);
}

/* The state as the products read it. */
struct qcc_vnni_state {
  const uint8_t *q;
  float scale;
  int32_t zero;
};

/* A gate before its function, of the 16 values at v; acc holds the sums of products. */
QCC_INLINE __m512 qcc_vnni_gate(struct qcc_vnni_state s, const float *v, const float *scales, __m512i acc) {
  const __m512 scale = _mm512_mul_ps(_mm512_set1_ps(s.scale), _mm512_loadu_ps(scales));
  return _mm512_add_ps(_mm512_loadu_ps(v), _mm512_mul_ps(_mm512_cvtepi32_ps(acc), scale));
}

/* -zero * (sums of weights), modulo 2^32. */
QCC_INLINE qcc_vnni_sums qcc_vnni_gate_start(struct qcc_vnni_state s, const int32_t *r_sums) {
  return QCC_VNNI_SUMS(_mm512_mullo_epi32(_mm512_set1_epi32(-s.zero), qcc_vnni_load(r_sums)));
}

/* Values j..j+15 of the next state. */
QCC_INLINE __m512 qcc_vnni_lstm_16(struct qcc_lstm_params p, struct qcc_vnni_state s, ptrdiff_t j, const float *v,
                                   const uint8_t *r, const int32_t *r_sums, const float *r_scales, const float *peephole,
                                   float *c) {
  const ptrdiff_t n = p.hidden, gate = n / 16 * (n / 4 * 64);
  const uint8_t *w = r + j / 16 * (n / 4 * 64);
  /* Two sums a gate: four would wait for each other. */
  qcc_vnni_sums i0 = qcc_vnni_gate_start(s, r_sums + j), o0 = qcc_vnni_gate_start(s, r_sums + n + j);
  qcc_vnni_sums f0 = qcc_vnni_gate_start(s, r_sums + 2 * n + j), g0 = qcc_vnni_gate_start(s, r_sums + 3 * n + j);
  qcc_vnni_sums i1 = QCC_VNNI_SUMS(_mm512_setzero_si512()), o1 = i1, f1 = i1, g1 = i1;
  for (ptrdiff_t k = 0; k < n; k += 8, w += 128) {
    const __m512i x0 = qcc_vnni_broadcast_word(s.q + k), x1 = qcc_vnni_broadcast_word(s.q + k + 4);
    i0 = qcc_vnni_dot(i0, x0, qcc_vnni_load(w));
    o0 = qcc_vnni_dot(o0, x0, qcc_vnni_load(w + gate));
    f0 = qcc_vnni_dot(f0, x0, qcc_vnni_load(w + 2 * gate));
    g0 = qcc_vnni_dot(g0, x0, qcc_vnni_load(w + 3 * gate));
    i1 = qcc_vnni_dot(i1, x1, qcc_vnni_load(w + 64));
    o1 = qcc_vnni_dot(o1, x1, qcc_vnni_load(w + gate + 64));
    f1 = qcc_vnni_dot(f1, x1, qcc_vnni_load(w + 2 * gate + 64));
    g1 = qcc_vnni_dot(g1, x1, qcc_vnni_load(w + 3 * gate + 64));
  }
#define QCC_VNNI_GATE(g, at) \
  qcc_vnni_gate(s, v + (at), r_scales + (at), _mm512_add_epi32(QCC_VNNI_BITS(g##0), QCC_VNNI_BITS(g##1)))
  __m512 i = QCC_VNNI_GATE(i, j), o = QCC_VNNI_GATE(o, n + j), f = QCC_VNNI_GATE(f, 2 * n + j);
  const __m512 g = qcc_vnni_gate_tanh(QCC_VNNI_GATE(g, 3 * n + j));
#undef QCC_VNNI_GATE
  __m512 cell = _mm512_loadu_ps(c + j);
  if (p.has_peephole) {
    i = _mm512_fmadd_ps(_mm512_loadu_ps(peephole + j), cell, i);
    f = _mm512_fmadd_ps(_mm512_loadu_ps(peephole + 2 * n + j), cell, f);
  }
  cell = _mm512_fmadd_ps(qcc_vnni_gate_sigmoid(f), cell, _mm512_mul_ps(qcc_vnni_gate_sigmoid(i), g));
  if (p.has_peephole) o = _mm512_fmadd_ps(_mm512_loadu_ps(peephole + n + j), cell, o);
  _mm512_storeu_ps(c + j, cell);
  return _mm512_mul_ps(qcc_vnni_gate_sigmoid(o), qcc_vnni_gate_tanh(cell));
}

/* Quantizes a state whose values lie within the lanes of lows and highs, as dynamic_quantize does. */
QCC_INLINE struct qcc_vnni_state qcc_vnni_state_of(int32_t n, const float *h, __m512 lows, __m512 highs, uint8_t *q) {
  const __m256 low8 = _mm256_min_ps(_mm512_castps512_ps256(lows), _mm512_extractf32x8_ps(lows, 1));
  const __m256 high8 = _mm256_max_ps(_mm512_castps512_ps256(highs), _mm512_extractf32x8_ps(highs, 1));
  __m128 low4 = _mm_min_ps(_mm256_castps256_ps128(low8), _mm256_extractf128_ps(low8, 1));
  __m128 high4 = _mm_max_ps(_mm256_castps256_ps128(high8), _mm256_extractf128_ps(high8, 1));
  low4 = _mm_min_ps(low4, _mm_movehl_ps(low4, low4));
  high4 = _mm_max_ps(high4, _mm_movehl_ps(high4, high4));
  const float low = _mm_cvtss_f32(_mm_min_ss(low4, _mm_movehdup_ps(low4)));
  const float high = _mm_cvtss_f32(_mm_max_ss(high4, _mm_movehdup_ps(high4)));
  const struct qcc_quantize_params p = {.y_signed = 0};
  struct qcc_quantize_data d = {.y_min = 0, .y_max = 255};
  d.scale = low == high ? 1.0f : (high - low) / 255.0f;
  d.zero = qcc_round_to_stored(0.0f - low / d.scale, 0, 0, 255);
  qcc_avx2_quantize_run(p, d, h, q, n);
  return (struct qcc_vnni_state){q, d.scale, d.zero};
}

/* Widens the lanes of lows and highs to values from .. from + count - 1 of h, which are whole vectors. */
QCC_INLINE void qcc_vnni_state_range(const float *h, int32_t from, int32_t count, __m512 *lows, __m512 *highs) {
  for (int32_t j = from; j < from + count; j += 16) {
    *lows = _mm512_min_ps(_mm512_loadu_ps(h + j), *lows);
    *highs = _mm512_max_ps(_mm512_loadu_ps(h + j), *highs);
  }
}

/* batch 1, hidden a multiple of 16. scratch: the quantized state. The range of the next state is known where it is computed, but
 * for what other parts compute of it. */
QCC_INLINE void qcc_vnni_lstm_row(struct qcc_lstm_params p, struct qcc_share t, const float *gates, const void *r,
                                  const int32_t *r_sums, const float *r_scales, const float *h0, const float *c0,
                                  const float *peephole, float *y, float *h, float *c, void *scratch) {
  const int32_t n = p.hidden, end = t.first + t.count;
  uint8_t *const q = (uint8_t *)scratch;
  const float *last = h0;
  __m512 lows = _mm512_setzero_ps(), highs = lows;
  for (int32_t j = t.first; j < end; j += 16) _mm512_storeu_ps(c + j, _mm512_loadu_ps(c0 + j));
  qcc_vnni_state_range(h0, 0, n, &lows, &highs);
  for (int32_t s = 0; s < p.seq; s++) {
    const ptrdiff_t at = p.reverse ? p.seq - 1 - s : s;
    const float *const v = gates + at * 4 * n;
    float *const now = y + at * n;
    if (s > 0) {
      qcc_share_meet(t);
      qcc_vnni_state_range(last, 0, t.first, &lows, &highs);
      qcc_vnni_state_range(last, end, n - end, &lows, &highs);
    }
    const struct qcc_vnni_state state = qcc_vnni_state_of(n, last, lows, highs, q);
    lows = highs = _mm512_setzero_ps();
    for (int32_t k = 0; k < t.count; k += 16) {
      const int32_t j = s % 2 == 0 ? t.first + k : end - 16 - k;
      const __m512 next = qcc_vnni_lstm_16(p, state, j, v, (const uint8_t *)r, r_sums, r_scales, peephole, c);
      _mm512_storeu_ps(now + j, next);
      lows = _mm512_min_ps(next, lows);
      highs = _mm512_max_ps(next, highs);
    }
    last = now;
  }
  for (int32_t j = t.first; j < end; j += 16) _mm512_storeu_ps(h + j, _mm512_loadu_ps(last + j));
}

#endif

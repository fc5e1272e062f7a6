/* SPDX-License-Identifier: 0BSD */
/* lstm, gru and rnn in plain C: the formulas of the contract headers, one value at a time. */
#ifndef QCC_SCALAR_RECURRENT_H
#define QCC_SCALAR_RECURRENT_H

#include "conv2d_q8.h"
#include "float.h"
#include "qcc/recurrent.h"
#include "quantize_any.h"

QCC_INLINE void qcc_scalar_state_scale(int32_t count, const int32_t *acc, float scale, const float *scales, float *y) {
  for (int32_t i = 0; i < count; i++) y[i] = qcc_mulf((float)acc[i], qcc_mulf(scale, scales[i]));
}

/* One value of a row of `n`. */
QCC_INLINE void qcc_scalar_lstm_value(int32_t n, int32_t j, const float *v, const float *sums, const float *peephole, float *c,
                                      float *h) {
  const float vi = v[j] + sums[j], vo = v[n + j] + sums[n + j], vf = v[2 * n + j] + sums[2 * n + j];
  const float g = qcc_gate_tanh(v[3 * n + j] + sums[3 * n + j]);
  const float i = qcc_gate_sigmoid(peephole != NULL ? qcc_fmaf(peephole[j], c[j], vi) : vi);
  const float f = qcc_gate_sigmoid(peephole != NULL ? qcc_fmaf(peephole[2 * n + j], c[j], vf) : vf);
  const float cell = qcc_fmaf(f, c[j], qcc_mulf(i, g));
  const float o = qcc_gate_sigmoid(peephole != NULL ? qcc_fmaf(peephole[n + j], cell, vo) : vo);
  c[j] = cell;
  h[j] = qcc_mulf(o, qcc_gate_tanh(cell));
}

QCC_INLINE void qcc_scalar_lstm_cell(int32_t n, int32_t from, int32_t count, const float *v, const float *sums,
                                     const float *peephole, float *c, float *h) {
  for (int32_t j = from; j < from + count; j++) qcc_scalar_lstm_value(n, j, v, sums, peephole, c, h);
}

QCC_INLINE void qcc_scalar_gru_reset(int32_t n, const float *v, const float *sums, const float *h, float *kept) {
  for (int32_t j = 0; j < n; j++) kept[j] = qcc_mulf(qcc_gate_sigmoid(v[j] + sums[j]), h[j]);
}

QCC_INLINE void qcc_scalar_gru_value(int32_t n, int32_t j, const float *v, const float *sums, const float *sums_n,
                                     const float *bias, const float *last, float *h) {
  const float z = qcc_gate_sigmoid(v[j] + sums[j]), vn = v[2 * n + j];
  float s;
  if (bias != NULL)
    s = qcc_fmaf(qcc_gate_sigmoid(v[n + j] + sums[n + j]), sums_n[j] + bias[j], vn);
  else
    s = vn + sums_n[j];
  s = qcc_gate_tanh(s);
  h[j] = qcc_fmaf(z, last[j] - s, s);
}

QCC_INLINE void qcc_scalar_gru_cell(int32_t n, int32_t from, int32_t count, const float *v, const float *sums,
                                    const float *sums_n, const float *bias, const float *last, float *h) {
  for (int32_t j = from; j < from + count; j++) qcc_scalar_gru_value(n, j, v, sums, sums_n, bias, last, h);
}

QCC_INLINE void qcc_scalar_rnn_cell(int32_t fn, int32_t from, int32_t count, const float *v, const float *sums, float *h) {
  for (int32_t j = from; j < from + count; j++) {
    const float s = v[j] + sums[j];
    h[j] = fn == 0 ? qcc_gate_tanh(s) : fn == 2 ? qcc_gate_sigmoid(s) : s < 0.0f ? 0.0f : s;
  }
}

QCC_STATE_PRODUCTS_Q8(qcc_scalar_state_products, qcc_conv2d_q8__s8__scalar, 1, qcc_dynamic_quantize__1__scalar,
                      qcc_scalar_state_scale, 0)
QCC_LSTM_F32(qcc_lstm_f32__1__scalar, qcc_conv2d_f32__1__scalar, qcc_scalar_lstm_cell)
QCC_LSTM_Q8(qcc_lstm_q8__1__scalar, qcc_scalar_state_products, qcc_scalar_lstm_cell)
QCC_GRU_F32(qcc_gru_f32__1__scalar, qcc_conv2d_f32__1__scalar, qcc_scalar_gru_reset, qcc_scalar_gru_cell)
QCC_GRU_Q8(qcc_gru_q8__1__scalar, qcc_scalar_state_products, qcc_scalar_gru_reset, qcc_scalar_gru_cell)
QCC_RNN_F32(qcc_rnn_f32__1__scalar, qcc_conv2d_f32__1__scalar, qcc_scalar_rnn_cell)

#endif

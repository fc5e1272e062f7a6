/* SPDX-License-Identifier: 0BSD */
/* Contract of families gru_f32 and gru_q8: one direction of a gated recurrent unit.
 *
 *   for every step t, from the last one on if reverse; h the state, first h0; products with r as in lstm.h:
 *     z = sigmoid(gates_z + h * r_z)   r = sigmoid(gates_r + h * r_r)       gates in the order z, r, n
 *     without bias: n = tanh(gates_n + (r h) * r_n)     with bias: n = tanh(fma(r, h * r_n + bias, gates_n))
 *     h = y[t,b] = fma(z, h - n, n)                                         sigmoid, tanh: gates.h
 *
 * gates f32[seq,batch,3,hidden]   h0, h f32[batch,hidden]   y f32[seq,batch,hidden]   bias f32[hidden] or null
 * r_zr, r_n: f32[2*hidden,hidden] and f32[hidden,hidden], or s8 packed, with sums and scales as in lstm.h.
 * scratch: scratch_bytes(kernel) bytes, 64-byte aligned. No overlap. */
#ifndef QCC_GRU_H
#define QCC_GRU_H

#include "qcc/share.h"

struct qcc_gru_params {
  int32_t seq, batch, hidden;
  int32_t reverse, has_bias;
};

typedef void qcc_gru_f32_fn(struct qcc_gru_params p, const float *gates, const float *r_zr, const float *r_n,
                            const float *h0, const float *bias, float *y, float *h, void *scratch);
typedef void qcc_gru_q8_fn(struct qcc_gru_params p, const float *gates, const void *r_zr, const int32_t *r_zr_sums,
                           const float *r_zr_scales, const void *r_n, const int32_t *r_n_sums, const float *r_n_scales,
                           const float *h0, const float *bias, float *y, float *h, void *scratch);

#endif

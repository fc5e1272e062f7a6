/* SPDX-License-Identifier: 0BSD */
/* Contract of families lstm_f32 and lstm_q8: one direction of a long short-term memory.
 *
 *   for every step t, from the last one on if reverse; h, c the state, first h0, c0:
 *     v[gate,j] = gates[t,b,gate,j] + product[b,gate,j]              gates in the order i, o, f, c
 *     lstm_f32: product = sum over k of h[b,k] * r[gate,j,k]         8 interleaved lanes by fma (lanes.h)
 *     lstm_q8:  q = h quantized by its own range (dynamic_quantize.h)
 *               product = f32(sum over k of (q[b,k] - zero) * r[gate,j,k]) * (scale * r_scales[gate,j])
 *     i = sigmoid(fma(p_i, c, v_i))  f = sigmoid(fma(p_f, c, v_f))   without peephole: sigmoid(v)
 *     c = fma(f, c, i * tanh(v_c))   o = sigmoid(fma(p_o, c, v_o))   h = y[t,b] = o * tanh(c)     sigmoid, tanh: gates.h
 *
 * gates f32[seq,batch,4,hidden]   h0, c0, h, c f32[batch,hidden]   y f32[seq,batch,hidden]   peephole f32[3,hidden] (i, o, f) or null
 * r: f32[4*hidden,hidden], or s8 packed as the kernel's packing says with r_sums s32[4*hidden] (of each row) and r_scales
 * f32[4*hidden], both zero-padded to a multiple of 32, 64-byte aligned.
 * scratch: scratch_bytes(kernel) bytes, 64-byte aligned. No overlap. */
#ifndef QCC_LSTM_H
#define QCC_LSTM_H

#include "qcc/share.h"

struct qcc_lstm_params {
  int32_t seq, batch, hidden;
  int32_t reverse, has_peephole;
};

typedef void qcc_lstm_f32_fn(struct qcc_lstm_params p, const float *gates, const float *r, const float *h0, const float *c0,
                             const float *peephole, float *y, float *h, float *c, void *scratch);
typedef void qcc_lstm_q8_fn(struct qcc_lstm_params p, const float *gates, const void *r, const int32_t *r_sums,
                            const float *r_scales, const float *h0, const float *c0, const float *peephole, float *y,
                            float *h, float *c, void *scratch);

#endif

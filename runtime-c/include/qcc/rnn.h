/* SPDX-License-Identifier: 0BSD */
/* Contract of family rnn_f32: one direction of a plain recurrent layer.
 *
 *   for every step t, from the last one on if reverse; h the state, first h0; products with r as in lstm.h:
 *     h = y[t,b] = f(gates[t,b] + h * r)      fn 0: tanh, 2: sigmoid of gates.h; 1: relu, v < 0 ? 0 : v
 *
 * gates f32[seq,batch,hidden]   r f32[hidden,hidden]   h0, h f32[batch,hidden]   y f32[seq,batch,hidden]
 * scratch: scratch_bytes(kernel) bytes, 64-byte aligned. No overlap. */
#ifndef QCC_RNN_H
#define QCC_RNN_H

#include "qcc/share.h"

struct qcc_rnn_params {
  int32_t seq, batch, hidden;
  int32_t reverse, fn;
};

typedef void qcc_rnn_f32_fn(struct qcc_rnn_params p, const float *gates, const float *r, const float *h0, float *y, float *h,
                            void *scratch);

#endif

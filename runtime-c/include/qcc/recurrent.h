/* SPDX-License-Identifier: 0BSD */
/* The walk of lstm.h and gru.h over time, for kernels that differ in how they multiply and how many values they take at a
 * time. An ISA names its pieces:
 *
 *   CONV_F32, CONV_Q8        kernels of conv2d_f32 and conv2d_q8: the products with r are 1x1 convolutions
 *   QUANTIZE                 dynamic_quantize
 *   SCALE(count, acc, scale, scales, y)     y[i] = f32(acc[i]) * (scale * scales[i])
 *   LSTM_CELL(n, v, sums, peephole, c, h)   one row of batch
 *   RESET(n, v_r, sums_r, h, kept)          kept = sigmoid(v_r + sums_r) * h
 *   GRU_CELL(n, v, sums, sums_n, bias, last, h)
 *
 * scratch: sums, for q8 followed by integer sums, a bias for the convolution (bias + sum of q * r with bias = -zero * r_sums;
 * kernels that read u8 as q - 128 have 128 added to -zero), the quantized state, and the convolution's own scratch. */
#ifndef QCC_RECURRENT_H
#define QCC_RECURRENT_H

#include "qcc/conv2d_f32.h"
#include "qcc/conv2d_q8.h"
#include "qcc/dynamic_quantize.h"
#include "qcc/gates.h"
#include "qcc/gru.h"
#include "qcc/lstm.h"

/* Room that kernels want behind what they read by tiles. */
enum { QCC_STATE_TAIL = 64 };

QCC_INLINE struct qcc_conv2d_f32_params qcc_state_params_f32(int32_t batch, int32_t hidden, int32_t rows) {
  const struct qcc_conv2d_f32_params p = {1, 1, batch, hidden, 1, batch, rows, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0};
  return p;
}

QCC_INLINE struct qcc_conv2d_q8_params qcc_state_params_q8(int32_t batch, int32_t hidden, int32_t rows) {
  const struct qcc_conv2d_q8_params p = {.n = 1, .h = 1, .w = batch, .c = hidden, .oh = 1, .ow = batch, .oc = rows, .kh = 1,
                                         .kw = 1, .sh = 1, .sw = 1, .dh = 1, .dw = 1, .groups = 1, .kind = {.out = QCC_OUT_S32}};
  return p;
}

/* Next place at a multiple of 64 bytes: scratch begins at one. */
QCC_INLINE uint8_t *qcc_state_after(void *scratch, size_t bytes) {
  return (uint8_t *)scratch + (bytes + 63) / 64 * 64;
}

QCC_INLINE void qcc_state_copy(int32_t count, const float *from, float *to) {
  for (int32_t i = 0; i < count; i++) to[i] = from[i];
}

/* sums[batch][rows] = h * r, and the place behind it. SHIFT: 128 where CONV_Q8 reads q - 128. */
#define QCC_STATE_PRODUCTS_Q8(name, CONV_Q8, QUANTIZE, SCALE, SHIFT)                                                          \
  QCC_INLINE void name(int32_t batch, int32_t hidden, int32_t rows, const float *h, const void *r, const int32_t *r_sums,     \
                       const float *r_scales, float *sums, void *scratch) {                                                   \
    const struct qcc_dynamic_quantize_params q = {1, batch * hidden};                                                         \
    const struct qcc_conv2d_q8_data d = {.x_pad = SHIFT};                                                             \
    const int32_t padded = (rows + 31) / 32 * 32;                                                                             \
    int32_t *const acc = (int32_t *)scratch;                                                                                  \
    int32_t *const bias = (int32_t *)(void *)qcc_state_after(acc, (size_t)(batch * rows) * 4 + QCC_STATE_TAIL);               \
    uint8_t *const stored = qcc_state_after(bias, (size_t)padded * 4);                                                        \
    void *const rest = qcc_state_after(stored, (size_t)(batch * hidden) + QCC_STATE_TAIL);                                    \
    float scale;                                                                                                              \
    uint8_t zero;                                                                                                             \
    QUANTIZE(q, h, stored, &scale, &zero);                                                                                    \
    for (int32_t o = 0; o < padded; o++) bias[o] = (SHIFT - (int32_t)zero) * r_sums[o];                                       \
    CONV_Q8(qcc_state_params_q8(batch, hidden, rows), d, stored, r, bias, NULL, NULL, NULL, acc, rest);                       \
    for (int32_t b = 0; b < batch; b++) SCALE(rows, acc + (ptrdiff_t)b * rows, scale, r_scales, sums + (ptrdiff_t)b * rows);  \
  }

#define QCC_LSTM_WALK(LSTM_CELL, PRODUCTS)                                                                        \
  const int32_t rows = 4 * p.hidden, count = p.batch * p.hidden;                                                  \
  float *const sums = (float *)scratch;                                                                           \
  const float *last = h0;                                                                                         \
  qcc_state_copy(count, c0, c);                                                                                   \
  for (int32_t s = 0; s < p.seq; s++) {                                                                           \
    const ptrdiff_t t = p.reverse ? p.seq - 1 - s : s;                                                            \
    float *const now = y + t * count;                                                                             \
    PRODUCTS                                                                                                      \
    for (ptrdiff_t b = 0; b < p.batch; b++)                                                                       \
      LSTM_CELL(p.hidden, gates + (t * p.batch + b) * rows, sums + b * rows, p.has_peephole ? peephole : NULL,    \
                c + b * p.hidden, now + b * p.hidden);                                                            \
    last = now;                                                                                                   \
  }                                                                                                               \
  qcc_state_copy(count, last, h);

#define QCC_LSTM_F32(name, CONV_F32, LSTM_CELL)                                                                       \
  QCC_INLINE void name(struct qcc_lstm_params p, const float *gates, const float *r, const float *h0, const float *c0, \
                       const float *peephole, float *y, float *h, float *c, void *scratch) {                          \
    QCC_LSTM_WALK(LSTM_CELL, CONV_F32(qcc_state_params_f32(p.batch, p.hidden, rows), last, r, NULL, sums);)           \
  }

#define QCC_LSTM_Q8(name, PRODUCTS_Q8, LSTM_CELL)                                                                    \
  QCC_INLINE void name(struct qcc_lstm_params p, const float *gates, const void *r, const int32_t *r_sums,           \
                       const float *r_scales, const float *h0, const float *c0, const float *peephole, float *y,     \
                       float *h, float *c, void *scratch) {                                                          \
    void *const rest = qcc_state_after(scratch, (size_t)(4 * p.batch * p.hidden) * 4 + QCC_STATE_TAIL);              \
    QCC_LSTM_WALK(LSTM_CELL, PRODUCTS_Q8(p.batch, p.hidden, rows, last, r, r_sums, r_scales, sums, rest);)           \
  }

#define QCC_GRU_WALK(RESET, GRU_CELL, PRODUCTS_ZR, PRODUCTS_N)                                                          \
  const int32_t count = p.batch * p.hidden;                                                                             \
  float *const sums = (float *)scratch, *const sums_n = sums + 2 * count, *const kept = sums_n + count;                 \
  const float *last = h0;                                                                                               \
  for (int32_t s = 0; s < p.seq; s++) {                                                                                 \
    const ptrdiff_t t = p.reverse ? p.seq - 1 - s : s;                                                                  \
    float *const now = y + t * count;                                                                                   \
    const float *const v = gates + t * 3 * count;                                                                       \
    const float *what = last;                                                                                           \
    PRODUCTS_ZR                                                                                                         \
    if (!p.has_bias) {                                                                                                  \
      for (ptrdiff_t b = 0, n = p.hidden; b < p.batch; b++)                                                             \
        RESET(p.hidden, v + (3 * b + 1) * n, sums + (2 * b + 1) * n, last + b * n, kept + b * n);                       \
      what = kept;                                                                                                      \
    }                                                                                                                   \
    PRODUCTS_N                                                                                                          \
    for (ptrdiff_t b = 0, n = p.hidden; b < p.batch; b++)                                                               \
      GRU_CELL(p.hidden, v + 3 * b * n, sums + 2 * b * n, sums_n + b * n, p.has_bias ? bias : NULL, last + b * n, now + b * n); \
    last = now;                                                                                                         \
  }                                                                                                                     \
  qcc_state_copy(count, last, h);

#define QCC_GRU_F32(name, CONV_F32, RESET, GRU_CELL)                                                                    \
  QCC_INLINE void name(struct qcc_gru_params p, const float *gates, const float *r_zr, const float *r_n, const float *h0, \
                       const float *bias, float *y, float *h, void *scratch) {                                          \
    QCC_GRU_WALK(RESET, GRU_CELL, CONV_F32(qcc_state_params_f32(p.batch, p.hidden, 2 * p.hidden), last, r_zr, NULL, sums);, \
                 CONV_F32(qcc_state_params_f32(p.batch, p.hidden, p.hidden), what, r_n, NULL, sums_n);)                 \
  }

#define QCC_GRU_Q8(name, PRODUCTS_Q8, RESET, GRU_CELL)                                                                   \
  QCC_INLINE void name(struct qcc_gru_params p, const float *gates, const void *r_zr, const int32_t *r_zr_sums,          \
                       const float *r_zr_scales, const void *r_n, const int32_t *r_n_sums, const float *r_n_scales,      \
                       const float *h0, const float *bias, float *y, float *h, void *scratch) {                          \
    void *const rest = qcc_state_after(scratch, (size_t)(4 * p.batch * p.hidden) * 4 + QCC_STATE_TAIL);                  \
    QCC_GRU_WALK(RESET, GRU_CELL,                                                                                        \
                 PRODUCTS_Q8(p.batch, p.hidden, 2 * p.hidden, last, r_zr, r_zr_sums, r_zr_scales, sums, rest);,          \
                 PRODUCTS_Q8(p.batch, p.hidden, p.hidden, what, r_n, r_n_sums, r_n_scales, sums_n, rest);)               \
  }

#endif

/* SPDX-License-Identifier: 0BSD */
/* The walk of lstm.h, gru.h and rnn.h over time, for kernels that differ in how they multiply and how many values they take at a
 * time. An ISA names its pieces:
 *
 *   CONV_F32, CONV_Q8        kernels of conv2d_f32 and conv2d_q8: the products with r are 1x1 convolutions
 *   QUANTIZE                 dynamic_quantize
 *   SCALE(count, acc, scale, scales, y)     y[i] = f32(acc[i]) * (scale * scales[i])
 *   LSTM_CELL(n, from, count, v, sums, peephole, c, h)   values from .. from + count - 1 of one row of batch
 *   RESET(n, v_r, sums_r, h, kept)          kept = sigmoid(v_r + sums_r) * h
 *   GRU_CELL(n, from, count, v, sums, sums_n, bias, last, h)
 *   RNN_CELL(fn, from, count, v, sums, h)
 *
 * <name>_part takes a share of the state's values (share.h): batch is 1 then, its bounds are multiples of QCC_STATE_UNIT, and so
 * is hidden; of a gru has_bias is 1. It multiplies the rows of r that make its values; each part quantizes the whole state.
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
#include "qcc/rnn.h"

/* Room that kernels want behind what they read by tiles; rows of r that every packing keeps together. */
enum { QCC_STATE_TAIL = 64, QCC_STATE_UNIT = 16 };

QCC_INLINE struct qcc_conv2d_f32_params qcc_state_params_f32(int32_t batch, int32_t hidden, int32_t rows) {
  const struct qcc_conv2d_f32_params p = {1, 1, batch, hidden, 1, batch, rows, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0};
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

/* The rows of r that make values t.first .. t.first + t.count - 1 of `rows / hidden` gates: all of them are one piece. */
struct qcc_state_pieces {
  int32_t count, rows;
};
QCC_INLINE struct qcc_state_pieces qcc_state_pieces_of(struct qcc_share t, int32_t hidden, int32_t rows) {
  const struct qcc_state_pieces whole = {1, rows}, some = {rows / hidden, t.count};
  return t.count == hidden ? whole : some;
}

/* sums[batch][rows] = h * r, of the values of t. KR: values of a row of r that its packing keeps together. SHIFT: 128 where
 * CONV_Q8 reads q - 128. */
#define QCC_STATE_PRODUCTS_Q8(name, CONV_Q8, KR, QUANTIZE, SCALE, SHIFT)                                                      \
  QCC_INLINE void name(struct qcc_share t, int32_t batch, int32_t hidden, int32_t rows, const float *h, const void *r,        \
                       const int32_t *r_sums, const float *r_scales, float *sums, void *scratch) {                            \
    const struct qcc_dynamic_quantize_params q = {1, batch * hidden};                                                         \
    const struct qcc_conv2d_q8_data d = {.x_pad = SHIFT};                                                                     \
    const struct qcc_state_pieces pieces = qcc_state_pieces_of(t, hidden, rows);                                              \
    const int32_t padded = (rows + 31) / 32 * 32, row_bytes = (hidden + (KR) - 1) / (KR) * (KR);                              \
    int32_t *const acc = (int32_t *)scratch;                                                                                  \
    int32_t *const bias = (int32_t *)(void *)qcc_state_after(acc, (size_t)(batch * rows) * 4 + QCC_STATE_TAIL);               \
    uint8_t *const stored = qcc_state_after(bias, (size_t)padded * 4);                                                        \
    void *const rest = qcc_state_after(stored, (size_t)(batch * hidden) + QCC_STATE_TAIL);                                    \
    float scale;                                                                                                              \
    uint8_t zero;                                                                                                             \
    QUANTIZE(q, h, stored, &scale, &zero);                                                                                    \
    for (int32_t o = 0; o < padded; o++) bias[o] = (SHIFT - (int32_t)zero) * r_sums[o];                                       \
    for (int32_t piece = 0; piece < pieces.count; piece++) {                                                                  \
      const ptrdiff_t o = (ptrdiff_t)piece * hidden + t.first;                                                                \
      CONV_Q8(qcc_state_params_q8(batch, hidden, pieces.rows), d, stored, (const int8_t *)r + o * row_bytes, bias + o, NULL,  \
              NULL, NULL, acc + o, rest);                                                                                     \
      for (ptrdiff_t b = o; b < o + (ptrdiff_t)batch * rows; b += rows)                                                       \
        SCALE(pieces.rows, acc + b, scale, r_scales + o, sums + b);                                                           \
    }                                                                                                                         \
  }

/* The same of floats. */
#define QCC_STATE_PRODUCTS_F32(CONV_F32, all_rows, state, weights, y_sums)                                        \
  {                                                                                                               \
    const struct qcc_state_pieces pieces = qcc_state_pieces_of(t, p.hidden, all_rows);                            \
    for (int32_t piece = 0; piece < pieces.count; piece++) {                                                      \
      const ptrdiff_t o = (ptrdiff_t)piece * p.hidden + t.first;                                                  \
      CONV_F32(qcc_state_params_f32(p.batch, p.hidden, pieces.rows), qcc_conv2d_f32_plain(), state,               \
               (weights) + o * p.hidden, NULL, NULL, (y_sums) + o);                                               \
    }                                                                                                             \
  }

#define QCC_LSTM_WALK(LSTM_CELL, PRODUCTS)                                                                        \
  const int32_t rows = 4 * p.hidden, count = p.batch * p.hidden, own = p.batch * t.count;                         \
  float *const sums = (float *)scratch;                                                                           \
  const float *last = h0;                                                                                         \
  qcc_state_copy(own, c0 + t.first, c + t.first);                                                                 \
  for (int32_t s = 0; s < p.seq; s++) {                                                                           \
    const ptrdiff_t at = p.reverse ? p.seq - 1 - s : s;                                                           \
    float *const now = y + at * count;                                                                            \
    if (s > 0) qcc_share_meet(t);                                                                                 \
    if (t.count > 0) {                                                                                            \
      PRODUCTS                                                                                                    \
      for (ptrdiff_t b = 0; b < p.batch; b++)                                                                     \
        LSTM_CELL(p.hidden, t.first, t.count, gates + (at * p.batch + b) * rows, sums + b * rows,                 \
                  p.has_peephole ? peephole : NULL, c + b * p.hidden, now + b * p.hidden);                        \
    }                                                                                                             \
    last = now;                                                                                                   \
  }                                                                                                               \
  qcc_state_copy(own, last + t.first, h + t.first);

#define QCC_LSTM_F32(name, CONV_F32, LSTM_CELL)                                                                       \
  QCC_INLINE void name##_part(struct qcc_lstm_params p, struct qcc_share t, const float *gates, const float *r,       \
                              const float *h0, const float *c0, const float *peephole, float *y, float *h, float *c,  \
                              void *scratch) {                                                                        \
    QCC_LSTM_WALK(LSTM_CELL, QCC_STATE_PRODUCTS_F32(CONV_F32, rows, last, r, sums))                                   \
  }                                                                                                                   \
  QCC_INLINE void name(struct qcc_lstm_params p, const float *gates, const float *r, const float *h0, const float *c0, \
                       const float *peephole, float *y, float *h, float *c, void *scratch) {                          \
    name##_part(p, qcc_share_whole(p.hidden), gates, r, h0, c0, peephole, y, h, c, scratch);                          \
  }

#define QCC_LSTM_Q8(name, PRODUCTS_Q8, LSTM_CELL)                                                                    \
  QCC_INLINE void name##_part(struct qcc_lstm_params p, struct qcc_share t, const float *gates, const void *r,       \
                              const int32_t *r_sums, const float *r_scales, const float *h0, const float *c0,        \
                              const float *peephole, float *y, float *h, float *c, void *scratch) {                  \
    void *const rest = qcc_state_after(scratch, (size_t)(4 * p.batch * p.hidden) * 4 + QCC_STATE_TAIL);              \
    QCC_LSTM_WALK(LSTM_CELL, PRODUCTS_Q8(t, p.batch, p.hidden, rows, last, r, r_sums, r_scales, sums, rest);)        \
  }                                                                                                                  \
  QCC_INLINE void name(struct qcc_lstm_params p, const float *gates, const void *r, const int32_t *r_sums,           \
                       const float *r_scales, const float *h0, const float *c0, const float *peephole, float *y,     \
                       float *h, float *c, void *scratch) {                                                          \
    name##_part(p, qcc_share_whole(p.hidden), gates, r, r_sums, r_scales, h0, c0, peephole, y, h, c, scratch);       \
  }

#define QCC_GRU_WALK(RESET, GRU_CELL, PRODUCTS_ZR, PRODUCTS_N)                                                          \
  const int32_t count = p.batch * p.hidden;                                                                             \
  float *const sums = (float *)scratch, *const sums_n = sums + 2 * count, *const kept = sums_n + count;                 \
  const float *last = h0;                                                                                               \
  for (int32_t s = 0; s < p.seq; s++) {                                                                                 \
    const ptrdiff_t at = p.reverse ? p.seq - 1 - s : s;                                                                 \
    float *const now = y + at * count;                                                                                  \
    const float *const v = gates + at * 3 * count;                                                                      \
    const float *what = last;                                                                                           \
    if (s > 0) qcc_share_meet(t);                                                                                       \
    if (t.count > 0) {                                                                                                  \
      PRODUCTS_ZR                                                                                                       \
      if (!p.has_bias) {                                                                                                \
        for (ptrdiff_t b = 0, n = p.hidden; b < p.batch; b++)                                                           \
          RESET(p.hidden, v + (3 * b + 1) * n, sums + (2 * b + 1) * n, last + b * n, kept + b * n);                     \
        what = kept;                                                                                                    \
      }                                                                                                                 \
      PRODUCTS_N                                                                                                        \
      for (ptrdiff_t b = 0, n = p.hidden; b < p.batch; b++)                                                             \
        GRU_CELL(p.hidden, t.first, t.count, v + 3 * b * n, sums + 2 * b * n, sums_n + b * n,                           \
                 p.has_bias ? bias : NULL, last + b * n, now + b * n);                                                  \
    }                                                                                                                   \
    last = now;                                                                                                         \
  }                                                                                                                     \
  qcc_state_copy(p.batch * t.count, last + t.first, h + t.first);

#define QCC_GRU_F32(name, CONV_F32, RESET, GRU_CELL)                                                                    \
  QCC_INLINE void name##_part(struct qcc_gru_params p, struct qcc_share t, const float *gates, const float *r_zr,       \
                              const float *r_n, const float *h0, const float *bias, float *y, float *h, void *scratch) { \
    QCC_GRU_WALK(RESET, GRU_CELL, QCC_STATE_PRODUCTS_F32(CONV_F32, 2 * p.hidden, last, r_zr, sums),                     \
                 QCC_STATE_PRODUCTS_F32(CONV_F32, p.hidden, what, r_n, sums_n))                                         \
  }                                                                                                                     \
  QCC_INLINE void name(struct qcc_gru_params p, const float *gates, const float *r_zr, const float *r_n, const float *h0, \
                       const float *bias, float *y, float *h, void *scratch) {                                          \
    name##_part(p, qcc_share_whole(p.hidden), gates, r_zr, r_n, h0, bias, y, h, scratch);                               \
  }

#define QCC_GRU_Q8(name, PRODUCTS_Q8, RESET, GRU_CELL)                                                                   \
  QCC_INLINE void name##_part(struct qcc_gru_params p, struct qcc_share t, const float *gates, const void *r_zr,         \
                              const int32_t *r_zr_sums, const float *r_zr_scales, const void *r_n,                       \
                              const int32_t *r_n_sums, const float *r_n_scales, const float *h0, const float *bias,      \
                              float *y, float *h, void *scratch) {                                                       \
    void *const rest = qcc_state_after(scratch, (size_t)(4 * p.batch * p.hidden) * 4 + QCC_STATE_TAIL);                  \
    QCC_GRU_WALK(RESET, GRU_CELL,                                                                                        \
                 PRODUCTS_Q8(t, p.batch, p.hidden, 2 * p.hidden, last, r_zr, r_zr_sums, r_zr_scales, sums, rest);,       \
                 PRODUCTS_Q8(t, p.batch, p.hidden, p.hidden, what, r_n, r_n_sums, r_n_scales, sums_n, rest);)            \
  }                                                                                                                      \
  QCC_INLINE void name(struct qcc_gru_params p, const float *gates, const void *r_zr, const int32_t *r_zr_sums,          \
                       const float *r_zr_scales, const void *r_n, const int32_t *r_n_sums, const float *r_n_scales,      \
                       const float *h0, const float *bias, float *y, float *h, void *scratch) {                          \
    name##_part(p, qcc_share_whole(p.hidden), gates, r_zr, r_zr_sums, r_zr_scales, r_n, r_n_sums, r_n_scales, h0, bias,  \
                y, h, scratch);                                                                                          \
  }

#define QCC_RNN_F32(name, CONV_F32, RNN_CELL)                                                                            \
  QCC_INLINE void name##_part(struct qcc_rnn_params p, struct qcc_share t, const float *gates, const float *r,           \
                              const float *h0, float *y, float *h, void *scratch) {                                      \
    const int32_t count = p.batch * p.hidden;                                                                            \
    float *const sums = (float *)scratch;                                                                                \
    const float *last = h0;                                                                                              \
    for (int32_t s = 0; s < p.seq; s++) {                                                                                \
      const ptrdiff_t at = p.reverse ? p.seq - 1 - s : s;                                                                \
      float *const now = y + at * count;                                                                                 \
      if (s > 0) qcc_share_meet(t);                                                                                      \
      if (t.count > 0) {                                                                                                 \
        QCC_STATE_PRODUCTS_F32(CONV_F32, p.hidden, last, r, sums)                                                        \
        for (ptrdiff_t b = 0, n = p.hidden; b < p.batch; b++)                                                            \
          RNN_CELL(p.fn, t.first, t.count, gates + at * count + b * n, sums + b * n, now + b * n);                       \
      }                                                                                                                  \
      last = now;                                                                                                        \
    }                                                                                                                    \
    qcc_state_copy(p.batch * t.count, last + t.first, h + t.first);                                                      \
  }                                                                                                                      \
  QCC_INLINE void name(struct qcc_rnn_params p, const float *gates, const float *r, const float *h0, float *y, float *h, \
                       void *scratch) {                                                                                  \
    name##_part(p, qcc_share_whole(p.hidden), gates, r, h0, y, h, scratch);                                              \
  }

#endif

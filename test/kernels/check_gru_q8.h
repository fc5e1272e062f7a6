/* SPDX-License-Identifier: 0BSD */
/* Cases of gru_q8: sizes around vectors, both directions, the reset before and after the product. */
#ifndef QCC_CHECK_GRU_Q8_H
#define QCC_CHECK_GRU_Q8_H

#include "check_recurrent.h"
#include "qcc/gru.h"

typedef struct qcc_gru_params check_gru_q8_params;
struct check_gru_q8_call {
  const float *gates;
  const void *r_zr;
  const int32_t *r_zr_sums;
  const float *r_zr_scales;
  const void *r_n;
  const int32_t *r_n_sums;
  const float *r_n_scales;
  const float *h0, *bias;
  float *y, *h;
  void *scratch;
};
#define CHECK_CALL_gru_q8(symbol, p, a) \
  symbol(p, (a)->gates, (a)->r_zr, (a)->r_zr_sums, (a)->r_zr_scales, (a)->r_n, (a)->r_n_sums, (a)->r_n_scales, \
         (a)->h0, (a)->bias, (a)->y, (a)->h, (a)->scratch)
typedef void check_gru_q8_run(check_gru_q8_params p, const struct check_gru_q8_call *c);

static void check_gru_q8(struct check_kernel k, check_gru_q8_run *run, int64_t (*scratch)(check_gru_q8_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  const struct check_recurrent_sizes s = check_recurrent_shape();
  const check_gru_q8_params p = {s.seq, s.batch, s.hidden, check_random() & 1, check_random() & 1};
  const size_t state = (size_t)p.batch * (size_t)p.hidden, steps = (size_t)p.seq, bytes = (steps + 1) * state * 4;
  struct check_gru_q8_call c;
  memset(&c, 0, sizeof c);
  c.gates = check_gates_at(CHECK_X, steps * 3 * state);
  float *states = check_gates_at(CHECK_X2, state + (size_t)p.hidden);
  c.h0 = states;
  if (p.has_bias) c.bias = states + state;
  static int8_t zr[CHECK_ROWS * CHECK_HIDDEN], n[CHECK_ROWS * CHECK_HIDDEN];
  const size_t first = check_padded(2 * p.hidden), second = check_padded(p.hidden);
  int32_t *sums = check_place(CHECK_BIAS, (first + second) * 4, 0, 64);
  float *scales = check_place(CHECK_MULT, (first + second) * 4, 0, 64);
  check_state_weights(zr, 2 * p.hidden, p.hidden, sums, scales);
  check_state_weights(n, p.hidden, p.hidden, sums + first, scales + first);
  c.r_zr_sums = sums, c.r_zr_scales = scales, c.r_n_sums = sums + first, c.r_n_scales = scales + first;
  snprintf(check_now.text, sizeof check_now.text, "seq %d batch %d hidden %d reverse %d bias %d", p.seq, p.batch, p.hidden,
           p.reverse, p.has_bias);
  c.scratch = check_place(CHECK_SCRATCH, 1 << 16, 0, 64);
  c.r_zr = check_pack_state(check_plain_state, CHECK_W, zr, 2 * p.hidden, p.hidden);
  c.r_n = check_pack_state(check_plain_state, CHECK_TABLE, n, p.hidden, p.hidden);
  c.y = check_place(CHECK_WANT, bytes, 0, 4), c.h = c.y + steps * state;
  CHECK_CALL_gru_q8(qcc_gru_q8__1__scalar, p, &c);
  c.r_zr = check_pack_state(k, CHECK_W, zr, 2 * p.hidden, p.hidden);
  c.r_n = check_pack_state(k, CHECK_TABLE, n, p.hidden, p.hidden);
  c.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p), 0, 64);
  c.y = check_place(CHECK_Y, bytes, 0, 4), c.h = c.y + steps * state;
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_gru_q8 qcc_gru_q8__1__scalar
#define BENCH_SHAPES_gru_q8(B, symbol) B(gru_q8, symbol, hidden_128, {10, 1, 128, 0, 1})
static QCC_MAYBE_UNUSED void bench_gru_q8(struct check_kernel k, const char *name, check_gru_q8_params p,
                                            check_gru_q8_run *run, check_gru_q8_run *scalar,
                                            int64_t (*scratch)(check_gru_q8_params)) {
  const size_t state = (size_t)p.batch * (size_t)p.hidden, steps = (size_t)p.seq;
  struct check_gru_q8_call c;
  memset(&c, 0, sizeof c);
  c.gates = check_gates_at(CHECK_X, steps * 3 * state);
  float *states = check_gates_at(CHECK_X2, state + (size_t)p.hidden);
  c.h0 = states, c.bias = states + state;
  const size_t first = check_padded(2 * p.hidden), second = check_padded(p.hidden);
  int32_t *sums = check_place(CHECK_BIAS, (first + second) * 4, 0, 64);
  float *scales = check_place(CHECK_MULT, (first + second) * 4, 0, 64);
  memset(sums, 0, (first + second) * 4);
  for (size_t o = 0; o < first + second; o++) scales[o] = 1e-3f;
  c.r_zr_sums = sums, c.r_zr_scales = scales, c.r_n_sums = sums + first, c.r_n_scales = scales + first;
  c.r_zr = check_place(CHECK_W, (size_t)(2 * p.hidden * p.hidden), k.slack, 64);
  c.r_n = check_place(CHECK_TABLE, (size_t)(p.hidden * p.hidden), k.slack, 64);
  c.y = check_place(CHECK_Y, (steps + 1) * state * 4, 0, 64), c.h = c.y + steps * state;
  c.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p) + (1 << 16), 0, 64);
  BENCH(k.symbol, name, 3.0 * p.seq * p.hidden * p.hidden, "MAC", run(p, &c), scalar(p, &c));
}

#endif

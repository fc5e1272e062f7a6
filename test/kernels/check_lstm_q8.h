/* SPDX-License-Identifier: 0BSD */
/* Cases of lstm_q8: sizes around vectors, both directions, with and without peepholes. */
#ifndef QCC_CHECK_LSTM_Q8_H
#define QCC_CHECK_LSTM_Q8_H

#include "check_recurrent.h"
#include "qcc/lstm.h"

typedef struct qcc_lstm_params check_lstm_q8_params;
struct check_lstm_q8_call {
  const float *gates;
  const void *r;
  const int32_t *r_sums;
  const float *r_scales;
  const float *h0, *c0, *peephole;
  float *y, *h, *c;
  void *scratch;
};
#define CHECK_CALL_lstm_q8(symbol, p, a) \
  symbol(p, (a)->gates, (a)->r, (a)->r_sums, (a)->r_scales, \
         (a)->h0, (a)->c0, (a)->peephole, (a)->y, (a)->h, (a)->c, (a)->scratch)
typedef void check_lstm_q8_run(check_lstm_q8_params p, const struct check_lstm_q8_call *c);

static void check_lstm_q8_results(struct check_lstm_q8_call *c, float *y, size_t steps, size_t state) {
  c->y = y, c->h = y + steps * state, c->c = c->h + state;
}

static void check_lstm_q8(struct check_kernel k, check_lstm_q8_run *run, int64_t (*scratch)(check_lstm_q8_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  const struct check_recurrent_sizes s = check_recurrent_shape();
  const check_lstm_q8_params p = {s.seq, s.batch, s.hidden, check_random() & 1, check_random() & 1};
  const int32_t rows = 4 * p.hidden;
  const size_t state = (size_t)p.batch * (size_t)p.hidden, steps = (size_t)p.seq, bytes = (steps + 2) * state * 4;
  struct check_lstm_q8_call c;
  memset(&c, 0, sizeof c);
  c.gates = check_gates_at(CHECK_X, steps * 4 * state);
  float *states = check_gates_at(CHECK_X2, 2 * state + 3 * (size_t)p.hidden);
  c.h0 = states, c.c0 = states + state;
  if (p.has_peephole) c.peephole = states + 2 * state;
  static int8_t w[CHECK_ROWS * CHECK_HIDDEN];
  int32_t *sums = check_place(CHECK_BIAS, check_padded(rows) * 4, 0, 64);
  float *scales = check_place(CHECK_MULT, check_padded(rows) * 4, 0, 64);
  check_state_weights(w, rows, p.hidden, sums, scales);
  c.r_sums = sums, c.r_scales = scales;
  snprintf(check_now.text, sizeof check_now.text, "seq %d batch %d hidden %d reverse %d peephole %d", p.seq, p.batch, p.hidden,
           p.reverse, p.has_peephole);
  c.scratch = check_place(CHECK_SCRATCH, 1 << 16, 0, 64);
  c.r = check_pack_state(check_plain_state, CHECK_W, w, rows, p.hidden);
  check_lstm_q8_results(&c, check_place(CHECK_WANT, bytes, 0, 4), steps, state);
  CHECK_CALL_lstm_q8(qcc_lstm_q8__1__scalar, p, &c);
  c.r = check_pack_state(k, CHECK_W, w, rows, p.hidden);
  c.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p), 0, 64);
  check_lstm_q8_results(&c, check_place(CHECK_Y, bytes, 0, 4), steps, state);
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_lstm_q8 qcc_lstm_q8__1__scalar
#define BENCH_SHAPES_lstm_q8(B, symbol) B(lstm_q8, symbol, hidden_128, {10, 1, 128, 0, 0})
static QCC_MAYBE_UNUSED void bench_lstm_q8(struct check_kernel k, const char *name, check_lstm_q8_params p,
                                             check_lstm_q8_run *run, check_lstm_q8_run *scalar,
                                             int64_t (*scratch)(check_lstm_q8_params)) {
  const int32_t rows = 4 * p.hidden;
  const size_t state = (size_t)p.batch * (size_t)p.hidden, steps = (size_t)p.seq;
  struct check_lstm_q8_call c;
  memset(&c, 0, sizeof c);
  c.gates = check_gates_at(CHECK_X, steps * 4 * state);
  float *states = check_gates_at(CHECK_X2, 2 * state);
  c.h0 = states, c.c0 = states + state;
  int32_t *sums = check_place(CHECK_BIAS, check_padded(rows) * 4, 0, 64);
  float *scales = check_place(CHECK_MULT, check_padded(rows) * 4, 0, 64);
  memset(sums, 0, check_padded(rows) * 4);
  for (size_t o = 0; o < check_padded(rows); o++) scales[o] = 1e-3f;
  c.r = check_place(CHECK_W, (size_t)rows * (size_t)p.hidden, k.slack, 64);
  c.r_sums = sums, c.r_scales = scales;
  check_lstm_q8_results(&c, check_place(CHECK_Y, (steps + 2) * state * 4, 0, 64), steps, state);
  c.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p) + (1 << 16), 0, 64);
  BENCH(k.symbol, name, (double)p.seq * rows * p.hidden, "MAC", run(p, &c), scalar(p, &c));
}

#endif

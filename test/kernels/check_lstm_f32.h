/* SPDX-License-Identifier: 0BSD */
/* Cases of lstm_f32: sizes around vectors, both directions, with and without peepholes. */
#ifndef QCC_CHECK_LSTM_F32_H
#define QCC_CHECK_LSTM_F32_H

#include "check_recurrent.h"
#include "qcc/lstm.h"

typedef struct qcc_lstm_params check_lstm_f32_params;
struct check_lstm_f32_call {
  const float *gates;
  const float *r;
  const float *h0, *c0, *peephole;
  float *y, *h, *c;
  void *scratch;
};
#define CHECK_CALL_lstm_f32(symbol, p, a) \
  symbol(p, (a)->gates, (a)->r, (a)->h0, (a)->c0, (a)->peephole, (a)->y, (a)->h, (a)->c, (a)->scratch)
typedef void check_lstm_f32_run(check_lstm_f32_params p, const struct check_lstm_f32_call *c);

static void check_lstm_f32_results(struct check_lstm_f32_call *c, float *y, size_t steps, size_t state) {
  c->y = y, c->h = y + steps * state, c->c = c->h + state;
}

static void check_lstm_f32(struct check_kernel k, check_lstm_f32_run *run, int64_t (*scratch)(check_lstm_f32_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  const struct check_recurrent_sizes s = check_recurrent_shape();
  const check_lstm_f32_params p = {s.seq, s.batch, s.hidden, check_random() & 1, check_random() & 1};
  const int32_t rows = 4 * p.hidden;
  const size_t state = (size_t)p.batch * (size_t)p.hidden, steps = (size_t)p.seq, bytes = (steps + 2) * state * 4;
  struct check_lstm_f32_call c;
  memset(&c, 0, sizeof c);
  c.gates = check_gates_at(CHECK_X, steps * 4 * state);
  float *states = check_gates_at(CHECK_X2, 2 * state + 3 * (size_t)p.hidden);
  c.h0 = states, c.c0 = states + state;
  if (p.has_peephole) c.peephole = states + 2 * state;
  c.r = check_floats(CHECK_W, (size_t)rows * (size_t)p.hidden, k.slack, 0.01f);
  snprintf(check_now.text, sizeof check_now.text, "seq %d batch %d hidden %d reverse %d peephole %d", p.seq, p.batch, p.hidden,
           p.reverse, p.has_peephole);
  c.scratch = check_place(CHECK_SCRATCH, 1 << 16, 0, 64);
  check_lstm_f32_results(&c, check_place(CHECK_WANT, bytes, 0, 4), steps, state);
  CHECK_CALL_lstm_f32(qcc_lstm_f32__1__scalar, p, &c);
  c.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p), 0, 64);
  check_lstm_f32_results(&c, check_place(CHECK_Y, bytes, 0, 4), steps, state);
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_lstm_f32 qcc_lstm_f32__1__scalar
#define BENCH_SHAPES_lstm_f32(B, symbol) B(lstm_f32, symbol, hidden_128, {10, 1, 128, 0, 0})
static QCC_MAYBE_UNUSED void bench_lstm_f32(struct check_kernel k, const char *name, check_lstm_f32_params p,
                                             check_lstm_f32_run *run, check_lstm_f32_run *scalar,
                                             int64_t (*scratch)(check_lstm_f32_params)) {
  const int32_t rows = 4 * p.hidden;
  const size_t state = (size_t)p.batch * (size_t)p.hidden, steps = (size_t)p.seq;
  struct check_lstm_f32_call c;
  memset(&c, 0, sizeof c);
  c.gates = check_gates_at(CHECK_X, steps * 4 * state);
  float *states = check_gates_at(CHECK_X2, 2 * state);
  c.h0 = states, c.c0 = states + state;
  c.r = check_floats(CHECK_W, (size_t)rows * (size_t)p.hidden, k.slack, 1e-4f);
  check_lstm_f32_results(&c, check_place(CHECK_Y, (steps + 2) * state * 4, 0, 64), steps, state);
  c.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p) + (1 << 16), 0, 64);
  BENCH(k.symbol, name, (double)p.seq * rows * p.hidden, "MAC", run(p, &c), scalar(p, &c));
}

#endif

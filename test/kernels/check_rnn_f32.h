/* SPDX-License-Identifier: 0BSD */
/* Cases of rnn_f32: sizes around vectors, both directions, all functions. */
#ifndef QCC_CHECK_RNN_F32_H
#define QCC_CHECK_RNN_F32_H

#include "check_recurrent.h"
#include "qcc/rnn.h"

typedef struct qcc_rnn_params check_rnn_f32_params;
struct check_rnn_f32_call {
  const float *gates, *r, *h0;
  float *y, *h;
  void *scratch;
};
#define CHECK_CALL_rnn_f32(symbol, p, a) symbol(p, (a)->gates, (a)->r, (a)->h0, (a)->y, (a)->h, (a)->scratch)
typedef void check_rnn_f32_run(check_rnn_f32_params p, const struct check_rnn_f32_call *c);

static void check_rnn_f32(struct check_kernel k, check_rnn_f32_run *run, int64_t (*scratch)(check_rnn_f32_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  const struct check_recurrent_sizes s = check_recurrent_shape();
  const check_rnn_f32_params p = {s.seq, s.batch, s.hidden, check_random() & 1, check_between(0, 2)};
  const size_t state = (size_t)p.batch * (size_t)p.hidden, steps = (size_t)p.seq, bytes = (steps + 1) * state * 4;
  struct check_rnn_f32_call c;
  memset(&c, 0, sizeof c);
  c.gates = check_gates_at(CHECK_X, steps * state);
  c.h0 = check_gates_at(CHECK_X2, state);
  c.r = check_floats(CHECK_W, (size_t)(p.hidden * p.hidden), k.slack, 0.01f);
  snprintf(check_now.text, sizeof check_now.text, "seq %d batch %d hidden %d reverse %d fn %d", p.seq, p.batch, p.hidden,
           p.reverse, p.fn);
  c.scratch = check_place(CHECK_SCRATCH, 1 << 16, 0, 64);
  c.y = check_place(CHECK_WANT, bytes, 0, 4), c.h = c.y + steps * state;
  CHECK_CALL_rnn_f32(qcc_rnn_f32__1__scalar, p, &c);
  c.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p), 0, 64);
  c.y = check_place(CHECK_Y, bytes, 0, 4), c.h = c.y + steps * state;
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_rnn_f32 qcc_rnn_f32__1__scalar
#define BENCH_SHAPES_rnn_f32(B, symbol) B(rnn_f32, symbol, hidden_128, {10, 1, 128, 0, 0})
static QCC_MAYBE_UNUSED void bench_rnn_f32(struct check_kernel k, const char *name, check_rnn_f32_params p,
                                           check_rnn_f32_run *run, check_rnn_f32_run *scalar,
                                           int64_t (*scratch)(check_rnn_f32_params)) {
  const size_t state = (size_t)p.batch * (size_t)p.hidden, steps = (size_t)p.seq;
  struct check_rnn_f32_call c;
  memset(&c, 0, sizeof c);
  c.gates = check_gates_at(CHECK_X, steps * state);
  c.h0 = check_gates_at(CHECK_X2, state);
  c.r = check_floats(CHECK_W, (size_t)(p.hidden * p.hidden), k.slack, 1e-4f);
  c.y = check_place(CHECK_Y, (steps + 1) * state * 4, 0, 64), c.h = c.y + steps * state;
  c.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p) + (1 << 16), 0, 64);
  BENCH(k.symbol, name, 1.0 * p.seq * p.hidden * p.hidden, "MAC", run(p, &c), scalar(p, &c));
}

#endif

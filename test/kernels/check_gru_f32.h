/* SPDX-License-Identifier: 0BSD */
/* Cases of gru_f32: sizes around vectors, both directions, the reset before and after the product. */
#ifndef QCC_CHECK_GRU_F32_H
#define QCC_CHECK_GRU_F32_H

#include "check_recurrent.h"
#include "qcc/gru.h"

typedef struct qcc_gru_params check_gru_f32_params;
struct check_gru_f32_call {
  const float *gates;
  const float *r_zr, *r_n;
  const float *h0, *bias;
  float *y, *h;
  void *scratch;
};
#define CHECK_CALL_gru_f32(symbol, p, a) \
  symbol(p, (a)->gates, (a)->r_zr, (a)->r_n, (a)->h0, (a)->bias, (a)->y, (a)->h, (a)->scratch)
typedef void check_gru_f32_run(check_gru_f32_params p, const struct check_gru_f32_call *c);

static void check_gru_f32(struct check_kernel k, check_gru_f32_run *run, int64_t (*scratch)(check_gru_f32_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  const struct check_recurrent_sizes s = check_recurrent_shape();
  const check_gru_f32_params p = {s.seq, s.batch, s.hidden, check_random() & 1, check_random() & 1};
  const size_t state = (size_t)p.batch * (size_t)p.hidden, steps = (size_t)p.seq, bytes = (steps + 1) * state * 4;
  struct check_gru_f32_call c;
  memset(&c, 0, sizeof c);
  c.gates = check_gates_at(CHECK_X, steps * 3 * state);
  float *states = check_gates_at(CHECK_X2, state + (size_t)p.hidden);
  c.h0 = states;
  if (p.has_bias) c.bias = states + state;
  c.r_zr = check_floats(CHECK_W, (size_t)(2 * p.hidden * p.hidden), k.slack, 0.01f);
  c.r_n = check_floats(CHECK_TABLE, (size_t)(p.hidden * p.hidden), k.slack, 0.01f);
  snprintf(check_now.text, sizeof check_now.text, "seq %d batch %d hidden %d reverse %d bias %d", p.seq, p.batch, p.hidden,
           p.reverse, p.has_bias);
  c.scratch = check_place(CHECK_SCRATCH, 1 << 16, 0, 64);
  c.y = check_place(CHECK_WANT, bytes, 0, 4), c.h = c.y + steps * state;
  CHECK_CALL_gru_f32(qcc_gru_f32__1__scalar, p, &c);
  c.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p), 0, 64);
  c.y = check_place(CHECK_Y, bytes, 0, 4), c.h = c.y + steps * state;
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_gru_f32 qcc_gru_f32__1__scalar
#define BENCH_SHAPES_gru_f32(B, symbol) B(gru_f32, symbol, hidden_128, {10, 1, 128, 0, 1})
static QCC_MAYBE_UNUSED void bench_gru_f32(struct check_kernel k, const char *name, check_gru_f32_params p,
                                            check_gru_f32_run *run, check_gru_f32_run *scalar,
                                            int64_t (*scratch)(check_gru_f32_params)) {
  const size_t state = (size_t)p.batch * (size_t)p.hidden, steps = (size_t)p.seq;
  struct check_gru_f32_call c;
  memset(&c, 0, sizeof c);
  c.gates = check_gates_at(CHECK_X, steps * 3 * state);
  float *states = check_gates_at(CHECK_X2, state + (size_t)p.hidden);
  c.h0 = states, c.bias = states + state;
  c.r_zr = check_floats(CHECK_W, (size_t)(2 * p.hidden * p.hidden), k.slack, 1e-4f);
  c.r_n = check_floats(CHECK_TABLE, (size_t)(p.hidden * p.hidden), k.slack, 1e-4f);
  c.y = check_place(CHECK_Y, (steps + 1) * state * 4, 0, 64), c.h = c.y + steps * state;
  c.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p) + (1 << 16), 0, 64);
  BENCH(k.symbol, name, 3.0 * p.seq * p.hidden * p.hidden, "MAC", run(p, &c), scalar(p, &c));
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* Cases of unary_f32: every function, hostile arguments, y in place of x. */
#ifndef QCC_CHECK_UNARY_F32_H
#define QCC_CHECK_UNARY_F32_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/elementwise_f32.h"

typedef struct qcc_unary_f32_params check_unary_f32_params;
struct check_unary_f32_call {
  struct qcc_unary_f32_data d;
  const float *x;
  float *y;
};
#define CHECK_CALL_unary_f32(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_unary_f32_run(check_unary_f32_params p, const struct check_unary_f32_call *c);

static void check_unary_f32(struct check_kernel k, check_unary_f32_run *run, int64_t (*scratch)(check_unary_f32_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_unary_f32_params p = {check_between(QCC_UNARY_NEG, QCC_UNARY_SHRINK), check_count()};
  const size_t count = (size_t)p.count;
  const float alpha = (float)check_between(1, 40) / 16.0f, beta = (float)check_between(-20, 20) / 16.0f;
  struct check_unary_f32_call c = {{alpha, beta}, check_floats(CHECK_X, count, k.slack, 1.0f), 0};
  snprintf(check_now.text, sizeof check_now.text, "fn %d count %d alpha %a beta %a", p.fn, p.count, (double)alpha, (double)beta);
  c.y = check_place(CHECK_WANT, count * 4, 0, 4);
  CHECK_CALL_unary_f32(qcc_unary_f32__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * 4, 0, 4);
  if (check_once_in(3)) {
    memcpy(c.y, c.x, count * 4);
    c.x = c.y;
  }
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_unary_f32 qcc_unary_f32__1__scalar
#define BENCH_SHAPES_unary_f32(B, symbol)                   \
  B(unary_f32, symbol, exp_4096, {QCC_UNARY_EXP, 4096})     \
  B(unary_f32, symbol, sigmoid_4096, {QCC_UNARY_SIGMOID, 4096}) \
  B(unary_f32, symbol, gelu_4096, {QCC_UNARY_GELU, 4096})
static QCC_MAYBE_UNUSED void bench_unary_f32(struct check_kernel k, const char *name, check_unary_f32_params p,
                                             check_unary_f32_run *run, check_unary_f32_run *scalar,
                                             int64_t (*scratch)(check_unary_f32_params)) {
  const size_t count = (size_t)p.count;
  float *x = check_place(CHECK_X, count * 4, k.slack, 64);
  for (size_t i = 0; i < count; i++) x[i] = (float)check_between(-4096, 4096) / 1024.0f;
  const struct check_unary_f32_call c = {{0.0f, 0.0f}, x, check_place(CHECK_Y, count * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

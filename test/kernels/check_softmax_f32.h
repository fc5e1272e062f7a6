/* SPDX-License-Identifier: 0BSD */
/* Cases of softmax_f32: any axis, hostile floats. */
#ifndef QCC_CHECK_SOFTMAX_F32_H
#define QCC_CHECK_SOFTMAX_F32_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/elementwise_f32.h"

typedef struct qcc_softmax_f32_params check_softmax_f32_params;
struct check_softmax_f32_call {
  const float *x;
  float *y;
};
#define CHECK_CALL_softmax_f32(symbol, p, c) symbol(p, (c)->x, (c)->y)
typedef void check_softmax_f32_run(check_softmax_f32_params p, const struct check_softmax_f32_call *c);

static void check_softmax_f32(struct check_kernel k, check_softmax_f32_run *run, int64_t (*scratch)(check_softmax_f32_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  check_softmax_f32_params p;
  memset(&p, 0, sizeof p);
  p.outer = check_between(1, 3), p.dim = check_count(), p.inner = check_random() & 1 ? 1 : check_between(1, 20);
  const size_t count = (size_t)p.outer * (size_t)p.dim * (size_t)p.inner;
  struct check_softmax_f32_call c = {check_floats(CHECK_X, count, k.slack, 0.1f), 0};
  snprintf(check_now.text, sizeof check_now.text, "outer %d dim %d inner %d", p.outer, p.dim, p.inner);
  c.y = check_place(CHECK_WANT, count * 4, 0, 4);
  CHECK_CALL_softmax_f32(qcc_softmax_f32__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * 4, 0, 4);
  if (check_once_in(3)) {
    memcpy(c.y, c.x, count * 4);
    c.x = c.y;
  }
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_softmax_f32 qcc_softmax_f32__1__scalar
#define BENCH_SHAPES_softmax_f32(B, symbol) B(softmax_f32, symbol, row_1000, {QCC_SOFTMAX, 1, 1000, 1})
static QCC_MAYBE_UNUSED void bench_softmax_f32(struct check_kernel k, const char *name, check_softmax_f32_params p,
                                               check_softmax_f32_run *run, check_softmax_f32_run *scalar,
                                               int64_t (*scratch)(check_softmax_f32_params)) {
  const size_t count = (size_t)p.dim;
  float *x = check_place(CHECK_X, count * 4, k.slack, 64);
  for (size_t i = 0; i < count; i++) x[i] = check_float(check_between(-3, 3));
  const struct check_softmax_f32_call c = {x, check_place(CHECK_Y, count * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

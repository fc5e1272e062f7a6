/* SPDX-License-Identifier: 0BSD */
/* Cases of clamp_f32: signed zeros at the bounds, NaN, y in place of x. */
#ifndef QCC_CHECK_CLAMP_F32_H
#define QCC_CHECK_CLAMP_F32_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/elementwise_f32.h"

typedef struct qcc_clamp_f32_params check_clamp_f32_params;
struct check_clamp_f32_call {
  struct qcc_clamp_f32_data d;
  const float *x;
  float *y;
};
#define CHECK_CALL_clamp_f32(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_clamp_f32_run(check_clamp_f32_params p, const struct check_clamp_f32_call *c);

static void check_clamp_f32(struct check_kernel k, check_clamp_f32_run *run, int64_t (*scratch)(check_clamp_f32_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_clamp_f32_params p = {check_count()};
  const size_t count = (size_t)p.count;
  const float low = check_random() & 1 ? (check_random() & 1 ? 0.0f : -0.0f) : -1.0f / (float)(check_between(0, 3));
  struct check_clamp_f32_call c = {{low, check_once_in(3) ? 1.0f / 0.0f : 6.0f}, check_floats(CHECK_X, count, k.slack, 1.0f), 0};
  snprintf(check_now.text, sizeof check_now.text, "count %d min %a max %a", p.count, (double)c.d.min, (double)c.d.max);
  c.y = check_place(CHECK_WANT, count * 4, 0, 4);
  CHECK_CALL_clamp_f32(qcc_clamp_f32__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * 4, 0, 4);
  if (check_once_in(3)) {
    memcpy(c.y, c.x, count * 4);
    c.x = c.y;
  }
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_clamp_f32 qcc_clamp_f32__1__scalar
#define BENCH_SHAPES_clamp_f32(B, symbol) B(clamp_f32, symbol, n18816, {18816})
static QCC_MAYBE_UNUSED void bench_clamp_f32(struct check_kernel k, const char *name, check_clamp_f32_params p,
                                             check_clamp_f32_run *run, check_clamp_f32_run *scalar,
                                             int64_t (*scratch)(check_clamp_f32_params)) {
  const size_t count = (size_t)p.count;
  float *x = check_place(CHECK_X, count * 4, k.slack, 64);
  for (size_t i = 0; i < count; i++) x[i] = check_float(check_between(-3, 4)) * (check_random() & 1 ? 1.0f : -1.0f);
  const struct check_clamp_f32_call c = {{0.0f, 6.0f}, x, check_place(CHECK_Y, count * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

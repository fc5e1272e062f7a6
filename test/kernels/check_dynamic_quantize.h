/* SPDX-License-Identifier: 0BSD */
/* Cases of dynamic_quantize: counts around vectors, hostile floats, one sign alone, all equal, several rows. */
#ifndef QCC_CHECK_DYNAMIC_QUANTIZE_H
#define QCC_CHECK_DYNAMIC_QUANTIZE_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/dynamic_quantize.h"

typedef struct qcc_dynamic_quantize_params check_dynamic_quantize_params;
struct check_dynamic_quantize_call {
  const float *x;
  uint8_t *y;
  float *scale;
  uint8_t *zero;
};
#define CHECK_CALL_dynamic_quantize(symbol, p, a) symbol(p, (a)->x, (a)->y, (a)->scale, (a)->zero)
typedef void check_dynamic_quantize_run(check_dynamic_quantize_params p, const struct check_dynamic_quantize_call *c);

/* In one buffer: scales, zero points, values. */
static void check_dynamic_quantize_results(struct check_dynamic_quantize_call *c, int32_t rows, uint8_t *all) {
  c->scale = (float *)(void *)all, c->zero = all + 4 * rows, c->y = all + 5 * rows;
}

static void check_dynamic_quantize(struct check_kernel k, check_dynamic_quantize_run *run,
                                   int64_t (*scratch)(check_dynamic_quantize_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_dynamic_quantize_params p = {check_once_in(2) ? 1 : check_between(2, 5), check_count()};
  const int32_t all = p.rows * p.count;
  const size_t bytes = (size_t)all + 5 * (size_t)p.rows;
  float *x = check_floats(CHECK_X, (size_t)all, k.slack, 0.1f);
  const int32_t sign = check_between(-1, 3);
  for (int32_t i = 0; i < all; i++) {
    if (sign == 1 || sign == -1) x[i] = (x[i] < 0.0f) == (sign < 0) ? x[i] : -x[i];
    if (sign == 0) x[i] = x[0];
  }
  struct check_dynamic_quantize_call c = {x, 0, 0, 0};
  snprintf(check_now.text, sizeof check_now.text, "%d rows of %d, sign %d", p.rows, p.count, sign);
  check_dynamic_quantize_results(&c, p.rows, check_place(CHECK_WANT, bytes, 0, 4));
  CHECK_CALL_dynamic_quantize(qcc_dynamic_quantize__1__scalar, p, &c);
  check_dynamic_quantize_results(&c, p.rows, check_place(CHECK_Y, bytes, 0, 4));
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_dynamic_quantize qcc_dynamic_quantize__1__scalar
#define BENCH_SHAPES_dynamic_quantize(B, symbol) B(dynamic_quantize, symbol, values_4096, {1, 4096}) B(dynamic_quantize, symbol, rows_16_256, {16, 256})
static QCC_MAYBE_UNUSED void bench_dynamic_quantize(struct check_kernel k, const char *name, check_dynamic_quantize_params p,
                                                    check_dynamic_quantize_run *run, check_dynamic_quantize_run *scalar,
                                                    int64_t (*scratch)(check_dynamic_quantize_params)) {
  struct check_dynamic_quantize_call c = {check_floats(CHECK_X, (size_t)(p.rows * p.count), k.slack, 0.1f), 0, 0, 0};
  (void)scratch;
  check_dynamic_quantize_results(&c, p.rows, check_place(CHECK_Y, (size_t)p.rows * ((size_t)p.count + 5), 0, 64));
  BENCH(k.symbol, name, (double)p.rows * p.count, "element", run(p, &c), scalar(p, &c));
}

#endif

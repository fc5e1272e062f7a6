/* SPDX-License-Identifier: 0BSD */
/* Cases of copy. */
#ifndef QCC_CHECK_COPY_H
#define QCC_CHECK_COPY_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/copy.h"

typedef struct qcc_copy_params check_copy_params;
struct check_copy_call {
  const void *x;
  void *y;
};
#define CHECK_CALL_copy(symbol, p, c) symbol(p, (c)->x, (c)->y)
typedef void check_copy_run(check_copy_params p, const struct check_copy_call *c);

static void check_copy(struct check_kernel k, check_copy_run *run, int64_t (*scratch)(check_copy_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_copy_params p = {check_count()};
  struct check_copy_call c = {check_place(CHECK_X, (size_t)p.bytes, k.slack, 1), check_place(CHECK_WANT, (size_t)p.bytes, 0, 1)};
  memcpy(c.y, c.x, (size_t)p.bytes);
  snprintf(check_now.text, sizeof check_now.text, "bytes %d", p.bytes);
  c.y = check_place(CHECK_Y, (size_t)p.bytes, 0, 1);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_copy qcc_copy__1__scalar
#define BENCH_SHAPES_copy(B, symbol) B(copy, symbol, n150528, {150528})
static QCC_MAYBE_UNUSED void bench_copy(struct check_kernel k, const char *name, check_copy_params p, check_copy_run *run,
                                        check_copy_run *scalar, int64_t (*scratch)(check_copy_params)) {
  const size_t count = (size_t)p.bytes;
  const struct check_copy_call c = {check_place(CHECK_X, count, k.slack, 64), check_place(CHECK_Y, count, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "byte", run(p, &c), scalar(p, &c));
}

#endif

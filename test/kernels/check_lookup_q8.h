/* SPDX-License-Identifier: 0BSD */
/* Cases of lookup_q8: any table, y in place of x. */
#ifndef QCC_CHECK_LOOKUP_Q8_H
#define QCC_CHECK_LOOKUP_Q8_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/lookup_q8.h"

typedef struct qcc_lookup_q8_params check_lookup_q8_params;
struct check_lookup_q8_call {
  const uint8_t *x, *table;
  uint8_t *y;
};
#define CHECK_CALL_lookup_q8(symbol, p, c) symbol(p, (c)->x, (c)->table, (c)->y)
typedef void check_lookup_q8_run(check_lookup_q8_params p, const struct check_lookup_q8_call *c);

static void check_lookup_q8(struct check_kernel k, check_lookup_q8_run *run, int64_t (*scratch)(check_lookup_q8_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_lookup_q8_params p = {check_count()};
  const size_t count = (size_t)p.count;
  struct check_lookup_q8_call c = {check_place(CHECK_X, count, k.slack, 1), check_place(CHECK_TABLE, 256, k.slack, 64), 0};
  snprintf(check_now.text, sizeof check_now.text, "count %d", p.count);
  c.y = check_place(CHECK_WANT, count, 0, 1);
  CHECK_CALL_lookup_q8(qcc_lookup_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count, 0, 1);
  if (check_once_in(3)) {
    memcpy(c.y, c.x, count);
    c.x = c.y;
  }
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_lookup_q8 qcc_lookup_q8__1__scalar
#define BENCH_SHAPES_lookup_q8(B, symbol) B(lookup_q8, symbol, n18816, {18816})
static QCC_MAYBE_UNUSED void bench_lookup_q8(struct check_kernel k, const char *name, check_lookup_q8_params p,
                                             check_lookup_q8_run *run, check_lookup_q8_run *scalar,
                                             int64_t (*scratch)(check_lookup_q8_params)) {
  const size_t count = (size_t)p.count;
  const struct check_lookup_q8_call c = {check_place(CHECK_X, count, k.slack, 64), check_place(CHECK_TABLE, 256, k.slack, 64),
                                         check_place(CHECK_Y, count, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* Cases of cast: every pair of elements, values beyond what the result holds. */
#ifndef QCC_CHECK_CAST_H
#define QCC_CHECK_CAST_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/elementwise.h"

typedef struct qcc_cast_params check_cast_params;
struct check_cast_call {
  const void *x;
  void *y;
};
#define CHECK_CALL_cast(symbol, p, c) symbol(p, (c)->x, (c)->y)
typedef void check_cast_run(check_cast_params p, const struct check_cast_call *c);

static void check_cast(struct check_kernel k, check_cast_run *run, int64_t (*scratch)(check_cast_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  check_cast_params p = {check_between(QCC_ELEMENT_F32, QCC_ELEMENT_U4),
                         check_between(QCC_ELEMENT_F32, QCC_ELEMENT_U4), check_count()};
  if (check_once_in(8)) p.from = QCC_ELEMENT_F16_BITS, p.to = QCC_ELEMENT_F16;
  if (check_once_in(8)) p.from = QCC_ELEMENT_F16, p.to = QCC_ELEMENT_F16_BITS;
  const size_t count = (size_t)p.count, size = check_element_size(p.to);
  struct check_cast_call c = {check_numbers(CHECK_X, p.from, count, k.slack), 0};
  snprintf(check_now.text, sizeof check_now.text, "from %d to %d count %d", p.from, p.to, p.count);
  c.y = check_place(CHECK_WANT, count * size, 0, size);
  CHECK_CALL_cast(qcc_cast__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * size, 0, size);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_cast qcc_cast__1__scalar
#define BENCH_SHAPES_cast(B, symbol) B(cast, symbol, u8_to_f32, {QCC_ELEMENT_U8, QCC_ELEMENT_F32, 4096})
static QCC_MAYBE_UNUSED void bench_cast(struct check_kernel k, const char *name, check_cast_params p, check_cast_run *run,
                                        check_cast_run *scalar, int64_t (*scratch)(check_cast_params)) {
  const size_t count = (size_t)p.count;
  const struct check_cast_call c = {check_numbers(CHECK_X, p.from, count, k.slack), check_place(CHECK_Y, count * 8, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

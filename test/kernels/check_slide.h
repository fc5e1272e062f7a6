/* SPDX-License-Identifier: 0BSD */
/* Cases of slide. */
#ifndef QCC_CHECK_SLIDE_H
#define QCC_CHECK_SLIDE_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/slide.h"

typedef struct qcc_slide_params check_slide_params;
struct check_slide_call {
  const void *x;
  void *y;
};
#define CHECK_CALL_slide(symbol, p, c) symbol(p, (c)->x, (c)->y)
typedef void check_slide_run(check_slide_params p, const struct check_slide_call *c);

static void check_slide(struct check_kernel k, check_slide_run *run, int64_t (*scratch)(check_slide_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_slide_params p = {check_count()};
  const size_t bytes = (size_t)p.bytes, distance = (size_t)check_between(1, p.bytes + 4);
  const uint8_t *const source = check_place(CHECK_X, bytes, k.slack, 1);
  uint8_t *const want = check_place(CHECK_WANT, bytes + distance, 0, 1), *const y = check_place(CHECK_Y, bytes + distance, 0, 1);
  memcpy(y + distance, source, bytes);
  memcpy(want, y, bytes + distance);
  memcpy(want, source, bytes);
  snprintf(check_now.text, sizeof check_now.text, "bytes %d, down by %u", p.bytes, (unsigned)distance);
  const struct check_slide_call c = {y + distance, y};
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_slide qcc_slide__1__scalar
#define BENCH_SHAPES_slide(B, symbol) B(slide, symbol, n150528, {150528})
static QCC_MAYBE_UNUSED void bench_slide(struct check_kernel k, const char *name, check_slide_params p, check_slide_run *run,
                                        check_slide_run *scalar, int64_t (*scratch)(check_slide_params)) {
  const size_t count = (size_t)p.bytes;
  const struct check_slide_call c = {check_place(CHECK_X, count, k.slack, 64), check_place(CHECK_Y, count, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "byte", run(p, &c), scalar(p, &c));
}

#endif

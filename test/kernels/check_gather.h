/* SPDX-License-Identifier: 0BSD */
/* Cases of gather: runs of any length, indices of both sizes, negative and far outside ones. */
#ifndef QCC_CHECK_GATHER_H
#define QCC_CHECK_GATHER_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/gather.h"

typedef struct qcc_gather_params check_gather_params;
struct check_gather_call {
  const void *x;
  const void *index;
  void *y;
};
#define CHECK_CALL_gather(symbol, p, c) symbol(p, (c)->x, (c)->index, (c)->y)
typedef void check_gather_run(check_gather_params p, const struct check_gather_call *c);

/* An index of this kind of case: inside, from the end, outside, as far outside as the type goes. */
static int64_t check_index(int32_t dim, int32_t bytes, int is_inside) {
  const int64_t inside = check_between(0, dim - 1);
  if (is_inside || check_once_in(2)) return inside;
  if (check_once_in(2)) return inside - dim;
  if (check_once_in(2)) return check_random() & 1 ? dim : -(int64_t)dim - 1;
  if (bytes == 4) return check_random() & 1 ? INT32_MAX : INT32_MIN;
  return check_random() & 1 ? INT64_MAX : INT64_MIN;
}

static void check_gather(struct check_kernel k, check_gather_run *run, int64_t (*scratch)(check_gather_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_gather_params p = {.outer = check_between(1, 4),
                                 .dim = check_between(1, 12),
                                 .run = check_count(),
                                 .count = check_between(0, 12),
                                 .index_bytes = CHECK_PICK(4, 8),
                                 .is_inside = check_once_in(2)};
  const size_t r = (size_t)p.run, bytes = (size_t)p.index_bytes;
  const size_t y_bytes = (size_t)p.outer * (size_t)p.count * r;
  uint8_t *index = check_place(CHECK_W, (size_t)p.count * bytes, 0, bytes);
  struct check_gather_call c = {check_place(CHECK_X, (size_t)p.outer * (size_t)p.dim * r, k.slack, 1), index,
                                check_place(CHECK_Y, y_bytes, 0, 1)};
  uint8_t *want = check_place(CHECK_WANT, y_bytes, 0, 1);
  snprintf(check_now.text, sizeof check_now.text, "outer %d dim %d run %d count %d index bytes %d inside %d", p.outer, p.dim, p.run,
           p.count, p.index_bytes, p.is_inside);
  for (int32_t i = 0; i < p.count; i++) {
    const int64_t wanted = check_index(p.dim, p.index_bytes, p.is_inside);
    const int32_t narrow = (int32_t)wanted;
    memcpy(index + (size_t)i * bytes, bytes == 4 ? (const void *)&narrow : (const void *)&wanted, bytes);
    /* Outside even when counted from the end: the nearest end. */
    const int64_t at = wanted >= p.dim ? p.dim - 1 : wanted >= 0 ? wanted : wanted < -(int64_t)p.dim ? 0 : wanted + p.dim;
    for (int32_t o = 0; o < p.outer; o++)
      memcpy(want + ((size_t)o * (size_t)p.count + (size_t)i) * r,
             (const uint8_t *)c.x + ((size_t)o * (size_t)p.dim + (size_t)at) * r, r);
  }
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_gather qcc_gather__1__scalar
#define BENCH_SHAPES_gather(B, symbol)                                                                                   \
  B(gather, symbol, rows_256_of_1024x512, {.outer = 1, .dim = 1024, .run = 512, .count = 256, .index_bytes = 4, .is_inside = 1})
static QCC_MAYBE_UNUSED void bench_gather(struct check_kernel k, const char *name, check_gather_params p, check_gather_run *run,
                                          check_gather_run *scalar, int64_t (*scratch)(check_gather_params)) {
  const size_t x_bytes = (size_t)p.dim * (size_t)p.run, y_bytes = (size_t)p.count * (size_t)p.run;
  int32_t *index = check_place(CHECK_W, 4 * (size_t)p.count, 0, 64);
  for (int32_t i = 0; i < p.count; i++) index[i] = (int32_t)(check_random() % (uint32_t)p.dim);
  const struct check_gather_call c = {check_place(CHECK_X, x_bytes, k.slack, 64), index, check_place(CHECK_Y, y_bytes, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)y_bytes, "byte", run(p, &c), scalar(p, &c));
}

#endif

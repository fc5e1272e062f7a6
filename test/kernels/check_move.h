/* SPDX-License-Identifier: 0BSD */
/* Cases of move: permutations and slices of up to six dimensions, against an index computed the long way. */
#ifndef QCC_CHECK_MOVE_H
#define QCC_CHECK_MOVE_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/move.h"

typedef struct qcc_move_params check_move_params;
struct check_move_call {
  const void *x;
  void *y;
};
#define CHECK_CALL_move(symbol, p, c) symbol(p, (c)->x, (c)->y)
typedef void check_move_run(check_move_params p, const struct check_move_call *c);

static void check_move(struct check_kernel k, check_move_run *run, int64_t (*scratch)(check_move_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  int32_t d[6], x[6], y[6], order[6] = {0, 1, 2, 3, 4, 5}, room = 40000;
  for (int32_t i = 0; i < 6; i++) {
    d[i] = check_once_in(2) ? 1 : check_between(1, 9);
    if (check_once_in(8)) d[i] = check_count();
    if (d[i] > room) d[i] = 1;
    room /= d[i];
  }
  for (int32_t i = 5; i > 0; i--) {
    const int32_t j = check_between(0, i), t = order[i];
    order[i] = order[j];
    order[j] = t;
  }
  /* y is dense and row-major; x lies in another order, with gaps or repeated. */
  size_t count = 1, span = 0;
  for (int32_t i = 5; i >= 0; i--) {
    y[i] = (int32_t)count;
    count *= (size_t)d[i];
  }
  int32_t stride = check_once_in(3) ? 2 : 1;
  for (int32_t i = 0; i < 6; i++) {
    x[order[i]] = check_once_in(12) ? 0 : stride;
    span += (size_t)(d[order[i]] - 1) * (size_t)x[order[i]];
    if (x[order[i]] != 0) stride = d[order[i]] * stride + (check_once_in(5) ? 1 : 0);
  }
  const int32_t size = CHECK_PICK(1, 2, 4, 8);
  const check_move_params p = {size, d[0], d[1], d[2], d[3], d[4], d[5], x[0], x[1], x[2],
                               x[3], x[4], x[5], y[0], y[1], y[2], y[3], y[4], y[5]};
  const size_t s = (size_t)size;
  struct check_move_call c = {check_place(CHECK_X, (span + 1) * s, k.slack, s), check_place(CHECK_Y, count * s, 0, s)};
  uint8_t *want = check_place(CHECK_WANT, count * s, 0, s);
  snprintf(check_now.text, sizeof check_now.text, "size %d dims %d %d %d %d %d %d strides %d %d %d %d %d %d", size, d[0], d[1],
           d[2], d[3], d[4], d[5], x[0], x[1], x[2], x[3], x[4], x[5]);
  for (size_t at = 0; at < count; at++) {
    size_t rest = at, from = 0;
    for (int32_t i = 5; i >= 0; i--) {
      from += rest % (size_t)d[i] * (size_t)x[i];
      rest /= (size_t)d[i];
    }
    memcpy(want + at * s, (const uint8_t *)c.x + from * s, s);
  }
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_move qcc_move__1__scalar
#define BENCH_SHAPES_move(B, symbol)                                                                             \
  B(move, symbol, nchw_to_nhwc_u8_3x50176, {1, 1, 1, 1, 1, 50176, 3, 0, 0, 0, 0, 1, 50176, 0, 0, 0, 0, 3, 1})    \
  B(move, symbol, nhwc_to_nchw_u8_64x784, {1, 1, 1, 1, 1, 64, 784, 0, 0, 0, 0, 1, 64, 0, 0, 0, 0, 784, 1})       \
  B(move, symbol, concat_u8_784x64, {1, 1, 1, 1, 1, 784, 64, 0, 0, 0, 0, 64, 1, 0, 0, 0, 0, 128, 1})
static QCC_MAYBE_UNUSED void bench_move(struct check_kernel k, const char *name, check_move_params p, check_move_run *run,
                                        check_move_run *scalar, int64_t (*scratch)(check_move_params)) {
  const size_t count = (size_t)p.d4 * (size_t)p.d5;
  const struct check_move_call c = {check_place(CHECK_X, 2 * count * (size_t)p.size, k.slack, 64),
                                    check_place(CHECK_Y, 2 * count * (size_t)p.size, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* Cases of move: permutations, slices (backwards too), repetitions, targets with gaps, of up to six dimensions, against an
 * index computed the long way. */
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

/* One side of a move. */
struct check_move_side {
  int32_t stride[6], first;
  size_t count; /* elements of its buffer */
};

/* Strides of dimensions d in a random order, with gaps; a source may also repeat or run backwards. */
static struct check_move_side check_move_side_of(const int32_t *d, int is_source) {
  struct check_move_side v;
  int32_t order[6] = {0, 1, 2, 3, 4, 5}, stride = check_once_in(4) ? 2 : 1, span = 0;
  v.first = check_once_in(4) ? check_between(0, 20) : 0;
  for (int32_t i = 5; i > 0 && check_random() % 8 < 5; i--) {
    const int32_t j = check_between(0, i), t = order[i];
    order[i] = order[j];
    order[j] = t;
  }
  for (int32_t i = 5; i >= 0; i--) {
    const int32_t k = order[i], reach = (d[k] - 1) * stride;
    v.stride[k] = stride;
    if (is_source && check_once_in(12)) {
      v.stride[k] = 0;
      continue;
    }
    span += reach;
    stride = d[k] * stride + (check_once_in(6) ? 1 : 0);
    if (is_source && check_once_in(12)) {
      v.first += reach;
      v.stride[k] = -v.stride[k];
    }
  }
  v.count = (size_t)(v.first + span + 1);
  return v;
}

static void check_move(struct check_kernel k, check_move_run *run, int64_t (*scratch)(check_move_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  int32_t d[6], room = 20000;
  for (int32_t i = 0; i < 6; i++) {
    d[i] = check_once_in(2) ? 1 : check_between(1, 9);
    if (check_once_in(8)) d[i] = check_count();
    if (i >= 3 && check_once_in(3)) d[i] = check_between(7, 35); /* sides of blocks that are turned */
    if (d[i] > room) d[i] = 1;
    room /= d[i];
  }
  const struct check_move_side x = check_move_side_of(d, 1), y = check_move_side_of(d, 0);
  const size_t s = (size_t)CHECK_PICK(1, 2, 4, 8);
  check_move_params p = {.size = (int32_t)s, .x_first = x.first, .y_first = y.first};
  p.d0 = d[0], p.d1 = d[1], p.d2 = d[2], p.d3 = d[3], p.d4 = d[4], p.d5 = d[5];
  p.x0 = x.stride[0], p.x1 = x.stride[1], p.x2 = x.stride[2], p.x3 = x.stride[3], p.x4 = x.stride[4], p.x5 = x.stride[5];
  p.y0 = y.stride[0], p.y1 = y.stride[1], p.y2 = y.stride[2], p.y3 = y.stride[3], p.y4 = y.stride[4], p.y5 = y.stride[5];
  struct check_move_call c = {check_place(CHECK_X, x.count * s, k.slack, s), check_place(CHECK_Y, y.count * s, 0, s)};
  uint8_t *want = check_place(CHECK_WANT, y.count * s, 0, s);
  memcpy(want, c.y, y.count * s);
  snprintf(check_now.text, sizeof check_now.text,
           "size %d dims %d %d %d %d %d %d x from %d by %d %d %d %d %d %d y from %d by %d %d %d %d %d %d", p.size, d[0], d[1], d[2],
           d[3], d[4], d[5], p.x_first, p.x0, p.x1, p.x2, p.x3, p.x4, p.x5, p.y_first, p.y0, p.y1, p.y2, p.y3, p.y4, p.y5);
  for (int32_t i = 0; i < d[0] * d[1] * d[2] * d[3] * d[4] * d[5]; i++) {
    int32_t rest = i, from = x.first, to = y.first;
    for (int32_t j = 5; j >= 0; rest /= d[j], j--) {
      from += rest % d[j] * x.stride[j];
      to += rest % d[j] * y.stride[j];
    }
    memcpy(want + (size_t)to * s, (const uint8_t *)c.x + (size_t)from * s, s);
  }
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_move qcc_move__1__scalar
#define BENCH_MOVE(a, b, xa, xb, ya, yb) \
  {.size = 1, .d0 = 1, .d1 = 1, .d2 = 1, .d3 = 1, .d4 = a, .d5 = b, .x4 = xa, .x5 = xb, .y4 = ya, .y5 = yb}
#define BENCH_SHAPES_move(B, symbol)                                              \
  B(move, symbol, nchw_to_nhwc_u8_3x50176, BENCH_MOVE(50176, 3, 1, 50176, 3, 1))  \
  B(move, symbol, nhwc_to_nchw_u8_64x784, BENCH_MOVE(64, 784, 1, 64, 784, 1))     \
  B(move, symbol, concat_u8_784x64, BENCH_MOVE(784, 64, 64, 1, 128, 1))           \
  B(move, symbol, keys_f32_128x256, {.size = 4, .d0 = 1, .d1 = 1, .d2 = 1, .d3 = 1, .d4 = 256, .d5 = 128, .x4 = 1, .x5 = 256, .y4 = 128, .y5 = 1})
static QCC_MAYBE_UNUSED void bench_move(struct check_kernel k, const char *name, check_move_params p, check_move_run *run,
                                        check_move_run *scalar, int64_t (*scratch)(check_move_params)) {
  const size_t count = (size_t)p.d4 * (size_t)p.d5;
  const struct check_move_call c = {check_place(CHECK_X, 2 * count * (size_t)p.size, k.slack, 64),
                                    check_place(CHECK_Y, 2 * count * (size_t)p.size, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* Cases of pad: any of six dimensions padded on either side, against an index computed the long way. */
#ifndef QCC_CHECK_PAD_H
#define QCC_CHECK_PAD_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/pad.h"

typedef struct qcc_pad_params check_pad_params;
struct check_pad_call {
  struct qcc_pad_data d;
  const void *x;
  void *y;
};
#define CHECK_CALL_pad(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_pad_run(check_pad_params p, const struct check_pad_call *c);

static void check_pad(struct check_kernel k, check_pad_run *run, int64_t (*scratch)(check_pad_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  int32_t d[6], before[6], after[6], full[6], room = 20000;
  size_t x_count = 1, y_count = 1;
  for (int32_t i = 0; i < 6; i++) {
    d[i] = check_once_in(2) ? 1 : check_once_in(40) ? 0 : check_between(1, 9);
    if (i == 5 && check_once_in(2)) d[i] = check_count();
    before[i] = check_once_in(3) ? check_between(0, 3) : 0;
    after[i] = check_once_in(3) ? check_between(0, 3) : 0;
    if (before[i] + d[i] + after[i] > room) d[i] = 1, before[i] = after[i] = 0;
    full[i] = before[i] + d[i] + after[i];
    room /= full[i] > 0 ? full[i] : 1;
    x_count *= (size_t)d[i];
    y_count *= (size_t)full[i];
  }
  const size_t s = (size_t)CHECK_PICK(1, 2, 4, 8);
  check_pad_params p = {.size = (int32_t)s};
  p.d0 = d[0], p.d1 = d[1], p.d2 = d[2], p.d3 = d[3], p.d4 = d[4], p.d5 = d[5];
  p.before0 = before[0], p.before1 = before[1], p.before2 = before[2], p.before3 = before[3], p.before4 = before[4];
  p.after0 = after[0], p.after1 = after[1], p.after2 = after[2], p.after3 = after[3], p.after4 = after[4];
  p.before5 = before[5], p.after5 = after[5];
  uint8_t value[8];
  for (int32_t i = 0; i < 8; i++) value[i] = (uint8_t)check_random();
  struct check_pad_call c = {.x = check_place(CHECK_X, x_count * s, k.slack, s), .y = check_place(CHECK_Y, y_count * s, 0, s)};
  memcpy(&c.d.low, value, 4);
  memcpy(&c.d.high, value + 4, 4);
  uint8_t *want = check_place(CHECK_WANT, y_count * s, 0, s);
  snprintf(check_now.text, sizeof check_now.text, "size %d dims %d %d %d %d %d %d before %d %d %d %d %d %d after %d %d %d %d %d %d",
           p.size, d[0], d[1], d[2], d[3], d[4], d[5], before[0], before[1], before[2], before[3], before[4], before[5], after[0],
           after[1], after[2], after[3], after[4], after[5]);
  for (size_t i = 0; i < y_count; i++) {
    size_t rest = i, from = 0, stride = 1;
    int inside = 1;
    for (int32_t j = 5; j >= 0; j--) {
      const int32_t at = (int32_t)(rest % (size_t)full[j]) - before[j];
      rest /= (size_t)full[j];
      inside = inside && at >= 0 && at < d[j];
      from += (size_t)(inside ? at : 0) * stride;
      stride *= (size_t)d[j];
    }
    memcpy(want + i * s, inside ? (const uint8_t *)c.x + from * s : value, s);
  }
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_pad qcc_pad__1__scalar
#define BENCH_PAD(h, w, c) \
  {.size = 1, .d0 = 1, .d1 = 1, .d2 = 1, .d3 = 1, .d4 = h, .d5 = w * c, .before4 = 1, .before5 = c, .after4 = 1, .after5 = c}
#define BENCH_SHAPES_pad(B, symbol)                         \
  B(pad, symbol, u8_224x224x3, BENCH_PAD(224, 224, 3))      \
  B(pad, symbol, u8_28x28x64, BENCH_PAD(28, 28, 64))
static QCC_MAYBE_UNUSED void bench_pad(struct check_kernel k, const char *name, check_pad_params p, check_pad_run *run,
                                       check_pad_run *scalar, int64_t (*scratch)(check_pad_params)) {
  const size_t count = (size_t)(p.before4 + p.d4 + p.after4) * (size_t)(p.before5 + p.d5 + p.after5);
  const struct check_pad_call c = {{0, 0}, check_place(CHECK_X, count, k.slack, 64), check_place(CHECK_Y, count, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

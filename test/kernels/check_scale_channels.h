/* SPDX-License-Identifier: 0BSD */
/* Cases of scale_channels: rising and falling lines, shifts of 0 and far ones, sums up to the limits, y in place of x. */
#ifndef QCC_CHECK_SCALE_CHANNELS_H
#define QCC_CHECK_SCALE_CHANNELS_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/scale_channels.h"

typedef struct qcc_scale_channels_params check_scale_channels_params;
struct check_scale_channels_call {
  struct qcc_scale_channels_data d;
  const uint8_t *x;
  const int32_t *offset, *multiplier;
  uint8_t *y;
};
#define CHECK_CALL_scale_channels(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->offset, (c)->multiplier, (c)->y)
typedef void check_scale_channels_run(check_scale_channels_params p, const struct check_scale_channels_call *c);

static void check_scale_channels(struct check_kernel k, check_scale_channels_run *run,
                                 int64_t (*scratch)(check_scale_channels_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_scale_channels_params p = {check_between(1, 5), check_count(), check_once_in(2), check_once_in(2), check_once_in(2)};
  const size_t count = (size_t)p.pixels * (size_t)p.channels;
  struct check_scale_channels_call c;
  memset(&c, 0, sizeof c);
  c.d.shift = check_between(0, 22);
  const int32_t steepest = check_between(0, 4 << (c.d.shift > 20 ? 20 : c.d.shift));
  (void)check_range(p.y_signed, &c.d.low, &c.d.high);
  const int32_t most = INT32_MAX - 256 * steepest;
  const int32_t near = 300 << c.d.shift < most ? 300 << c.d.shift : most;
  c.x = check_place(CHECK_X, count, k.slack, 1);
  int32_t *const offset = check_place(CHECK_TABLE, (size_t)p.channels * 4, k.slack, 64);
  for (int32_t i = 0; i < p.channels; i++)
    offset[i] = check_once_in(9) ? CHECK_PICK(most, -most) : check_between(-near, near);
  c.offset = offset;
  const int32_t factors = p.per_channel ? p.channels : 1;
  int32_t *const multiplier = check_place(CHECK_MULT, (size_t)factors * 4, k.slack, 64);
  for (int32_t i = 0; i < factors; i++)
    multiplier[i] = CHECK_PICK(-1, 1) * (p.per_channel ? check_between(0, steepest) : steepest);
  c.multiplier = multiplier;
  snprintf(check_now.text, sizeof check_now.text, "pixels %d channels %d per channel %d signed %d %d multiplier %d shift %d limits %d..%d",
           p.pixels, p.channels, p.per_channel, p.x_signed, p.y_signed, steepest, c.d.shift, c.d.low, c.d.high);
  c.y = check_place(CHECK_WANT, count, 0, 1);
  CHECK_CALL_scale_channels(qcc_scale_channels__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count, 0, 1);
  if (check_once_in(3)) {
    memcpy(c.y, c.x, count);
    c.x = c.y;
  }
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_scale_channels qcc_scale_channels__1__scalar
#define BENCH_SHAPES_scale_channels(B, symbol) B(scale_channels, symbol, n128x256, {128, 256, 0, 0, 0}) B(scale_channels, symbol, n128x256_each, {128, 256, 1, 0, 0})
static QCC_MAYBE_UNUSED void bench_scale_channels(struct check_kernel k, const char *name, check_scale_channels_params p,
                                                  check_scale_channels_run *run, check_scale_channels_run *scalar,
                                                  int64_t (*scratch)(check_scale_channels_params)) {
  const size_t count = (size_t)p.pixels * (size_t)p.channels;
  const struct check_scale_channels_call c = {{20, 0, 255},
                                              check_place(CHECK_X, count, k.slack, 64),
                                              memset(check_place(CHECK_TABLE, (size_t)p.channels * 4, k.slack, 64), 0, (size_t)p.channels * 4),
                                              memset(check_place(CHECK_MULT, (size_t)p.channels * 4, k.slack, 64), 1, (size_t)p.channels * 4),
                                              check_place(CHECK_Y, count, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

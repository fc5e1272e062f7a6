/* SPDX-License-Identifier: 0BSD */
/* Cases of lookup_channels: any tables of bytes or floats, channels around a block of them, channels that change places. */
#ifndef QCC_CHECK_LOOKUP_CHANNELS_H
#define QCC_CHECK_LOOKUP_CHANNELS_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/lookup_channels.h"

typedef struct qcc_lookup_channels_params check_lookup_channels_params;
struct check_lookup_channels_call {
  const uint8_t *x;
  const void *table;
  void *y;
};
#define CHECK_CALL_lookup_channels(symbol, p, c) symbol(p, (c)->x, (c)->table, (c)->y)
typedef void check_lookup_channels_run(check_lookup_channels_params p, const struct check_lookup_channels_call *c);

static void check_lookup_channels(struct check_kernel k, check_lookup_channels_run *run,
                                  int64_t (*scratch)(check_lookup_channels_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const int32_t channels = check_once_in(2) ? check_between(1, 40) : check_between(56, 200);
  const check_lookup_channels_params p = {check_once_in(2) ? check_between(1, 9) : check_between(28, 70), channels, channels > 2 && check_once_in(4),
                                          check_once_in(4) ? 4 : 1};
  const size_t count = (size_t)p.pixels * (size_t)channels, bytes = (size_t)p.bytes;
  struct check_lookup_channels_call c = {check_place(CHECK_X, count, k.slack, 1), 0, 0};
  c.table = check_place(CHECK_TABLE, (size_t)channels * 256 * bytes, k.slack, 64);
  snprintf(check_now.text, sizeof check_now.text, "pixels %d channels %d swaps %d bytes %d", p.pixels, channels, p.swaps,
           p.bytes);
  c.y = check_place(CHECK_WANT, count * bytes, 0, 4);
  CHECK_CALL_lookup_channels(qcc_lookup_channels__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * bytes, 0, 4);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_lookup_channels qcc_lookup_channels__1__scalar
#define BENCH_SHAPES_lookup_channels(B, symbol)                    \
  B(lookup_channels, symbol, n128x1024, {128, 1024, 0, 1})         \
  B(lookup_channels, symbol, pixels_to_floats, {50176, 3, 0, 4})
static QCC_MAYBE_UNUSED void bench_lookup_channels(struct check_kernel k, const char *name, check_lookup_channels_params p,
                                                   check_lookup_channels_run *run, check_lookup_channels_run *scalar,
                                                   int64_t (*scratch)(check_lookup_channels_params)) {
  const size_t count = (size_t)p.pixels * (size_t)p.channels, bytes = (size_t)p.bytes;
  const struct check_lookup_channels_call c = {check_place(CHECK_X, count, k.slack, 64),
                                               check_place(CHECK_TABLE, (size_t)p.channels * 256 * bytes, k.slack, 64),
                                               check_place(CHECK_Y, count * bytes, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

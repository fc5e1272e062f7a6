/* SPDX-License-Identifier: 0BSD */
/* Cases of dwconv2d_s16 against qcc_dwconv2d_s16__1__scalar. Weights are [kh,kw,oc], as both read them. */
#ifndef QCC_CHECK_DWCONV2D_S16_H
#define QCC_CHECK_DWCONV2D_S16_H

#include "check_conv2d_s16.h"

typedef struct qcc_dwconv2d_s16_params check_dwconv2d_s16_params;

struct check_dwconv2d_s16_call {
  struct qcc_dwconv2d_s16_data d;
  const int16_t *x;
  const int8_t *w;
  const void *bias;
  const int32_t *scale;
  int16_t *y;
  void *scratch;
};
#define CHECK_CALL_dwconv2d_s16(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->w, (c)->bias, (c)->scale, (c)->y, (c)->scratch)
typedef void check_dwconv2d_s16_run(check_dwconv2d_s16_params p, const struct check_dwconv2d_s16_call *c);

static int8_t *check_dw_s16_weights(int32_t oc, int32_t taps, int32_t is_wide, size_t slack) {
  const int32_t most = is_wide ? 128 : 60000 / taps < 128 ? 60000 / taps : 128;
  int8_t *w = check_place(CHECK_W, (size_t)oc * (size_t)taps, slack, 64);
  for (int32_t i = 0; i < oc * taps; i++) w[i] = (int8_t)(check_once_in(4) ? -most : check_between(-most, most > 127 ? 127 : most));
  return w;
}

static void check_dwconv2d_s16(struct check_kernel k, check_dwconv2d_s16_run *run, int64_t (*scratch)(check_dwconv2d_s16_params)) {
  static const char *const words[] = {"NARROW_SUMS", "MULTIPLIER_ONE", 0};
  check_knows(k, words);
  check_conv2d_q8_params q;
  while (!check_conv2d_q8_shape(k, (struct check_panels){.nr = 4, .kr = 1, .size = 1}, &q)) continue;
  const int32_t multiplier = check_needs(k, "MULTIPLIER_ONE") ? 1 : CHECK_PICK(1, 2, 3);
  check_dwconv2d_s16_params p = {q.n, q.h, q.w, q.oc, q.oh, q.ow, multiplier, q.kh, q.kw, q.sh, q.sw, q.dh, q.dw, q.pad_top, q.pad_left, 0, 0};
  check_s16_rule(k, &p.is_wide, &p.rounding);
  const int32_t oc = p.c * p.multiplier;
  const size_t count = (size_t)p.n * (size_t)p.oh * (size_t)p.ow * (size_t)oc;
  struct check_dwconv2d_s16_call call;
  memset(&call, 0, sizeof call);
  check_s16_range(&call.d.y_min, &call.d.y_max);
  call.x = check_s16_x((size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack);
  call.w = check_dw_s16_weights(oc, p.kh * p.kw, p.is_wide, k.slack);
  call.bias = check_s16_bias(p.is_wide, oc, oc);
  call.scale = check_s16_scales(p.rounding, p.is_wide, oc, oc);
  snprintf(check_now.text, sizeof check_now.text,
           "n%d %dx%dx%d -> %dx%d multiplier %d kernel %dx%d stride %d %d dilation %d %d pad %d %d | rule %d wide %d range %d..%d", p.n, p.h,
           p.w, p.c, p.oh, p.ow, p.multiplier, p.kh, p.kw, p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left, p.rounding, p.is_wide,
           call.d.y_min, call.d.y_max);
  call.y = check_place(CHECK_WANT, count * 2, 0, 2);
  CHECK_CALL_dwconv2d_s16(qcc_dwconv2d_s16__1__scalar, p, &call);
  call.y = check_place(CHECK_Y, count * 2, 0, 2);
  const int64_t bytes = scratch(p);
  if (bytes > 0) call.scratch = check_place(CHECK_SCRATCH, (size_t)bytes, 0, 64);
  run(p, &call);
  check_same_bytes();
}

#define CHECK_SCALAR_dwconv2d_s16 qcc_dwconv2d_s16__1__scalar
#define BENCH_SHAPES_dwconv2d_s16(B, symbol) \
  B(dwconv2d_s16, symbol, k3_12_32, {1, 12, 12, 32, 12, 12, 1, 3, 3, 1, 1, 1, 1, 1, 1, QCC_WIDE_CUT, 0})

static QCC_MAYBE_UNUSED void bench_dwconv2d_s16(struct check_kernel k, const char *name, check_dwconv2d_s16_params p,
                                                check_dwconv2d_s16_run *run, check_dwconv2d_s16_run *scalar,
                                                int64_t (*scratch)(check_dwconv2d_s16_params)) {
  const size_t count = (size_t)p.oh * (size_t)p.ow * (size_t)p.c;
  const struct check_dwconv2d_s16_call c = {{-32768, 32767}, check_s16_x((size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack),
                                            check_dw_s16_weights(p.c, p.kh * p.kw, 0, k.slack), check_s16_bias(0, p.c, p.c),
                                            check_s16_scales(p.rounding, 0, p.c, p.c), check_place(CHECK_Y, count * 2, 0, 64),
                                            check_place(CHECK_SCRATCH, (size_t)scratch(p) + 1, 0, 64)};
  BENCH(k.symbol, name, (double)count * p.kh * p.kw, "MAC", run(p, &c), scalar(p, &c));
}

#endif

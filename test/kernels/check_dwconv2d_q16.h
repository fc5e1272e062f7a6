/* SPDX-License-Identifier: 0BSD */
/* Cases of dwconv2d_q16 against qcc_dwconv2d_q16__1__scalar. */
#ifndef QCC_CHECK_DWCONV2D_Q16_H
#define QCC_CHECK_DWCONV2D_Q16_H

#include "check_conv2d_q16.h"
#include "check_dwconv2d_q8.h"

typedef struct qcc_dwconv2d_q16_params check_dwconv2d_q16_params;

struct check_dwconv2d_q16_call {
  struct qcc_dwconv2d_q16_data d;
  const int16_t *x;
  const void *w;
  const int32_t *bias;
  const void *scale;
  const uint8_t *residual, *table;
  void *y, *scratch;
};
#define CHECK_CALL_dwconv2d_q16(symbol, p, c) \
  symbol(p, (c)->d, (c)->x, (c)->w, (c)->bias, (c)->scale, (c)->residual, (c)->table, (c)->y, (c)->scratch)
typedef void check_dwconv2d_q16_run(check_dwconv2d_q16_params p, const struct check_dwconv2d_q16_call *c);

static void check_dwconv2d_q16(struct check_kernel k, check_dwconv2d_q16_run *run,
                               int64_t (*scratch)(check_dwconv2d_q16_params)) {
  static const char *const words[] = {"UNIT_DILATION", "MULTIPLIER_ONE", "KERNEL_3X3", "STRIDE_1", "STRIDE_2", 0};
  check_knows(k, words);
  check_dwconv2d_q8_params q;
  while (!check_dwconv2d_q8_shape(k, &q)) continue;
  struct check_convolution c;
  memset(&c, 0, sizeof c);
  c.kernel = k;
  c.oc = q.c * q.multiplier;
  c.k = q.kh * q.kw;
  c.y_count = (size_t)q.n * (size_t)q.oh * (size_t)q.ow * (size_t)c.oc;
  check_q16_fill(&c, c.oc);
  check_dwconv2d_q16_params p = {q.n,  q.h,  q.w,  q.c,  q.oh,      q.ow,       q.multiplier, q.kh,  q.kw,
                                 q.sh, q.sw, q.dh, q.dw, q.pad_top, q.pad_left, c.kind};
  const int at = snprintf(check_now.text, sizeof check_now.text,
                          "n%d %dx%dx%d -> %dx%d times %d kernel %dx%d stride %d %d dilation %d %d pad %d %d |", p.n, p.h, p.w,
                          p.c, p.oh, p.ow, p.multiplier, p.kh, p.kw, p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left);
  check_describe_epilogue(check_now.text + at, sizeof check_now.text - (size_t)at, &c);
  check_convolution_outputs(&c);
  struct check_dwconv2d_q16_call call = {{c.e}, check_q16_x((size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack), 0,
                                         c.bias, c.scale, c.residual, c.table, check_buffers[CHECK_WANT].data, 0};
  call.w = check_pack_hwc(CHECK_W, &c, 0, k.slack);
  CHECK_CALL_dwconv2d_q16(qcc_dwconv2d_q16__1__scalar, p, &call);
  call.y = check_buffers[CHECK_Y].data;
  const int64_t bytes = scratch(p);
  if (bytes > 0) call.scratch = check_place(CHECK_SCRATCH, (size_t)bytes, 0, 64);
  run(p, &call);
  check_convolution_compare(&c);
  free(c.w);
}

#define CHECK_SCALAR_dwconv2d_q16 qcc_dwconv2d_q16__1__scalar
#define BENCH_SHAPES_dwconv2d_q16(B, symbol) \
  B(dwconv2d_q16, symbol, s1_28_192, {1, 28, 28, 192, 28, 28, 1, 3, 3, 1, 1, 1, 1, 1, 1, {QCC_OUT_S16, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}}) \
  B(dwconv2d_q16, symbol, s2_28_192, {1, 28, 28, 192, 14, 14, 1, 3, 3, 2, 2, 1, 1, 1, 1, {QCC_OUT_S16, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}})

static QCC_MAYBE_UNUSED void bench_dwconv2d_q16(struct check_kernel k, const char *name, check_dwconv2d_q16_params p,
                                                check_dwconv2d_q16_run *run, check_dwconv2d_q16_run *scalar,
                                                int64_t (*scratch)(check_dwconv2d_q16_params)) {
  if ((check_needs(k, "STRIDE_1") && p.sh != 1) || (check_needs(k, "STRIDE_2") && p.sh != 2)) return;
  struct check_convolution c;
  memset(&c, 0, sizeof c);
  c.kernel = k;
  c.oc = p.c;
  c.k = p.kh * p.kw;
  c.y_count = (size_t)p.oh * (size_t)p.ow * (size_t)p.c;
  check_q16_fill(&c, p.c);
  float *mult = check_place(CHECK_MULT, (size_t)p.c * 4, 0, 64);
  for (int32_t i = 0; i < p.c; i++) mult[i] = 1e-4f;
  const struct check_dwconv2d_q16_call a = {{{0, -32768, 32767, 0, 0, 0, 0, 0, 0, 0, 0}},
                                            check_q16_x((size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack),
                                            check_pack_hwc(CHECK_W, &c, 0, k.slack), c.bias, mult, 0, 0,
                                            check_place(CHECK_Y, c.y_count * 2, 0, 64),
                                            check_place(CHECK_SCRATCH, (size_t)scratch(p) + 1, 0, 64)};
  BENCH(k.symbol, name, (double)c.y_count * c.k, "MAC", run(p, &a), scalar(p, &a));
  free(c.w);
}

#endif

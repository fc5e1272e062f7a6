/* SPDX-License-Identifier: 0BSD */
/* Cases of conv2d_q16 against qcc_conv2d_q16__1__scalar: sizes around the tiles, activations at both ends of int16, weights whose
 * sums just stay within 32 bits, and every result of the epilogue. */
#ifndef QCC_CHECK_CONV2D_Q16_H
#define QCC_CHECK_CONV2D_Q16_H

#include "check_conv2d_q8.h"
#include "qcc/conv2d_q16.h"

typedef struct qcc_conv2d_q16_params check_conv2d_q16_params;

struct check_conv2d_q16_call {
  struct qcc_conv2d_q16_data d;
  const int16_t *x;
  const void *w;
  const int32_t *bias;
  const void *scale;
  const uint8_t *residual, *table;
  void *y, *scratch;
};
#define CHECK_CALL_conv2d_q16(symbol, p, c) \
  symbol(p, (c)->d, (c)->x, (c)->w, (c)->bias, (c)->scale, (c)->residual, (c)->table, (c)->y, (c)->scratch)
typedef void check_conv2d_q16_run(check_conv2d_q16_params p, const struct check_conv2d_q16_call *c);

/* int16 activations: noise, one end, both ends in turns. */
static QCC_MAYBE_UNUSED int16_t *check_q16_x(size_t count, size_t slack) {
  int16_t *x = check_place(CHECK_X, count * 2, slack, 2);
  const int32_t fill = check_between(0, 4);
  for (size_t i = 0; i < count; i++)
    x[i] = (int16_t)(fill == 0 ? 32767 : fill == 1 ? -32768 : fill == 2 ? (i & 1 ? 32767 : -32768) : check_between(-32768, 32767));
  return x;
}

/* Of a layer whose kernel, oc, k and y_count are set: weights, biases and scales; `padded`: oc in whole tiles. Any sum of k products
 * with 2^15 leaves room for a bias. */
static QCC_MAYBE_UNUSED void check_q16_fill(struct check_convolution *c, int32_t padded) {
  const int32_t most = 65000 / c->k < 127 ? 65000 / c->k : 127;
  c->x_signed = 1;
  c->x_min = -32768;
  c->x_max = 32767;
  check_convolution_epilogue(c);
  while (c->kind.rounding != QCC_ROUND_ONNX) check_convolution_epilogue(c);
  c->w = malloc((size_t)c->oc * (size_t)c->k * sizeof *c->w);
  for (size_t i = 0; i < (size_t)c->oc * (size_t)c->k; i++)
    c->w[i] = (int16_t)(check_once_in(4) ? -most : check_once_in(4) ? most : check_between(-most, most));
  check_convolution_scale(c, padded);
}

static QCC_MAYBE_UNUSED void check_conv2d_q16(struct check_kernel k, check_conv2d_q16_run *run,
                                              int64_t (*scratch)(check_conv2d_q16_params)) {
  static const char *const words[] = {"GROUPS_ONE", "NOT_ONE_PIXEL", 0};
  check_knows(k, words);
  const struct check_panels f = check_read_packing(k);
  check_conv2d_q8_params q;
  while (!check_conv2d_q8_shape(k, f, &q) || q.kh * q.kw * (q.c / q.groups) > 40000) continue;
  struct check_convolution c;
  memset(&c, 0, sizeof c);
  c.kernel = k;
  c.oc = q.oc;
  c.k = q.kh * q.kw * (q.c / q.groups);
  c.y_count = (size_t)q.n * (size_t)q.oh * (size_t)q.ow * (size_t)q.oc;
  check_q16_fill(&c, (q.oc + f.nr - 1) / f.nr * f.nr);
  check_conv2d_q16_params p = {q.n,  q.h,  q.w,  q.c,  q.oh,      q.ow,       q.oc,     q.kh,  q.kw,
                               q.sh, q.sw, q.dh, q.dw, q.pad_top, q.pad_left, q.groups, c.kind};
  const int at = snprintf(check_now.text, sizeof check_now.text,
                          "n%d %dx%dx%d -> %dx%dx%d kernel %dx%d stride %d %d dilation %d %d pad %d %d groups %d |", p.n, p.h,
                          p.w, p.c, p.oh, p.ow, p.oc, p.kh, p.kw, p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left, p.groups);
  check_describe_epilogue(check_now.text + at, sizeof check_now.text - (size_t)at, &c);
  check_convolution_outputs(&c);
  struct check_conv2d_q16_call call = {{c.e}, check_q16_x((size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack), 0,
                                       c.bias, c.scale, c.residual, c.table, check_buffers[CHECK_WANT].data, 0};
  call.w = check_pack(CHECK_W, &c, CHECK_PLAIN(1), 1, 0);
  CHECK_CALL_conv2d_q16(qcc_conv2d_q16__1__scalar, p, &call);
  call.w = check_pack(CHECK_W, &c, f, p.groups, k.slack);
  call.y = check_buffers[CHECK_Y].data;
  const int64_t bytes = scratch(p);
  if (bytes > 0) call.scratch = check_place(CHECK_SCRATCH, (size_t)bytes, 0, 64);
  run(p, &call);
  check_convolution_compare(&c);
  free(c.w);
}

/* ---- bench ---- */

#define CHECK_SCALAR_conv2d_q16 qcc_conv2d_q16__1__scalar
#define BENCH_CONV2D_Q16(h, c, oh, oc, k, s, pad) \
  {1, h, h, c, oh, oh, oc, k, k, s, s, 1, 1, pad, pad, 1, {QCC_OUT_S16, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}}
#define BENCH_SHAPES_conv2d_q16(B, symbol)                                                 \
  B(conv2d_q16, symbol, expand_56_24_144, BENCH_CONV2D_Q16(56, 24, 56, 144, 1, 1, 0))      \
  B(conv2d_q16, symbol, project_14_384_64, BENCH_CONV2D_Q16(14, 384, 14, 64, 1, 1, 0))     \
  B(conv2d_q16, symbol, k3_14_256_256, BENCH_CONV2D_Q16(14, 256, 14, 256, 3, 1, 1))        \
  B(conv2d_q16, symbol, full_1280_1000, BENCH_CONV2D_Q16(1, 1280, 1, 1000, 1, 1, 0))

static QCC_MAYBE_UNUSED void bench_conv2d_q16(struct check_kernel k, const char *name, check_conv2d_q16_params p,
                                              check_conv2d_q16_run *run, check_conv2d_q16_run *scalar,
                                              int64_t (*scratch)(check_conv2d_q16_params)) {
  if (check_needs(k, "NOT_ONE_PIXEL") && p.h == 1) return;
  const struct check_panels f = check_read_packing(k);
  struct check_convolution c;
  memset(&c, 0, sizeof c);
  c.kernel = k;
  c.oc = p.oc;
  c.k = p.kh * p.kw * p.c;
  c.y_count = (size_t)p.oh * (size_t)p.ow * (size_t)p.oc;
  const int32_t padded = (p.oc + f.nr - 1) / f.nr * f.nr;
  check_q16_fill(&c, padded);
  float *mult = check_place(CHECK_MULT, (size_t)padded * 4, 0, 64);
  for (int32_t i = 0; i < padded; i++) mult[i] = 1e-5f;
  struct check_conv2d_q16_call a = {{{0, -32768, 32767, 0, 0, 0, 0, 0, 0, 0, 0}}, check_q16_x((size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack),
                                    0, c.bias, mult, 0, 0, check_place(CHECK_Y, c.y_count * 2, 0, 64),
                                    check_place(CHECK_SCRATCH, (size_t)scratch(p) + 1, 0, 64)}, b = a;
  a.w = check_pack(CHECK_W, &c, f, 1, k.slack);
  b.w = check_pack(CHECK_X2, &c, CHECK_PLAIN(1), 1, 0);
  BENCH(k.symbol, name, (double)c.y_count * c.k, "MAC", run(p, &a), scalar(p, &b));
  free(c.w);
}

#endif

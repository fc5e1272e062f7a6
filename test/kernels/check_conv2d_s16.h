/* SPDX-License-Identifier: 0BSD */
/* Cases of conv2d_s16 against qcc_conv2d_s16__1__scalar: sizes around the tiles, activations at both ends of int16, every rule. */
#ifndef QCC_CHECK_CONV2D_S16_H
#define QCC_CHECK_CONV2D_S16_H

#include "check_conv2d_q8.h"
#include "qcc/conv2d_s16.h"

typedef struct qcc_conv2d_s16_params check_conv2d_s16_params;

struct check_conv2d_s16_call {
  struct qcc_conv2d_s16_data d;
  const int16_t *x;
  const int8_t *w;
  const void *bias;
  const int32_t *scale;
  int16_t *y;
  void *scratch;
};
#define CHECK_CALL_conv2d_s16(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->w, (c)->bias, (c)->scale, (c)->y, (c)->scratch)
typedef void check_conv2d_s16_run(check_conv2d_s16_params p, const struct check_conv2d_s16_call *c);

/* int16 activations: noise, one end, both ends in turns. */
static int16_t *check_s16_x(size_t count, size_t slack) {
  int16_t *x = check_place(CHECK_X, count * 2, slack, 2);
  const int32_t fill = check_between(0, 4);
  for (size_t i = 0; i < count; i++)
    x[i] = (int16_t)(fill == 0 ? 32767 : fill == 1 ? -32768 : fill == 2 ? (i & 1 ? 32767 : -32768) : check_between(-32768, 32767));
  return x;
}

/* Two words of scale for each of oc channels (zero products beyond them), of a rule whose results are about int16. */
static int32_t *check_s16_scales(int32_t rounding, int32_t is_wide, int32_t oc, int32_t padded) {
  int32_t *scale = check_place(CHECK_MULT, (size_t)padded * 8, 0, 64);
  for (int32_t o = 0; o < padded; o++) {
    const int32_t down = is_wide ? check_between(12, 31) : check_between(0, 24); /* about 2^-down */
    if (o >= oc) {
      scale[2 * o] = scale[2 * o + 1] = 1;
    } else if (rounding == QCC_WIDE_CUT) {
      scale[2 * o] = check_once_in(3) ? 0x4000 : check_once_in(9) ? 0 : check_between(0x4000, 0x7fff);
      scale[2 * o + 1] = 15 + down;
    } else if (rounding == QCC_WIDE_DOUBLE) {
      scale[2 * o] = check_once_in(3) ? 1 << 30 : check_between(1 << 30, INT32_MAX);
      scale[2 * o + 1] = -down;
    } else {
      scale[2 * o] = check_once_in(3) ? 0 : (int32_t)check_random();
      scale[2 * o + 1] = (int32_t)((uint32_t)(1022 - down) << 20 | (check_once_in(3) ? 0 : check_random() & 0xfffff));
    }
  }
  return scale;
}

/* Biases of 32 or of 64 bits. */
static void *check_s16_bias(int32_t is_wide, int32_t oc, int32_t padded) {
  void *bias = check_place(CHECK_BIAS, (size_t)padded * (is_wide ? 8 : 4), 0, 64);
  for (int32_t o = 0; o < padded; o++) {
    const int32_t b = o < oc ? check_between(-(1 << 24), 1 << 24) : 0;
    if (is_wide)
      ((int64_t *)bias)[o] = (int64_t)b * (1 << 20);
    else
      ((int32_t *)bias)[o] = b;
  }
  return bias;
}

/* Weights of k taps whose sums the kernel's promise lets through: narrow ones leave room for k products in 31 bits. */
static void check_s16_weights(struct check_convolution *c, int32_t is_wide) {
  const int32_t most = is_wide ? 128 : 60000 / c->k < 128 ? 60000 / c->k : 128;
  c->w = malloc((size_t)c->oc * (size_t)c->k * sizeof *c->w);
  for (size_t i = 0; i < (size_t)c->oc * (size_t)c->k; i++)
    c->w[i] = (int16_t)(check_once_in(4) ? -most : check_between(-most, most > 127 ? 127 : most));
}

static void check_s16_rule(struct check_kernel k, int32_t *is_wide, int32_t *rounding) {
  *is_wide = check_needs(k, "NARROW_SUMS") ? 0 : check_once_in(2);
  *rounding = *is_wide ? CHECK_PICK(QCC_WIDE_CUT, QCC_WIDE_NEAREST) : CHECK_PICK(QCC_WIDE_DOUBLE, QCC_WIDE_CUT, QCC_WIDE_CUT, QCC_WIDE_NEAREST);
}

static void check_s16_range(int32_t *low, int32_t *high) {
  *low = check_once_in(3) ? 0 : check_once_in(4) ? check_between(-32768, 32767) : -32768;
  *high = check_once_in(4) ? check_between(*low, 32767) : 32767;
}

static void check_conv2d_s16(struct check_kernel k, check_conv2d_s16_run *run, int64_t (*scratch)(check_conv2d_s16_params)) {
  static const char *const words[] = {"GROUPS_ONE", "NARROW_SUMS", "NOT_ONE_PIXEL", 0};
  check_knows(k, words);
  const struct check_panels f = check_read_packing(k);
  check_conv2d_q8_params q;
  while (!check_conv2d_q8_shape(k, f, &q) || q.kh * q.kw * q.c > 40000) continue;
  check_conv2d_s16_params p = {q.n, q.h, q.w, q.c, q.oh, q.ow, q.oc, q.kh, q.kw, q.sh, q.sw, q.dh, q.dw, q.pad_top, q.pad_left, q.groups, 0, 0};
  check_s16_rule(k, &p.is_wide, &p.rounding);
  struct check_convolution c;
  memset(&c, 0, sizeof c);
  c.kernel = k;
  c.oc = p.oc;
  c.k = p.kh * p.kw * (p.c / p.groups);
  check_s16_weights(&c, p.is_wide);
  const int32_t padded = (p.oc + f.nr - 1) / f.nr * f.nr;
  const size_t count = (size_t)p.n * (size_t)p.oh * (size_t)p.ow * (size_t)p.oc;
  struct check_conv2d_s16_call call;
  memset(&call, 0, sizeof call);
  check_s16_range(&call.d.y_min, &call.d.y_max);
  call.x = check_s16_x((size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack);
  call.bias = check_s16_bias(p.is_wide, p.oc, padded);
  call.scale = check_s16_scales(p.rounding, p.is_wide, p.oc, padded);
  snprintf(check_now.text, sizeof check_now.text,
           "n%d %dx%dx%d -> %dx%dx%d kernel %dx%d stride %d %d dilation %d %d pad %d %d groups %d | rule %d wide %d range %d..%d", p.n, p.h,
           p.w, p.c, p.oh, p.ow, p.oc, p.kh, p.kw, p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left, p.groups, p.rounding, p.is_wide,
           call.d.y_min, call.d.y_max);
  call.w = check_pack(CHECK_W, &c, CHECK_PLAIN(1), 1, 0);
  call.y = check_place(CHECK_WANT, count * 2, 0, 2);
  CHECK_CALL_conv2d_s16(qcc_conv2d_s16__1__scalar, p, &call);
  call.w = check_pack(CHECK_W, &c, f, p.groups, k.slack);
  call.y = check_place(CHECK_Y, count * 2, 0, 2);
  const int64_t bytes = scratch(p);
  if (bytes > 0) call.scratch = check_place(CHECK_SCRATCH, (size_t)bytes, 0, 64);
  run(p, &call);
  check_same_bytes();
  free(c.w);
}

/* ---- bench ---- */

#define CHECK_SCALAR_conv2d_s16 qcc_conv2d_s16__1__scalar
#define BENCH_SHAPES_conv2d_s16(B, symbol)                                                                         \
  B(conv2d_s16, symbol, k3_12_32_32, {1, 12, 12, 32, 12, 12, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, QCC_WIDE_CUT, 0})     \
  B(conv2d_s16, symbol, full_640_128, {1, 1, 1, 640, 1, 1, 128, 1, 1, 1, 1, 1, 1, 0, 0, 1, QCC_WIDE_NEAREST, 0})

static QCC_MAYBE_UNUSED void bench_conv2d_s16(struct check_kernel k, const char *name, check_conv2d_s16_params p,
                                              check_conv2d_s16_run *run, check_conv2d_s16_run *scalar,
                                              int64_t (*scratch)(check_conv2d_s16_params)) {
  const struct check_panels f = check_read_packing(k);
  struct check_convolution c;
  memset(&c, 0, sizeof c);
  c.kernel = k;
  c.oc = p.oc;
  c.k = p.kh * p.kw * p.c;
  check_s16_weights(&c, 0);
  const int32_t padded = (p.oc + f.nr - 1) / f.nr * f.nr;
  const size_t count = (size_t)p.oh * (size_t)p.ow * (size_t)p.oc;
  struct check_conv2d_s16_call a = {{-32768, 32767}, check_s16_x((size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack), 0, check_s16_bias(0, p.oc, padded),
                                    check_s16_scales(p.rounding, 0, p.oc, padded), check_place(CHECK_Y, count * 2, 0, 64),
                                    check_place(CHECK_SCRATCH, (size_t)scratch(p) + 1, 0, 64)}, b = a;
  a.w = check_pack(CHECK_W, &c, f, 1, k.slack);
  b.w = check_pack(CHECK_X2, &c, CHECK_PLAIN(1), 1, 0);
  BENCH(k.symbol, name, (double)count * c.k, "MAC", run(p, &a), scalar(p, &b));
  free(c.w);
}

#endif

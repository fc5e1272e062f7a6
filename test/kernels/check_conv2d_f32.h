/* SPDX-License-Identifier: 0BSD */
/* Cases of conv2d_f32: channel counts around the 8 lanes, hostile floats, every border. */
#ifndef QCC_CHECK_CONV2D_F32_H
#define QCC_CHECK_CONV2D_F32_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/conv2d_f32.h"

typedef struct qcc_conv2d_f32_params check_conv2d_f32_params;
struct check_conv2d_f32_call {
  struct qcc_conv2d_f32_data d;
  const float *x, *w, *bias, *residual;
  float *y;
};
#define CHECK_CALL_conv2d_f32(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->w, (c)->bias, (c)->residual, (c)->y)
typedef void check_conv2d_f32_run(check_conv2d_f32_params p, const struct check_conv2d_f32_call *c);

static int32_t check_f32_windows(int32_t size, int32_t before, int32_t after, int32_t extent, int32_t stride) {
  return size + before + after < extent ? 0 : (size + before + after - extent) / stride + 1;
}

/* Weights [oc][k] as `packing` wants them: as they are, or in panels of nr channels of a group. */
static const float *check_conv2d_f32_pack(struct check_kernel k, check_conv2d_f32_params p, const float *w) {
  int32_t nr = 0, kr = 0;
  if (strcmp(k.packing, "none") == 0) return w;
  if (sscanf(k.packing, "nr%d_kr%d_f32", &nr, &kr) != 2 || kr != 1) {
    printf("FAIL %s: check_conv2d_f32.h does not know the packing %s\n", k.symbol, k.packing);
    exit(1);
  }
  const int32_t og = p.oc / p.groups, panels = (og + nr - 1) / nr, taps = p.kh * p.kw * (p.c / p.groups);
  float *to = check_place(CHECK_TABLE, (size_t)p.groups * (size_t)panels * (size_t)taps * (size_t)nr * 4, k.slack, 64);
  size_t at = 0;
  for (int32_t g = 0; g < p.groups; g++)
    for (int32_t panel = 0; panel < panels; panel++)
      for (int32_t t = 0; t < taps; t++)
        for (int32_t i = 0; i < nr; i++, at++) {
          const int32_t o = panel * nr + i;
          to[at] = o < og ? w[(size_t)(g * og + o) * (size_t)taps + (size_t)t] : 0.0f;
        }
  return to;
}

static int check_conv2d_f32_shape(struct check_kernel k, check_conv2d_f32_params *p) {
  const int pointwise = check_needs(k, "POINTWISE") || check_once_in(3), plain = check_needs(k, "POINTWISE");
  const int single = check_needs(k, "MULTIPLIER_ONE");
  const int depthwise = single || (!check_needs(k, "GROUPS_ONE") && check_once_in(4));
  memset(p, 0, sizeof *p);
  p->n = check_once_in(4) ? 2 : 1;
  p->h = check_between(1, 8), p->w = check_between(1, 9);
  p->kh = pointwise ? 1 : check_between(1, 5), p->kw = pointwise ? 1 : check_between(1, 5);
  p->sh = plain ? 1 : CHECK_PICK(1, 1, 2, 3), p->sw = plain ? 1 : CHECK_PICK(1, 1, 2, 3);
  p->dh = p->dw = 1;
  if (!plain && !check_needs(k, "UNIT_DILATION") && check_once_in(3)) p->dh = CHECK_PICK(1, 2, 3), p->dw = CHECK_PICK(1, 2, 3);
  const int32_t eh = (p->kh - 1) * p->dh + 1, ew = (p->kw - 1) * p->dw + 1, padded = !plain && check_random() & 1;
  p->pad_top = padded ? check_between(0, eh) : 0, p->pad_left = padded ? check_between(0, ew) : 0;
  p->oh = check_f32_windows(p->h, p->pad_top, padded ? check_between(0, eh) : 0, eh, p->sh);
  p->ow = check_f32_windows(p->w, p->pad_left, padded ? check_between(0, ew) : 0, ew, p->sw);
  p->groups = check_needs(k, "GROUPS_ONE") || !check_once_in(4) ? 1 : CHECK_PICK(2, 3);
  const int32_t multiple = check_multiple(k, "C_MULTIPLE_OF_");
  const int32_t cg = CHECK_PICK(1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33);
  p->c = (cg + multiple - 1) / multiple * multiple * p->groups;
  p->oc = check_between(1, 35) * p->groups;
  if (depthwise) p->groups = p->c, p->oc = p->c * (single ? 1 : check_between(1, 2));
  p->has_bias = check_random() & 1;
  if (check_random() & 1) {
    p->before = check_once_in(3) ? QCC_FUSED_NONE : check_between(QCC_FUSED_CLAMP, QCC_FUSED_SWISH);
    p->has_add = check_random() & 1;
    p->after = p->has_add && check_random() & 1 ? check_between(QCC_FUSED_CLAMP, QCC_FUSED_SWISH) : QCC_FUSED_NONE;
  }
  return p->oh > 0 && p->ow > 0 && (double)p->oh * p->ow * p->n * p->oc * p->kh * p->kw * p->c / p->groups < 3e5;
}

static void check_conv2d_f32(struct check_kernel k, check_conv2d_f32_run *run, int64_t (*scratch)(check_conv2d_f32_params)) {
  static const char *const words[] = {"GROUPS_ONE",     "UNIT_DILATION", "POINTWISE", "MULTIPLIER_ONE",
                                      "C_MULTIPLE_OF_", "NOT_ONE_PIXEL", 0};
  check_knows(k, words);
  (void)scratch;
  check_conv2d_f32_params p;
  while (!check_conv2d_f32_shape(k, &p)) continue;
  const size_t taps = (size_t)p.kh * (size_t)p.kw * (size_t)(p.c / p.groups);
  const size_t count = (size_t)p.n * (size_t)p.oh * (size_t)p.ow * (size_t)p.oc;
  const float alpha = (float)check_between(-8, 8) / 16.0f, least = (float)check_between(-4, 1), most = least + 2.0f;
  struct check_conv2d_f32_call c = {
      {p.before == QCC_FUSED_CLAMP ? least : alpha, most, p.after == QCC_FUSED_CLAMP ? least : alpha,
       check_once_in(3) ? QCC_INFINITY : most},
      check_floats(CHECK_X, (size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack, 1.0f),
      check_floats(CHECK_W, taps * (size_t)p.oc, k.slack, 0.5f),
      p.has_bias ? check_floats(CHECK_BIAS, (size_t)p.oc, 0, 1.0f) : 0,
      p.has_add ? check_floats(CHECK_X2, count, 0, 1.0f) : 0, 0};
  snprintf(check_now.text, sizeof check_now.text,
           "n%d %dx%dx%d -> %dx%dx%d kernel %dx%d stride %d %d dilation %d %d pad %d %d groups %d bias %d fused %d %d %d", p.n, p.h, p.w, p.c,
           p.oh, p.ow, p.oc, p.kh, p.kw, p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left, p.groups, p.has_bias,
           p.before, p.has_add, p.after);
  c.y = check_place(CHECK_WANT, count * 4, 0, 4);
  CHECK_CALL_conv2d_f32(qcc_conv2d_f32__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * 4, 0, 4);
  c.w = check_conv2d_f32_pack(k, p, c.w);
  if (p.has_add && check_once_in(3)) { /* in its place */
    memcpy(c.y, c.residual, count * 4);
    c.residual = c.y;
  }
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_conv2d_f32 qcc_conv2d_f32__1__scalar
#define BENCH_CONV2D_F32(h, c, oh, oc, k, s, pad, g) {1, h, h, c, oh, oh, oc, k, k, s, s, 1, 1, pad, pad, g, 1, 0, 0, 0}
#define BENCH_SHAPES_conv2d_f32(B, symbol)                                                \
  B(conv2d_f32, symbol, first_3x3s2_56x32, BENCH_CONV2D_F32(112, 3, 56, 32, 3, 2, 1, 1))  \
  B(conv2d_f32, symbol, first_7x7s2_56x64, BENCH_CONV2D_F32(112, 3, 56, 64, 7, 2, 3, 1))  \
  B(conv2d_f32, symbol, k3_7_256_256, BENCH_CONV2D_F32(7, 256, 7, 256, 3, 1, 1, 1))       \
  B(conv2d_f32, symbol, expand_28_24_144, BENCH_CONV2D_F32(28, 24, 28, 144, 1, 1, 0, 1))  \
  B(conv2d_f32, symbol, k3_14_64_64, BENCH_CONV2D_F32(14, 64, 14, 64, 3, 1, 1, 1))        \
  B(conv2d_f32, symbol, depthwise_28x144, BENCH_CONV2D_F32(28, 144, 28, 144, 3, 1, 1, 144)) \
  B(conv2d_f32, symbol, full_1280_100, BENCH_CONV2D_F32(1, 1280, 1, 100, 1, 1, 0, 1))
static QCC_MAYBE_UNUSED void bench_conv2d_f32(struct check_kernel k, const char *name, check_conv2d_f32_params p,
                                              check_conv2d_f32_run *run, check_conv2d_f32_run *scalar,
                                              int64_t (*scratch)(check_conv2d_f32_params)) {
  if (p.groups > 1 && check_needs(k, "GROUPS_ONE")) return;
  if ((p.groups != p.c || p.oc != p.c) && check_needs(k, "MULTIPLIER_ONE")) return;
  const size_t taps = (size_t)p.kh * (size_t)p.kw * (size_t)(p.c / p.groups), xs = (size_t)p.h * (size_t)p.w * (size_t)p.c;
  const size_t count = (size_t)p.oh * (size_t)p.ow * (size_t)p.oc, ws = taps * (size_t)p.oc;
  float *x = check_place(CHECK_X, xs * 4, k.slack, 64), *w = check_place(CHECK_W, ws * 4, k.slack, 64);
  float *bias = check_place(CHECK_BIAS, (size_t)p.oc * 4, 0, 64);
  for (size_t i = 0; i < xs; i++) x[i] = check_float(check_between(-3, 1));
  for (size_t i = 0; i < ws; i++) w[i] = check_float(check_between(-6, -3));
  for (int32_t i = 0; i < p.oc; i++) bias[i] = check_float(0);
  const struct check_conv2d_f32_call plain = {{0.0f, 0.0f, 0.0f, 0.0f}, x, w, bias, 0, check_place(CHECK_Y, count * 4, 0, 64)};
  struct check_conv2d_f32_call c = plain;
  c.w = check_conv2d_f32_pack(k, p, w);
  (void)scratch;
  BENCH(k.symbol, name, (double)count * (double)taps, "MAC", run(p, &c), scalar(p, &plain));
}

#endif

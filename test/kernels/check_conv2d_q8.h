/* SPDX-License-Identifier: 0BSD */
/* Cases of conv2d_q8: sizes around every tile edge, against qcc_conv2d_q8__s16__scalar, which takes any weight. */
#ifndef QCC_CHECK_CONV2D_Q8_H
#define QCC_CHECK_CONV2D_Q8_H

#include "bench.h"
#include "check_panels.h"
#include "qcc/conv2d_q8.h"

typedef struct qcc_conv2d_q8_params check_conv2d_q8_params;

struct check_conv2d_q8_call {
  struct qcc_conv2d_q8_data d;
  const uint8_t *x;
  const void *w;
  const int32_t *bias;
  const void *scale;
  const uint8_t *residual, *table;
  void *y, *scratch;
};
#define CHECK_CALL_conv2d_q8(symbol, p, c) \
  symbol(p, (c)->d, (c)->x, (c)->w, (c)->bias, (c)->scale, (c)->residual, (c)->table, (c)->y, (c)->scratch)
typedef void check_conv2d_q8_run(check_conv2d_q8_params p, const struct check_conv2d_q8_call *c);

static int32_t check_channels(int32_t multiple) {
  const int32_t c = CHECK_PICK(1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 130);
  return (c + multiple - 1) / multiple * multiple;
}

/* Output channels around the edges of panels of nr. */
static int32_t check_output_channels(int32_t nr, int32_t multiple) {
  const int32_t near = nr * check_between(0, 3) + check_between(-1, 1);
  const int32_t oc = near < 1 || check_once_in(5) ? check_between(1, 2 * nr + 3) : near;
  return (oc + multiple - 1) / multiple * multiple;
}

/* QUADS_IN_LINES: each 4 inputs lie side by side; a single tap has no padding. */
static int check_quads_in_lines(const check_conv2d_q8_params *p) {
  const int32_t cg = p->c / p->groups, run = p->groups == 1 && (p->dw == 1 || p->kw == 1) ? p->kw * cg : cg;
  const int is_inside = p->pad_top == 0 && p->pad_left == 0 && (p->oh - 1) * p->sh < p->h && (p->ow - 1) * p->sw < p->w;
  return run % 4 == 0 && (p->kh * p->kw > 1 || is_inside);
}

static int check_conv2d_q8_shape(struct check_kernel k, struct check_panels f, check_conv2d_q8_params *p) {
  const int pointwise = check_needs(k, "POINTWISE") || check_once_in(3), square = check_needs(k, "KERNEL_3X3");
  memset(p, 0, sizeof *p);
  p->n = check_once_in(4) ? 2 : 1;
  p->h = check_once_in(4) ? 1 : check_between(1, 9);
  p->w = check_once_in(4) ? 1 : check_between(1, check_needs(k, "ONE_CHANNEL") ? 80 : 13);
  p->kh = square ? 3 : pointwise ? 1 : CHECK_PICK(1, 2, 3, 3, 4, 5, 7);
  p->kw = square ? 3 : pointwise ? 1 : CHECK_PICK(1, 2, 3, 3, 4, 5, 7);
  if (check_needs(k, "ONE_CHANNEL") && !pointwise && check_once_in(3)) p->kh = CHECK_PICK(6, 8, 10, 11), p->kw = CHECK_PICK(6, 9, 20);
  p->sh = p->sw = p->dh = p->dw = 1;
  if (!pointwise || (!check_needs(k, "POINTWISE") && check_once_in(4))) {
    p->sh = CHECK_PICK(1, 1, 2, 3);
    p->sw = CHECK_PICK(1, 1, 2, 3);
    if (!check_needs(k, "UNIT_DILATION") && check_once_in(3)) p->dh = CHECK_PICK(1, 2, 3), p->dw = CHECK_PICK(1, 2, 3);
  }
  if (check_needs(k, "STRIDE_1")) p->sh = p->sw = 1;
  if (check_needs(k, "STRIDE_2")) p->sh = p->sw = 2;
  const int32_t eh = (p->kh - 1) * p->dh + 1, ew = (p->kw - 1) * p->dw + 1;
  int32_t after_y = 0, after_x = 0;
  /* Windows that lie in the padding whole, and steps over the image. */
  const int32_t far = check_needs(k, "QUADS_IN_LINES") && !pointwise && check_once_in(6) ? 9 : 0;
  if (far) p->sh = p->sw = CHECK_PICK(1, 3, 20);
  if (!pointwise || (!check_needs(k, "POINTWISE") && check_once_in(6))) {
    p->pad_top = check_between(0, eh + far), p->pad_left = check_between(0, ew + far);
    after_y = check_between(0, eh), after_x = check_between(0, ew);
  }
  p->oh = check_windows(p->h, p->pad_top, after_y, eh, p->sh);
  p->ow = check_windows(p->w, p->pad_left, after_x, ew, p->sw);
  if (check_needs(k, "ONE_PIXEL")) {
    p->n = p->oh = p->ow = p->sh = p->sw = p->dh = p->dw = 1;
    p->pad_top = p->pad_left = 0;
    p->h = p->kh, p->w = p->kw;
  }
  p->groups = check_needs(k, "GROUPS_ONE") || !check_once_in(4) ? 1 : CHECK_PICK(2, 2, 3);
  const int32_t c_multiple = check_multiple(k, "C_MULTIPLE_OF_"), oc_multiple = check_multiple(k, "OC_MULTIPLE_OF_");
  p->c = check_needs(k, "ONE_CHANNEL") ? 1 : check_channels(c_multiple) * p->groups;
  p->oc = check_output_channels(f.nr, oc_multiple) * p->groups;
  if (check_needs(k, "GROUPS_OF_4_OR_8")) {
    p->groups = CHECK_PICK(1, 2, 3, 4, 5, 8);
    p->c = p->oc = p->groups * CHECK_PICK(4, 8);
  }
  const double macs = (double)p->oh * p->ow * p->n * p->oc * p->kh * p->kw * p->c / p->groups;
  if (check_needs(k, "AT_MOST_32_CELLS") && p->kh * p->kw * p->c / p->groups > 32) return 0;
  if (check_needs(k, "AT_MOST_64_CELLS") && p->kh * p->kw * p->c / p->groups > 64) return 0;
  if (check_needs(k, "MORE_THAN_64_CELLS") && p->kh * p->kw * p->c / p->groups <= 64) return 0;
  if (check_needs(k, "AT_MOST_128_CELLS") && p->kh * p->kw * p->c / p->groups > 128) return 0;
  if (check_needs(k, "QUADS_IN_LINES") && !check_quads_in_lines(p)) return 0;
  return p->oh > 0 && p->ow > 0 && macs < 1e6;
}

static void check_conv2d_q8_fill(struct check_kernel k, struct check_panels f, check_conv2d_q8_params *p,
                                 struct check_convolution *c) {
  memset(c, 0, sizeof *c);
  c->kernel = k;
  c->oc = p->oc;
  c->k = p->kh * p->kw * (p->c / p->groups);
  c->x_bytes = (size_t)p->n * (size_t)p->h * (size_t)p->w * (size_t)p->c;
  c->y_count = (size_t)p->n * (size_t)p->oh * (size_t)p->ow * (size_t)p->oc;
  check_convolution_fill(c, f.narrow ? p->oc : (p->oc + f.nr - 1) / f.nr * f.nr);
  p->x_signed = c->x_signed;
  p->kind = c->kind;
}

static struct check_conv2d_q8_call check_conv2d_q8_call_of(const struct check_convolution *c) {
  return (struct check_conv2d_q8_call){{c->pad, c->e}, c->x, 0, c->bias, c->scale, c->residual, c->table, 0, 0};
}

static QCC_MAYBE_UNUSED void check_conv2d_q8(struct check_kernel k, check_conv2d_q8_run *run, int64_t (*scratch)(check_conv2d_q8_params)) {
  static const char *const words[] = {"GROUPS_ONE", "GROUPS_OF_4_OR_8", "OUT_Q8",      "UNIT_DILATION",   "POINTWISE",         "NO_RESIDUAL",
                                      "KERNEL_3X3",  "STRIDE_1",        "STRIDE_2",          "X_UNSIGNED",
                                      "X_SIGNED",   "NO_TIES", "ANY_CONSTANTS", "WEIGHTS_NOT_MIN", "WEIGHTS_BEYOND_S8", "PAIR_SUM_FITS_S16", "QUADS_FIT_S16", "OCTS_FIT_S16", "QUADS_IN_LINES", "WINOGRAD_F4", "ONE_PIXEL", "NOT_ONE_PIXEL", "AT_MOST_32_CELLS", "SHORT_EPILOGUE", "AT_MOST_64_CELLS", "MORE_THAN_64_CELLS", "AT_MOST_128_CELLS", "ONE_CHANNEL", "C_MULTIPLE_OF_",
                                      "OC_MULTIPLE_OF_", 0};
  check_knows(k, words);
  struct check_panels f = check_read_packing(k);
  check_conv2d_q8_params p;
  while (!check_conv2d_q8_shape(k, f, &p)) continue;
  if (f.columns) f.columns = p.kw;
  struct check_convolution c;
  check_conv2d_q8_fill(k, f, &p, &c);
  const int at = snprintf(check_now.text, sizeof check_now.text,
                          "n%d %dx%dx%d -> %dx%dx%d kernel %dx%d stride %d %d dilation %d %d pad %d %d groups %d |", p.n, p.h,
                          p.w, p.c, p.oh, p.ow, p.oc, p.kh, p.kw, p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left, p.groups);
  check_describe_epilogue(check_now.text + at, sizeof check_now.text - (size_t)at, &c);
  check_convolution_outputs(&c);
  struct check_conv2d_q8_call call = check_conv2d_q8_call_of(&c);
  call.w = check_pack(CHECK_W, &c, CHECK_PLAIN(2), 1, 0);
  call.y = check_buffers[CHECK_WANT].data;
  CHECK_CALL_conv2d_q8(qcc_conv2d_q8__s16__scalar, p, &call);
  check_convolution_shift(&c);
  p.kind.constants = check_convolution_constants(&c);
  call.bias = c.bias;
  call.scale = c.scale;
  call.w = check_pack(CHECK_W, &c, f, p.groups, k.slack);
  call.y = check_buffers[CHECK_Y].data;
  if (call.residual != 0 && (check_random() & 1)) {
    memcpy(call.y, call.residual, c.y_count);
    call.residual = call.y;
  }
  const int64_t bytes = scratch(p);
  if (bytes > 0) call.scratch = check_place(CHECK_SCRATCH, (size_t)bytes, 0, 64);
  run(p, &call);
  check_convolution_compare(&c);
  free(c.w);
}

/* ---- bench ---- */

#define CHECK_SCALAR_conv2d_q8 qcc_conv2d_q8__s16__scalar
#define BENCH_CONV2D(h, c, oh, oc, k, s, pad) \
  BENCH_GROUPS(h, c, oh, oc, k, s, pad, 1)
#define BENCH_GROUPS(h, c, oh, oc, k, s, pad, groups) \
  {1, h, h, c, oh, oh, oc, k, k, s, s, 1, 1, pad, pad, groups, 0, {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}}
#define BENCH_SHAPES_conv2d_q8(B, symbol)                                             \
  B(conv2d_q8, symbol, first_3x3s2_112x32, BENCH_CONV2D(224, 3, 112, 32, 3, 2, 1))    \
  B(conv2d_q8, symbol, grey_28_5x5_8, BENCH_CONV2D(28, 1, 28, 8, 5, 1, 2))           \
  B(conv2d_q8, symbol, expand_56_24_144, BENCH_CONV2D(56, 24, 56, 144, 1, 1, 0))      \
  B(conv2d_q8, symbol, project_14_384_64, BENCH_CONV2D(14, 384, 14, 64, 1, 1, 0))     \
  B(conv2d_q8, symbol, k3_56_64_64, BENCH_CONV2D(56, 64, 56, 64, 3, 1, 1))            \
  B(conv2d_q8, symbol, k3_14_256_256, BENCH_CONV2D(14, 256, 14, 256, 3, 1, 1))        \
  B(conv2d_q8, symbol, k3_56_32x4, BENCH_GROUPS(56, 128, 56, 128, 3, 1, 1, 32))     \
  B(conv2d_q8, symbol, k3s2_28_32x8, BENCH_GROUPS(56, 256, 28, 256, 3, 2, 1, 32))   \
  B(conv2d_q8, symbol, k3_28_32x8, BENCH_GROUPS(28, 256, 28, 256, 3, 1, 1, 32))     \
  B(conv2d_q8, symbol, full_1280_1000, BENCH_CONV2D(1, 1280, 1, 1000, 1, 1, 0))

static QCC_MAYBE_UNUSED void bench_conv2d_q8(struct check_kernel k, const char *name, check_conv2d_q8_params p,
                                             check_conv2d_q8_run *run, check_conv2d_q8_run *scalar,
                                             int64_t (*scratch)(check_conv2d_q8_params)) {
  if ((check_needs(k, "POINTWISE") && p.kh > 1) || (check_needs(k, "KERNEL_3X3") && p.kh != 3) ||
      (check_needs(k, "STRIDE_1") && p.sh != 1) || (check_needs(k, "ONE_CHANNEL") && p.c != 1) || (check_needs(k, "ONE_PIXEL") && p.h > 1) || p.c % check_multiple(k, "C_MULTIPLE_OF_") != 0) return;
  if (p.groups > 1 ? check_needs(k, "GROUPS_ONE") : check_needs(k, "GROUPS_OF_4_OR_8")) return;
  struct check_panels f = check_read_packing(k);
  if (f.columns) f.columns = p.kw;
  const int32_t padded = (p.oc + f.nr - 1) / f.nr * f.nr;
  check_conv2d_q8_params any = p;
  struct check_convolution c;
  check_conv2d_q8_fill(k, f, &any, &c);
  struct check_conv2d_q8_call a = check_conv2d_q8_call_of(&c), b;
  float *mult = check_place(CHECK_MULT, (size_t)padded * 4, 0, 64);
  for (int32_t i = 0; i < padded; i++) mult[i] = 1e-3f;
  a.d = (struct qcc_conv2d_q8_data){121, {128, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0}};
  a.scale = mult;
  a.y = check_place(CHECK_Y, c.y_count, 0, 64);
  a.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p) + 1, 0, 64);
  b = a;
  a.w = check_pack(CHECK_W, &c, f, p.groups, k.slack);
  b.w = check_pack(CHECK_X2, &c, CHECK_PLAIN(2), 1, 0);
  BENCH(k.symbol, name, (double)c.y_count * c.k, "MAC", run(p, &a), scalar(p, &b));
  free(c.w);
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* Cases of dwconv2d_q8, against qcc_dwconv2d_q8__s16__scalar, which takes any weight. */
#ifndef QCC_CHECK_DWCONV2D_Q8_H
#define QCC_CHECK_DWCONV2D_Q8_H

#include "bench.h"
#include "check_convolution.h"
#include "qcc/dwconv2d_q8.h"

typedef struct qcc_dwconv2d_q8_params check_dwconv2d_q8_params;

struct check_dwconv2d_q8_call {
  struct qcc_dwconv2d_q8_data d;
  const uint8_t *x;
  const void *w;
  const int32_t *bias;
  const void *scale;
  const uint8_t *residual, *table;
  void *y, *scratch;
};
#define CHECK_CALL_dwconv2d_q8(symbol, p, c) \
  symbol(p, (c)->d, (c)->x, (c)->w, (c)->bias, (c)->scale, (c)->residual, (c)->table, (c)->y, (c)->scratch)
typedef void check_dwconv2d_q8_run(check_dwconv2d_q8_params p, const struct check_dwconv2d_q8_call *c);

/* hwc: [taps][oc] */
static void *check_pack_hwc(int which, const struct check_convolution *c, int wide, size_t slack) {
  void *w = check_place(which, (size_t)c->oc * (size_t)c->k * (wide ? 2 : 1), slack, 64);
  for (int32_t o = 0; o < c->oc; o++)
    for (int32_t t = 0; t < c->k; t++) {
      const int16_t v = c->w[(size_t)o * (size_t)c->k + (size_t)t];
      const size_t at = (size_t)t * (size_t)c->oc + (size_t)o;
      if (wide)
        ((int16_t *)w)[at] = v;
      else
        ((int8_t *)w)[at] = (int8_t)v;
    }
  return w;
}

/* ohwi: [oc][taps], s8 */
static void *check_pack_depthwise(int which, const struct check_convolution *c) {
  const struct check_kernel k = c->kernel;
  if (strncmp(k.packing, "ohwi_s8", 7) != 0) return check_pack_hwc(which, c, check_is_wide(k), k.slack);
  int8_t *w = check_place(which, (size_t)c->oc * (size_t)c->k, k.slack, 64);
  for (int32_t i = 0; i < c->oc * c->k; i++) w[i] = (int8_t)c->w[i];
  return w;
}

static int check_dwconv2d_q8_shape(struct check_kernel k, check_dwconv2d_q8_params *p) {
  const int square = check_needs(k, "KERNEL_3X3") || check_once_in(3), multiple = check_multiple(k, "C_MULTIPLE_OF_");
  memset(p, 0, sizeof *p);
  const int column = check_needs(k, "ONE_COLUMN");
  p->n = !column && check_once_in(4) ? 2 : 1;
  p->h = check_once_in(6) ? 1 : check_between(1, 12);
  p->w = check_once_in(6) ? 1 : check_between(1, 14);
  p->kh = square ? 3 : CHECK_PICK(1, 2, 3, 4, 5, 7, 10);
  p->kw = square ? 3 : CHECK_PICK(1, 2, 3, 4, 5, 7, 10);
  if (column || (!square && check_once_in(5))) p->w = p->kw = 1, p->h = check_between(1, 30), p->kh = check_between(1, 16);
  p->sh = CHECK_PICK(1, 1, 2, 3), p->sw = CHECK_PICK(1, 1, 2, 3);
  p->dh = p->dw = 1;
  if (check_needs(k, "STRIDE_1")) p->sh = p->sw = 1;
  if (check_needs(k, "STRIDE_2")) p->sh = p->sw = 2;
  if (!check_needs(k, "UNIT_DILATION") && check_once_in(3)) p->dh = CHECK_PICK(1, 2, 3), p->dw = CHECK_PICK(1, 2, 3);
  const int32_t eh = (p->kh - 1) * p->dh + 1, ew = (p->kw - 1) * p->dw + 1;
  p->pad_top = check_once_in(3) ? 0 : check_between(0, eh);
  p->pad_left = check_once_in(3) ? 0 : check_between(0, ew);
  if (check_needs(k, "BORDER_OF_ONE")) p->pad_left = check_between(0, 1);
  p->oh = check_windows(p->h, p->pad_top, check_between(0, eh), eh, p->sh);
  p->ow = check_windows(p->w, p->pad_left, check_between(0, check_needs(k, "BORDER_OF_ONE") ? 1 : ew), ew, p->sw);
  if (check_needs(k, "ONE_PIXEL")) {
    p->n = p->oh = p->ow = p->sh = p->sw = p->dh = p->dw = 1;
    p->pad_top = p->pad_left = 0;
    p->h = p->kh, p->w = p->kw;
  }
  p->multiplier = check_needs(k, "MULTIPLIER_ONE") || check_random() & 1 ? 1 : CHECK_PICK(2, 3);
  p->c = CHECK_PICK(1, 2, 3, 4, 7, 8, 8, 9, 15, 16, 17, 23, 24, 31, 32, 33, 47, 48, 49, 63, 64, 65, 80, 127, 130, 192);
  p->c = (p->c + multiple - 1) / multiple * multiple;
  const double macs = (double)p->oh * p->ow * p->n * p->c * p->multiplier * p->kh * p->kw;
  if (column && p->ow != 1) return 0;
  if (check_needs(k, "AT_MOST_64_TAPS") && p->kh * p->kw > 64) return 0;
  if (check_needs(k, "ROWS_FIT_16_BITS") && 4 * p->ow * p->c * p->multiplier >= 65536) return 0;
  if (check_needs(k, "SAME_SHAPE") && (p->oh != p->h || p->ow != p->w || p->multiplier != 1)) return 0;
  return p->oh > 0 && p->ow > 0 && macs < 5e5;
}

static void check_dwconv2d_q8_fill(struct check_kernel k, check_dwconv2d_q8_params *p, struct check_convolution *c) {
  memset(c, 0, sizeof *c);
  c->kernel = k;
  c->oc = p->c * p->multiplier;
  c->k = p->kh * p->kw;
  c->x_bytes = (size_t)p->n * (size_t)p->h * (size_t)p->w * (size_t)p->c;
  c->y_count = (size_t)p->n * (size_t)p->oh * (size_t)p->ow * (size_t)c->oc;
  check_convolution_fill(c, c->oc);
  p->x_signed = c->x_signed;
  p->kind = c->kind;
}

static struct check_dwconv2d_q8_call check_dwconv2d_q8_call_of(const struct check_convolution *c) {
  return (struct check_dwconv2d_q8_call){{c->pad, c->e}, c->x, 0, c->bias, c->scale, c->residual, c->table, 0, 0};
}

static QCC_MAYBE_UNUSED void check_dwconv2d_q8(struct check_kernel k, check_dwconv2d_q8_run *run,
                              int64_t (*scratch)(check_dwconv2d_q8_params)) {
  static const char *const words[] = {"OUT_Q8",     "UNIT_DILATION", "MULTIPLIER_ONE", "NO_RESIDUAL",
                                      "KERNEL_3X3", "STRIDE_1",      "STRIDE_2",       "X_UNSIGNED",      "X_SIGNED",
                                      "SAME_SHAPE", "NO_TIES", "ANY_CONSTANTS", "AT_MOST_64_TAPS", "ONE_COLUMN", "ONE_PIXEL", "ROWS_FIT_16_BITS", "WEIGHTS_NOT_MIN", "WEIGHTS_BEYOND_S8", "TWO_S8", "C_MULTIPLE_OF_", "BORDER_OF_ONE", 0};
  check_knows(k, words);
  check_dwconv2d_q8_params p;
  while (!check_dwconv2d_q8_shape(k, &p)) continue;
  struct check_convolution c;
  check_dwconv2d_q8_fill(k, &p, &c);
  const int at = snprintf(check_now.text, sizeof check_now.text,
                          "n%d %dx%dx%d -> %dx%d times %d kernel %dx%d stride %d %d dilation %d %d pad %d %d |", p.n, p.h, p.w,
                          p.c, p.oh, p.ow, p.multiplier, p.kh, p.kw, p.sh, p.sw, p.dh, p.dw, p.pad_top, p.pad_left);
  check_describe_epilogue(check_now.text + at, sizeof check_now.text - (size_t)at, &c);
  check_convolution_outputs(&c);
  struct check_dwconv2d_q8_call call = check_dwconv2d_q8_call_of(&c);
  call.w = check_pack_hwc(CHECK_W, &c, 1, 0);
  call.y = check_buffers[CHECK_WANT].data;
  CHECK_CALL_dwconv2d_q8(qcc_dwconv2d_q8__s16__scalar, p, &call);
  check_convolution_shift(&c);
  p.kind.constants = check_convolution_constants(&c);
  call.bias = c.bias;
  call.scale = c.scale;
  call.w = check_pack_depthwise(CHECK_W, &c);
  call.y = check_buffers[CHECK_Y].data;
  if (call.residual != 0 && (check_random() & 1)) {
    memcpy(call.y, call.residual, c.y_count);
    call.residual = call.y;
  }
  const int overlays = check_needs(k, "SAME_SHAPE") || (check_needs(k, "ONE_COLUMN") && c.y_count <= c.x_bytes);
  if (overlays && (check_random() & 1)) {
    if (c.y_count < c.x_bytes) call.y = check_place(CHECK_Y, c.x_bytes, 0, 1);
    memcpy(call.y, call.x, c.x_bytes);
    call.x = call.y;
  }
  const int64_t bytes = scratch(p);
  if (bytes > 0) call.scratch = check_place(CHECK_SCRATCH, (size_t)bytes, 0, 64);
  run(p, &call);
  check_convolution_compare(&c);
  free(c.w);
}

/* ---- bench ---- */

#define CHECK_SCALAR_dwconv2d_q8 qcc_dwconv2d_q8__s16__scalar
#define BENCH_DWCONV2D(h, c, oh, kh, kw, s, pad_h, pad_w) \
  {1, h, h, c, oh, oh, 1, kh, kw, s, s, 1, 1, pad_h, pad_w, 0, {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}}
#define BENCH_SHAPES_dwconv2d_q8(B, symbol)                                            \
  B(dwconv2d_q8, symbol, s1_112x32, BENCH_DWCONV2D(112, 32, 112, 3, 3, 1, 1, 1))       \
  B(dwconv2d_q8, symbol, s1_48x8, BENCH_DWCONV2D(48, 8, 48, 3, 3, 1, 1, 1))            \
  B(dwconv2d_q8, symbol, s1_14x384, BENCH_DWCONV2D(14, 384, 14, 3, 3, 1, 1, 1))        \
  B(dwconv2d_q8, symbol, s2_112x96, BENCH_DWCONV2D(112, 96, 56, 3, 3, 2, 1, 1))        \
  B(dwconv2d_q8, symbol, s2_14x576, BENCH_DWCONV2D(14, 576, 7, 3, 3, 2, 1, 1))         \
  B(dwconv2d_q8, symbol, k5_14x240, BENCH_DWCONV2D(14, 240, 14, 5, 5, 1, 2, 2))

static QCC_MAYBE_UNUSED void bench_dwconv2d_q8(struct check_kernel k, const char *name, check_dwconv2d_q8_params p,
                                               check_dwconv2d_q8_run *run, check_dwconv2d_q8_run *scalar,
                                               int64_t (*scratch)(check_dwconv2d_q8_params)) {
  if ((check_needs(k, "KERNEL_3X3") && p.kh != 3) || (check_needs(k, "STRIDE_1") && p.sh != 1)) return;
  if (check_needs(k, "STRIDE_2") && p.sh != 2) return;
  check_dwconv2d_q8_params any = p;
  struct check_convolution c;
  check_dwconv2d_q8_fill(k, &any, &c);
  struct check_dwconv2d_q8_call a = check_dwconv2d_q8_call_of(&c), b;
  float *mult = check_place(CHECK_MULT, (size_t)c.oc * 4, 0, 64);
  for (int32_t i = 0; i < c.oc; i++) mult[i] = 1e-2f;
  a.d = (struct qcc_dwconv2d_q8_data){121, {128, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0}};
  a.scale = mult;
  a.y = check_place(CHECK_Y, c.y_count, 0, 64);
  a.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p) + 1, 0, 64);
  b = a;
  a.w = check_pack_depthwise(CHECK_W, &c);
  b.w = check_pack_hwc(CHECK_X2, &c, 1, 0);
  BENCH(k.symbol, name, (double)c.y_count * c.k, "MAC", run(p, &a), scalar(p, &b));
  free(c.w);
}

#endif

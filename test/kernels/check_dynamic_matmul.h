/* SPDX-License-Identifier: 0BSD */
/* Cases of dynamic_matmul: sizes around every tile edge, numbers of rows and of the run, every activation, against
 * qcc_dynamic_matmul__s16__scalar, which takes any weight. */
#ifndef QCC_CHECK_DYNAMIC_MATMUL_H
#define QCC_CHECK_DYNAMIC_MATMUL_H

#include "check_conv2d_q8.h"
#include "qcc/dynamic_matmul.h"

typedef struct qcc_dynamic_matmul_params check_dynamic_matmul_params;

struct check_dynamic_matmul_call {
  const uint8_t *x;
  const void *w;
  const int32_t *sums;
  const float *scale, *x_scale;
  const uint8_t *zero;
  float *y;
  void *scratch;
};
#define CHECK_CALL_dynamic_matmul(symbol, p, c) \
  symbol(p, (c)->x, (c)->w, (c)->sums, (c)->scale, (c)->x_scale, (c)->zero, (c)->y, (c)->scratch)
typedef void check_dynamic_matmul_run(check_dynamic_matmul_params p, const struct check_dynamic_matmul_call *c);

/* Numbers of rows and channels: in one buffer the scales and zero points of the rows, in another the pairs. */
static void check_dynamic_matmul_numbers(const struct check_convolution *c, check_dynamic_matmul_params p, int32_t padded,
                                         struct check_dynamic_matmul_call *call) {
  const size_t rows = p.per_row ? (size_t)p.rows : 1;
  int32_t *const sums = check_place(CHECK_BIAS, (size_t)padded * 4, 0, 64);
  float *const scale = check_place(CHECK_MULT, (size_t)padded * 8, 0, 64);
  float *const x_scale = check_place(CHECK_X2, rows * 5, 0, 4);
  uint8_t *const zero = (uint8_t *)(x_scale + rows);
  memset(sums, 0, (size_t)padded * 4);
  memset(scale, 0, (size_t)padded * 8);
  for (int32_t o = 0; o < p.n; o++) {
    for (int32_t i = 0; i < p.k; i++) sums[o] += c->w[(size_t)o * (size_t)p.k + (size_t)i];
    scale[2 * o] = check_float(check_between(-12, 0));
    scale[2 * o + 1] = check_once_in(4) ? -0.0f : (check_random() & 1 ? -1.0f : 1.0f) * check_float(check_between(-8, 4));
  }
  for (size_t r = 0; r < rows; r++) {
    x_scale[r] = check_once_in(9) ? (float)CHECK_PICK(0, 1) * QCC_INFINITY : check_float(check_between(-20, 2));
    zero[r] = (uint8_t)(check_once_in(3) ? CHECK_PICK(0, 127, 128, 255) : check_between(0, 255));
  }
  call->sums = sums, call->scale = scale, call->x_scale = x_scale, call->zero = zero;
}

static void check_dynamic_matmul_fill(struct check_kernel k, check_dynamic_matmul_params *p, struct check_convolution *c) {
  memset(c, 0, sizeof *c);
  c->kernel = k;
  c->oc = p->n;
  c->k = p->k;
  c->kind.out = QCC_OUT_F32;
  c->x_bytes = (size_t)p->rows * (size_t)p->k;
  c->y_count = (size_t)p->rows * (size_t)p->n;
  c->x_signed = check_needs(k, "X_UNSIGNED") ? 0 : (int32_t)(check_random() & 1);
  check_convolution_x(c);
  check_convolution_w(c);
  p->x_signed = c->x_signed;
}

static void check_dynamic_matmul(struct check_kernel k, check_dynamic_matmul_run *run,
                                 int64_t (*scratch)(check_dynamic_matmul_params)) {
  static const char *const words[] = {"X_UNSIGNED",     "WEIGHTS_NOT_MIN",  "PAIR_SUM_FITS_S16",  "QUADS_FIT_S16", "OCTS_FIT_S16",
                                      "QUADS_IN_LINES", "ONE_PIXEL",        "NOT_ONE_PIXEL",      "AT_MOST_64_CELLS",
                                      "MORE_THAN_64_CELLS", 0};
  check_knows(k, words);
  const struct check_panels f = check_read_packing(k), plain = CHECK_PLAIN(2);
  check_dynamic_matmul_params p = {0};
  p.rows = check_needs(k, "ONE_PIXEL") ? 1 : check_once_in(4) ? 1 : check_once_in(4) ? check_between(90, 200) : check_between(1, 17);
  p.k = check_needs(k, "QUADS_IN_LINES") ? 4 * check_between(1, check_once_in(6) ? 300 : 40) : check_channels(1);
  if (check_needs(k, "AT_MOST_64_CELLS") && p.k > 64) p.k = 64;
  if (check_needs(k, "MORE_THAN_64_CELLS") && p.k <= 64) p.k += 64;
  p.n = check_output_channels(f.nr, 1);
  p.per_row = check_random() & 1;
  p.activation = CHECK_PICK(QCC_ACTIVATE_NONE, QCC_ACTIVATE_RELU, QCC_ACTIVATE_GELU);
  struct check_convolution c;
  struct check_dynamic_matmul_call call = {0};
  check_dynamic_matmul_fill(k, &p, &c);
  check_dynamic_matmul_numbers(&c, p, (p.n + f.nr - 1) / f.nr * f.nr, &call);
  snprintf(check_now.text, sizeof check_now.text, "%d rows of %d, %d channels, x %s, per_row %d activation %d", p.rows, p.k, p.n,
           p.x_signed ? "s8" : "u8", p.per_row, p.activation);
  check_convolution_outputs(&c);
  call.x = c.x;
  call.w = check_pack(CHECK_W, &c, plain, 1, 0);
  call.y = (float *)(void *)check_buffers[CHECK_WANT].data;
  CHECK_CALL_dynamic_matmul(qcc_dynamic_matmul__s16__scalar, p, &call);
  call.w = check_pack(CHECK_W, &c, f, 1, k.slack);
  call.y = (float *)(void *)check_buffers[CHECK_Y].data;
  const int64_t bytes = scratch(p);
  if (bytes > 0) call.scratch = check_place(CHECK_SCRATCH, (size_t)bytes, 0, 64);
  run(p, &call);
  check_convolution_compare(&c);
  free(c.w);
}

/* ---- bench ---- */

#define CHECK_SCALAR_dynamic_matmul qcc_dynamic_matmul__s16__scalar
#define BENCH_SHAPES_dynamic_matmul(B, symbol)                        \
  B(dynamic_matmul, symbol, rows_128_256_256, {128, 256, 256, 0, 1, 0})   \
  B(dynamic_matmul, symbol, gelu_128_256_1024, {128, 256, 1024, 0, 1, 2}) \
  B(dynamic_matmul, symbol, one_784_512, {1, 784, 512, 0, 0, 1})

static QCC_MAYBE_UNUSED void bench_dynamic_matmul(struct check_kernel k, const char *name, check_dynamic_matmul_params p,
                                                  check_dynamic_matmul_run *run, check_dynamic_matmul_run *scalar,
                                                  int64_t (*scratch)(check_dynamic_matmul_params)) {
  if ((check_needs(k, "ONE_PIXEL") && p.rows > 1) || (check_needs(k, "NOT_ONE_PIXEL") && p.rows == 1) ||
      (check_needs(k, "AT_MOST_64_CELLS") && p.k > 64))
    return;
  const struct check_panels f = check_read_packing(k);
  check_dynamic_matmul_params any = p;
  struct check_convolution c;
  struct check_dynamic_matmul_call a = {0}, b;
  check_dynamic_matmul_fill(k, &any, &c);
  check_dynamic_matmul_numbers(&c, p, (p.n + f.nr - 1) / f.nr * f.nr, &a);
  a.x = c.x;
  a.y = check_place(CHECK_Y, c.y_count * 4, 0, 64);
  a.scratch = check_place(CHECK_SCRATCH, (size_t)scratch(p) + 1, 0, 64);
  b = a;
  a.w = check_pack(CHECK_W, &c, f, 1, k.slack);
  b.w = check_pack(CHECK_TABLE, &c, CHECK_PLAIN(2), 1, 0);
  BENCH(k.symbol, name, (double)c.y_count * c.k, "MAC", run(p, &a), scalar(p, &b));
  free(c.w);
}

#endif

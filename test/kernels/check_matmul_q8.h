/* SPDX-License-Identifier: 0BSD */
/* Cases of matmul_q8: operands stored either way, batches that repeat, zero points at both ends, results of every kind. */
#ifndef QCC_CHECK_MATMUL_Q8_H
#define QCC_CHECK_MATMUL_Q8_H

#include "bench.h"
#include "check_elements.h"
#include "check_matmul.h"
#include "qcc/matmul_q8.h"

typedef struct qcc_matmul_q8_params check_matmul_q8_params;
struct check_matmul_q8_call {
  struct qcc_matmul_q8_data d;
  const uint8_t *a, *b;
  const int32_t *b_zeros;
  const float *mult;
  void *y, *scratch;
};
#define CHECK_CALL_matmul_q8(symbol, p, c) symbol(p, (c)->d, (c)->a, (c)->b, (c)->b_zeros, (c)->mult, (c)->y, (c)->scratch)
typedef void check_matmul_q8_run(check_matmul_q8_params p, const struct check_matmul_q8_call *c);

static void check_matmul_q8(struct check_kernel k, check_matmul_q8_run *run, int64_t (*scratch)(check_matmul_q8_params)) {
  static const char *const words[] = {"A_ROWS", "B_ROWS", "B_COLUMNS", "OUT_Q8", 0};
  check_knows(k, words);
  check_matmul_q8_params p;
  memset(&p, 0, sizeof p);
  const int32_t g[3] = {check_once_in(4) ? 2 : 1, check_once_in(4) ? 3 : 1, check_random() & 1 ? 2 : 1};
  p.m = check_between(1, 15), p.n = check_random() & 1 ? check_between(1, 20) : check_between(1, 70);
  p.k = check_random() & 1 ? check_between(1, 20) : check_between(1, 100);
  const int rows = check_needs(k, "A_ROWS") || check_random() & 1;
  const int columns = check_needs(k, "B_COLUMNS") || (!check_needs(k, "B_ROWS") && check_random() & 1);
  p.a_m = rows ? p.k : 1, p.a_k = rows ? 1 : p.m;
  p.b_k = columns ? 1 : p.n, p.b_n = columns ? p.k : 1;
  int32_t ga[3], gb[3];
  const size_t a_count = check_matmul_batch(g, ga, p.m * p.k), b_count = check_matmul_batch(g, gb, p.k * p.n);
  p.g0 = g[0], p.g1 = g[1], p.g2 = g[2];
  p.ga0 = ga[0], p.ga1 = ga[1], p.ga2 = ga[2];
  p.gb0 = gb[0], p.gb1 = gb[1], p.gb2 = gb[2];
  p.a_signed = check_random() & 1, p.b_signed = check_random() & 1;
  p.b_zero_per_column = check_once_in(3);
  p.kind.out = check_needs(k, "OUT_Q8") ? QCC_OUT_Q8 : CHECK_PICK(QCC_OUT_Q8, QCC_OUT_Q8, QCC_OUT_S32, QCC_OUT_F32);
  p.kind.y_signed = check_random() & 1;
  struct check_matmul_q8_call c;
  memset(&c, 0, sizeof c);
  p.kind.full_range = check_range(p.kind.y_signed, &c.d.e.y_min, &c.d.e.y_max);
  c.d.a_zero = check_zero_point(p.a_signed);
  c.d.b_zero = p.b_zero_per_column ? 0 : check_zero_point(p.b_signed);
  c.d.e.y_zero = check_zero_point(p.kind.y_signed);
  uint8_t *a = check_place(CHECK_X, a_count, k.slack, 1), *b = check_place(CHECK_X2, b_count, k.slack, 1);
  if (check_once_in(3)) memset(a, CHECK_PICK(0, 255, 127, 128), a_count);
  if (check_once_in(3)) memset(b, CHECK_PICK(0, 255, 127, 128), b_count);
  c.a = a, c.b = b;
  int32_t *zeros = check_place(CHECK_BIAS, (size_t)p.n * 4, 0, 64);
  float *mult = check_place(CHECK_MULT, (size_t)p.n * 4, 0, 64);
  const int32_t size = check_between(-20, 2);
  const int is_small = check_random() & 1;
  for (int32_t n = 0; n < p.n; n++) {
    zeros[n] = check_zero_point(p.b_signed);
    mult[n] = is_small ? check_float(-12) : check_once_in(3) ? 0.5f : check_float(size);
  }
  if (p.b_zero_per_column) c.b_zeros = zeros;
  if (p.kind.out != QCC_OUT_S32) c.mult = mult;
  /* k * 255 * 255 * 2^-11 is below 2^31, as is a product with 4. */
  p.kind.proved = is_small || check_random() & 1;
  const size_t count = (size_t)p.g0 * (size_t)p.g1 * (size_t)p.g2 * (size_t)p.m * (size_t)p.n;
  const size_t bytes = count * (p.kind.out == QCC_OUT_Q8 ? 1 : 4);
  snprintf(check_now.text, sizeof check_now.text,
           "g %d %d %d m %d n %d k %d rows %d columns %d signs %d %d %d per column %d out %d proved %d zeros %d %d %d range %d..%d",
           p.g0, p.g1, p.g2, p.m, p.n, p.k, rows, columns, p.a_signed, p.b_signed, p.kind.y_signed, p.b_zero_per_column,
           p.kind.out, p.kind.proved, c.d.a_zero, c.d.b_zero, c.d.e.y_zero, c.d.e.y_min, c.d.e.y_max);
  c.y = check_place(CHECK_WANT, bytes, 0, 4);
  CHECK_CALL_matmul_q8(qcc_matmul_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, bytes, 0, 4);
  const int64_t wanted = scratch(p);
  if (wanted > 0) c.scratch = check_place(CHECK_SCRATCH, (size_t)wanted, 0, 64);
  run(p, &c);
  if (p.kind.out == QCC_OUT_Q8)
    check_same_bytes();
  else
    check_same_words(p.kind.out == QCC_OUT_F32);
}

#define CHECK_SCALAR_matmul_q8 qcc_matmul_q8__1__scalar
#define BENCH_MATMUL(g, m, n, k, b_k, b_n) \
  {1, 1, g, 0, 0, m * k, 0, 0, k * n, m, n, k, k, 1, b_k, b_n, 0, 1, 0, {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}}
#define BENCH_SHAPES_matmul_q8(B, symbol)                                     \
  B(matmul_q8, symbol, scores_128x64, BENCH_MATMUL(4, 128, 128, 64, 128, 1))  \
  B(matmul_q8, symbol, transposed_128x64, BENCH_MATMUL(4, 128, 128, 64, 1, 64)) \
  B(matmul_q8, symbol, values_128x64, BENCH_MATMUL(4, 128, 64, 128, 64, 1))
static QCC_MAYBE_UNUSED void bench_matmul_q8(struct check_kernel k, const char *name, check_matmul_q8_params p,
                                             check_matmul_q8_run *run, check_matmul_q8_run *scalar,
                                             int64_t (*scratch)(check_matmul_q8_params)) {
  float *mult = check_place(CHECK_MULT, (size_t)p.n * 4, 0, 64);
  for (int32_t i = 0; i < p.n; i++) mult[i] = 1e-3f;
  const struct check_matmul_q8_call c = {{128, 3, {128, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0}},
                                         check_place(CHECK_X, (size_t)p.g2 * (size_t)p.m * (size_t)p.k, k.slack, 64),
                                         check_place(CHECK_X2, (size_t)p.g2 * (size_t)p.k * (size_t)p.n, k.slack, 64),
                                         0,
                                         mult,
                                         check_place(CHECK_Y, (size_t)p.g2 * (size_t)p.m * (size_t)p.n, 0, 64),
                                         check_place(CHECK_SCRATCH, (size_t)scratch(p) + 1, 0, 64)};
  BENCH(k.symbol, name, (double)p.g2 * p.m * p.n * p.k, "MAC", run(p, &c), scalar(p, &c));
}

#endif

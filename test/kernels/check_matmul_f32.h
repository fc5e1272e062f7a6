/* SPDX-License-Identifier: 0BSD */
/* Cases of matmul_f32: operands stored either way, batches that repeat, hostile floats. */
#ifndef QCC_CHECK_MATMUL_F32_H
#define QCC_CHECK_MATMUL_F32_H

#include "bench.h"
#include "check_elements.h"
#include "check_matmul.h"
#include "qcc/matmul_f32.h"

typedef struct qcc_matmul_f32_params check_matmul_f32_params;
struct check_matmul_f32_call {
  const float *a, *b;
  float *y;
  void *scratch;
};
#define CHECK_CALL_matmul_f32(symbol, p, c) symbol(p, (c)->a, (c)->b, (c)->y, (c)->scratch)
typedef void check_matmul_f32_run(check_matmul_f32_params p, const struct check_matmul_f32_call *c);

static void check_matmul_f32(struct check_kernel k, check_matmul_f32_run *run, int64_t (*scratch)(check_matmul_f32_params)) {
  static const char *const words[] = {"A_ROWS", "B_ROWS", "B_COLUMNS", 0};
  check_knows(k, words);
  check_matmul_f32_params p;
  memset(&p, 0, sizeof p);
  const int32_t g[3] = {check_once_in(4) ? 2 : 1, check_once_in(4) ? 3 : 1, check_random() & 1 ? 2 : 1};
  p.m = check_between(1, 11), p.n = check_between(1, 40);
  p.k = check_random() & 1 ? check_between(1, 20) : check_between(1, 70);
  const int rows = check_needs(k, "A_ROWS") || check_random() & 1;
  const int columns = check_needs(k, "B_COLUMNS") || (!check_needs(k, "B_ROWS") && check_random() & 1);
  p.a_m = rows ? p.k : 1, p.a_k = rows ? 1 : p.m;
  p.b_k = columns ? 1 : p.n, p.b_n = columns ? p.k : 1;
  int32_t ga[3], gb[3];
  const size_t a_count = check_matmul_batch(g, ga, p.m * p.k), b_count = check_matmul_batch(g, gb, p.k * p.n);
  p.g0 = g[0], p.g1 = g[1], p.g2 = g[2];
  p.ga0 = ga[0], p.ga1 = ga[1], p.ga2 = ga[2];
  p.gb0 = gb[0], p.gb1 = gb[1], p.gb2 = gb[2];
  struct check_matmul_f32_call c = {check_floats(CHECK_X, a_count, k.slack, 0.1f), check_floats(CHECK_X2, b_count, k.slack, 0.1f), 0, 0};
  snprintf(check_now.text, sizeof check_now.text, "g %d %d %d m %d n %d k %d rows %d columns %d", p.g0, p.g1, p.g2, p.m, p.n,
           p.k, rows, columns);
  const size_t y_bytes = (size_t)p.g0 * (size_t)p.g1 * (size_t)p.g2 * (size_t)p.m * (size_t)p.n * 4;
  c.y = check_place(CHECK_WANT, y_bytes, 0, 4);
  CHECK_CALL_matmul_f32(qcc_matmul_f32__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, y_bytes, 0, 4);
  const int64_t bytes = scratch(p);
  if (bytes > 0) c.scratch = check_place(CHECK_SCRATCH, (size_t)bytes, 0, 64);
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_matmul_f32 qcc_matmul_f32__1__scalar
#define BENCH_SHAPES_matmul_f32(B, symbol)                                                             \
  B(matmul_f32, symbol, scores_128x64, {1, 1, 4, 0, 0, 8192, 0, 0, 8192, 128, 128, 64, 64, 1, 1, 64})  \
  B(matmul_f32, symbol, rows_128x64, {1, 1, 4, 0, 0, 8192, 0, 0, 8192, 128, 128, 64, 64, 1, 128, 1})   \
  B(matmul_f32, symbol, values_128x64, {1, 1, 4, 0, 0, 16384, 0, 0, 8192, 128, 64, 128, 128, 1, 64, 1})
static QCC_MAYBE_UNUSED void bench_matmul_f32(struct check_kernel k, const char *name, check_matmul_f32_params p,
                                              check_matmul_f32_run *run, check_matmul_f32_run *scalar,
                                              int64_t (*scratch)(check_matmul_f32_params)) {
  const struct check_matmul_f32_call c = {
      check_floats(CHECK_X, (size_t)(p.g2 * p.m * p.k), k.slack, 1e-3f),
      check_floats(CHECK_X2, (size_t)(p.g2 * p.k * p.n), k.slack, 1e-3f),
      check_place(CHECK_Y, (size_t)(p.g2 * p.m * p.n) * 4, 0, 64), check_place(CHECK_SCRATCH, (size_t)scratch(p) + 1, 0, 64)};
  /* A tile that wants b the other way would read it wrongly, not out of bounds; timing it says nothing. */
  if (check_needs(k, "B_ROWS") ? p.b_n != 1 : check_needs(k, "B_COLUMNS") && p.b_k != 1) return;
  BENCH(k.symbol, name, (double)p.g2 * p.m * p.n * p.k, "MAC", run(p, &c), scalar(p, &c));
}

#endif

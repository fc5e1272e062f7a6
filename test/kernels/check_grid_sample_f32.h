/* SPDX-License-Identifier: 0BSD */
/* Cases of grid_sample_f32: every mode and padding, places inside, on edges and far outside, NaN and infinities. */
#ifndef QCC_CHECK_GRID_SAMPLE_F32_H
#define QCC_CHECK_GRID_SAMPLE_F32_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/grid_sample_f32.h"

typedef struct qcc_grid_sample_f32_params check_grid_sample_f32_params;
struct check_grid_sample_f32_call {
  const float *x, *grid;
  float *y;
};
#define CHECK_CALL_grid_sample_f32(symbol, p, c) symbol(p, (c)->x, (c)->grid, (c)->y)
typedef void check_grid_sample_f32_run(check_grid_sample_f32_params p, const struct check_grid_sample_f32_call *c);

static void check_grid_sample_f32(struct check_kernel k, check_grid_sample_f32_run *run,
                                  int64_t (*scratch)(check_grid_sample_f32_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  const check_grid_sample_f32_params p = {check_between(1, 2), check_between(1, 6), check_between(1, 6), check_between(1, 20),
                                          check_between(1, 5), check_between(1, 5), check_between(QCC_GRID_LINEAR, QCC_GRID_CUBIC),
                                          check_between(QCC_GRID_ZEROS, QCC_GRID_REFLECTION), check_random() & 1};
  const size_t places = (size_t)p.n * (size_t)p.oh * (size_t)p.ow, y_count = places * (size_t)p.c;
  float *grid = check_place(CHECK_W, 8 * places, k.slack, 4);
  for (size_t i = 0; i < 2 * places; i++) {
    grid[i] = (float)check_between(-160, 160) / 64.0f;
    if (check_once_in(6)) grid[i] = check_hostile_float(1.0f);
  }
  struct check_grid_sample_f32_call c = {
      check_floats(CHECK_X, (size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack, 1.0f), grid, 0};
  snprintf(check_now.text, sizeof check_now.text, "n %d %dx%dx%d -> %dx%d mode %d padding %d corners %d", p.n, p.h, p.w, p.c, p.oh,
           p.ow, p.mode, p.padding, p.corners);
  c.y = check_place(CHECK_WANT, y_count * 4, 0, 4);
  CHECK_CALL_grid_sample_f32(qcc_grid_sample_f32__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, y_count * 4, 0, 4);
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_grid_sample_f32 qcc_grid_sample_f32__1__scalar
#define BENCH_SHAPES_grid_sample_f32(B, symbol) \
  B(grid_sample_f32, symbol, linear_28x28x32, {1, 28, 28, 32, 28, 28, QCC_GRID_LINEAR, QCC_GRID_ZEROS, 0})
static QCC_MAYBE_UNUSED void bench_grid_sample_f32(struct check_kernel k, const char *name, check_grid_sample_f32_params p,
                                                   check_grid_sample_f32_run *run, check_grid_sample_f32_run *scalar,
                                                   int64_t (*scratch)(check_grid_sample_f32_params)) {
  const size_t places = (size_t)p.n * (size_t)p.oh * (size_t)p.ow, y_count = places * (size_t)p.c;
  float *grid = check_place(CHECK_W, 8 * places, k.slack, 64);
  for (size_t i = 0; i < 2 * places; i++) grid[i] = (float)check_between(-70, 70) / 64.0f;
  const struct check_grid_sample_f32_call c = {
      check_floats(CHECK_X, (size_t)p.n * (size_t)p.h * (size_t)p.w * (size_t)p.c, k.slack, 1.0f), grid,
      check_place(CHECK_Y, y_count * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)y_count, "element", run(p, &c), scalar(p, &c));
}

#endif

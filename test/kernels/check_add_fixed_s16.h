/* SPDX-License-Identifier: 0BSD */
/* Cases of add_fixed_s16 against qcc_add_fixed_s16__1__scalar. */
#ifndef QCC_CHECK_ADD_FIXED_S16_H
#define QCC_CHECK_ADD_FIXED_S16_H

#include "check_conv2d_s16.h"
#include "qcc/fixed_s16.h"

typedef struct qcc_add_fixed_s16_params check_add_fixed_s16_params;

struct check_add_fixed_s16_call {
  struct qcc_add_fixed_s16_data d;
  const int16_t *a, *b;
  int16_t *y;
};
#define CHECK_CALL_add_fixed_s16(symbol, p, c) symbol(p, (c)->d, (c)->a, (c)->b, (c)->y)
typedef void check_add_fixed_s16_run(check_add_fixed_s16_params p, const struct check_add_fixed_s16_call *c);

/* A scale over twice the larger one: at most 1/2, so 2^30 where nothing is shifted. */
static int32_t check_term_multiplier(int32_t right) {
  return right == 0 || check_once_in(3) ? 1 << 30 : check_between(1 << 30, INT32_MAX);
}

static void check_add_fixed_s16(struct check_kernel k, check_add_fixed_s16_run *run, int64_t (*scratch)(check_add_fixed_s16_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  check_add_fixed_s16_params p;
  memset(&p, 0, sizeof p);
  p.rows = check_once_in(3) ? check_between(2, 4) : 1;
  p.columns = check_count();
  p.b_row = check_random() & 1 ? p.columns : 0;
  p.b_column = check_once_in(4) ? 0 : 1;
  p.a_negative = check_once_in(4);
  p.b_negative = !p.a_negative && check_once_in(4);
  p.powers = check_once_in(3);
  struct check_add_fixed_s16_call c;
  memset(&c, 0, sizeof c);
  c.d.a_right = p.powers ? check_between(0, 15) : CHECK_PICK(0, 0, 1, 2, 7, 31);
  c.d.b_right = p.powers ? 0 : CHECK_PICK(0, 0, 1, 2, 7, 31);
  c.d.a_multiplier = check_term_multiplier(c.d.a_right);
  c.d.b_multiplier = check_term_multiplier(c.d.b_right);
  c.d.y_right = CHECK_PICK(0, 13, 14, 15, 16, 20, 31);
  c.d.y_multiplier = check_once_in(3) ? 1 << 30 : check_between(1 << 30, INT32_MAX);
  check_s16_range(&c.d.y_min, &c.d.y_max);
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  const size_t b_count = check_repeated(p.rows, p.columns, p.b_row, p.b_column);
  int16_t *b = check_place(CHECK_X2, b_count * 2, k.slack, 2);
  for (size_t i = 0; i < b_count; i++) b[i] = (int16_t)(check_once_in(4) ? CHECK_PICK(-32768, 32767) : check_between(-32768, 32767));
  c.a = check_s16_x(count, k.slack);
  c.b = b;
  snprintf(check_now.text, sizeof check_now.text, "rows %d columns %d b_row %d b_column %d negative %d %d powers %d | a %d %d b %d %d y %d %d range %d..%d",
           p.rows, p.columns, p.b_row, p.b_column, p.a_negative, p.b_negative, p.powers, c.d.a_multiplier, c.d.a_right, c.d.b_multiplier,
           c.d.b_right, c.d.y_multiplier, c.d.y_right, c.d.y_min, c.d.y_max);
  c.y = check_place(CHECK_WANT, count * 2, 0, 2);
  CHECK_CALL_add_fixed_s16(qcc_add_fixed_s16__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * 2, 0, 2);
  const int same = check_in_place(c.y, c.a, count * 2, c.b, b_count * 2);
  if (same == 1) c.a = c.y;
  if (same == 2) c.b = c.y;
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_add_fixed_s16 qcc_add_fixed_s16__1__scalar
#define BENCH_SHAPES_add_fixed_s16(B, symbol) B(add_fixed_s16, symbol, whole_16384, {1, 16384, 0, 1, 0, 0, 0})
static QCC_MAYBE_UNUSED void bench_add_fixed_s16(struct check_kernel k, const char *name, check_add_fixed_s16_params p,
                                                 check_add_fixed_s16_run *run, check_add_fixed_s16_run *scalar,
                                                 int64_t (*scratch)(check_add_fixed_s16_params)) {
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  int16_t *b = check_place(CHECK_X2, count * 2, k.slack, 64);
  const struct check_add_fixed_s16_call c = {{1 << 30, 0, 1518500250, 2, 1518500250, 14, -32768, 32767}, check_s16_x(count, k.slack), b,
                                             check_place(CHECK_Y, count * 2, 0, 64)};
  (void)scratch;
  memset(b, 3, count * 2);
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* Cases of add_fixed_q8: every repetition of b, every mix of signs, shifts of 0 and far ones, y in place of a or of b. */
#ifndef QCC_CHECK_ADD_FIXED_Q8_H
#define QCC_CHECK_ADD_FIXED_Q8_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/add_fixed_q8.h"

typedef struct qcc_add_fixed_q8_params check_add_fixed_q8_params;
struct check_add_fixed_q8_call {
  struct qcc_add_fixed_q8_data d;
  const uint8_t *a, *b;
  uint8_t *y;
};
#define CHECK_CALL_add_fixed_q8(symbol, p, c) symbol(p, (c)->d, (c)->a, (c)->b, (c)->y)
typedef void check_add_fixed_q8_run(check_add_fixed_q8_params p, const struct check_add_fixed_q8_call *c);

/* Multiplier with bit 30 set: powers of two make results that tie. */
static int32_t check_fixed_multiplier(void) {
  return check_once_in(3) ? 1 << 30 : check_once_in(3) ? (1 << 30) + (1 << check_between(0, 29)) : check_between(1 << 30, INT32_MAX);
}

/* nearest(value * multiplier / 2^(31 + right)) in two roundings, ties up or, of the second, away from zero. */
static int64_t check_sum_scaled(int64_t value, int32_t multiplier, int32_t right, int up) {
  const int64_t high = (value * multiplier + (INT64_C(1) << 30)) >> 31, half = right > 0 ? INT64_C(1) << (right - 1) : 0;
  return (high + half - (!up && high < 0 && right > 0 ? 1 : 0)) >> right;
}

/* What the compiler proves by trying every a and b. */
static int32_t check_sum_shows_ties(check_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d) {
  static int64_t left[2][256], right[2][256];
  for (int32_t i = 0; i < 256; i++)
    for (int up = 0; up < 2; up++) {
      left[up][i] = check_sum_scaled((int64_t)(i - (p.a_signed ? 128 : 0) - d.a_zero) * (1 << 20), d.a_multiplier, d.a_right, up);
      right[up][i] = check_sum_scaled((int64_t)(i - (p.b_signed ? 128 : 0) - d.b_zero) * (1 << 20), d.b_multiplier, d.b_right, up);
    }
  for (int32_t i = 0; i < 65536; i++) {
    int64_t y[2];
    for (int up = 0; up < 2; up++) {
      const int64_t a = left[up][i >> 8], b = right[up][i & 255];
      y[up] = check_sum_scaled((p.a_negative ? -a : a) + (p.b_negative ? -b : b), d.y_multiplier, d.y_right, up) + d.y_zero;
      y[up] = y[up] < d.y_min ? d.y_min : y[up] > d.y_max ? d.y_max : y[up];
    }
    if (y[0] != y[1]) return 1;
  }
  return 0;
}

static void check_add_fixed_q8(struct check_kernel k, check_add_fixed_q8_run *run, int64_t (*scratch)(check_add_fixed_q8_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  check_add_fixed_q8_params p;
  memset(&p, 0, sizeof p);
  p.rows = check_once_in(3) ? check_between(2, 4) : 1;
  p.columns = check_count();
  p.b_row = check_random() & 1 ? p.columns : 0;
  p.b_column = check_once_in(4) ? 0 : 1;
  p.a_signed = !check_once_in(3);
  p.b_signed = !check_once_in(3);
  p.a_negative = check_once_in(4);
  p.b_negative = check_once_in(4);
  const int32_t y_signed = !check_once_in(3);
  struct check_add_fixed_q8_call c;
  memset(&c.d, 0, sizeof c.d);
  c.d.a_zero = check_zero_point(p.a_signed);
  c.d.b_zero = check_zero_point(p.b_signed);
  c.d.y_zero = check_zero_point(y_signed);
  c.d.a_multiplier = check_fixed_multiplier();
  c.d.b_multiplier = check_fixed_multiplier();
  c.d.y_multiplier = check_fixed_multiplier();
  c.d.a_right = CHECK_PICK(0, 0, 1, 2, 7, 31);
  c.d.b_right = CHECK_PICK(0, 0, 1, 2, 7, 31);
  c.d.y_right = CHECK_PICK(0, 17, 18, 19, 20, 21, 22, 25, 31);
  check_range(y_signed, &c.d.y_min, &c.d.y_max);
  if (check_once_in(3)) c.d.y_min = c.d.y_zero, c.d.y_max = y_signed ? 127 : 255;
  p.full = c.d.y_max - c.d.y_min < 255 ? 0 : y_signed ? 1 : 2;
  p.ties = !check_once_in(8) || check_sum_shows_ties(p, c.d); /* 65536 sums: not every time */
  if (check_random() & 1) p.linear = check_linear_sum(&c.d.a_factor, &c.d.b_factor, &c.d.constant);
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  const size_t b_count = check_repeated(p.rows, p.columns, p.b_row, p.b_column);
  c.a = check_place(CHECK_X, count, k.slack, 1);
  c.b = check_place(CHECK_X2, b_count, k.slack, 1);
  snprintf(check_now.text, sizeof check_now.text,
           "rows %d columns %d b_row %d b_column %d signs %d %d negative %d %d linear %d: %d %d %d | a %d %d %d b %d %d %d y %d %d %d range %d..%d",
           p.rows, p.columns, p.b_row, p.b_column, p.a_signed, p.b_signed, p.a_negative, p.b_negative, p.linear, c.d.a_factor, c.d.b_factor, c.d.constant,
           c.d.a_zero,
           c.d.a_multiplier, c.d.a_right, c.d.b_zero, c.d.b_multiplier, c.d.b_right, c.d.y_zero, c.d.y_multiplier, c.d.y_right,
           c.d.y_min, c.d.y_max);
  c.y = check_place(CHECK_WANT, count, 0, 1);
  CHECK_CALL_add_fixed_q8(qcc_add_fixed_q8__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count, 0, 1);
  const int same = check_in_place(c.y, c.a, count, c.b, b_count);
  if (same == 1) c.a = c.y;
  if (same == 2) c.b = c.y;
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_add_fixed_q8 qcc_add_fixed_q8__1__scalar
#define BENCH_SHAPES_add_fixed_q8(B, symbol)                                           \
  B(add_fixed_q8, symbol, whole_16384, {1, 16384, 0, 1, 1, 1, 0, 0, 0, 0, 1}) \
  B(add_fixed_q8, symbol, linear_16384, {1, 16384, 0, 1, 1, 1, 0, 0, 0, 22, 1})
static QCC_MAYBE_UNUSED void bench_add_fixed_q8(struct check_kernel k, const char *name, check_add_fixed_q8_params p,
                                                check_add_fixed_q8_run *run, check_add_fixed_q8_run *scalar,
                                                int64_t (*scratch)(check_add_fixed_q8_params)) {
  const size_t count = (size_t)p.rows * (size_t)p.columns;
  const struct check_add_fixed_q8_call c = {{-128, 1 << 30, 0, 3, 1518500250, 2, -128, 1518500250, 19, -128, 127, 3000000, 4000000, 5000000},
                                            check_place(CHECK_X, count, k.slack, 64),
                                            check_place(CHECK_X2, count, k.slack, 64),
                                            check_place(CHECK_Y, count, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

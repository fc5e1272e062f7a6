/* SPDX-License-Identifier: 0BSD */
/* Cases of binary_f32: every function, every broadcast, y in place of a whole operand. */
#ifndef QCC_CHECK_BINARY_F32_H
#define QCC_CHECK_BINARY_F32_H

#include "bench.h"
#include "check_elements.h"
#include "qcc/elementwise_f32.h"

typedef struct qcc_binary_f32_params check_binary_f32_params;
struct check_binary_f32_call {
  const float *a, *b;
  float *y;
};
#define CHECK_CALL_binary_f32(symbol, p, c) symbol(p, (c)->a, (c)->b, (c)->y)
typedef void check_binary_f32_run(check_binary_f32_params p, const struct check_binary_f32_call *c);

static void check_binary_f32(struct check_kernel k, check_binary_f32_run *run, int64_t (*scratch)(check_binary_f32_params)) {
  static const char *const words[] = {0};
  check_knows(k, words);
  (void)scratch;
  int32_t d[6] = {1, 1, 1, 1, 1, 1}, a[6], b[6];
  for (int32_t i = 2; i < 6; i++) d[i] = check_random() & 1 ? 1 : check_between(1, 4);
  if (check_random() & 1) d[5] = check_count();
  const size_t a_count = check_broadcast(d, a, check_once_in(3)), b_count = check_broadcast(d, b, check_random() & 1);
  const size_t count = (size_t)d[2] * (size_t)d[3] * (size_t)d[4] * (size_t)d[5];
  const check_binary_f32_params p = {check_between(QCC_BINARY_ADD, QCC_BINARY_FMOD),
                                     d[0], d[1], d[2], d[3], d[4], d[5], a[0], a[1], a[2],
                                     a[3], a[4], a[5], b[0], b[1], b[2], b[3], b[4], b[5]};
  float *const second = check_floats(CHECK_X2, b_count, k.slack, 1.0f);
  struct check_binary_f32_call c = {check_floats(CHECK_X, a_count, k.slack, 1.0f), second, 0};
  if (p.fn == QCC_BINARY_POW && (check_random() & 1) != 0)
    for (size_t i = 0; i < b_count; i++) second[i] = (float)check_between(-17, 17);
  snprintf(check_now.text, sizeof check_now.text, "fn %d dims %d %d %d %d a %d %d %d %d b %d %d %d %d", p.fn, d[2], d[3], d[4],
           d[5], a[2], a[3], a[4], a[5], b[2], b[3], b[4], b[5]);
  c.y = check_place(CHECK_WANT, count * 4, 0, 4);
  CHECK_CALL_binary_f32(qcc_binary_f32__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * 4, 0, 4);
  if (a_count == count && check_once_in(3)) {
    memcpy(c.y, c.a, count * 4);
    c.a = c.y;
  }
  run(p, &c);
  check_same_words(1);
}

#define CHECK_SCALAR_binary_f32 qcc_binary_f32__1__scalar
#define BENCH_SHAPES_binary_f32(B, symbol)                                                                       \
  B(binary_f32, symbol, add_18816, {QCC_BINARY_ADD, 1, 1, 1, 1, 1, 18816, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1})    \
  B(binary_f32, symbol, mul_row_196x96, {QCC_BINARY_MUL, 1, 1, 1, 1, 196, 96, 0, 0, 0, 0, 96, 1, 0, 0, 0, 0, 0, 1}) \
  B(binary_f32, symbol, cube_18816, {QCC_BINARY_POW, 1, 1, 1, 1, 1, 18816, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0})
static QCC_MAYBE_UNUSED void bench_binary_f32(struct check_kernel k, const char *name, check_binary_f32_params p,
                                              check_binary_f32_run *run, check_binary_f32_run *scalar,
                                              int64_t (*scratch)(check_binary_f32_params)) {
  const size_t count = (size_t)p.d4 * (size_t)p.d5;
  float *a = check_place(CHECK_X, count * 4, k.slack, 64), *b = check_place(CHECK_X2, count * 4, k.slack, 64);
  for (size_t i = 0; i < count; i++) a[i] = check_float(check_between(-3, 3)), b[i] = check_float(check_between(-3, 3));
  if (p.fn == QCC_BINARY_POW) b[0] = 3.0f;
  const struct check_binary_f32_call c = {a, b, check_place(CHECK_Y, count * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

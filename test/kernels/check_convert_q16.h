/* SPDX-License-Identifier: 0BSD */
/* Cases of convert_q16: every element to every other, floats that tie, overflow or are no numbers. */
#ifndef QCC_CHECK_CONVERT_Q16_H
#define QCC_CHECK_CONVERT_Q16_H

#include "bench.h"
#include "check_q16.h"

typedef struct qcc_convert_q16_params check_convert_q16_params;
struct check_convert_q16_call {
  struct qcc_convert_q16_data d;
  const void *x;
  void *y;
};
#define CHECK_CALL_convert_q16(symbol, p, c) symbol(p, (c)->d, (c)->x, (c)->y)
typedef void check_convert_q16_run(check_convert_q16_params p, const struct check_convert_q16_call *c);

static int32_t check_q16_zero(int32_t element) {
  const int32_t low = check_q16_low(element), high = check_q16_high(element);
  return element == QCC_ELEMENT_S32 ? 0 : CHECK_PICK(low, high, 0, low + 1, high - 1, check_between(low, high));
}

static void check_convert_q16(struct check_kernel k, check_convert_q16_run *run, int64_t (*scratch)(check_convert_q16_params)) {
  static const char *const words[] = {0};
  const int32_t elements[] = {QCC_ELEMENT_F32, QCC_ELEMENT_S16, QCC_ELEMENT_S8, QCC_ELEMENT_U8,
                              QCC_ELEMENT_U16, QCC_ELEMENT_S4,  QCC_ELEMENT_U4, QCC_ELEMENT_S32};
  check_knows(k, words);
  (void)scratch;
  check_convert_q16_params p;
  p.count = check_count();
  p.x_element = elements[check_once_in(3) ? check_between(0, 7) : check_between(0, 3)];
  p.y_element = elements[check_once_in(3) ? check_between(1, 6) : check_between(p.x_element == QCC_ELEMENT_F32, 3)];
  struct check_convert_q16_call c;
  c.d.x_scale = check_once_in(3) ? 0.5f : check_float(check_between(-12, 3));
  c.d.y_scale = check_once_in(3) ? 0.5f : check_float(check_between(-12, p.x_element == QCC_ELEMENT_S32 ? 20 : 3));
  c.d.x_zero = check_q16_zero(p.x_element);
  c.d.y_zero = check_q16_zero(p.y_element);
  check_q16_range(p.y_element, &c.d.y_min, &c.d.y_max);
  const size_t count = (size_t)p.count;
  c.x = p.x_element == QCC_ELEMENT_F32 ? check_floats(CHECK_X, count, k.slack, c.d.y_scale)
                                       : check_q16_values(CHECK_X, p.x_element, count, k.slack);
  snprintf(check_now.text, sizeof check_now.text, "count %d elements %d %d | %a %d %a %d %d..%d", p.count, p.x_element, p.y_element,
           (double)c.d.x_scale, c.d.x_zero, (double)c.d.y_scale, c.d.y_zero, c.d.y_min, c.d.y_max);
  const size_t size = check_element_size(p.y_element);
  c.y = check_place(CHECK_WANT, count * size, 0, size);
  CHECK_CALL_convert_q16(qcc_convert_q16__1__scalar, p, &c);
  c.y = check_place(CHECK_Y, count * size, 0, size);
  run(p, &c);
  check_same_bytes();
}

#define CHECK_SCALAR_convert_q16 qcc_convert_q16__1__scalar
#define BENCH_SHAPES_convert_q16(B, symbol)                                             \
  B(convert_q16, symbol, f32_s16, {18816, QCC_ELEMENT_F32, QCC_ELEMENT_S16})            \
  B(convert_q16, symbol, s16_u8, {18816, QCC_ELEMENT_S16, QCC_ELEMENT_U8})
static QCC_MAYBE_UNUSED void bench_convert_q16(struct check_kernel k, const char *name, check_convert_q16_params p,
                                               check_convert_q16_run *run, check_convert_q16_run *scalar,
                                               int64_t (*scratch)(check_convert_q16_params)) {
  const size_t count = (size_t)p.count;
  const int32_t low = check_q16_low(p.y_element), high = check_q16_high(p.y_element);
  const struct check_convert_q16_call c = {{0.5f, 0, 0.7f, p.y_element == QCC_ELEMENT_S16 ? 0 : 3, low, high},
                                           p.x_element == QCC_ELEMENT_F32
                                               ? (const void *)check_floats(CHECK_X, count, k.slack, 1.0f)
                                               : check_q16_values(CHECK_X, p.x_element, count, k.slack),
                                           check_place(CHECK_Y, count * 4, 0, 64)};
  (void)scratch;
  BENCH(k.symbol, name, (double)count, "element", run(p, &c), scalar(p, &c));
}

#endif

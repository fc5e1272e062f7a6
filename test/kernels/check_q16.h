/* SPDX-License-Identifier: 0BSD */
/* What the cases of qcc/elementwise_q16.h share: values and ranges of 8 and 16 bits. */
#ifndef QCC_CHECK_Q16_H
#define QCC_CHECK_Q16_H

#include "check_elements.h"
#include "qcc/elementwise_q16.h"

/* Lowest and highest value of stored elements. */
static QCC_MAYBE_UNUSED int32_t check_q16_low(int32_t element) {
  switch (element) {
    case QCC_ELEMENT_S32: return INT32_MIN;
    case QCC_ELEMENT_S16: return -32768;
    case QCC_ELEMENT_S8: return -128;
    case QCC_ELEMENT_S4: return -8;
    default: return 0;
  }
}
static QCC_MAYBE_UNUSED int32_t check_q16_high(int32_t element) {
  switch (element) {
    case QCC_ELEMENT_S32: return INT32_MAX;
    case QCC_ELEMENT_S16: return 32767;
    case QCC_ELEMENT_U16: return 65535;
    case QCC_ELEMENT_S8: return 127;
    case QCC_ELEMENT_S4: return 7;
    case QCC_ELEMENT_U4: return 15;
    default: return 255;
  }
}

/* Where results are clamped: mostly the whole element. */
static QCC_MAYBE_UNUSED void check_q16_range(int32_t element, int32_t *low, int32_t *high) {
  *low = check_q16_low(element);
  *high = check_q16_high(element);
  if (!check_once_in(3)) return;
  *low = check_between(*low, *high);
  *high = check_between(*low, *high);
}

/* `count` stored values: noise, both ends in turns, or small. */
static QCC_MAYBE_UNUSED void *check_q16_values(int which, int32_t element, size_t count, size_t slack) {
  const size_t size = check_element_size(element);
  void *x = check_place(which, count * size, slack, size);
  const int32_t fill = check_between(0, 3), low = check_q16_low(element), high = check_q16_high(element);
  for (size_t i = 0; i < count; i++)
    qcc_store_s64(x, element, i, fill == 0 ? (i & 1 ? low : high) : fill == 1 ? check_between(0, 20) : check_between(low, high));
  return x;
}

/* Operands of a sum or product of two tensors: every mix of elements, every repetition of b. */
struct check_q16_pair {
  int32_t rows, columns, b_row, b_column;
  int32_t a_element, b_element, y_element;
};
static QCC_MAYBE_UNUSED struct check_q16_pair check_q16_pair(void) {
  const int32_t elements[] = {QCC_ELEMENT_S16, QCC_ELEMENT_S8, QCC_ELEMENT_U8};
  struct check_q16_pair p;
  p.rows = check_between(1, 4);
  p.columns = check_count();
  p.b_row = check_random() & 1 ? p.columns : 0;
  p.b_column = check_once_in(4) ? 0 : 1;
  p.a_element = elements[check_between(0, 2)];
  p.b_element = elements[check_between(0, 2)];
  p.y_element = elements[check_between(0, 2)];
  return p;
}
static QCC_MAYBE_UNUSED size_t check_q16_count(struct check_q16_pair p) { return (size_t)p.rows * (size_t)p.columns; }
static QCC_MAYBE_UNUSED size_t check_q16_b_count(struct check_q16_pair p) {
  return (size_t)(p.rows - 1) * (size_t)p.b_row + (size_t)(p.columns - 1) * (size_t)p.b_column + 1;
}

/* Where y goes: mostly a place of its own, else over a, which then moves there. */
static QCC_MAYBE_UNUSED void *check_q16_y(struct check_q16_pair p, const void **a) {
  const size_t size = check_element_size(p.y_element), bytes = check_q16_count(p) * size;
  void *const y = check_place(CHECK_Y, bytes, 0, size);
  if (p.a_element == p.y_element && check_once_in(3)) {
    memcpy(y, *a, bytes);
    *a = y;
  }
  return y;
}

#endif

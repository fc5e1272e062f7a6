/* SPDX-License-Identifier: 0BSD */
/* What the cases of qcc/elementwise_q16.h share: values and ranges of 8 and 16 bits. */
#ifndef QCC_CHECK_Q16_H
#define QCC_CHECK_Q16_H

#include "check_elements.h"
#include "qcc/elementwise_q16.h"

/* Lowest and highest value of QCC_ELEMENT_S16, _S8, _U8. */
static QCC_MAYBE_UNUSED int32_t check_q16_low(int32_t element) {
  return element == QCC_ELEMENT_S16 ? -32768 : element == QCC_ELEMENT_S8 ? -128 : 0;
}
static QCC_MAYBE_UNUSED int32_t check_q16_high(int32_t element) {
  return element == QCC_ELEMENT_S16 ? 32767 : element == QCC_ELEMENT_S8 ? 127 : 255;
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

#endif

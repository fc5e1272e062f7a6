/* SPDX-License-Identifier: 0BSD */
/* What the cases of element-wise families and of the epilogue share: counts around vector sizes, zero points, ranges. */
#ifndef QCC_CHECK_ELEMENTS_H
#define QCC_CHECK_ELEMENTS_H

#include "check.h"
#include "qcc/element.h"

/* A number of elements: small ones, and those around multiples of 16. */
static QCC_MAYBE_UNUSED int32_t check_count(void) {
  const int32_t near = 16 * check_between(1, 20) + check_between(-1, 1);
  return check_random() & 1 ? check_between(1, 40) : near;
}

/* Elements of an operand that repeats: element i of row r is at r * row + i * column. */
static QCC_MAYBE_UNUSED size_t check_repeated(int32_t rows, int32_t columns, int32_t row, int32_t column) {
  return (size_t)(rows - 1) * (size_t)row + (size_t)(columns - 1) * (size_t)column + 1;
}

/* Now and then y, of a's size, starts as a copy of an operand of its size, to be read there: 1 says a, 2 b. */
static QCC_MAYBE_UNUSED int check_in_place(void *y, const void *a, size_t a_bytes, const void *b, size_t b_bytes) {
  const int which = check_once_in(3) ? 1 : b_bytes == a_bytes && check_once_in(3) ? 2 : 0;
  if (which != 0) memcpy(y, which == 1 ? a : b, a_bytes);
  return which;
}

static QCC_MAYBE_UNUSED int32_t check_zero_point(int32_t is_signed) {
  return is_signed ? CHECK_PICK(-128, 127, 0, -1, 3, -127) : CHECK_PICK(0, 255, 128, 1, 127, 254);
}

/* Factors and constant of a linear sum of two stored values (add_fixed_q8.h) that stays within 32 bits; returns its shift. */
static QCC_MAYBE_UNUSED int32_t check_linear_sum(int32_t *a, int32_t *b, int32_t *constant) {
  const int32_t most = CHECK_PICK(3 << 20, 1 << 21, 1 << 20, 1 << 12);
  *a = check_between(-most, most);
  *b = check_between(-most, most);
  *constant = check_between(-most * 64, most * 64);
  return check_between(16, 24);
}

/* The whole range of an element, or what an activation leaves of it. Returns 1 for the whole. */
static QCC_MAYBE_UNUSED int32_t check_range(int32_t is_signed, int32_t *low, int32_t *high) {
  *low = is_signed ? -128 : 0;
  *high = is_signed ? 127 : 255;
  if (check_random() & 1) return 1;
  *low = check_between(*low, *high);
  *high = check_between(*low, *high);
  return *high - *low == 255;
}

/* `count` floats around `unit`: one kind of fill per tensor, hostile ones among them. */
static QCC_MAYBE_UNUSED float *check_floats(int which, size_t count, size_t slack, float unit) {
  float *x = check_place(which, count * 4, slack, 4);
  const int32_t fill = check_between(0, 4);
  for (size_t i = 0; i < count; i++) {
    float v = ((float)check_between(-(1 << 20), 1 << 20) / 8192.0f) * unit;
    if (fill == 0) v = check_hostile_float(unit);
    if (fill == 1) v = ((float)check_between(-300, 300) + 0.5f) * unit;
    if (fill == 2 && check_once_in(8)) v = check_hostile_float(unit);
    if (fill == 3) v = check_float(check_between(-8, 8)) * (check_random() & 1 ? unit : -unit);
    x[i] = v;
  }
  return x;
}

/* Strides of an operand that repeats in some dimensions; its number of elements. */
static QCC_MAYBE_UNUSED size_t check_broadcast(const int32_t *d, int32_t *strides, int repeats) {
  size_t count = 1;
  for (int32_t i = 5; i >= 0; i--) {
    const int repeated = d[i] == 1 || (repeats && check_random() & 1);
    strides[i] = repeated ? 0 : (int32_t)count;
    if (!repeated) count *= (size_t)d[i];
  }
  return count;
}

/* Dimensions of a broadcast: some of size 1, at times a long last one. Returns their product. */
static QCC_MAYBE_UNUSED size_t check_dims(int32_t *d) {
  size_t count = 1;
  for (int32_t i = 0; i < 6; i++) d[i] = i < 2 || check_random() & 1 ? 1 : check_between(1, 4);
  if (check_random() & 1) d[5] = check_count();
  for (int32_t i = 0; i < 6; i++) count *= (size_t)d[i];
  return count;
}

/* Bytes of a QCC_ELEMENT_*. */
static QCC_MAYBE_UNUSED size_t check_element_size(int32_t element) {
  static const uint8_t sizes[] = {4, 8, 4, 4, 1, 1, 2, 2, 4, 4, 8, 8, 1, 1, 1, 2};
  return sizes[element];
}

/* `count` numbers of any element: floats as everywhere, integers small, extreme or of random bits. */
static QCC_MAYBE_UNUSED void *check_numbers(int which, int32_t element, size_t count, size_t slack) {
  const size_t size = check_element_size(element);
  const int32_t fill = check_between(0, 2);
  if (element == QCC_ELEMENT_F32 || element == QCC_ELEMENT_F16 || element == QCC_ELEMENT_BF16)
    return check_floats(which, count, slack, 1.0f);
  void *x = check_place(which, count * size, slack, size);
  for (size_t i = 0; i < count; i++) {
    const uint64_t bits = (uint64_t)check_random() << 32 | check_random();
    const int64_t small = check_between(-3, 3);
    if (element == QCC_ELEMENT_F64) {
      const double v = (double)(int64_t)bits / 65536.0;
      ((double *)x)[i] = fill == 0 ? (double)small : fill == 1 ? v : (double)check_hostile_float(1.0f);
    } else {
      qcc_store_s64(x, element == QCC_ELEMENT_F16_BITS ? QCC_ELEMENT_U16 : element, i, fill == 0 ? small : fill == 1 ? (int64_t)bits : CHECK_PICK(0, -1, 1, 127, 128, 32767));
      if (fill == 2 && element != QCC_ELEMENT_F16_BITS && check_once_in(4)) qcc_store_s64(x, element, i, check_random() & 1 ? INT64_MAX : INT64_MIN);
    }
  }
  return x;
}

#endif

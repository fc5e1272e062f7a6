/* SPDX-License-Identifier: 0BSD */
/* What the cases of element-wise families and of the epilogue share: counts around vector sizes, zero points, ranges. */
#ifndef QCC_CHECK_ELEMENTS_H
#define QCC_CHECK_ELEMENTS_H

#include "check.h"

/* A number of elements: small ones, and those around multiples of 16. */
static QCC_MAYBE_UNUSED int32_t check_count(void) {
  const int32_t near = 16 * check_between(1, 20) + check_between(-1, 1);
  return check_random() & 1 ? check_between(1, 40) : near;
}

static QCC_MAYBE_UNUSED int32_t check_zero_point(int32_t is_signed) {
  return is_signed ? CHECK_PICK(-128, 127, 0, -1, 3, -127) : CHECK_PICK(0, 255, 128, 1, 127, 254);
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

#endif

/* SPDX-License-Identifier: 0BSD */
/* The integer twins of exact_q16.h against the float formulas. All 65536 values of one operand meet some of the other, or all
 * integers of a product near its ties: for scales as calibrations give them, powers of two and their neighbours (ties
 * everywhere), very small and very large ones. Prints the number of comparisons. */
#include <stdio.h>

#include "isa/scalar/elementwise_q16.h"

static uint64_t state = 88172645463325252u;
static uint32_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}
static int32_t between(int32_t low, int32_t high) { return low + (int32_t)(next() % (uint32_t)(high - low + 1)); }

/* exponent: of powers of two. */
static float draw(int32_t kind, int32_t exponent) {
  const uint32_t fraction = kind == 0 ? 0u : kind == 1 ? 1u : kind == 2 ? 0x7fffffu : kind == 3 ? 0x400000u : next() & 0x7fffffu;
  return qcc_f32_of_bits((uint32_t)(127 + exponent) << 23 | fraction);
}

static unsigned long compared;
static int differs(const char *what, int32_t want, int32_t got, int32_t a, int32_t b, float s, float t, float u) {
  compared++;
  if (want == got) return 0;
  printf("%s of %ld and %ld with %a %a %a: %ld, not %ld\n", what, (long)a, (long)b, (double)s, (double)t, (double)u, (long)got, (long)want);
  return 1;
}

struct range {
  int32_t low, high;
};
static const struct range ranges[] = {{-32768, 32767}, {-128, 127}, {0, 255}, {-1000, 1000}, {0, 65535}};

static int sums(struct range of_a, struct range of_b, struct range of_y, float sa, float sb, float fixed) {
  for (int32_t i = 0; i < 5; i++) {
    const int32_t b = i == 0 ? of_b.low : i == 1 ? of_b.high : between(of_b.low, of_b.high);
    for (int32_t a = of_a.low; a <= of_a.high; a++) {
      const int32_t want = qcc_round_to_stored(qcc_fmaf((float)a, sa, qcc_fmaf((float)b, sb, fixed)), 0, of_y.low, of_y.high);
      if (differs("sum", want, qcc_add_q16__integer(a, b, sa, sb, fixed, of_y.low, of_y.high), a, b, sa, sb, fixed)) return 1;
      if ((a + i) % 64 == 0 && differs("wide sum", want, qcc_add_stored__wide(a, b, sa, sb, fixed, of_y.low, of_y.high), a, b, sa, sb, fixed))
        return 1;
    }
  }
  return 0;
}

static int product(int32_t p, float scale, int32_t zero, struct range of_y) {
  const int32_t want = qcc_round_to_stored(qcc_mulf((float)p, scale) + (float)zero, 0, of_y.low, of_y.high);
  return differs("product", want, qcc_mul_q16__integer(p, scale, zero, of_y.low, of_y.high), p, zero, scale, 0, 0) ||
         (p % 16 == 0 && differs("wide product", want, qcc_mul_stored__wide(p, scale, zero, of_y.low, of_y.high), p, zero, scale, 0, 0));
}

/* All products around ties, and drawn ones; half as many again where 2^24 is passed. */
static int products(float scale, int32_t zero, struct range of_y) {
  for (int32_t i = 0; i < 1500; i++) {
    const double tie = ((double)between(of_y.low, of_y.high) - zero + 0.5) / (double)scale;
    const int32_t at = tie > -1073741000.0 && tie < 1073741000.0 ? (int32_t)tie : between(-1073741000, 1073741000);
    for (int32_t p = at - 4; p <= at + 5; p++)
      if (product(p, scale, zero, of_y)) return 1;
    if (product(between(-(1 << 30), 1 << 30), scale, zero, of_y) || product(between(-70000, 70000), scale, zero, of_y)) return 1;
  }
  return product(1 << 30, scale, zero, of_y) || product(-(1 << 30), scale, zero, of_y) || product(0, scale, zero, of_y);
}

static int conversion(int32_t n, struct qcc_ratio r, float sx, float sy, int32_t zero, struct range of_y) {
  const int32_t want = qcc_quantize_f32(qcc_mulf((float)n, sx), sy, zero, of_y.low, of_y.high);
  return differs("conversion", want, qcc_convert_q16__integer(n, r, sx, sy, zero, of_y.low, of_y.high), n, zero, sx, sy, 0) ||
         (n % 64 == 0 && differs("wide conversion", want, qcc_convert_q16__wide(n, sx, sy, zero, of_y.low, of_y.high), n, zero, sx, sy, 0));
}

/* All of 17 bits, and those of 32 around ties. */
static int conversions(float sx, float sy, int32_t zero, struct range of_y) {
  const struct qcc_ratio r = qcc_ratio_of(sx, sy);
  for (int32_t n = -65535; n <= 65535; n++)
    if (conversion(n, r, sx, sy, zero, of_y)) return 1;
  for (int32_t i = 0; i < 2000; i++) {
    const double tie = ((double)between(of_y.low, of_y.high) - zero + 0.5) * (double)sy / (double)sx;
    const int32_t at = tie > -2147483000.0 && tie < 2147483000.0 ? (int32_t)tie : between(-2147483000, 2147483000);
    for (int32_t n = at - 2; n <= at + 3; n++)
      if (conversion(n, r, sx, sy, zero, of_y)) return 1;
    if (conversion((int32_t)next(), r, sx, sy, zero, of_y)) return 1;
  }
  return conversion(INT32_MIN, r, sx, sy, zero, of_y) || conversion(INT32_MAX, r, sx, sy, zero, of_y);
}

int main(void) {
  for (int32_t e = -16; e <= 10; e++)
    for (int32_t kind = 0; kind < 6; kind++) {
      const struct range a = ranges[next() % 3u], b = ranges[next() % 3u], y = ranges[next() % 5u];
      const int32_t mine = a.high > 255 && kind % 2 ? e - 8 : e;
      const float sa = draw(kind, mine), sb = draw((int32_t)(next() % 7u), mine + between(-4, 4));
      const float fixed = draw((int32_t)(next() % 7u), between(-4, 14)) * (next() & 1u ? 1.0f : -1.0f);
      if (sums(a, b, y, sa, sb, kind == 0 ? 0.0f : kind == 1 ? 0.5f : fixed)) return 1;
    }
  for (int32_t e = -40; e <= 3; e++)
    for (int32_t kind = 0; kind < 6; kind++)
      if (products(draw(kind, e), kind == 0 ? 0 : between(-32768, 65535), ranges[next() % 5u])) return 1;
  for (int32_t e = -24; e <= 12; e += 2)
    for (int32_t kind = 0; kind < 5; kind++) {
      const struct range y = ranges[next() % 5u];
      const float sy = draw((int32_t)(next() % 6u), between(-20, 4));
      if (conversions(draw(kind, e) * (kind % 2 ? 1.0f : sy), sy, next() & 1u ? 0 : between(y.low, y.high), y)) return 1;
    }
  /* Beyond what fixed point holds. */
  {
    const struct range y = ranges[0];
    if (sums(y, y, y, draw(4, -149 + 30), draw(4, 60), draw(4, 60)) || sums(y, y, y, 1e-40f, 1e-45f, 127.5f)) return 1;
    if (sums(y, y, y, 0.5f, 1e-41f, -1e-40f) || sums(y, y, y, draw(4, 11), draw(4, 11), -draw(4, 27))) return 1;
    if (products(1e-42f, 100, y) || products(draw(4, 70), 100, y) || products(draw(4, 8), -1, y)) return 1;
    if (conversions(1e-40f, 3e-41f, 0, y) || conversions(1e-40f, 1.0f, 5, y) || conversions(draw(4, 90), draw(4, 80), 0, y)) return 1;
    if (conversions(draw(4, -90), draw(4, -95), 3, y) || conversions(draw(4, 80), draw(4, -20), 3, y)) return 1;
  }
  printf("%lu\n", compared);
  return 0;
}

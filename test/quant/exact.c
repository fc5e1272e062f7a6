/* SPDX-License-Identifier: 0BSD */
/* The integer twins of exact.h against the float formulas: sums and products of all pairs of bytes, softmax of drawn rows.
 * Scales as calibrations give them, powers of two and their neighbours (ties everywhere), very small and very large ones.
 * Prints the number of comparisons. */
#include <stdio.h>

#include "isa/scalar/elementwise_q8.h"
#include "isa/scalar/pool_q8.h"

static uint64_t state = 88172645463325252u;
static uint32_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

/* exponent: of powers of two. */
static float draw(int kind, int32_t exponent) {
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

static int sums(float sa, float sb, float fixed, int32_t lo, int32_t hi) {
  for (int32_t a = lo; a <= hi; a++)
    for (int32_t b = lo; b <= hi; b++) {
      const int32_t want = qcc_round_to_stored(qcc_fmaf((float)a, sa, qcc_fmaf((float)b, sb, fixed)), 0, lo, hi);
      if (differs("sum", want, qcc_add_stored__integer(a, b, sa, sb, fixed, lo, hi), a, b, sa, sb, fixed)) return 1;
      if ((a ^ b) % 16 == 0 && differs("wide sum", want, qcc_add_stored__wide(a, b, sa, sb, fixed, lo, hi), a, b, sa, sb, fixed)) return 1;
    }
  return 0;
}

static int products(float scale, int32_t a_zero, int32_t b_zero, int32_t zero) {
  for (int32_t a = 0; a < 256; a++)
    for (int32_t b = 0; b < 256; b++) {
      const int32_t p = (a - a_zero) * (b - b_zero);
      const int32_t want = qcc_round_to_stored(qcc_mulf((float)p, scale) + (float)zero, 0, 0, 255);
      if (differs("product", want, qcc_mul_stored__integer(p, scale, zero, 0, 255), a, b, scale, 0, 0)) return 1;
      if ((a ^ b) % 16 == 0 && differs("wide product", want, qcc_mul_stored__wide(p, scale, zero, 0, 255), a, b, scale, 0, 0)) return 1;
    }
  return 0;
}

static int softmax(int32_t dim, float top, float steps, int32_t zero) {
  static float table[256];
  uint8_t x[64], want[64], got[64];
  const struct qcc_softmax_q8_params p = {1, dim, 1, (int32_t)(next() & 1u)};
  const struct qcc_softmax_q8_data d = {steps, zero, -128, 127};
  for (int32_t i = 255; i >= 0; i--) {
    table[i] = top;
    if (next() % 3u) top *= draw(4, -1);
    if (top < 1e-30f) top *= draw(4, -9); /* subnormal, then zero */
  }
  for (int32_t row = 0; row < 400; row++) {
    const uint32_t spread = 1u + next() % 255u;
    for (int32_t i = 0; i < dim; i++) x[i] = (uint8_t)(next() % spread);
    qcc_softmax_q8__1__scalar(p, d, x, table, want);
    qcc_softmax_q8__integer(p, d, x, table, got);
    for (int32_t i = 0; i < dim; i++)
      if (differs("softmax", (int8_t)want[i], (int8_t)got[i], x[i], dim, top, steps, 0)) return 1;
  }
  return 0;
}

/* Windows of size x size in one of that size and padding around it. */
static int means(int32_t size, float x_scale, float y_scale) {
  enum { CHANNELS = 4, MOST = 12 };
  static uint8_t x[MOST * MOST * CHANNELS], want[25 * CHANNELS], got[25 * CHANNELS];
  const int32_t pad = size > 2 ? 2 : size - 1;
  const int32_t ones = (int32_t)(next() & 3u);
  const struct qcc_pool_q8_params p = {1, size, size, CHANNELS, 2 * pad + 1, 2 * pad + 1, size, size, 1, 1, 1, 1, pad, pad,
                                       ones & 1, (int32_t)(next() & 1u), ones >> 1};
  const int32_t below = p.y_signed ? -128 : 0, x_zero = (int32_t)(next() % 256u) - (p.x_signed ? 128 : 0);
  const struct qcc_pool_q8_data d = {x_zero, (int32_t)(next() % 256u) + below, below, below + 255, x_scale, y_scale};
  for (int32_t round = 0; round < 60; round++) {
    const uint32_t spread = 1u + next() % 255u;
    for (int32_t i = 0; i < size * size * CHANNELS; i++) x[i] = (uint8_t)(next() % spread);
    qcc_window_mean_q8__1__scalar(p, d, x, want);
    qcc_window_mean_q8__integer(p, d, x, got);
    for (int32_t i = 0; i < p.oh * p.ow * CHANNELS; i++) {
      const int32_t oy = i / (p.ow * CHANNELS), ox = i / CHANNELS % p.ow, c = i % CHANNELS;
      const int32_t k = p.count_include_pad ? size * size : qcc_pool_gather(p, x, 0, 0, oy, ox, c).count;
      const int32_t wide = qcc_window_mean__wide(p, d, x, 0, oy, ox, c, k);
      if (differs("mean", qcc_stored(want[i], p.y_signed), qcc_stored(got[i], p.y_signed), i, size, x_scale, y_scale, 0)) return 1;
      if (differs("wide mean", qcc_stored(want[i], p.y_signed), wide, i, size, x_scale, y_scale, 0)) return 1;
    }
  }
  return 0;
}

int main(void) {
  for (int32_t size = 1; size <= 12; size += 1 + size / 4)
    for (int kind = 0; kind < 5; kind++)
      for (int32_t e = -6; e <= 5; e++)
        if (means(size, draw(kind, e - 6), draw((int)(next() % 5u), (int32_t)(next() % 3u) - 6))) return 1;
  if (means(5, 1e-40f, 2e-40f) || means(3, 1e-45f, 1.0f) || means(3, draw(4, 90), 1.0f) || means(7, draw(4, 90), draw(4, 90))) return 1;
  for (int32_t e = -14; e <= 5; e++)
    for (int kind = 0; kind < 7; kind++) {
      const float sa = draw(kind, e), sb = draw((int)(next() % 7u), e + (int32_t)(next() % 5u) - 2);
      const float fixed = draw((int)(next() % 7u), (int32_t)(next() % 12u) - 4) * (next() & 1u ? 1.0f : -1.0f);
      const int is_signed = (int)(next() & 1u);
      if (sums(sa, sb, kind == 0 ? 0.0f : kind == 1 ? 0.5f : fixed, is_signed ? -128 : 0, is_signed ? 127 : 255)) return 1;
      if (kind < 5 && products(draw(kind, e - 4), (int32_t)(next() % 256u), (int32_t)(next() % 256u), (int32_t)(next() % 384u))) return 1;
    }
  if (sums(draw(4, -149 + 30), draw(4, 60), draw(4, 60), -128, 127) || sums(1e-40f, 1e-45f, 127.5f, -128, 127)) return 1;
  if (sums(0.5f, 1e-41f, -1e-40f, 0, 255) || products(1e-42f, 3, 4, 100) || products(draw(4, 70), 3, 4, 100)) return 1;
  for (int32_t dim = 1; dim <= 64; dim += 1 + dim / 8)
    for (int i = 0; i < 4; i++)
      if (softmax(dim, draw(4, 90 + i * 8), i == 0 ? 256.0f : i == 1 ? 255.0f : (float)(1u + next() % 300u), i == 0 ? -128 : (int32_t)(next() % 256u) - 128)) return 1;
  printf("%lu\n", compared);
  return 0;
}

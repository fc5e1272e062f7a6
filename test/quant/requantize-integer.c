/* SPDX-License-Identifier: 0BSD */
/* qcc_requantize__integer against qcc_requantize: accumulators around every tie and every multiplier's own, random ones, the
 * largest ones; multipliers of every exponent, powers of two, subnormal ones. Prints the number of comparisons. */
#include <stdio.h>

#include "qcc/requantize.h"

static uint64_t state = 88172645463325252u;
static uint32_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

static unsigned long compared;
static int differs(int32_t acc, float m, int32_t zp, int32_t lo, int32_t hi) {
  const int32_t want = qcc_requantize(acc, m, zp, lo, hi), got = qcc_requantize__integer(acc, m, zp, lo, hi);
  compared++;
  if (want == got) return 0;
  printf("acc %ld m %a zp %ld %ld..%ld: %ld, not %ld\n", (long)acc, (double)m, (long)zp, (long)lo, (long)hi, (long)got, (long)want);
  return 1;
}

static int differs_around(double at, float m, int32_t zp, int32_t lo, int32_t hi) {
  for (int32_t near = -3; near <= 3; near++) {
    const double acc = at + near;
    if (acc >= -2147483648.0 && acc <= 2147483647.0 && differs((int32_t)acc, m, zp, lo, hi)) return 1;
  }
  return 0;
}

int main(void) {
  static const int32_t ranges[][3] = {{-128, -128, 127}, {3, -128, 127}, {0, 0, 255}, {127, 0, 255}, {-7, -32768, 32767}, {65535, 0, 65535}};
  for (uint32_t exponent = 0; exponent < 255; exponent++)
    for (int draw = 0; draw < 24; draw++) {
      const uint32_t fraction = draw == 0 ? 0 : draw == 1 ? 0x7fffff : draw == 2 ? 1 : draw == 3 ? 0x400000 : next() & 0x7fffff;
      const float m = qcc_f32_of_bits(exponent << 23 | fraction);
      const int32_t *const r = ranges[next() % 6];
      for (int32_t step = -260; step <= 260; step++)
        if (m > 0 && differs_around(((double)step + 0.5) / (double)m, m, r[0], r[1], r[2])) return 1;
      for (int i = 0; i < 300; i++)
        if (differs((int32_t)(next() >> (next() % 32)) * (next() & 1 ? 1 : -1), m, r[0], r[1], r[2])) return 1;
      if (differs_around(2147483647.0, m, r[0], r[1], r[2]) || differs_around(-2147483648.0, m, r[0], r[1], r[2])) return 1;
      for (int32_t power = 24; power < 31; power++)
        for (int32_t odd = 1; odd < 16; odd += 2)
          if (differs_around(odd * (double)(1 << power) / 8.0, m, r[0], r[1], r[2])) return 1;
    }
  printf("%lu\n", compared);
  return 0;
}

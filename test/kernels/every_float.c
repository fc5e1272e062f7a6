/* SPDX-License-Identifier: 0BSD */
/* The float functions of x86-avx2 and x86-avx512vnni at every STEP-th of all floats (argv[1]), against plain C's formula as
 * simd_math.h evaluates it, 4 doubles at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/x86-avx2/binary_f32.h"
#include "isa/x86-avx512vnni/elementwise_f32.h"

enum { BLOCK = 4096 };

static int is_same(float a, float b) { return memcmp(&a, &b, 4) == 0 || (a != a && b != b); }

#define COMPARE(function)                                                                                                 \
  static int compare_##function(unsigned long step) {                                                                     \
    static float x[BLOCK], fast[BLOCK], half[BLOCK], slow[BLOCK];                                                          \
    const struct qcc_unary_f32_params p = {QCC_UNARY_##function, BLOCK};                                                   \
    const struct qcc_unary_f32_data d = {1.702f, 0.0f};                                                                    \
    for (unsigned long first = 0; first < 1ul << 32; first += BLOCK * step) {                                              \
      for (unsigned long i = 0; i < BLOCK; i++) x[i] = qcc_f32_of_bits((uint32_t)(first + i * step));                      \
      qcc_unary_f32__16__x86_avx512vnni(p, d, x, fast);                                                                    \
      qcc_unary_f32__8__x86_avx2(p, d, x, half);                                                                           \
      for (int i = 0; i < BLOCK; i += 8)                                                                                   \
        _mm256_storeu_ps(slow + i, qcc_avx2_formula_8(QCC_UNARY_##function, _mm256_loadu_ps(x + i), d.alpha));              \
      for (int i = 0; i < BLOCK; i++) {                                                                                    \
        if (is_same(fast[i], slow[i]) && is_same(half[i], slow[i])) continue;                                              \
        printf("%s of %a is %a, not %a (avx512vnni), %a (avx2)\n", #function, (double)x[i], (double)slow[i],               \
               (double)fast[i], (double)half[i]);                                                                          \
        return 1;                                                                                                          \
      }                                                                                                                    \
    }                                                                                                                      \
    return 0;                                                                                                              \
  }

COMPARE(EXP)
COMPARE(ERF)
COMPARE(TANH)
COMPARE(SIGMOID)
COMPARE(GELU)
COMPARE(GELU_TANH)
COMPARE(SWISH)

/* Powers of every 16 STEP-th float by one exponent, against plain C. */
static int compare_power(unsigned long step, float by) {
  static float x[BLOCK], fast[BLOCK];
  const struct qcc_binary_f32_params p = {QCC_BINARY_POW, 1, 1, 1, 1, 1, BLOCK, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  for (unsigned long first = 0; first < 1ul << 32; first += 16 * BLOCK * step) {
    for (unsigned long i = 0; i < BLOCK; i++) x[i] = qcc_f32_of_bits((uint32_t)(first + 16 * i * step));
    qcc_binary_f32__8__x86_avx2(p, x, &by, fast);
    for (int i = 0; i < BLOCK; i++) {
      if (is_same(fast[i], qcc_powf(x[i], by))) continue;
      printf("%a to the power %a is %a, not %a\n", (double)x[i], (double)by, (double)qcc_powf(x[i], by), (double)fast[i]);
      return 1;
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  const unsigned long step = argc > 1 ? strtoul(argv[1], 0, 10) : 1;
  return compare_EXP(step) | compare_ERF(step) | compare_TANH(step) | compare_SIGMOID(step) | compare_GELU(step) |
         compare_GELU_TANH(step) | compare_SWISH(step) | compare_power(step, 0.75f) | compare_power(step, -0.75f) |
         compare_power(step, 2.5f) | compare_power(step, 1e-3f) | compare_power(step, -40.5f);
}

/* SPDX-License-Identifier: 0BSD */
/* The float functions of x86-avx2 and x86-avx512vnni at every STEP-th of all floats (argv[1]), against plain C's formula as
 * simd_math.h evaluates it, 4 doubles at a time; sigmoid, erf and the GELU made of it against plain C with and without fused
 * operations, and what is promised of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/x86-avx2/binary_f32.h"
#include "isa/x86-avx2/conv2d_q8.h"
#include "isa/x86-avx2/dynamic_matmul.h"
#include "isa/x86-avx512vnni/dynamic_matmul.h"
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
COMPARE(TANH)
COMPARE(GELU)
COMPARE(GELU_TANH)
COMPARE(SWISH)

/* Units in the last place that y is off 1 / (1 + e^-x), which is a normal float. */
static double sigmoid_error(double y, double x) {
  const double exact = 1.0 / (1.0 + qcc_exp(-x));
  const double unit = qcc_f64_of_bits(qcc_bits_of_f64(exact) & UINT64_C(0x7ff0000000000000)) * 0x1p-23;
  return qcc_absd(y - exact) / unit;
}

/* From -infinity to infinity: the same bits on all ways, error below 2 units, no fall; NaN of NaN. */
static int compare_sigmoid(unsigned long step) {
  static float x[BLOCK], fast[BLOCK], half[BLOCK];
  const struct qcc_unary_f32_params p = {QCC_UNARY_SIGMOID, BLOCK};
  const struct qcc_unary_f32_data d = {0.0f, 0.0f};
  const long end = 0x7f800000;
  float before = 0.0f;
  for (long first = -end; first <= end; first += (long)(BLOCK * step)) {
    for (long i = 0; i < BLOCK; i++) {
      const long at = first + i * (long)step < end ? first + i * (long)step : end;
      x[i] = qcc_f32_of_bits(at < 0 ? (uint32_t)-at | UINT32_C(0x80000000) : (uint32_t)at);
    }
    qcc_unary_f32__16__x86_avx512vnni(p, d, x, fast);
    qcc_unary_f32__8__x86_avx2(p, d, x, half);
    for (int i = 0; i < BLOCK; i++) {
      const float plain = qcc_sigmoid__by(1, x[i]), twice = qcc_sigmoid__by(0, x[i]);
      const int is_right = plain == 0.0f ? x[i] < -QCC_SIGMOID_MOST
                                         : plain >= 0x1p-126f && sigmoid_error((double)plain, (double)x[i]) < 2.0;
      if (is_right && plain >= before && is_same(plain, twice) && is_same(plain, fast[i]) && is_same(plain, half[i])) {
        before = plain;
        continue;
      }
      printf("sigmoid of %a is %a, after %a; without fused operations %a, avx512vnni %a, avx2 %a\n", (double)x[i],
             (double)plain, (double)before, (double)twice, (double)fast[i], (double)half[i]);
      return 1;
    }
  }
  for (int i = 0; i < BLOCK; i++) x[i] = QCC_NAN;
  qcc_unary_f32__16__x86_avx512vnni(p, d, x, fast);
  qcc_unary_f32__8__x86_avx2(p, d, x, half);
  if (fast[0] != fast[0] && half[0] != half[0] && before == 1.0f && qcc_sigmoidf(0.0f) == 0.5f) return 0;
  printf("sigmoid of NaN, 0 or infinity is %a %a, %a, %a\n", (double)fast[0], (double)half[0], (double)qcc_sigmoidf(0.0f),
         (double)before);
  return 1;
}

/* The e^x of a softmax, of every x <= 0: the same bits on all ways, error below 1.5 units, 0 below -87. */
static int compare_softmax_exp(unsigned long step) {
  const uint32_t first = UINT32_C(0x80000000);
  for (unsigned long i = 0; i <= 0x7f800000; i += step) {
    const float x = qcc_f32_of_bits(first + (uint32_t)i), plain = qcc_softmax_exp__by(1, x);
    const float fast = _mm512_cvtss_f32(qcc_vnni_softmax_exp(0xffff, _mm512_set1_ps(x)));
    const float half = _mm256_cvtss_f32(qcc_avx2_softmax_exp(_mm256_set1_ps(x)));
    const double exact = x < -87.0f ? 0.0 : qcc_exp((double)x);
    const double unit = qcc_f64_of_bits(qcc_bits_of_f64(exact) & UINT64_C(0x7ff0000000000000)) * 0x1p-23;
    const int is_right = qcc_absd((double)plain - exact) <= 1.5 * unit;
    if (is_right && is_same(plain, qcc_softmax_exp__by(0, x)) && is_same(plain, fast) && is_same(plain, half)) continue;
    printf("softmax's exp of %a is %a, not %a; without fused operations %a, avx512vnni %a, avx2 %a\n", (double)x, (double)plain,
           exact, (double)qcc_softmax_exp__by(0, x), (double)fast, (double)half);
    return 1;
  }
  return 0;
}

/* Units in the last place that y is off erf(x), by doubles. */
static double erf_error(double y, double x) {
  const double a = qcc_absd(x), exact = a < 0.5 ? qcc_erf_small(a) : a > 4.0 ? 1.0 : 1.0 - qcc_erfc_large(a, a * a);
  const double unit = qcc_f64_of_bits(qcc_bits_of_f64(exact) & UINT64_C(0x7ff0000000000000)) * 0x1p-23;
  return qcc_absd(qcc_absd(y) - exact) / (unit > 0x1p-149 ? unit : 0x1p-149);
}

/* The same bits on all ways, the sign of x, error below 2.5 units, at most 1; and the GELU of dynamic_matmul. */
static int compare_erf(unsigned long step) {
  static float x[BLOCK], fast[BLOCK], half[BLOCK], gelu[BLOCK], half_gelu[BLOCK];
  const struct qcc_unary_f32_params p = {QCC_UNARY_ERF, BLOCK};
  const struct qcc_unary_f32_data d = {0.0f, 0.0f};
  for (unsigned long first = 0; first < 1ul << 32; first += BLOCK * step) {
    for (unsigned long i = 0; i < BLOCK; i++) x[i] = qcc_f32_of_bits((uint32_t)(first + i * step));
    qcc_unary_f32__16__x86_avx512vnni(p, d, x, fast);
    qcc_unary_f32__8__x86_avx2(p, d, x, half);
    memcpy(gelu, x, sizeof x);
    memcpy(half_gelu, x, sizeof x);
    qcc_vnni_dynamic_gelu(gelu, 64, BLOCK / 64, 64);
    qcc_avx2_dynamic_gelu(half_gelu, half_gelu, 16, BLOCK / 16, 16);
    for (int i = 0; i < BLOCK; i++) {
      const float plain = qcc_erf__by(1, x[i]), twice = qcc_erf__by(0, x[i]), want = qcc_dynamic_gelu(x[i]);
      const int is_right = x[i] != x[i] ? plain != plain
                                        : qcc_absf(plain) <= 1.0f && qcc_copysignf(1.0f, plain) == qcc_copysignf(1.0f, x[i]) &&
                                              erf_error((double)plain, (double)x[i]) < 2.5;
      if (is_right && is_same(plain, twice) && is_same(plain, fast[i]) && is_same(plain, half[i]) && is_same(want, gelu[i]) &&
          is_same(want, half_gelu[i]))
        continue;
      printf("erf of %a is %a; without fused operations %a, avx512vnni %a, avx2 %a; GELU %a, avx512vnni %a, avx2 %a\n",
             (double)x[i], (double)plain, (double)twice, (double)fast[i], (double)half[i], (double)want, (double)gelu[i],
             (double)half_gelu[i]);
      return 1;
    }
  }
  return 0;
}

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
  return compare_EXP(step) | compare_erf(step) | compare_TANH(step) | compare_sigmoid(step) | compare_softmax_exp(step) | compare_GELU(step) |
         compare_GELU_TANH(step) | compare_SWISH(step) | compare_power(step, 0.75f) | compare_power(step, -0.75f) |
         compare_power(step, 2.5f) | compare_power(step, 1e-3f) | compare_power(step, -40.5f);
}

/* SPDX-License-Identifier: 0BSD */
#include "fake.h"

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

extern const int8_t fake_bias[8];

static int8_t saturated(int32_t v) { return (int8_t)(v < -128 ? -128 : v > 127 ? 127 : v); }

#if defined(__AVX2__)
static __attribute__((noinline)) void doubled(const int8_t *x, int16_t *to) {
  const __m128i wide = _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)(const void *)x));
  const __m256i twice = _mm256_add_epi16(_mm256_castsi128_si256(wide), _mm256_castsi128_si256(wide));
  _mm_storeu_si128((__m128i *)(void *)to, _mm256_castsi256_si128(twice));
}
#elif defined(__ARM_NEON)
static void doubled(const int8_t *x, int16_t *to) { vst1q_s16(to, vshll_n_s8(vld1_s8(x), 1)); }
#else
static void doubled(const int8_t *x, int16_t *to) {
  for (int i = 0; i < 8; i++) to[i] = (int16_t)(2 * x[i]);
}
#endif

int fake_run(const struct fake_inputs *in, const struct fake_outputs *out, const struct fake_memory *memory) {
#if defined(FAKE_NO_CPU)
  return QCC_ERROR_CPU;
#elif defined(__AVX2__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2")) return QCC_ERROR_CPU;
#endif
#if defined(FAKE_SIGILL)
  __builtin_trap();
#elif defined(FAKE_SIGSEGV)
  *(volatile int *)16 = 1;
#elif defined(FAKE_HANG)
  for (volatile int i = 0;; i = i + 1) {
  }
#endif
  int16_t *const wide = memory->arena;
  if (((uintptr_t)wide & 31u) != 0) return QCC_ERROR_ALIGNMENT;
  doubled(in->x, wide);
  for (int i = 0; i < 8; i++) {
    out->y[i] = saturated(wide[i] - fake_bias[i]);
    out->z[i] = (float)out->y[i] * *in->scale;
  }
  return QCC_OK;
}

/* SPDX-License-Identifier: 0BSD */
/* What 100 % means when steps are timed: the multiply-accumulates each scheme does at best, all operands in registers, 20
 * independent sums as the 5x64 tile has them. isa.json says which kernel has which scheme.
 *   dot_u8s8  vpdpbusd
 *   fma16_f32 vfmadd231ps on 16 floats */
#ifndef QCC_PEAK_X86_AVX512VNNI_H
#define QCC_PEAK_X86_AVX512VNNI_H

#include <immintrin.h>

#define QCC_PEAK_ALL(F) \
  F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14) F(15) F(16) F(17) F(18) F(19)
/* The empty statement keeps the compiler from computing it all at once. */
#define QCC_PEAK_FENCE(i) __asm__ volatile("" : "+v"(sum##i), "+v"(x));
#define QCC_PEAK_START_S32(i) __m512i sum##i = _mm512_setzero_si512();
#define QCC_PEAK_DOT(i)                       \
  sum##i = _mm512_dpbusd_epi32(sum##i, x, w); \
  QCC_PEAK_FENCE(i)
#define QCC_PEAK_START_F32(i) __m512 sum##i = _mm512_setzero_ps();
#define QCC_PEAK_FMA(i)                   \
  sum##i = _mm512_fmadd_ps(x, w, sum##i); \
  QCC_PEAK_FENCE(i)

/* Each runs its loop `turns` times and returns the multiply-accumulates done. */
static __attribute__((noinline, unused)) double qcc_peak_dot_u8s8(int turns) {
  __m512i x = _mm512_set1_epi8(3);
  const __m512i w = _mm512_set1_epi8(5);
  QCC_PEAK_ALL(QCC_PEAK_START_S32)
  for (int t = 0; t < turns; t++) {
    QCC_PEAK_ALL(QCC_PEAK_DOT)
  }
  return 1280.0 * turns;
}

static __attribute__((noinline, unused)) double qcc_peak_fma16_f32(int turns) {
  __m512 x = _mm512_set1_ps(1.0f);
  const __m512 w = _mm512_set1_ps(1.0f);
  QCC_PEAK_ALL(QCC_PEAK_START_F32)
  for (int t = 0; t < turns; t++) {
    QCC_PEAK_ALL(QCC_PEAK_FMA)
  }
  return 320.0 * turns;
}

#undef QCC_PEAK_ALL
#undef QCC_PEAK_FENCE
#undef QCC_PEAK_START_S32
#undef QCC_PEAK_DOT
#undef QCC_PEAK_START_F32
#undef QCC_PEAK_FMA
#endif

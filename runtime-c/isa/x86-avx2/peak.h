/* SPDX-License-Identifier: 0BSD */
/* What 100 % means when steps are timed: the multiply-accumulates this instruction set does at best, exactly (vpmaddwd and
 * vpaddd, all operands in registers, 12 independent sums as the 6x16 tile has them). */
#ifndef QCC_PEAK_H
#define QCC_PEAK_H

#include <immintrin.h>

#define QCC_PEAK_ALL(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
#define QCC_PEAK_START(i) __m256i sum##i = _mm256_setzero_si256();
/* The empty statement keeps the compiler from computing it all at once. */
#define QCC_PEAK_DOT(i)                                        \
  sum##i = _mm256_add_epi32(sum##i, _mm256_madd_epi16(x, w)); \
  __asm__ volatile("" : "+x"(sum##i), "+x"(x));

/* Runs the loop `turns` times; returns the multiply-accumulates done. */
static __attribute__((noinline, unused)) double qcc_peak_macs(int turns) {
  __m256i x = _mm256_set1_epi16(3);
  const __m256i w = _mm256_set1_epi16(5);
  QCC_PEAK_ALL(QCC_PEAK_START)
  for (int t = 0; t < turns; t++) {
    QCC_PEAK_ALL(QCC_PEAK_DOT)
  }
  return 192.0 * turns;
}

#undef QCC_PEAK_ALL
#undef QCC_PEAK_START
#undef QCC_PEAK_DOT
#endif

/* SPDX-License-Identifier: 0BSD */
/* What 100 % means when steps are timed: the multiply-accumulates this instruction set does at best, exactly (vpmaddwd and
 * vpaddd, all operands in registers, 12 independent sums as the 6x16 tile has them). */
#ifndef QCC_PEAK_H
#define QCC_PEAK_H

#include <immintrin.h>

/* Runs the loop `turns` times; returns the multiply-accumulates done. */
static __attribute__((noinline)) double qcc_peak_macs(int turns) {
  __m256i x = _mm256_set1_epi16(3), sums[12];
  const __m256i w = _mm256_set1_epi16(5);
  for (int i = 0; i < 12; i++) sums[i] = _mm256_setzero_si256();
  for (int t = 0; t < turns; t++) {
#define QCC_PEAK_DOT(i)                                                \
  sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(x, w));        \
  __asm__ volatile("" : "+x"(sums[i]), "+x"(x));
    QCC_PEAK_DOT(0)
    QCC_PEAK_DOT(1)
    QCC_PEAK_DOT(2)
    QCC_PEAK_DOT(3)
    QCC_PEAK_DOT(4)
    QCC_PEAK_DOT(5)
    QCC_PEAK_DOT(6)
    QCC_PEAK_DOT(7)
    QCC_PEAK_DOT(8)
    QCC_PEAK_DOT(9)
    QCC_PEAK_DOT(10)
    QCC_PEAK_DOT(11)
#undef QCC_PEAK_DOT
  }
  return 192.0 * turns;
}

#endif

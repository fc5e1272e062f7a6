/* SPDX-License-Identifier: 0BSD */
/* What 100 % means when steps are timed: the multiply-accumulates this instruction set does at best, exactly (vpdpbusd, all
 * operands in registers, 20 independent sums as the 5x64 tile has them). */
#ifndef QCC_PEAK_H
#define QCC_PEAK_H

#include <immintrin.h>

#define QCC_PEAK_ALL(F) \
  F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14) F(15) F(16) F(17) F(18) F(19)
#define QCC_PEAK_START(i) __m512i sum##i = _mm512_setzero_si512();
/* The empty statement keeps the compiler from computing it all at once. */
#define QCC_PEAK_DOT(i)                        \
  sum##i = _mm512_dpbusd_epi32(sum##i, x, w); \
  __asm__ volatile("" : "+v"(sum##i), "+v"(x));

/* Runs the loop `turns` times; returns the multiply-accumulates done. */
static __attribute__((noinline, unused)) double qcc_peak_macs(int turns) {
  __m512i x = _mm512_set1_epi8(3);
  const __m512i w = _mm512_set1_epi8(5);
  QCC_PEAK_ALL(QCC_PEAK_START)
  for (int t = 0; t < turns; t++) {
    QCC_PEAK_ALL(QCC_PEAK_DOT)
  }
  return 1280.0 * turns;
}

#undef QCC_PEAK_ALL
#undef QCC_PEAK_START
#undef QCC_PEAK_DOT
#endif

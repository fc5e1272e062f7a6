/* SPDX-License-Identifier: 0BSD */
/* What 100 % means when steps are timed: the multiply-accumulates each scheme does at best, all operands in registers, 12
 * independent sums as the 6x16 tile has them. isa.json says which kernel has which scheme.
 *   pairs_s16  vpmaddwd and vpaddd; vpdpwssd where the kernels of an ISA that extends this one use it
 *   quads_u8   vpmaddubsw, vpmaddwd and vpaddd: bytes, where sums of pairs are proved to fit
 *   fma_f32    vfmadd231ps */
#ifndef QCC_PEAK_X86_AVX2_H
#define QCC_PEAK_X86_AVX2_H

#include <immintrin.h>

#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
#define QCC_PEAK_PAIRS(sum) _mm256_dpwssd_epi32(sum, x, w)
#else
#define QCC_PEAK_PAIRS(sum) _mm256_add_epi32(sum, _mm256_madd_epi16(x, w))
#endif
#define QCC_PEAK_QUADS(sum) _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), ones))
#define QCC_PEAK_FMA(sum) _mm256_fmadd_ps(x, w, sum)

/* The empty statement keeps the compiler from computing it all at once. */
#define QCC_PEAK_STEP(STEP, sum) \
  sum = STEP(sum);               \
  __asm__ volatile("" : "+x"(sum), "+x"(x));

/* Runs the loop `turns` times; returns the multiply-accumulates done. */
#define QCC_PEAK_LOOP(name, type, start, STEP, macs)                                                          \
  static __attribute__((noinline, unused)) double qcc_peak_##name(int turns) {                                \
    type x = start, s0 = start, s1 = start, s2 = start, s3 = start, s4 = start, s5 = start;                   \
    type s6 = start, s7 = start, s8 = start, s9 = start, s10 = start, s11 = start;                            \
    const type w = start;                                                                                     \
    const __m256i ones = _mm256_set1_epi16(1);                                                                \
    (void)ones;                                                                                               \
    for (int t = 0; t < turns; t++) {                                                                         \
      QCC_PEAK_STEP(STEP, s0) QCC_PEAK_STEP(STEP, s1) QCC_PEAK_STEP(STEP, s2) QCC_PEAK_STEP(STEP, s3)         \
      QCC_PEAK_STEP(STEP, s4) QCC_PEAK_STEP(STEP, s5) QCC_PEAK_STEP(STEP, s6) QCC_PEAK_STEP(STEP, s7)         \
      QCC_PEAK_STEP(STEP, s8) QCC_PEAK_STEP(STEP, s9) QCC_PEAK_STEP(STEP, s10) QCC_PEAK_STEP(STEP, s11)       \
    }                                                                                                         \
    return 12.0 * (macs) * turns;                                                                             \
  }

QCC_PEAK_LOOP(pairs_s16, __m256i, _mm256_set1_epi16(1), QCC_PEAK_PAIRS, 16)
QCC_PEAK_LOOP(quads_u8, __m256i, _mm256_set1_epi8(1), QCC_PEAK_QUADS, 32)
QCC_PEAK_LOOP(fma_f32, __m256, _mm256_setzero_ps(), QCC_PEAK_FMA, 8)

#undef QCC_PEAK_PAIRS
#undef QCC_PEAK_QUADS
#undef QCC_PEAK_FMA
#undef QCC_PEAK_STEP
#undef QCC_PEAK_LOOP
#endif

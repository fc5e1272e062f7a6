/* SPDX-License-Identifier: 0BSD */
/* AVX2 helpers shared by the kernels of this folder: unaligned words, widening loads with exact tails, the fence.
 * Invariant: nothing here reads or writes a byte outside the ranges its arguments name. */
#ifndef QCC_X86_AVX2_SIMD_H
#define QCC_X86_AVX2_SIMD_H

#include <immintrin.h>

#include "qcc/base.h"

/* Pins a vector to a register between two updates: without it gcc sums several products first and then spills the
 * accumulators. Emits no instruction. */
#define QCC_AVX2_FENCE(v) __asm__("" : "+x"(v))

/* a + b in 32 bits, in the register of a, which stays there from one update to the next. With an addition of its own before a fence
 * gcc writes the sum to another register and copies it back. */
#if defined(__AVX512VL__)
#define QCC_AVX2_SUM_REGISTER "v"
#else
#define QCC_AVX2_SUM_REGISTER "x"
#endif
QCC_INLINE __m256i qcc_avx2_add_in_place(__m256i a, __m256i b) {
  __asm__("vpaddd %1, %0, %0" : "+" QCC_AVX2_SUM_REGISTER(a) : QCC_AVX2_SUM_REGISTER(b));
  return a;
}

/* Hides the value of an integer from the compiler. */
#define QCC_AVX2_OPAQUE(v) __asm__("" : "+r"(v))

/* Unaligned 32-bit word of any object. */
typedef int32_t __attribute__((may_alias, aligned(1))) qcc_avx2_word;

QCC_INLINE __m256i qcc_avx2_broadcast_word(const void *p) { return _mm256_set1_epi32(*(const qcc_avx2_word *)p); }

QCC_INLINE __m256i qcc_avx2_load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }

QCC_INLINE void qcc_avx2_store(void *p, __m256i v) { _mm256_storeu_si256((__m256i *)p, v); }

QCC_INLINE __m128i qcc_avx2_load_half(const void *p) { return _mm_loadu_si128((const __m128i *)p); }

QCC_INLINE void qcc_avx2_store_half(void *p, __m128i v) { _mm_storeu_si128((__m128i *)p, v); }

/* 16 stored bytes -> s16. */
QCC_INLINE __m256i qcc_avx2_widen(__m128i v, int32_t is_signed) {
  return is_signed ? _mm256_cvtepi8_epi16(v) : _mm256_cvtepu8_epi16(v);
}

/* 8 stored bytes (the low half of v) -> s32. */
QCC_INLINE __m256i qcc_avx2_widen_s32(__m128i v, int32_t is_signed) {
  return is_signed ? _mm256_cvtepi8_epi32(v) : _mm256_cvtepu8_epi32(v);
}

typedef int64_t __attribute__((may_alias, aligned(1))) qcc_avx2_long;
typedef uint16_t __attribute__((may_alias, aligned(1))) qcc_avx2_short;

/* The first count (0..7) bytes at p, the rest zero. */
QCC_INLINE int64_t qcc_avx2_load_under_8(const uint8_t *p, int32_t count) {
  uint64_t v = 0;
  if (count & 1) v = p[count & 6];
  if (count & 2) v = v << 16 | *(const qcc_avx2_short *)(p + (count & 4));
  if (count & 4) v = v << 32 | (uint32_t) * (const qcc_avx2_word *)p;
  return (int64_t)v;
}

/* The first `count` bytes at p (16 if it is more), the rest any value; reads 16 bytes only where `end` allows it. */
QCC_INLINE __m128i qcc_avx2_load_up_to_16(const uint8_t *p, int32_t count, const uint8_t *end) {
  if (count >= 16 || end - p >= 16) return qcc_avx2_load_half(p);
  if (count < 8) return _mm_cvtsi64_si128(qcc_avx2_load_under_8(p, count));
  return _mm_set_epi64x(qcc_avx2_load_under_8(p + 8, count - 8), *(const qcc_avx2_long *)p);
}

/* The first count (0..16) bytes of v. */
QCC_INLINE void qcc_avx2_store_up_to_16(uint8_t *p, __m128i v, int32_t count) {
  if (count >= 16) {
    qcc_avx2_store_half(p, v);
    return;
  }
  if (count & 8) {
    _mm_storel_epi64((__m128i *)(void *)p, v);
    v = _mm_unpackhi_epi64(v, v);
    p += 8;
  }
  uint64_t rest = (uint64_t)_mm_cvtsi128_si64(v);
  if (count & 4) {
    *(qcc_avx2_word *)p = (int32_t)(uint32_t)rest;
    rest >>= 32;
    p += 4;
  }
  if (count & 2) {
    *(qcc_avx2_short *)p = (uint16_t)rest;
    rest >>= 16;
    p += 2;
  }
  if (count & 1) *p = (uint8_t)rest;
}

/* The first count of v's 8 words; none if count <= 0. */
QCC_INLINE void qcc_avx2_store_words(void *p, __m256i v, int32_t count) {
  if (count >= 8)
    qcc_avx2_store(p, v);
  else
    _mm256_maskstore_epi32((int *)p, _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)), v);
}

/* count bytes -> s16. Writes whole groups of 16: up to 15 elements after the last are overwritten. `end` is the end of
 * the source's buffer: whole groups are read only before it. */
QCC_INLINE void qcc_avx2_widen_run(int16_t *to, const uint8_t *from, int32_t count, const uint8_t *end,
                                   int32_t is_signed) {
  for (int32_t i = 0; i < count; i += 16)
    qcc_avx2_store(to + i, qcc_avx2_widen(qcc_avx2_load_up_to_16(from + i, count - i, end), is_signed));
}

/* As qcc_avx2_widen_run, but copies bytes. */
QCC_INLINE void qcc_avx2_copy_run(uint8_t *to, const uint8_t *from, int32_t count, const uint8_t *end) {
  for (int32_t i = 0; i < count; i += 16)
    qcc_avx2_store_half(to + i, qcc_avx2_load_up_to_16(from + i, count - i, end));
}

/* count elements equal to value, in whole groups of 16 like the runs above. */
QCC_INLINE void qcc_avx2_fill_s16(int16_t *to, int32_t value, int32_t count) {
  for (int32_t i = 0; i < count; i += 16) qcc_avx2_store(to + i, _mm256_set1_epi16((int16_t)value));
}

QCC_INLINE void qcc_avx2_fill_bytes(uint8_t *to, int32_t value, int32_t count) {
  for (int32_t i = 0; i < count; i += 16) qcc_avx2_store_half(to + i, _mm_set1_epi8((int8_t)value));
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* AVX-512 helpers shared by the kernels of this folder: broadcasts, tails by masks, runs of bytes made unsigned.
 * Invariant: nothing here reads or writes a byte outside the ranges its arguments name; masked lanes touch no memory.
 *
 * vpdpbusd multiplies u8 by s8 and adds four products to an s32 without saturating anywhere (vpdpbusds, which saturates, is
 * never used): exact for any values. s8 activations become u8 by their top bit, x + 128; biases made for packings that end
 * in _xu8 have 128 * (sum of weights) taken off. */
#ifndef QCC_X86_AVX512VNNI_SIMD_H
#define QCC_X86_AVX512VNNI_SIMD_H

#include <immintrin.h>

#include "qcc/base.h"

/* Sixteen s32 sums. A type of their own: gcc 12 spills accumulators that it takes for __m512i, eight s64, between two sums.
 * The fence pins a sum to a register between two updates, without which gcc keeps copies on the stack; it emits no
 * instruction. Where a test emulates the intrinsics there are neither such vectors nor such registers. */
#if defined(__AVX512F__)
typedef int32_t qcc_vnni_sums __attribute__((vector_size(64)));
#define QCC_VNNI_SUMS(v) ((qcc_vnni_sums)(v))
#define QCC_VNNI_BITS(v) ((__m512i)(v))
typedef int32_t qcc_vnni_sums8 __attribute__((vector_size(32)));
#define QCC_VNNI_SUMS8(v) ((qcc_vnni_sums8)(v))
#define QCC_VNNI_BITS8(v) ((__m256i)(v))
#define QCC_VNNI_FENCE(v) __asm__("" : "+v"(v))
/* Loads that follow are not moved before: constants of an epilogue must not wait in registers that the sums need. */
#define QCC_VNNI_HERE(pointer) __asm__ volatile("" : "+r"(pointer))
#else
typedef __m512i qcc_vnni_sums;
#define QCC_VNNI_SUMS(v) (v)
#define QCC_VNNI_BITS(v) (v)
typedef __m256i qcc_vnni_sums8;
#define QCC_VNNI_SUMS8(v) (v)
#define QCC_VNNI_BITS8(v) (v)
#define QCC_VNNI_FENCE(v) ((void)0)
#define QCC_VNNI_HERE(pointer) ((void)0)
#endif

/* c + the four products u8 * s8 of each lane. */
QCC_INLINE qcc_vnni_sums qcc_vnni_dot(qcc_vnni_sums c, __m512i x, __m512i w) {
  c = QCC_VNNI_SUMS(_mm512_dpbusd_epi32(QCC_VNNI_BITS(c), x, w));
  QCC_VNNI_FENCE(c);
  return c;
}

/* c + the two products s16 * s16 of each lane. */
QCC_INLINE qcc_vnni_sums qcc_vnni_dot_pairs(qcc_vnni_sums c, __m512i x, __m512i w) {
  c = QCC_VNNI_SUMS(_mm512_dpwssd_epi32(QCC_VNNI_BITS(c), x, w));
  QCC_VNNI_FENCE(c);
  return c;
}

/* The first eight lanes of qcc_vnni_dot; the others become any value. Half the price where 512 bits go two ways at once (Zen 4). */
QCC_INLINE qcc_vnni_sums qcc_vnni_dot_first(qcc_vnni_sums c, __m512i x, __m512i w) {
  c = QCC_VNNI_SUMS(_mm512_castsi256_si512(
      _mm256_dpbusd_epi32(_mm512_castsi512_si256(QCC_VNNI_BITS(c)), _mm512_castsi512_si256(x), _mm512_castsi512_si256(w))));
  QCC_VNNI_FENCE(c);
  return c;
}

/* As qcc_vnni_dot, for eight sums and 32 weights at w. */
QCC_INLINE qcc_vnni_sums8 qcc_vnni_dot8(qcc_vnni_sums8 c, __m256i x, const void *w) {
  c = QCC_VNNI_SUMS8(_mm256_dpbusd_epi32(QCC_VNNI_BITS8(c), x, _mm256_loadu_si256((const __m256i *)w)));
  QCC_VNNI_FENCE(c);
  return c;
}

/* Unaligned 32-bit word of any object. */
typedef int32_t __attribute__((may_alias, aligned(1))) qcc_vnni_word;

QCC_INLINE __m512i qcc_vnni_broadcast_word(const void *p) { return _mm512_set1_epi32(*(const qcc_vnni_word *)p); }

QCC_INLINE __m512i qcc_vnni_load(const void *p) { return _mm512_loadu_si512(p); }

QCC_INLINE void qcc_vnni_store(void *p, __m512i v) { _mm512_storeu_si512(p, v); }

/* The lowest `count` of 64 (16) lanes; count is at least 0. */
QCC_INLINE __mmask64 qcc_vnni_mask_64(int32_t count) {
  return (__mmask64)(count >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1);
}
QCC_INLINE __mmask16 qcc_vnni_mask_16(int32_t count) { return (__mmask16)(count >= 16 ? 0xffffu : (1u << count) - 1u); }

/* The first `count` bytes at p (64 if it is more), the rest zero. */
QCC_INLINE __m512i qcc_vnni_load_up_to_64(const uint8_t *p, int32_t count) {
  return count >= 64 ? qcc_vnni_load(p) : _mm512_maskz_loadu_epi8(qcc_vnni_mask_64(count), p);
}

/* The same for 16 bytes. */
QCC_INLINE __m128i qcc_vnni_load_up_to_16(const uint8_t *p, int32_t count) {
  return count >= 16 ? _mm_loadu_si128((const __m128i *)(const void *)p)
                     : _mm_maskz_loadu_epi8(qcc_vnni_mask_16(count), p);
}

/* The first `count` bytes of v (64 if it is more, none if it is not positive). */
QCC_INLINE void qcc_vnni_store_up_to_64(uint8_t *p, __m512i v, int32_t count) {
  if (count >= 64)
    qcc_vnni_store(p, v);
  else if (count > 0)
    _mm512_mask_storeu_epi8(p, qcc_vnni_mask_64(count), v);
}
QCC_INLINE void qcc_vnni_store_up_to_32(uint8_t *p, __m256i v, int32_t count) {
  if (count >= 32)
    _mm256_storeu_si256((__m256i *)(void *)p, v);
  else if (count > 0)
    _mm256_mask_storeu_epi8(p, (__mmask32)qcc_vnni_mask_64(count), v);
}
QCC_INLINE void qcc_vnni_store_up_to_16(uint8_t *p, __m128i v, int32_t count) {
  if (count >= 16)
    _mm_storeu_si128((__m128i *)(void *)p, v);
  else if (count > 0)
    _mm_mask_storeu_epi8(p, qcc_vnni_mask_16(count), v);
}

/* count bytes with their top bits flipped by `flip` (0 or 128 in each byte). Writes whole groups of 64, of 16 or 32 where a run
 * is no longer than that: what follows the run is overwritten. */
QCC_INLINE void qcc_vnni_copy_run(uint8_t *to, const uint8_t *from, int32_t count, __m512i flip) {
  if (count <= 16) {
    const __m128i v = qcc_vnni_load_up_to_16(from, count);
    _mm_storeu_si128((__m128i *)(void *)to, _mm_xor_si128(v, _mm512_castsi512_si128(flip)));
    return;
  }
  if (count <= 32) {
    const __m256i v = _mm256_maskz_loadu_epi8((__mmask32)qcc_vnni_mask_64(count), from);
    _mm256_storeu_si256((__m256i *)(void *)to, _mm256_xor_si256(v, _mm512_castsi512_si256(flip)));
    return;
  }
  for (int32_t i = 0; i < count; i += 64)
    qcc_vnni_store(to + i, _mm512_xor_si512(qcc_vnni_load_up_to_64(from + i, count - i), flip));
}

#endif

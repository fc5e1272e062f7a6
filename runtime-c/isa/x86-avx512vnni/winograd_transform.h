/* SPDX-License-Identifier: 0BSD */
/* The transforms of isa/x86-avx2/winograd_transform.h on vectors of 32 s16 and 16 s32. */
#ifndef QCC_X86_AVX512VNNI_WINOGRAD_TRANSFORM_H
#define QCC_X86_AVX512VNNI_WINOGRAD_TRANSFORM_H

#include "isa/x86-avx2/winograd_transform.h"
#include "simd.h"

/* B' times one column of s16 vectors; intermediates may wrap, results do not. */
QCC_INLINE void qcc_vnni_winograd_input(const __m512i *d, __m512i *t, ptrdiff_t to) {
  const __m512i a = _mm512_sub_epi16(d[4], _mm512_slli_epi16(d[2], 2)), b = _mm512_sub_epi16(d[3], _mm512_slli_epi16(d[1], 2));
  const __m512i c = _mm512_sub_epi16(d[4], d[2]), e = _mm512_sub_epi16(d[3], d[1]);
  const __m512i f = _mm512_add_epi16(e, e);
  t[0] = _mm512_add_epi16(_mm512_slli_epi16(_mm512_sub_epi16(d[0], d[2]), 2), c);
  t[to] = _mm512_add_epi16(a, b);
  t[2 * to] = _mm512_sub_epi16(a, b);
  t[3 * to] = _mm512_add_epi16(c, f);
  t[4 * to] = _mm512_sub_epi16(c, f);
  t[5 * to] = _mm512_sub_epi16(_mm512_sub_epi16(d[5], d[3]), _mm512_slli_epi16(e, 2));
}

/* A' times one column of s32 vectors. */
QCC_INLINE void qcc_vnni_winograd_output(const __m512i *m, __m512i *t, ptrdiff_t to) {
  const __m512i s = _mm512_add_epi32(m[1], m[2]), d = _mm512_sub_epi32(m[1], m[2]);
  const __m512i u = _mm512_add_epi32(m[3], m[4]), v = _mm512_sub_epi32(m[3], m[4]);
  const __m512i v2 = _mm512_add_epi32(v, v);
  t[0] = _mm512_add_epi32(_mm512_add_epi32(m[0], s), u);
  t[to] = _mm512_add_epi32(d, v2);
  t[2 * to] = _mm512_add_epi32(s, _mm512_slli_epi32(u, 2));
  t[3 * to] = _mm512_add_epi32(_mm512_add_epi32(d, _mm512_slli_epi32(v2, 2)), _mm512_slli_epi32(m[5], 2));
}

#endif

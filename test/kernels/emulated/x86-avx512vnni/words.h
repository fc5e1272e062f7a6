/* SPDX-License-Identifier: 0BSD */
/* Part of immintrin.h: lanes of 16 bits that are looked up, tested and shifted under masks; lanes of 32 that are moved and tested. */
#ifndef QCC_CHECK_EMULATED_AVX512_WORDS_H
#define QCC_CHECK_EMULATED_AVX512_WORDS_H

EMU __m512i emu_permutex2var_epi16(__m512i a, __m512i index, __m512i b) {
  uint16_t from[64], at[32], to[32];
  memcpy(from, &a, sizeof a);
  memcpy(from + 32, &b, sizeof b);
  memcpy(at, &index, sizeof at);
  for (int i = 0; i < 32; i++) to[i] = from[at[i] & 63];
  memcpy(&a, to, sizeof a);
  return a;
}
/* b where the mask says so, else a; lanes of `lane` bytes. */
EMU __m512i emu_blend(uint64_t mask, __m512i a, __m512i b, int lane) {
  for (int i = 0; i < 64 / lane; i++)
    if (mask >> i & 1) memcpy((char *)&a + i * lane, (const char *)&b + i * lane, (size_t)lane);
  return a;
}
EMU __mmask32 emu_test_epi16(__m512i a, __m512i b) {
  uint16_t x[32], y[32];
  __mmask32 mask = 0;
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 32; i++) mask |= (__mmask32)((x[i] & y[i]) != 0) << i;
  return mask;
}
EMU __m512i emu_shift_right_16(__m512i a, int by) {
  uint16_t w[32];
  memcpy(w, &a, sizeof w);
  for (int i = 0; i < 32; i++) w[i] = (uint16_t)(w[i] >> by);
  memcpy(&a, w, sizeof a);
  return a;
}

/* In each 16 bytes two of a's floats, then two of b's, by two bits of `by` each. */
EMU __m512 emu_shuffle_ps(__m512 a, __m512 b, int by) {
  float x[16], y[16], to[16];
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 16; i++) to[i] = (i & 2 ? y : x)[(i & ~3) + (by >> 2 * (i & 3) & 3)];
  memcpy(&a, to, sizeof a);
  return a;
}
EMU __mmask16 emu_testn_epi32(__m512i a, __m512i b) {
  uint32_t x[16], y[16];
  unsigned mask = 0;
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 16; i++) mask |= (unsigned)((x[i] & y[i]) == 0) << i;
  return (__mmask16)mask;
}

#define _mm512_shuffle_ps emu_shuffle_ps
#define _mm512_castpd_ps(a) emu_as_floats(emu_words_of_doubles(a))
#define _mm512_xor_ps(a, b) emu_as_floats(emu_xor_si512(emu_as_words(a), emu_as_words(b)))
#define _mm512_testn_epi32_mask emu_testn_epi32
#define _mm512_permutex2var_epi16 emu_permutex2var_epi16
#define _mm512_srli_epi16 emu_shift_right_16
#define _mm512_test_epi16_mask emu_test_epi16
#define _mm512_testn_epi16_mask(a, b) ((__mmask32)~emu_test_epi16(a, b))
#define _mm512_movepi16_mask(a) emu_test_epi16(a, emu_set1(UINT32_C(0x80008000)))
#define _mm512_mask_blend_epi8(m, a, b) emu_blend(m, a, b, 1)
#define _mm512_mask_blend_epi16(m, a, b) emu_blend(m, a, b, 2)
#define _mm512_mask_srli_epi16(from, m, a, by) emu_blend(m, from, emu_shift_right_16(a, by), 2)
#define _mm512_mask_slli_epi16(from, m, a, by) emu_blend(m, from, emu_shift_left(a, by, 2), 2)

#endif

/* SPDX-License-Identifier: 0BSD */
/* Part of immintrin.h: products and shifts of the fixed-point rules. */
#ifndef QCC_CHECK_EMULATED_AVX512_INTEGERS_H
#define QCC_CHECK_EMULATED_AVX512_INTEGERS_H

EMU_LANES(max_epi32)
EMU_LANES(min_epi32)
EMU_LANES(mul_epi32)
EMU_LANES(sllv_epi32)
EMU_LANES(srav_epi32)
EMU_LANES(sllv_epi64)

EMU __m512i emu_shift_right_64(__m512i a, int by) {
  uint64_t w[8];
  memcpy(w, &a, sizeof w);
  for (int i = 0; i < 8; i++) w[i] >>= by;
  memcpy(&a, w, sizeof a);
  return a;
}
EMU __m512i emu_srav_epi64(__m512i a, __m512i by) {
  int64_t w[8];
  uint64_t n[8];
  memcpy(w, &a, sizeof w);
  memcpy(n, &by, sizeof n);
  for (int i = 0; i < 8; i++) w[i] >>= n[i] > 63 ? 63 : n[i];
  memcpy(&a, w, sizeof a);
  return a;
}
EMU __m512i emu_permutex2var_epi32(__m512i a, __m512i index, __m512i b) {
  uint32_t from[32], at[16], to[16];
  memcpy(from, &a, sizeof a);
  memcpy(from + 16, &b, sizeof b);
  memcpy(at, &index, sizeof at);
  for (int i = 0; i < 16; i++) to[i] = from[at[i] & 31];
  memcpy(&a, to, sizeof a);
  return a;
}
/* b where the mask says so, else a. */
EMU __m512i emu_blend_epi32(unsigned mask, __m512i a, __m512i b) {
  uint32_t x[16], y[16];
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 16; i++)
    if (mask >> i & 1) x[i] = y[i];
  memcpy(&a, x, sizeof a);
  return a;
}
EMU unsigned emu_cmpgt_epi32(__m512i a, __m512i b) {
  int32_t x[16], y[16];
  unsigned mask = 0;
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 16; i++) mask |= (unsigned)(x[i] > y[i]) << i;
  return mask;
}

EMU __m512i emu_shuffle_i32x4(__m512i a, __m512i b, int by) {
  __m128i x[4], y[4], r[4];
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 4; i++) r[i] = (i < 2 ? x : y)[by >> (2 * i) & 3];
  memcpy(&a, r, sizeof a);
  return a;
}
EMU int32_t emu_reduce_add_epi32(__m512i a) {
  uint32_t w[16], sum = 0;
  memcpy(w, &a, sizeof w);
  for (int i = 0; i < 16; i++) sum += w[i];
  return (int32_t)sum;
}

#define _mm512_max_epi32 emu_max_epi32
#define _mm512_min_epi32 emu_min_epi32
#define _mm512_mul_epi32 emu_mul_epi32
#define _mm512_sllv_epi32 emu_sllv_epi32
#define _mm512_srav_epi32 emu_srav_epi32
#define _mm512_sllv_epi64 emu_sllv_epi64
#define _mm512_srli_epi64 emu_shift_right_64
#define _mm512_srav_epi64 emu_srav_epi64
#define _mm512_srai_epi64(a, by) emu_srav_epi64(a, emu_set1_64(by))
#define _mm512_permutex2var_epi32 emu_permutex2var_epi32
#define _mm512_mask_blend_epi32 emu_blend_epi32
#define _mm512_mask_add_epi32(from, m, a, b) emu_blend_epi32(m, from, emu_add_epi32(a, b))
#define _mm512_cmpneq_epi32_mask(a, b) ((__mmask16)(emu_cmpgt_epi32(a, b) | emu_cmpgt_epi32(b, a)))
#define _mm512_shuffle_i32x4 emu_shuffle_i32x4
#define _mm512_reduce_add_epi32 emu_reduce_add_epi32
#define _mm512_maskz_loadu_epi32(m, from) emu_maskz_load(m, from, 16, 4)
#define _mm512_cmpgt_epi32_mask(a, b) ((__mmask16)emu_cmpgt_epi32(a, b))

/* Words cut to 16 bits. */
EMU __m256i emu_cvtsepi32_epi16(__m512i a) {
  int32_t from[16];
  int16_t to[16];
  __m256i v;
  memcpy(from, &a, sizeof from);
  for (int i = 0; i < 16; i++) to[i] = (int16_t)(from[i] < -32768 ? -32768 : from[i] > 32767 ? 32767 : from[i]);
  memcpy(&v, to, sizeof v);
  return v;
}
#define _mm512_cvtsepi32_epi16 emu_cvtsepi32_epi16
#define _mm256_mask_storeu_epi16(to, m, v) emu_mask_store(to, m, &(__m256i[]){v}, 16, 2)

#endif

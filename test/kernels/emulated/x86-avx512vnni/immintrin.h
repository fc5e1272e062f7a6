/* SPDX-License-Identifier: 0BSD */
/* Stands before the compiler's <immintrin.h> where a CPU without AVX-512 checks the kernels that use it: every intrinsic they
 * use as a function of its own, by halves of AVX2 where instructions work lane by lane, else byte by byte as the manual says.
 * A kernel that uses one more does not compile here until it is added. */
#ifndef QCC_CHECK_EMULATED_AVX512_H
#define QCC_CHECK_EMULATED_AVX512_H

#include_next <immintrin.h>
#include <stdint.h>
#include <string.h>

#define EMU static __attribute__((noinline, unused))

/* result = call of each half; h and g are the halves of a and b. */
#define EMU_1(name, to, from, half_to, half_from, call) \
  EMU to emu_##name(from a) {                            \
    half_from h[2];                                      \
    half_to r[2];                                        \
    to v;                                                \
    memcpy(h, &a, sizeof h);                             \
    for (int i = 0; i < 2; i++) r[i] = call;             \
    memcpy(&v, r, sizeof v);                             \
    return v;                                            \
  }
#define EMU_2(name, type, half, call)         \
  EMU type emu_##name(type a, type b) {       \
    half h[2], g[2], r[2];                    \
    memcpy(h, &a, sizeof h);                  \
    memcpy(g, &b, sizeof g);                  \
    for (int i = 0; i < 2; i++) r[i] = call;  \
    memcpy(&a, r, sizeof a);                  \
    return a;                                 \
  }
#define EMU_LANES(op) EMU_2(op, __m512i, __m256i, _mm256_##op(h[i], g[i]))
#define EMU_FLOATS(op) EMU_2(op, __m512, __m256, _mm256_##op(h[i], g[i]))

EMU_LANES(add_epi32)
EMU_LANES(sub_epi32)
EMU_LANES(adds_epi16)
EMU_LANES(max_epi8)
EMU_LANES(max_epu8)
EMU_LANES(min_epi8)
EMU_LANES(min_epu8)
EMU_LANES(packs_epi16)
EMU_LANES(madd_epi16)
EMU_LANES(packs_epi32)
EMU_LANES(packus_epi16)
EMU_LANES(shuffle_epi8)
EMU_LANES(unpackhi_epi8)
EMU_LANES(unpacklo_epi8)
EMU_LANES(unpackhi_epi16)
EMU_LANES(unpacklo_epi16)
EMU_LANES(unpackhi_epi32)
EMU_LANES(unpacklo_epi32)
EMU_LANES(unpackhi_epi64)
EMU_LANES(unpacklo_epi64)
EMU_LANES(mullo_epi32)
EMU_LANES(add_epi8)
EMU_LANES(add_epi16)
EMU_LANES(sub_epi16)
EMU_2(xor_si512, __m512i, __m256i, _mm256_xor_si256(h[i], g[i]))
EMU_2(and_si512, __m512i, __m256i, _mm256_and_si256(h[i], g[i]))
EMU_FLOATS(mul_ps)
EMU_FLOATS(max_ps)
EMU_FLOATS(min_ps)
EMU_FLOATS(add_ps)
EMU_FLOATS(div_ps)
EMU_1(roundscale_ps, __m512, __m512, __m256, __m256, _mm256_round_ps(h[i], _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC))
EMU_1(cvtepi32_ps, __m512, __m512i, __m256, __m256i, _mm256_cvtepi32_ps(h[i]))
EMU_1(cvtps_epi32, __m512i, __m512, __m256i, __m256, _mm256_cvtps_epi32(h[i]))
EMU_1(cvtepi8_epi16, __m512i, __m256i, __m256i, __m128i, _mm256_cvtepi8_epi16(h[i]))
EMU_1(cvtepu8_epi16, __m512i, __m256i, __m256i, __m128i, _mm256_cvtepu8_epi16(h[i]))
EMU_1(cvtepi8_epi32, __m512i, __m128i, __m256i, int64_t, _mm256_cvtepi8_epi32(_mm_cvtsi64_si128(h[i])))
EMU_1(cvtepu8_epi32, __m512i, __m128i, __m256i, int64_t, _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(h[i])))

/* The low bytes of 32 lanes of 16 bits, which are brought to the nearest s8 first if they saturate. */
EMU __m256i emu_narrow(__m512i a, int saturates) {
  int16_t w[32];
  int8_t b[32];
  __m256i r;
  memcpy(w, &a, sizeof w);
  for (int i = 0; i < 32; i++) b[i] = (int8_t)(!saturates ? w[i] & 255 : w[i] > 127 ? 127 : w[i] < -128 ? -128 : w[i]);
  memcpy(&r, b, sizeof r);
  return r;
}

EMU __m512i emu_shift(__m512i a, int by, int is_signed) {
  int32_t w[16];
  memcpy(w, &a, sizeof w);
  for (int i = 0; i < 16; i++) w[i] = is_signed ? w[i] >> by : (int32_t)((uint32_t)w[i] >> by);
  memcpy(&a, w, sizeof a);
  return a;
}

EMU __m512 emu_fmadd_ps(__m512 a, __m512 b, __m512 c) {
  __m256 x[2], y[2], z[2];
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  memcpy(z, &c, sizeof z);
  for (int i = 0; i < 2; i++) x[i] = _mm256_fmadd_ps(x[i], y[i], z[i]);
  memcpy(&a, x, sizeof a);
  return a;
}

/* Sums wrap. */
EMU __m512i emu_dpbusd_epi32(__m512i c, __m512i x, __m512i w) {
  uint32_t sum[16];
  uint8_t u[64];
  int8_t s[64];
  memcpy(sum, &c, sizeof sum);
  memcpy(u, &x, sizeof u);
  memcpy(s, &w, sizeof s);
  for (int i = 0; i < 64; i++) sum[i / 4] += (uint32_t)(u[i] * s[i]);
  memcpy(&c, sum, sizeof c);
  return c;
}

EMU __m512i emu_dpwssd_epi32(__m512i c, __m512i x, __m512i w) {
  __m256i a[2], b[2], sum[2];
  memcpy(sum, &c, sizeof sum);
  memcpy(a, &x, sizeof a);
  memcpy(b, &w, sizeof b);
  for (int i = 0; i < 2; i++) sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(a[i], b[i]));
  memcpy(&c, sum, sizeof c);
  return c;
}

/* Lanes of `bytes` (2 or 4) bytes to the left. */
EMU __m512i emu_shift_left(__m512i a, int by, int bytes) {
  __m256i h[2];
  memcpy(h, &a, sizeof h);
  for (int i = 0; i < 2; i++) h[i] = bytes == 2 ? _mm256_slli_epi16(h[i], by) : _mm256_slli_epi32(h[i], by);
  memcpy(&a, h, sizeof a);
  return a;
}

EMU __m512i emu_permutexvar_epi32(__m512i index, __m512i a) {
  uint32_t at[16], from[16], to[16];
  memcpy(at, &index, sizeof at);
  memcpy(from, &a, sizeof from);
  for (int i = 0; i < 16; i++) to[i] = from[at[i] & 15];
  memcpy(&a, to, sizeof a);
  return a;
}

EMU __m128i emu_extract_16(__m512i a, int k) {
  __m128i part[4];
  memcpy(part, &a, sizeof part);
  return part[k];
}
EMU __m256i emu_extract_32(__m512i a, int k) {
  __m256i part[2];
  memcpy(part, &a, sizeof part);
  return part[k];
}
EMU __m512i emu_insert(__m512i a, const void *b, int bytes, int k) {
  memcpy((char *)&a + k * bytes, b, (size_t)bytes);
  return a;
}

/* Lanes of `lane` bytes that the mask leaves out touch no memory. */
EMU __m512i emu_maskz_load(uint64_t mask, const void *from, int lanes, int lane) {
  __m512i v;
  memset(&v, 0, sizeof v);
  for (int i = 0; i < lanes; i++)
    if (mask >> i & 1) memcpy((char *)&v + i * lane, (const char *)from + i * lane, (size_t)lane);
  return v;
}
EMU void emu_mask_store(void *to, uint64_t mask, const void *v, int lanes, int lane) {
  for (int i = 0; i < lanes; i++)
    if (mask >> i & 1) memcpy((char *)to + i * lane, (const char *)v + i * lane, (size_t)lane);
}
EMU __m512i emu_loadu(const void *from) { return emu_maskz_load(~UINT64_C(0), from, 64, 1); }
EMU __m512i emu_set1(uint32_t pattern) {
  uint32_t w[16];
  for (int i = 0; i < 16; i++) w[i] = pattern;
  return emu_loadu(w);
}
EMU __m512i emu_setr(const int32_t *w) { return emu_loadu(w); }
EMU __m512 emu_set1_ps(float f) {
  float w[16];
  __m512 v;
  for (int i = 0; i < 16; i++) w[i] = f;
  memcpy(&v, w, sizeof v);
  return v;
}
EMU __m512 emu_as_floats(__m512i a) {
  __m512 v;
  memcpy(&v, &a, sizeof v);
  return v;
}
EMU __m512i emu_as_words(__m512 a) { return emu_loadu(&a); }
EMU __m512i emu_twice(__m256i a) { return emu_insert(emu_insert(emu_loadu(&(__m512i[]){{0}}), &a, 32, 0), &a, 32, 1); }

#define _mm512_add_epi32 emu_add_epi32
#define _mm512_sub_epi32 emu_sub_epi32
#define _mm512_adds_epi16 emu_adds_epi16
#define _mm512_max_epi8 emu_max_epi8
#define _mm512_max_epu8 emu_max_epu8
#define _mm512_min_epi8 emu_min_epi8
#define _mm512_min_epu8 emu_min_epu8
#define _mm512_packs_epi16 emu_packs_epi16
#define _mm512_madd_epi16 emu_madd_epi16
#define _mm512_packs_epi32 emu_packs_epi32
#define _mm512_packus_epi16 emu_packus_epi16
#define _mm512_unpackhi_epi8 emu_unpackhi_epi8
#define _mm512_unpacklo_epi8 emu_unpacklo_epi8
#define _mm512_unpackhi_epi16 emu_unpackhi_epi16
#define _mm512_unpacklo_epi16 emu_unpacklo_epi16
#define _mm512_unpackhi_epi32 emu_unpackhi_epi32
#define _mm512_unpacklo_epi32 emu_unpacklo_epi32
#define _mm512_unpackhi_epi64 emu_unpackhi_epi64
#define _mm512_unpacklo_epi64 emu_unpacklo_epi64
#define _mm512_mullo_epi32 emu_mullo_epi32
#define _mm512_shuffle_epi8 emu_shuffle_epi8
#define _mm512_xor_si512 emu_xor_si512
#define _mm512_and_si512 emu_and_si512
#define _mm512_mul_ps emu_mul_ps
#define _mm512_max_ps emu_max_ps
#define _mm512_min_ps emu_min_ps
#define _mm512_add_ps emu_add_ps
#define _mm512_div_ps emu_div_ps
#define _mm512_cvtepi32_ps emu_cvtepi32_ps
#define _mm512_cvtps_epi32 emu_cvtps_epi32
/* To nearest only. */
#define _mm512_roundscale_ps(a, how) emu_roundscale_ps(a)
#define _mm512_cvtepi8_epi32 emu_cvtepi8_epi32
#define _mm512_cvtepu8_epi32 emu_cvtepu8_epi32
#define _mm512_srai_epi32(a, by) emu_shift(a, by, 1)
#define _mm512_sra_epi32(a, by) emu_shift(a, _mm_cvtsi128_si32(by), 1)
#define _mm512_srli_epi32(a, by) emu_shift(a, by, 0)
#define _mm512_slli_epi16(a, by) emu_shift_left(a, by, 2)
#define _mm512_slli_epi32(a, by) emu_shift_left(a, by, 4)
#define _mm512_add_epi8 emu_add_epi8
#define _mm512_add_epi16 emu_add_epi16
#define _mm512_sub_epi16 emu_sub_epi16
#define _mm512_cvtepi8_epi16 emu_cvtepi8_epi16
#define _mm512_cvtepu8_epi16 emu_cvtepu8_epi16
#define _mm512_cvtepi16_epi8(a) emu_narrow(a, 0)
#define _mm512_cvtsepi16_epi8(a) emu_narrow(a, 1)
#define _mm512_dpwssd_epi32 emu_dpwssd_epi32
#define _mm512_fmadd_ps emu_fmadd_ps
#define _mm512_dpbusd_epi32 emu_dpbusd_epi32
#define _mm256_dpbusd_epi32(c, x, w) emu_extract_32(emu_dpbusd_epi32(emu_twice(c), emu_twice(x), emu_twice(w)), 0)
#define _mm256_maskz_loadu_epi8(m, from) emu_extract_32(emu_maskz_load(m, from, 32, 1), 0)
#define _mm512_broadcast_i64x4 emu_twice
#define _mm512_permutexvar_epi32 emu_permutexvar_epi32
#define _mm512_extracti32x4_epi32 emu_extract_16
#define _mm512_extracti64x4_epi64 emu_extract_32
#define _mm512_inserti64x4(a, b, k) emu_insert(a, &(__m256i[]){b}, 32, k)
#define _mm512_castsi512_si128(a) emu_extract_16(a, 0)
#define _mm512_castsi512_si256(a) emu_extract_32(a, 0)
#define _mm512_castsi128_si512(b) emu_insert(emu_set1(0), &(__m128i[]){b}, 16, 0)
#define _mm512_castsi256_si512(b) emu_insert(emu_set1(0), &(__m256i[]){b}, 32, 0)
#define _mm512_castps_si512 emu_as_words
#define _mm512_castsi512_ps emu_as_floats
#define _mm512_loadu_si512 emu_loadu
#define _mm512_storeu_si512(to, v) emu_mask_store(to, ~UINT64_C(0), &(__m512i[]){v}, 64, 1)
#define _mm512_maskz_loadu_epi8(m, from) emu_maskz_load(m, from, 64, 1)
#define _mm512_maskz_loadu_epi16(m, from) emu_maskz_load(m, from, 32, 2)
#define _mm512_mask_storeu_epi8(to, m, v) emu_mask_store(to, m, &(__m512i[]){v}, 64, 1)
#define _mm512_mask_storeu_epi32(to, m, v) emu_mask_store(to, m, &(__m512i[]){v}, 16, 4)
#define _mm256_mask_storeu_epi8(to, m, v) emu_mask_store(to, m, &(__m256i[]){v}, 32, 1)
#define _mm_mask_storeu_epi8(to, m, v) emu_mask_store(to, m, &(__m128i[]){v}, 16, 1)
#define _mm_maskz_loadu_epi8(m, from) emu_extract_16(emu_maskz_load(m, from, 16, 1), 0)
#define _mm512_set1_epi8(b) emu_set1((uint32_t)(uint8_t)(b) * UINT32_C(0x01010101))
#define _mm512_set1_epi16(h) emu_set1((uint32_t)(uint16_t)(h) * UINT32_C(0x00010001))
#define _mm512_set1_epi32(w) emu_set1((uint32_t)(w))
#define _mm512_set1_ps emu_set1_ps
#define _mm512_setzero_si512() emu_set1(0)
#define _mm512_setr_epi32(...) emu_setr((int32_t[]){__VA_ARGS__})

#include "floats.h"
#include "integers.h"
#include "words.h"

#endif

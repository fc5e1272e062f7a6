/* SPDX-License-Identifier: 0BSD */
/* Part of immintrin.h: the intrinsics of float kernels, of doubles and of comparisons to masks. */
#ifndef QCC_CHECK_EMULATED_AVX512_FLOATS_H
#define QCC_CHECK_EMULATED_AVX512_FLOATS_H

#define EMU_DOUBLES(op) EMU_2(op, __m512d, __m256d, _mm256_##op(h[i], g[i]))
EMU_DOUBLES(add_pd)
EMU_DOUBLES(sub_pd)
EMU_DOUBLES(mul_pd)
EMU_DOUBLES(div_pd)
EMU_DOUBLES(min_pd)
EMU_DOUBLES(max_pd)
EMU_FLOATS(sub_ps)
EMU_LANES(add_epi64)
EMU_2(or_si512, __m512i, __m256i, _mm256_or_si256(h[i], g[i]))
EMU_1(cvtps_pd, __m512d, __m256, __m256d, __m128, _mm256_cvtps_pd(h[i]))
EMU_1(cvtpd_ps, __m256, __m512d, __m128, __m256d, _mm256_cvtpd_ps(h[i]))

/* a * b + c, `turned` with -(a * b), rounded once. */
EMU __m512d emu_fma_pd(__m512d a, __m512d b, __m512d c, int turned) {
  __m256d x[2], y[2], z[2];
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  memcpy(z, &c, sizeof z);
  for (int i = 0; i < 2; i++) x[i] = turned ? _mm256_fnmadd_pd(x[i], y[i], z[i]) : _mm256_fmadd_pd(x[i], y[i], z[i]);
  memcpy(&a, x, sizeof a);
  return a;
}
EMU __m512i emu_shift_left_64(__m512i a, int by) {
  uint64_t w[8];
  memcpy(w, &a, sizeof w);
  for (int i = 0; i < 8; i++) w[i] <<= by;
  memcpy(&a, w, sizeof a);
  return a;
}
EMU __m512d emu_permutex2var_pd(__m512d a, __m512i index, __m512d b) {
  double from[16], to[8];
  uint64_t at[8];
  memcpy(from, &a, sizeof a);
  memcpy(from + 8, &b, sizeof b);
  memcpy(at, &index, sizeof at);
  for (int i = 0; i < 8; i++) to[i] = from[at[i] & 15];
  memcpy(&a, to, sizeof a);
  return a;
}
EMU __m512i emu_set1_64(uint64_t pattern) {
  uint64_t w[8];
  for (int i = 0; i < 8; i++) w[i] = pattern;
  return emu_loadu(w);
}
EMU __m512d emu_as_doubles(__m512i a) {
  __m512d v;
  memcpy(&v, &a, sizeof v);
  return v;
}
EMU __m512i emu_words_of_doubles(__m512d a) { return emu_loadu(&a); }
EMU __m512d emu_set1_pd(double d) {
  uint64_t bits;
  memcpy(&bits, &d, sizeof bits);
  return emu_as_doubles(emu_set1_64(bits));
}
EMU __m256 emu_half_ps(__m512 a, int k) {
  __m256 part[2];
  memcpy(part, &a, sizeof part);
  return part[k];
}

EMU int emu_holds(double a, double b, int op) {
  switch (op) {
    case _CMP_LT_OQ: return a < b;
    case _CMP_LE_OQ: return a <= b;
    case _CMP_GE_OQ: return a >= b;
    case _CMP_NLE_UQ: return !(a <= b);
    case _CMP_NGE_UQ: return !(a >= b);
    case _CMP_NEQ_UQ: return a != b;
    case _CMP_NLT_UQ: return !(a < b);
    default: __builtin_trap();
  }
}
EMU unsigned emu_cmp_pd(__m512d a, __m512d b, int op) {
  double x[8], y[8];
  unsigned mask = 0;
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 8; i++) mask |= (unsigned)emu_holds(x[i], y[i], op) << i;
  return mask;
}
EMU unsigned emu_cmp_ps(__m512 a, __m512 b, int op) {
  float x[16], y[16];
  unsigned mask = 0;
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 16; i++) mask |= (unsigned)emu_holds((double)x[i], (double)y[i], op) << i;
  return mask;
}
/* Which words of a are below (or equal to) those of b, unsigned. */
EMU unsigned emu_cmp_epu32(__m512i a, __m512i b, int or_equal) {
  uint32_t x[16], y[16];
  unsigned mask = 0;
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 16; i++) mask |= (unsigned)(x[i] < y[i] || (or_equal && x[i] == y[i])) << i;
  return mask;
}
EMU __m512d emu_blend_pd(unsigned mask, __m512d a, __m512d b) {
  double x[8], y[8];
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 8; i++)
    if (mask >> i & 1) x[i] = y[i];
  memcpy(&a, x, sizeof a);
  return a;
}
EMU __m512 emu_mask_mov_ps(__m512 a, unsigned mask, __m512 b) {
  float x[16], y[16];
  memcpy(x, &a, sizeof x);
  memcpy(y, &b, sizeof y);
  for (int i = 0; i < 16; i++)
    if (mask >> i & 1) x[i] = y[i];
  memcpy(&a, x, sizeof a);
  return a;
}

#define _mm512_add_pd emu_add_pd
#define _mm512_sub_pd emu_sub_pd
#define _mm512_mul_pd emu_mul_pd
#define _mm512_div_pd emu_div_pd
#define _mm512_min_pd emu_min_pd
#define _mm512_max_pd emu_max_pd
#define _mm512_sub_ps emu_sub_ps
#define _mm512_add_epi64 emu_add_epi64
#define _mm512_or_si512 emu_or_si512
#define _mm512_cvtps_pd emu_cvtps_pd
#define _mm512_cvtpd_ps emu_cvtpd_ps
#define _mm512_fmadd_pd(a, b, c) emu_fma_pd(a, b, c, 0)
#define _mm512_fnmadd_pd(a, b, c) emu_fma_pd(a, b, c, 1)
#define _mm512_slli_epi64 emu_shift_left_64
#define _mm512_permutex2var_pd emu_permutex2var_pd
#define _mm512_set1_epi64(w) emu_set1_64((uint64_t)(w))
#define _mm512_set1_pd emu_set1_pd
#define _mm512_castsi512_pd emu_as_doubles
#define _mm512_castpd_si512 emu_words_of_doubles
#define _mm512_castps512_ps256(a) emu_half_ps(a, 0)
#define _mm512_extractf32x8_ps emu_half_ps
#define _mm512_castps256_ps512(a) emu_as_floats(emu_insert(emu_set1(0), &(__m256[]){a}, 32, 0))
#define _mm512_insertf32x8(a, b, k) emu_as_floats(emu_insert(emu_as_words(a), &(__m256[]){b}, 32, k))
#define _mm512_abs_ps(a) emu_as_floats(emu_and_si512(emu_as_words(a), emu_set1(UINT32_C(0x7fffffff))))
#define _mm512_setzero_ps() emu_set1_ps(0.0f)
#define _mm512_setzero_pd() emu_set1_pd(0.0)
#define _mm512_mask_mov_ps emu_mask_mov_ps
#define _mm512_loadu_ps(from) emu_as_floats(emu_loadu(from))
#define _mm512_loadu_pd(from) emu_as_doubles(emu_loadu(from))
#define _mm512_storeu_ps(to, v) emu_mask_store(to, ~UINT64_C(0), &(__m512[]){v}, 64, 1)
#define _mm512_maskz_loadu_ps(m, from) emu_as_floats(emu_maskz_load(m, from, 16, 4))
#define _mm512_mask_storeu_ps(to, m, v) emu_mask_store(to, m, &(__m512[]){v}, 16, 4)
#define _mm512_maskz_mov_ps(m, v) emu_as_floats(emu_maskz_load(m, &(__m512[]){v}, 16, 4))
#define _mm512_maskz_sub_ps(m, a, b) _mm512_maskz_mov_ps(m, emu_sub_ps(a, b))
#define _mm512_maskz_div_ps(m, a, b) _mm512_maskz_mov_ps(m, emu_div_ps(a, b))
#define _mm512_fnmadd_ps(a, b, c) emu_fmadd_ps(emu_sub_ps(_mm512_set1_ps(-0.0f), a), b, c)
#define _mm512_mask_blend_pd emu_blend_pd
#define _mm512_cmp_pd_mask(a, b, op) ((__mmask8)emu_cmp_pd(a, b, op))
#define _mm512_cmp_ps_mask(a, b, op) ((__mmask16)emu_cmp_ps(a, b, op))
#define _mm512_mask_cmp_ps_mask(m, a, b, op) ((__mmask16)((m)&emu_cmp_ps(a, b, op)))
#define _mm512_cmplt_epu32_mask(a, b) ((__mmask16)emu_cmp_epu32(a, b, 0))
#define _mm512_cmple_epu32_mask(a, b) ((__mmask16)emu_cmp_epu32(a, b, 1))

#endif

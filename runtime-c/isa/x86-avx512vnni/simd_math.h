/* SPDX-License-Identifier: 0BSD */
/* Parts of float functions whose results are those of qcc/math.h, erf.h and activation.h, found with less work: 8 doubles
 * are computed to about 2^-38, which tells how they round to float unless they lie within that of the middle between two
 * floats. Lanes in doubt (one in several thousand) are flagged; the caller then computes its vector by the formula itself.
 *
 *   exp   k = rne(x 16 / ln 2), r = x - k ln 2 / 16; 2^(k / 16) from a table of 16, times a polynomial of degree 4 in r
 *   erf   erf(x) / x on [0, 4) from 16 polynomials of degree 7 in the distance to the left end of each quarter
 *
 * Coefficients: interpolation at Chebyshev nodes. test/kernels/every_float.c compares every float with the formula. */
#ifndef QCC_X86_AVX512VNNI_SIMD_MATH_H
#define QCC_X86_AVX512VNNI_SIMD_MATH_H

#include "isa/x86-avx2/simd_judged.h"
#include "simd.h"

/* [power][quarter] */
static const double qcc_vnni_erf_quarters[8][16] QCC_MAYBE_UNUSED = {
    {1.1283791670933103, 1.1053055606724227, 1.0409997556273811, 0.9482075115397318,
     0.8427007929505403, 0.7383201026049391, 0.6440700976495677, 0.5638123835533558,
     0.49766113250933874, 0.4437943481837503, 0.3998372191931118, 0.36359977384656117,
     0.3333259698343591, 0.3076909837601718, 0.2857140734004652, 0.26666663633939697},
    {1.127926949033777e-09, -0.18116572491761457, -0.3244343540402326, -0.40703525733358326,
     -0.4275932959522762, -0.4014391840101659, -0.35009320529036847, -0.2920213641193493,
     -0.23849707350711188, -0.1940675685434057, -0.15906357403105742, -0.1320049078846557,
     -0.11106223894042552, -0.09466516761418145, -0.08163104970682523, -0.0711108679745906},
    {-0.37612648394125026, -0.33535125167913166, -0.22991381707420835, -0.10021732023289927,
     0.01248583387535551, 0.08463021525505968, 0.11446515370621582, 0.11409433515973103,
     0.09858154545147783, 0.07910993590781053, 0.06144714922847799, 0.04741550998189705,
     0.03688149435131547, 0.02909855514937379, 0.023317757637758063, 0.018962016638777352},
    {3.047122126472359e-06, 0.10472252585024466, 0.1668984706617166, 0.16933922303001572,
     0.12588220938437686, 0.06632475353361798, 0.016192093684616844, -0.013677683152091094,
     -0.025179097936118854, -0.02550468419829516, -0.021238946097829524, -0.01623830719710001,
     -0.012030832879502506, -0.008893161918884505, -0.006650132250115966, -0.005054410773673096},
    {0.1127897779227302, 0.0890237578979945, 0.032386009433375135, -0.024835619840280713,
     -0.05668022127270845, -0.05799150073722343, -0.040540490312040045, -0.01968098942367589,
     -0.004635993725836326, 0.0028549586872705724, 0.005048526195315674, 0.004721344329232594,
     0.003662697117176558, 0.0026483335142663445, 0.0018806942435170284, 0.0013441244793304305},
    {0.00041419829250704084, -0.035816112540211456, -0.050296213150381776, -0.03814511812728961,
     -0.012649282987778173, 0.008678756532396945, 0.017224023278008888, 0.015114189048655559,
     0.00888915085834134, 0.003459659231408632, 0.00041166505660286245, -0.0007255616370804791,
     -0.0008867970176284765, -0.0007196411859302814, -0.0005139320616211582, -0.0003533055570783044},
    {-0.028850135244490586, -0.01902633515997602, 0.0010692199223815112, 0.016118943339857,
     0.017912871936707393, 0.009996755343923634, 0.0009307911085943089, -0.0038933638037219184,
     -0.004344957487963404, -0.002795660287440435, -0.0012119212528496914, -0.0002881298134544775,
     7.231491119762054e-05, 0.000146865819097607, 0.00012500309469216272, 8.803813324721208e-05},
    {0.004994828453676505, 0.010857116269171201, 0.008485133501366517, 0.0013572959892537138,
     -0.00415867595217466, -0.005051882279904919, -0.002828421255224554, -0.000372240126074615,
     0.0008222360629106755, 0.0008948933634689037, 0.0005394324872444143, 0.00021764948788225284,
     4.8739298520830284e-05, -1.0356595614992262e-05, -2.070537999884618e-05, -1.6820211111874162e-05}};
/* Bits of 2^(j / 16) less j 2^48: adding (16 m + j) 2^48 to entry j makes 2^m 2^(j / 16). */
static const int64_t qcc_vnni_exp_sixteenths[16] QCC_MAYBE_UNUSED = {
    INT64_C(0x3ff0000000000000), INT64_C(0x3fefb5586cf9890f), INT64_C(0x3fef72b83c7d517b), INT64_C(0x3fef387a6e756238),
    INT64_C(0x3fef06fe0a31b715), INT64_C(0x3feedea64c123422), INT64_C(0x3feebfdad5362a27), INT64_C(0x3feeab07dd485429),
    INT64_C(0x3feea09e667f3bcd), INT64_C(0x3feea11473eb0187), INT64_C(0x3feeace5422aa0db), INT64_C(0x3feec49182a3f090),
    INT64_C(0x3feee89f995ad3ad), INT64_C(0x3fef199bdd85529c), INT64_C(0x3fef5818dcfba487), INT64_C(0x3fefa4afa2a490da)};
#define QCC_VNNI_D(x) _mm512_set1_pd(x)

QCC_INLINE __m512d qcc_vnni_abs_pd(__m512d x) {
  return _mm512_castsi512_pd(_mm512_and_si512(_mm512_castpd_si512(x), _mm512_set1_epi64(INT64_C(0x7fffffffffffffff))));
}
QCC_INLINE __m512d qcc_vnni_neg_pd(__m512d x) {
  return _mm512_castsi512_pd(_mm512_xor_si512(_mm512_castpd_si512(x), _mm512_set1_epi64(INT64_MIN)));
}
QCC_INLINE __m512d qcc_vnni_low_pd(__m512 x) { return _mm512_cvtps_pd(_mm512_castps512_ps256(x)); }
QCC_INLINE __m512d qcc_vnni_high_pd(__m512 x) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)); }

/* Lanes within 2^(bits - 52) (of their power of two) of the middle between two neighbouring normal floats, in no order: the low
 * 29 bits tell. */
QCC_INLINE __mmask16 qcc_vnni_in_doubt(__m512d low, __m512d high, int32_t bits) {
  const int32_t half = INT32_C(1) << 28, near = INT32_C(1) << bits;
  const __m512i both = _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high), 0x88));
  const __m512i moved = _mm512_add_epi32(both, _mm512_set1_epi32(near - half));
  return _mm512_testn_epi32_mask(moved, _mm512_set1_epi32((2 * half - 1) & ~(2 * near - 1)));
}

/* exp(x) for |x| < 700, relative error below 2^-38. */
QCC_INLINE __m512d qcc_vnni_exp(__m512d x) {
  const __m512d shift = QCC_VNNI_D(6755399441055744.0);
  const __m512d shifted = _mm512_fmadd_pd(x, QCC_VNNI_D(23.083120654223414), shift);
  const __m512d r = _mm512_fnmadd_pd(_mm512_sub_pd(shifted, shift), QCC_VNNI_D(0.04332169878499658), x);
  const __m512i k = _mm512_castpd_si512(shifted);
  const __m512i root = _mm512_castpd_si512(_mm512_permutex2var_pd(
      _mm512_loadu_pd(qcc_vnni_exp_sixteenths), k, _mm512_loadu_pd(qcc_vnni_exp_sixteenths + 8)));
  const __m512d one = _mm512_fmadd_pd(r, QCC_VNNI_D(0.9999999994267068), QCC_VNNI_D(1.0)), rr = _mm512_mul_pd(r, r);
  __m512d p = _mm512_fmadd_pd(r, QCC_VNNI_D(0.16667155414206147), QCC_VNNI_D(0.4999999999044515));
  p = _mm512_fmadd_pd(_mm512_fmadd_pd(rr, QCC_VNNI_D(0.04166748124362417), p), rr, one);
  return _mm512_mul_pd(p, _mm512_castsi512_pd(_mm512_add_epi64(root, _mm512_slli_epi64(k, 48))));
}

/* erf(x) for 0 <= x < 4, relative error below 2^-38. */
QCC_INLINE __m512d qcc_vnni_erf(__m512d x) {
  /* Adding 1.5 * 2^50 towards zero leaves whole quarters, their number in the low bits. */
  const __m512d shift = QCC_VNNI_D(1688849860263936.0);
  const __m512d shifted = _mm512_add_round_pd(x, shift, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
  const __m512d t = _mm512_sub_pd(x, _mm512_sub_pd(shifted, shift));
  const __m512i quarter = _mm512_castpd_si512(shifted);
#define QCC_VNNI_ERF(power)                                                                          \
  _mm512_permutex2var_pd(_mm512_loadu_pd(qcc_vnni_erf_quarters[power]), quarter,                     \
                         _mm512_loadu_pd(qcc_vnni_erf_quarters[power] + 8))
  __m512d p = _mm512_fmadd_pd(QCC_VNNI_ERF(7), t, QCC_VNNI_ERF(6));
  p = _mm512_fmadd_pd(p, t, QCC_VNNI_ERF(5));
  p = _mm512_fmadd_pd(p, t, QCC_VNNI_ERF(4));
  p = _mm512_fmadd_pd(p, t, QCC_VNNI_ERF(3));
  p = _mm512_fmadd_pd(p, t, QCC_VNNI_ERF(2));
  p = _mm512_fmadd_pd(p, t, QCC_VNNI_ERF(1));
  p = _mm512_fmadd_pd(p, t, QCC_VNNI_ERF(0));
#undef QCC_VNNI_ERF
  return _mm512_mul_pd(p, x);
}

/* tanh(x) for 0 <= x < 40, relative error below 2^-36.5. */
QCC_INLINE __m512d qcc_vnni_tanh(__m512d x) {
  const __m512d e = qcc_vnni_exp(_mm512_mul_pd(x, QCC_VNNI_D(-2.0))), one = QCC_VNNI_D(1.0), z = _mm512_mul_pd(x, x);
  const __m512d far = _mm512_div_pd(_mm512_sub_pd(one, e), _mm512_add_pd(one, e));
  __m512d p = QCC_VNNI_D(qcc_avx2_near_tanh[5]);
  for (int32_t i = 4; i >= 0; i--) p = _mm512_fmadd_pd(p, z, QCC_VNNI_D(qcc_avx2_near_tanh[i]));
  return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(x, QCC_VNNI_D(0.25), _CMP_LT_OQ), far, _mm512_mul_pd(p, x));
}

/* |x| / 2 erfc(|x| / sqrt(2)) for a = |x| <= 14.6, relative error below 2^-37. */
QCC_INLINE __m512d qcc_vnni_gelu_tail(__m512d a) {
  const __m512d u = _mm512_mul_pd(a, QCC_VNNI_D(0.7071067811865476)), half = _mm512_mul_pd(a, QCC_VNNI_D(0.5));
  const __m512d e = qcc_vnni_exp(_mm512_mul_pd(qcc_vnni_neg_pd(half), a));
  /* One division for both: 1 / ((u + 3)(2u + 1)). */
  const __m512d plus = _mm512_add_pd(u, QCC_VNNI_D(3.0)), twice = _mm512_fmadd_pd(u, QCC_VNNI_D(2.0), QCC_VNNI_D(1.0));
  const __m512d inverse = _mm512_div_pd(QCC_VNNI_D(1.0), _mm512_mul_pd(plus, twice));
  const __m512d t = _mm512_mul_pd(_mm512_mul_pd(_mm512_sub_pd(u, QCC_VNNI_D(3.0)), twice), inverse);
  const __m512d tt = _mm512_mul_pd(t, t);
  __m512d even = QCC_VNNI_D(qcc_avx2_near_erfc[14]), odd = QCC_VNNI_D(qcc_avx2_near_erfc[13]);
  for (int32_t i = 12; i >= 2; i -= 2) {
    even = _mm512_fmadd_pd(even, tt, QCC_VNNI_D(qcc_avx2_near_erfc[i]));
    odd = _mm512_fmadd_pd(odd, tt, QCC_VNNI_D(qcc_avx2_near_erfc[i - 1]));
  }
  even = _mm512_fmadd_pd(even, tt, QCC_VNNI_D(qcc_avx2_near_erfc[0]));
  return _mm512_mul_pd(_mm512_mul_pd(_mm512_mul_pd(half, e), _mm512_fmadd_pd(odd, t, even)), _mm512_mul_pd(plus, inverse));
}

#endif

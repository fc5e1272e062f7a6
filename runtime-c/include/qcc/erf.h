/* SPDX-License-Identifier: 0BSD */
/* The error function; twin of src/quant/erf.ts. In float32 by fused operations in one order, which every ISA follows:
 *
 *   a = |x|, at most 63 / 16;  k = rne(a 32 / 17);  t = a - k 17 / 32;  erf(a) = c0 + t (c1 + t (c2 + ... + t c6)), c of part k
 *
 * Error below 2.5 units in the last place, 1 from 63 / 16 on, +-0 of +-0; NaN stays NaN. test/kernels/every_float.c looks at
 * every float. GELU needs erfc where erf is 1: it takes doubles. */
#ifndef QCC_ERF_H
#define QCC_ERF_H

#include "qcc/math.h"

/* erf(x) = x * series(x^2), for |x| < 0.5. */
static const double qcc_erf_series[12] QCC_MAYBE_UNUSED = {
    1.1283791670955126,     -0.37612638903183754,  0.11283791670955126,     -0.026866170645131252,
    0.005223977625442188,   -0.0008548327023450853, 0.00012055332981789664, -1.492565035840625e-05,
    1.6462114365889248e-06, -1.6365844691234924e-07, 1.4807192815879218e-08, -1.2290555301717928e-09};
/* (1 + 2u) exp(u^2) erfc(u) in t = (u - 3) / (u + 3), for 0.49 <= u <= 10.5. */
static const double qcc_erfc_scaled[20] QCC_MAYBE_UNUSED = {
    1.2530080582697296,     -0.13562110612458106,    -0.04756229435345455,   0.12964515870273846,
    -0.11927366341500177,   0.06830802734519324,     -0.023770514928043416,  0.002529391785346586,
    0.0018886905006055298,  -0.0007798318448584961,  -0.00010516096377187344, 0.000125095811642998,
    4.954830433359215e-06,  -2.0082587384576916e-05, -7.439426414681055e-07, 3.4172519184871318e-06,
    3.6374307392266047e-07, -5.213088995418048e-07,  -1.1561975200470402e-07, 2.5349789354769014e-08};

/* erf(x) for |x| < 0.5. */
QCC_INLINE double qcc_erf_small(double x) { return qcc_mul(x, qcc_horner(qcc_erf_series, 11, qcc_mul(x, x))); }

/* erfc(u) for 0.5 <= u <= 10.5, given u^2 as well: an error of u^2 is one of the result. */
QCC_INLINE double qcc_erfc_large(double u, double square) {
  return qcc_mul(qcc_exp(-square), qcc_horner(qcc_erfc_scaled, 19, (u - 3.0) / (u + 3.0))) / (1.0 + (u + u));
}

#define QCC_ERF_MOST 3.9375f
#define QCC_ERF_PARTS 1.88235295f /* in 1 */
#define QCC_ERF_PART 0.53125f
/* Adding it leaves a whole number in the low bits. */
#define QCC_ERF_SHIFT 12582912.0f
/* [power of t][part] */
static const float qcc_erf_parts[7][8] QCC_MAYBE_UNUSED = {
    {0.0f, 0.547528446f, 0.867058277f, 0.975797713f,
     0.997345984f, 0.999827683f, 0.999993443f, 0.999999881f},
    {1.12837923f, 0.85091418f, 0.364903331f, 0.0889876038f,
     0.0123408213f, 0.000973238028f, 4.364708e-05f, 1.11337511e-06f},
    {-1.13737833e-05f, -0.452047914f, -0.387710869f, -0.141823664f,
     -0.0262268726f, -0.00258183223f, -0.000137600029f, -1.05258823e-05f},
    {-0.375764638f, -0.123569913f, 0.152940705f, 0.121046394f,
     0.0330400467f, 0.00425277743f, 0.000280870445f, 9.8349019e-06f},
    {-0.00412728777f, 0.183467969f, 0.0480294488f, -0.0491749346f,
     -0.0262823291f, -0.00490668742f, -0.000456660724f, 0.000223364885f},
    {0.133189395f, -0.00099798583f, -0.0647607371f, -0.00564015983f,
     0.0123343067f, 0.00386103266f, 0.000443641737f, 2.44453913e-05f},
    {-0.0422641821f, -0.0475537889f, 0.00957642868f, 0.0156990364f,
     -0.00234682672f, -0.00102483004f, 0.000145860715f, -0.00229121582f}};

/* a b + c, fused or rounded to double and to float: in the steps below no float tells which. */
QCC_INLINE float qcc_erf__step(int32_t is_fused, float a, float b, float c) {
  return is_fused ? qcc_fmaf(a, b, c) : (float)((double)a * (double)b + (double)c);
}

QCC_INLINE float qcc_erf__by(int32_t is_fused, float x) {
  const float size = qcc_absf(x), a = size > QCC_ERF_MOST ? QCC_ERF_MOST : size;
  const float shifted = qcc_erf__step(is_fused, a, QCC_ERF_PARTS, QCC_ERF_SHIFT);
  const float t = qcc_erf__step(is_fused, QCC_ERF_SHIFT - shifted, QCC_ERF_PART, a);
  const uint32_t part = qcc_bits_of_f32(shifted) & 7u;
  float p = qcc_erf_parts[6][part];
  for (int32_t i = 5; i >= 0; i--) p = qcc_erf__step(is_fused, p, t, qcc_erf_parts[i][part]);
  return qcc_copysignf(p, x);
}

QCC_INLINE float qcc_erff(float x) { return qcc_erf__by(QCC_HAS_FMAF, x); }

#endif

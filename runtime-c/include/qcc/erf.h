/* SPDX-License-Identifier: 0BSD */
/* The error function; twin of src/quant/erf.ts. */
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

QCC_INLINE float qcc_erff(float x) {
  const double a = qcc_absd((double)x);
  if (!(a >= 0.5)) return (float)qcc_erf_small((double)x);
  {
    const double e = a > 4.0 ? 1.0 : 1.0 - qcc_erfc_large(a, qcc_mul(a, a));
    return (float)(x < 0.0f ? -e : e);
  }
}

#endif

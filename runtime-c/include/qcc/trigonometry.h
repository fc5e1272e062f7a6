/* SPDX-License-Identifier: 0BSD */
/* sin, cos, tan and atan of floats, the same bits everywhere: in double with + - * / only, in one fixed order; twin of
 * src/quant/trigonometry.ts, which says how far off they may be. */
#ifndef QCC_TRIGONOMETRY_H
#define QCC_TRIGONOMETRY_H

#include "qcc/math.h"

/* The bits of 2 / pi behind the point, after 32 zeros. */
static const uint32_t qcc_two_over_pi[8] QCC_MAYBE_UNUSED = {
    0,
    UINT32_C(0xa2f9836e),
    UINT32_C(0x4e441529),
    UINT32_C(0xfc2757d1),
    UINT32_C(0xf534ddc0),
    UINT32_C(0xdb629599),
    UINT32_C(0x3c439041),
    UINT32_C(0xfe5163ab)};
/* -1/3!, 1/5!, ... and -1/2!, 1/4!, ... */
static const double qcc_sines[8] QCC_MAYBE_UNUSED = {
    -0.16666666666666666,  0.008333333333333333,   -0.0001984126984126984, 2.7557319223985893e-06, -2.505210838544172e-08,
    1.6059043836821613e-10, -7.647163731819816e-13, 2.8114572543455206e-15};
static const double qcc_cosines[8] QCC_MAYBE_UNUSED = {
    -0.5, 0.041666666666666664, -0.001388888888888889, 2.48015873015873e-05, -2.755731922398589e-07, 2.08767569878681e-09,
    -1.1470745597729725e-11, 4.779477332387385e-14};
/* atan(k / 4) */
static const double qcc_atan_quarters[5] QCC_MAYBE_UNUSED = {0.0, 0.24497866312686414, 0.4636476090008061, 0.6435011087932844,
                                                             0.7853981633974483};

struct qcc_angle {
  int32_t quadrant; /* modulo 4 */
  double rest;      /* at most pi / 4 in size */
};

/* a * 2 / pi modulo 4 in 64 bits: of 2 / pi, only the 96 bits that a does not shift beyond the 4 are multiplied. */
QCC_INLINE struct qcc_angle qcc_angle_of_large(float a) {
  const uint32_t bits = qcc_bits_of_f32(a), first = (bits >> 23) - 120u;
  const uint64_t m = (bits & UINT32_C(0x7fffff)) | UINT32_C(0x800000);
  const uint32_t *const w = qcc_two_over_pi + (first >> 5);
  uint64_t part[3], product, quadrant;
  struct qcc_angle angle;
  for (int32_t j = 0; j < 3; j++)
    part[j] = (((((uint64_t)w[j] << 32) | w[j + 1]) << (first & 31u)) >> 32) & UINT32_C(0xffffffff);
  product = ((m * part[0]) << 32) + m * part[1] + ((m * part[2]) >> 32);
  quadrant = (product + (UINT64_C(1) << 61)) >> 62;
  angle.quadrant = (int32_t)quadrant;
  angle.rest = qcc_mul((double)(int64_t)(product - (quadrant << 62)), 3.4061215800865545e-19);
  return angle;
}

/* a = quadrant * pi / 2 + rest, for a finite a >= 0. */
QCC_INLINE struct qcc_angle qcc_angle_of(float a) {
  if (a >= 1048576.0f) return qcc_angle_of_large(a);
  {
    const double wide = (double)a;
    const int32_t turns = (int32_t)(qcc_mul(wide, 0.6366197723675814) + 0.5);
    const double k = (double)turns;
    struct qcc_angle angle;
    angle.quadrant = turns & 3;
    angle.rest = (wide - qcc_mul(k, 1.5707963267341256)) - qcc_mul(k, 6.077100506506192e-11);
    return angle;
  }
}

QCC_INLINE double qcc_sin_of(double r) {
  const double z = qcc_mul(r, r);
  return r + qcc_mul(r, qcc_mul(z, qcc_horner(qcc_sines, 7, z)));
}

QCC_INLINE double qcc_cos_of(double r) {
  const double z = qcc_mul(r, r);
  return 1.0 + qcc_mul(z, qcc_horner(qcc_cosines, 7, z));
}

QCC_INLINE int qcc_is_finite(float x) { return qcc_absf(x) < QCC_INFINITY; }

QCC_INLINE float qcc_sinf(float x) {
  if (x == 0.0f) return x;
  if (!qcc_is_finite(x)) return QCC_NAN;
  {
    const struct qcc_angle a = qcc_angle_of(qcc_absf(x));
    const double s = (a.quadrant & 1) == 0 ? qcc_sin_of(a.rest) : qcc_cos_of(a.rest);
    return (float)((a.quadrant >= 2) != (x < 0.0f) ? -s : s);
  }
}

QCC_INLINE float qcc_cosf(float x) {
  if (!qcc_is_finite(x)) return QCC_NAN;
  {
    const struct qcc_angle a = qcc_angle_of(qcc_absf(x));
    const double c = (a.quadrant & 1) == 0 ? qcc_cos_of(a.rest) : qcc_sin_of(a.rest);
    return (float)(a.quadrant == 1 || a.quadrant == 2 ? -c : c);
  }
}

QCC_INLINE float qcc_tanf(float x) {
  if (x == 0.0f) return x;
  if (!qcc_is_finite(x)) return QCC_NAN;
  {
    const struct qcc_angle a = qcc_angle_of(qcc_absf(x));
    const double s = qcc_sin_of(a.rest), c = qcc_cos_of(a.rest);
    const double t = (a.quadrant & 1) == 0 ? s / c : -(c / s);
    return (float)(x < 0.0f ? -t : t);
  }
}

/* Reduced to at most 1 by atan(1 / a) = pi / 2 - atan(a), then to at most 1/8 by a quarter's own angle. */
QCC_INLINE float qcc_atanf(float x) {
  if (x == 0.0f || x != x) return x;
  {
    const double a = (double)qcc_absf(x);
    const double b = a > 1.0 ? 1.0 / a : a;
    const int32_t k = (int32_t)(qcc_mul(b, 4.0) + 0.5);
    const double t = (double)k * 0.25;
    const double z = (b - t) / (1.0 + qcc_mul(b, t));
    const double w = -qcc_mul(z, z);
    const double r = qcc_atan_quarters[k] + (z + qcc_mul(z, qcc_mul(w, qcc_horner(qcc_odd_reciprocals, 8, w))));
    const double y = a > 1.0 ? 1.5707963267948966 - r : r;
    return (float)(x < 0.0f ? -y : y);
  }
}

#endif

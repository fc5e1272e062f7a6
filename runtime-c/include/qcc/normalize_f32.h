/* SPDX-License-Identifier: 0BSD */
/* Contract of family normalize_f32: every slice r0, r1, r2 of x, one for each k0, k1, k2, is normalised and scaled.
 *
 *   d   = centred ? x - sum(x) / f32(count) : x
 *   inv = 1 / sqrt(sum(d * d) / f32(count) + epsilon)
 *   y   = has_bias ? fma(d * inv, scale, bias) : (d * inv) * scale
 * spelled, where every operation rounds:
 *   y   = d / sqrt(sum(d * d) / f32(count) + epsilon) * scale + bias
 *
 * Element j of a slice, in the order r0, r1, r2, joins lane j % 8 of a sum, squares by fma, or as products if spelled; lanes join as in lanes.h. Element
 * offsets: x and y k0*ks0 + .. + r2*rs2, scale k0*ka0 + .. + r2*ra2, bias k0*kb0 + .. + r2*rb2. y may alias x exactly. */
#ifndef QCC_NORMALIZE_F32_H
#define QCC_NORMALIZE_F32_H

#include "qcc/base.h"

struct qcc_normalize_f32_params {
  int32_t k0, k1, k2, ks0, ks1, ks2, ka0, ka1, ka2, kb0, kb1, kb2;
  int32_t r0, r1, r2, rs0, rs1, rs2, ra0, ra1, ra2, rb0, rb1, rb2;
  int32_t centred, has_bias, spelled;
};
struct qcc_normalize_f32_data {
  float epsilon;
};
typedef void qcc_normalize_f32_fn(struct qcc_normalize_f32_params p, struct qcc_normalize_f32_data d, const float *x,
                                  const float *scale, const float *bias, float *y);

#endif

/* SPDX-License-Identifier: 0BSD */
/* normalize_f32 in plain C, in the order of operations of qcc/normalize_f32.h. */
#ifndef QCC_SCALAR_NORMALIZE_F32_H
#define QCC_SCALAR_NORMALIZE_F32_H

#include "qcc/lanes.h"
#include "qcc/math.h"
#include "qcc/normalize_f32.h"

/* Sum over a slice of x, or of (x - mean)^2. */
QCC_INLINE float qcc_slice_sum(struct qcc_normalize_f32_params p, const float *x, int32_t squares, float mean) {
  float lane[8] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
  size_t j = 0;
  for (int32_t r0 = 0; r0 < p.r0; r0++)
    for (int32_t r1 = 0; r1 < p.r1; r1++) {
      const float *xi = x + (ptrdiff_t)r0 * p.rs0 + (ptrdiff_t)r1 * p.rs1;
      for (int32_t r2 = 0; r2 < p.r2; r2++, j++) {
        const float v = xi[(ptrdiff_t)r2 * p.rs2];
        if (squares) {
          const float d = p.centred ? v - mean : v;
          lane[j & 7u] = p.spelled ? lane[j & 7u] + qcc_mulf(d, d) : qcc_fmaf(d, d, lane[j & 7u]);
        } else {
          lane[j & 7u] += v;
        }
      }
    }
  return qcc_sum_lanes(lane);
}

QCC_INLINE void qcc_normalize_f32__1__scalar(struct qcc_normalize_f32_params p, struct qcc_normalize_f32_data d, const float *x,
                                             const float *scale, const float *bias, float *y) {
  const float count = (float)(p.r0 * p.r1 * p.r2);
  for (int32_t k0 = 0; k0 < p.k0; k0++)
    for (int32_t k1 = 0; k1 < p.k1; k1++)
      for (int32_t k2 = 0; k2 < p.k2; k2++) {
        const ptrdiff_t at = (ptrdiff_t)k0 * p.ks0 + (ptrdiff_t)k1 * p.ks1 + (ptrdiff_t)k2 * p.ks2;
        const ptrdiff_t a = (ptrdiff_t)k0 * p.ka0 + (ptrdiff_t)k1 * p.ka1 + (ptrdiff_t)k2 * p.ka2;
        const ptrdiff_t b = (ptrdiff_t)k0 * p.kb0 + (ptrdiff_t)k1 * p.kb1 + (ptrdiff_t)k2 * p.kb2;
        const float mean = p.centred ? qcc_slice_sum(p, x + at, 0, 0.0f) / count : 0.0f;
        const float deviation = qcc_sqrtf(qcc_slice_sum(p, x + at, 1, mean) / count + d.epsilon);
        const float inv = 1.0f / deviation;
        for (int32_t r0 = 0; r0 < p.r0; r0++)
          for (int32_t r1 = 0; r1 < p.r1; r1++)
            for (int32_t r2 = 0; r2 < p.r2; r2++) {
              const ptrdiff_t i = at + (ptrdiff_t)r0 * p.rs0 + (ptrdiff_t)r1 * p.rs1 + (ptrdiff_t)r2 * p.rs2;
              const float s = scale[a + (ptrdiff_t)r0 * p.ra0 + (ptrdiff_t)r1 * p.ra1 + (ptrdiff_t)r2 * p.ra2];
              const float v = p.centred ? x[i] - mean : x[i], unit = p.spelled ? v / deviation : qcc_mulf(v, inv);
              const float t =
                  p.has_bias ? bias[b + (ptrdiff_t)r0 * p.rb0 + (ptrdiff_t)r1 * p.rb1 + (ptrdiff_t)r2 * p.rb2] : 0.0f;
              if (p.has_bias)
                y[i] = p.spelled ? qcc_mulf(unit, s) + t : qcc_fmaf(unit, s, t);
              else
                y[i] = unit * s;
            }
      }
}

#endif

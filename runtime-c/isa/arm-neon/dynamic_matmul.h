/* SPDX-License-Identifier: 0BSD */
/* dynamic_matmul on NEON: the tiles of conv2d_q8 leave the sums of a block of rows and a panel of channels where the result
 * belongs; while those are in L1 a second loop makes floats of them.
 *
 *   for each block of rows:   rows = activations as the tiles read them
 *     for each panel:         tiles: y = sums; then for each row: y = activation(f32(y + by * sums) * (scale * w_scale) + add)
 */
#ifndef QCC_ARM_NEON_DYNAMIC_MATMUL_H
#define QCC_ARM_NEON_DYNAMIC_MATMUL_H

#include "conv2d_q8.h"
#include "qcc/dynamic_matmul.h"

/* sums, scale and y are those of a panel's first channel. */
struct qcc_neon_dynamic {
  struct qcc_dynamic_matmul_params p;
  int32_t shift;
  const int32_t *sums;
  const float *scale, *x_scale;
  const uint8_t *zero;
  float *y;
};

/* The first `count` of 4 sums of one row at y; pairs of four channels. */
QCC_INLINE void qcc_neon_dynamic_4(int32_t activation, struct qcc_dynamic_row row, float *y, int32x4_t sums, int32x4x2_t of,
                                   int32_t count) {
  const int32x4_t acc = vmlaq_n_s32(qcc_neon_load_words(y, count), sums, row.by);
  const float32x4_t m = vmulq_n_f32(vreinterpretq_f32_s32(of.val[0]), row.scale);
  float32x4_t v = vmulq_f32(vcvtq_f32_s32(acc), m);
#if QCC_FENCED
  QCC_NEON_FENCE(v);
#endif
  v = vaddq_f32(v, vreinterpretq_f32_s32(of.val[1]));
  if (activation == QCC_ACTIVATE_NONE) {
    qcc_neon_store_words(y, vreinterpretq_s32_f32(v), count);
  } else {
    float values[4];
    vst1q_f32(values, v);
    for (int32_t i = 0; i < 4 && i < count; i++) y[i] = qcc_dynamic_activated(activation, values[i]);
  }
}

/* Rows first .. first + rows - 1, `valid` of nr channels. */
QCC_INLINE void qcc_neon_dynamic_rows(struct qcc_neon_dynamic q, int32_t nr, ptrdiff_t first, int32_t rows, int32_t valid) {
  for (int32_t half = 0; half < nr && half < valid; half += 4) {
    const int32x4_t sums = qcc_neon_load_s32(q.sums + half);
    const int32x4x2_t of = vld2q_s32((const int32_t *)(const void *)(q.scale + 2 * half));
    for (ptrdiff_t r = first; r < first + rows; r++) {
      const struct qcc_dynamic_row row = qcc_dynamic_row_of(q.p, q.shift, q.x_scale, q.zero, r);
      qcc_neon_dynamic_4(q.p.activation, row, q.y + r * q.p.n + half, sums, of, valid - half);
    }
  }
}

/* mr and scheme are literals at every call. */
QCC_INLINE void qcc_neon_dynamic_matmul(int32_t mr, int32_t scheme, struct qcc_neon_dynamic q, const uint8_t *x, const void *w,
                                        void *scratch) {
  static const int32_t none[8] = {0};
  const struct qcc_conv2d_q8_params p = qcc_dynamic_convolution(q.p);
  const int32_t wide = scheme == QCC_NEON_WIDE, nr = wide ? 8 : 4;
  const ptrdiff_t panel_bytes = wide ? (ptrdiff_t)p.c * 16 : (ptrdiff_t)((p.c + 15) / 16) * 64;
  const int32_t in_place = !wide && p.x_signed && p.c % 8 == 0;
  const ptrdiff_t stride = in_place ? p.c : qcc_neon_row_stride(p.c, wide ? 2 : 1);
  const int32_t block = qcc_neon_block_rows(p.w, stride, mr);
  struct qcc_neon_rows r = {p, wide, 0, 0, x, x + (ptrdiff_t)p.w * p.c, (uint8_t *)scratch, stride};
  float *const y = q.y;
  for (int32_t first = 0; first < p.w; first += block) {
    const int32_t rows = first + block <= p.w ? block : p.w - first;
    struct qcc_neon_dynamic f = q;
    struct qcc_neon_tile t = {in_place ? x + (ptrdiff_t)first * p.c : r.rows,
                              (const uint8_t *)w,
                              stride,
                              (ptrdiff_t)first * p.oc,
                              p.oc,
                              p.c,
                              0,
                              none,
                              none,
                              {.kind = p.kind, .y = y}};
    if (!in_place) qcc_neon_put_rows(r, first, rows);
    for (int32_t o = 0; o < p.oc; o += nr, f.sums += nr, f.scale += 2 * nr, f.y += nr, t.w += panel_bytes, t.at += nr) {
      t.valid = p.oc % nr == 0 || p.oc - o > nr ? nr : p.oc - o;
      qcc_neon_panel_pass(mr, scheme, t, rows, p.w % mr);
      qcc_neon_dynamic_rows(f, nr, first, rows, t.valid);
    }
  }
}

#define QCC_NEON_DYNAMIC(name, mr, scheme, least)                                                                           \
  QCC_INLINE void qcc_dynamic_matmul__##name##__arm_neon(                                                                  \
      struct qcc_dynamic_matmul_params p, const uint8_t *x, const void *w, const int32_t *sums, const float *scale,        \
      const float *x_scale, const uint8_t *zero, float *y, void *scratch) {                                                \
    const struct qcc_neon_dynamic q = {p, p.x_signed ? 0 : least, sums, scale, x_scale, zero, y};                          \
    qcc_neon_dynamic_matmul(mr, scheme, q, x, w, scratch);                                                                 \
  }

QCC_NEON_DYNAMIC(4x4c16, 4, QCC_NEON_PAIRS, 128)
QCC_NEON_DYNAMIC(4x4c8, 4, QCC_NEON_SINGLES, 128)
QCC_NEON_DYNAMIC(8x8, 8, QCC_NEON_WIDE, 0)

#endif

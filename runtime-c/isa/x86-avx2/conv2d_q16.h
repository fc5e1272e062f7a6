/* SPDX-License-Identifier: 0BSD */
/* conv2d_q16 on AVX2: the pairs of conv2d_q8's widened rows are what int16 activations are as they lie. Rows are gathered as
 * bytes (conv2d_rows.h), or read in the image where it is the matrix and whole pairs lie in it; tiles and panels are
 * conv2d_q8's (conv2d_tile.h): vpmaddwd adds two products, which fit 32 bits, as every sum does. */
#ifndef QCC_X86_AVX2_CONV2D_Q16_H
#define QCC_X86_AVX2_CONV2D_Q16_H

#include "conv2d_q8.h"
#include "qcc/conv2d_q16.h"

/* The whole convolution; mr and scheme are literals at every call. */
QCC_INLINE void qcc_avx2_conv2d_q16(int32_t mr, int32_t scheme, struct qcc_conv2d_q16_params p, struct qcc_conv2d_q16_data d,
                                    const int16_t *x, const void *w, const int32_t *bias, const qcc_avx2_word *scale,
                                    const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {
  const struct qcc_conv2d_q8_params b = qcc_conv2d_q16_bytes(p, 2);
  const uint8_t *const bytes = (const uint8_t *)x;
  const int32_t k = p.kh * p.kw * (p.c / p.groups), ocg = p.oc / p.groups, steps = (k + 1) / 2, pixels = p.n * p.oh * p.ow;
  const int32_t in_place = qcc_avx2_is_matrix(b) && p.c % 2 == 0;
  const ptrdiff_t stride = in_place ? b.c : qcc_avx2_row_stride(2 * k, 1);
  const int32_t block = qcc_avx2_block_rows(pixels, stride, mr);
  const ptrdiff_t group_bytes = (ptrdiff_t)((ocg + 15) / 16) * steps * (scheme == QCC_AVX2_PAIRS8 ? 32 : 64);
  struct qcc_avx2_rows r = {b, 0, 0, 0, bytes, bytes + (ptrdiff_t)b.n * b.h * b.w * b.c, (uint8_t *)scratch, stride};
  struct qcc_avx2_output out = {p.kind, d.e, QCC_AVX2_NATURAL, residual, table, y, 0};
  for (int32_t first = 0; first < pixels; first += block) {
    const int32_t rows = first + block <= pixels ? block : pixels - first;
    for (int32_t g = 0; g < p.groups; g++) {
      const uint8_t *a = in_place ? bytes + (ptrdiff_t)first * b.c : r.rows;
      r.group = g;
      if (!in_place) qcc_avx2_put_rows(r, first, rows);
      struct qcc_avx2_panel q = {scheme, steps, (const uint8_t *)w + g * group_bytes, bias + g * ocg, scale, out, p.oc, 16};
      if (p.kind.out != QCC_OUT_S32) q.scale += (ptrdiff_t)g * ocg * qcc_scale_words(p.kind);
      qcc_avx2_block_pass(q, mr, a, stride, rows, pixels % mr, ocg, ocg % 16, (ptrdiff_t)first * p.oc + (ptrdiff_t)g * ocg);
    }
  }
}

#define QCC_AVX2_CONV2D_Q16(name, mr, scheme)                                                                              \
  QCC_INLINE void qcc_conv2d_q16__##name##__x86_avx2(                                                                      \
      struct qcc_conv2d_q16_params p, struct qcc_conv2d_q16_data d, const int16_t *x, const void *w, const int32_t *bias,  \
      const void *scale, const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {                          \
    qcc_avx2_conv2d_q16(mr, scheme, p, d, x, w, bias, (const qcc_avx2_word *)scale, residual, table, y, scratch);          \
  }

QCC_AVX2_CONV2D_Q16(6x16, 6, QCC_AVX2_PAIRS)
QCC_AVX2_CONV2D_Q16(1x16, 4, QCC_AVX2_PAIRS8)

#endif

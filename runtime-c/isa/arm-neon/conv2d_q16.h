/* SPDX-License-Identifier: 0BSD */
/* conv2d_q16 and dwconv2d_q16 on NEON of both widths.
 *
 * 8x8   (3x8 where registers are 16) rows of int16 are gathered as bytes (conv2d_rows.h), or read in the image where it is the matrix, and meet conv2d_q8's
 *       8x8 tiles of smlal by lane (conv2d_tile.h).
 * 1x8   depthwise: 8 channels of a pixel at a time; a tap inside the image is a load of each, sxtl, smlal, smlal2. */
#ifndef QCC_ARM_NEON_CONV2D_Q16_H
#define QCC_ARM_NEON_CONV2D_Q16_H

#include "../scalar/epilogue.h"
#include "conv2d_q8.h"
#include "qcc/conv2d_q16.h"
#include "qcc/taps.h"

/* The whole convolution; mr is a literal at every call. */
QCC_INLINE void qcc_neon_conv2d_q16(int32_t mr, struct qcc_conv2d_q16_params p, struct qcc_conv2d_q16_data d, const int16_t *x,
                                    const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                    const uint8_t *table, void *y, void *scratch) {
  const struct qcc_conv2d_q8_params b = qcc_conv2d_q16_bytes(p, 2);
  const uint8_t *const bytes = (const uint8_t *)x;
  const int32_t k = p.kh * p.kw * (p.c / p.groups), ocg = p.oc / p.groups, pixels = p.n * p.oh * p.ow;
  const ptrdiff_t group_bytes = (ptrdiff_t)((ocg + 7) / 8) * k * 16;
  /* A row is read in whole eights. */
  const int32_t in_place = qcc_neon_is_matrix(b) && p.c % 8 == 0;
  const ptrdiff_t stride = in_place ? b.c : qcc_neon_row_stride(2 * k, 1);
  const int32_t block = qcc_neon_block_rows(pixels, stride, mr);
  struct qcc_neon_rows r = {b, 0, 0, 0, bytes, bytes + (ptrdiff_t)b.n * b.h * b.w * b.c, (uint8_t *)scratch, stride};
  for (int32_t first = 0; first < pixels; first += block) {
    const int32_t count = first + block <= pixels ? block : pixels - first;
    for (int32_t g = 0; g < p.groups; g++) {
      r.group = g;
      if (!in_place) qcc_neon_put_rows(r, first, count);
      struct qcc_neon_tile t = {in_place ? bytes + (ptrdiff_t)first * b.c : r.rows,
                                (const uint8_t *)w + g * group_bytes,
                                stride,
                                (ptrdiff_t)first * p.oc + (ptrdiff_t)g * ocg,
                                p.oc,
                                k,
                                0,
                                bias + g * ocg,
                                (const int32_t *)scale,
                                {p.kind, d.e, residual, table, y}};
      if (p.kind.out != QCC_OUT_S32) t.scale += g * ocg * qcc_scale_words(p.kind);
      qcc_neon_block_pass(mr, QCC_NEON_WIDE, t, count, pixels % mr, ocg);
    }
  }
}

/* The whole depthwise convolution, multiplier 1. */
QCC_INLINE void qcc_neon_dwconv2d_q16(struct qcc_dwconv2d_q16_params p, struct qcc_dwconv2d_q16_data d, const int16_t *x,
                                      const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                      const uint8_t *table, void *y) {
  const ptrdiff_t c = p.c, down = (ptrdiff_t)p.dh * p.w * c, right = p.dw * c;
  const int8_t *const weights = (const int8_t *)w;
  const int32_t is_word = p.kind.out != QCC_OUT_Q8 && p.kind.rounding == QCC_ROUND_ONNX, words = qcc_scale_words(p.kind);
  const struct qcc_neon_output out = {p.kind, d.e, residual, table, y};
  ptrdiff_t at = 0;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, at += c) {
        const struct qcc_taps s = QCC_TAPS(p, oy, ox);
        int32_t o = 0;
        for (; o + 8 <= p.c; o += 8) {
          int32x4_t low = vld1q_s32(bias + o), high = vld1q_s32(bias + o + 4);
          for (int32_t ky = s.ky0; ky < s.ky1; ky++) {
            const int16_t *from = x + s.first + (ky - s.ky0) * down + o;
            const int8_t *wk = weights + ((ptrdiff_t)ky * p.kw + s.kx0) * c + o;
            for (int32_t kx = s.kx0; kx < s.kx1; kx++, from += right, wk += c) {
              const int16x8_t v = vld1q_s16(from), by = vmovl_s8(vld1_s8(wk));
              low = vmlal_s16(low, vget_low_s16(v), vget_low_s16(by));
              high = qcc_neon_mlal_high_s16(high, v, by);
            }
          }
          if (is_word) {
            const int32_t *const scales = (const int32_t *)scale + (words ? o : 0);
            qcc_neon_put_words(out, low, qcc_neon_load_scale(out, scales, 4), at + o, 4);
            qcc_neon_put_words(out, high, qcc_neon_load_scale(out, words ? scales + 4 : scales, 4), at + o + 4, 4);
          } else {
            int32_t sums[8];
            vst1q_s32(sums, low);
            vst1q_s32(sums + 4, high);
            for (int32_t i = 0; i < 8; i++)
              qcc_epilogue_store(p.kind, d.e, sums[i], scale, o + i, residual, table, y, (size_t)(at + o + i));
          }
        }
        for (; o < p.c; o++) {
          int32_t sum = bias[o];
          for (int32_t ky = s.ky0; ky < s.ky1; ky++)
            for (int32_t kx = s.kx0; kx < s.kx1; kx++)
              sum += x[s.first + o + (ky - s.ky0) * down + (kx - s.kx0) * right] * weights[((ptrdiff_t)ky * p.kw + kx) * c + o];
          qcc_epilogue_store(p.kind, d.e, sum, scale, o, residual, table, y, (size_t)(at + o));
        }
      }
}

#define QCC_NEON_CONV2D_Q16(name, isa, mr)                                                                                 \
  QCC_INLINE void qcc_conv2d_q16__##name##__##isa(                                                                         \
      struct qcc_conv2d_q16_params p, struct qcc_conv2d_q16_data d, const int16_t *x, const void *w, const int32_t *bias,  \
      const void *scale, const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {                          \
    qcc_neon_conv2d_q16(mr, p, d, x, w, bias, scale, residual, table, y, scratch);                                         \
  }
#define QCC_NEON_DWCONV2D_Q16(name, isa)                                                                                   \
  QCC_INLINE void qcc_dwconv2d_q16__##name##__##isa(                                                                       \
      struct qcc_dwconv2d_q16_params p, struct qcc_dwconv2d_q16_data d, const int16_t *x, const void *w,                   \
      const int32_t *bias, const void *scale, const uint8_t *residual, const uint8_t *table, void *y, void *scratch) {     \
    (void)scratch;                                                                                                         \
    qcc_neon_dwconv2d_q16(p, d, x, w, bias, scale, residual, table, y);                                                    \
  }

#if QCC_NEON_64
QCC_NEON_CONV2D_Q16(8x8, arm_neon, 8)
QCC_NEON_DWCONV2D_Q16(1x8, arm_neon)
#endif

#endif

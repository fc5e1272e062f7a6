/* SPDX-License-Identifier: 0BSD */
/* conv2d_q16 and dwconv2d_q16 on Helium.
 *
 * 1x4   a pixel's window is a row of k int16 (conv2d_rows.h copies it as bytes, or finds it in the image) and meets four channels
 *       at a time: a tail-predicated loop of vmladava, 8 products each, whose weights are widened by their loads
 * 1x8   depthwise: 8 channels of a pixel at a time. vmullb and vmullt make s32 of the even and of the odd ones; they stay apart
 *       until the epilogue joins them
 *
 * No partial sum leaves 32 bits: proved for these families. */
#ifndef QCC_ARM_MVE_CONV2D_Q16_H
#define QCC_ARM_MVE_CONV2D_Q16_H

#include "conv2d_rows.h"
#include "isa/scalar/epilogue.h"
#include "qcc/conv2d_q16.h"
#include "qcc/taps.h"

/* A row of k values by four channels, w0..w3 their weights. */
QCC_INLINE int32x4_t qcc_mve_dot_words(const uint8_t *a, const int8_t *w0, const int8_t *w1, const int8_t *w2, const int8_t *w3,
                                       int32_t k) {
  register int32_t n __asm__("lr") = k;
  int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  int32x4_t c;
  int16x8_t x, t;
  __asm__ volatile(
      "dlstp.16 lr, lr\n"
      "1:\n\t"
      "vldrh.u16 %q[x], [%[a]], #16\n\t"
      "vldrb.s16 %q[t], [%[w0]], #8\n\t"
      "vmladava.s16 %[s0], %q[x], %q[t]\n\t"
      "vldrb.s16 %q[t], [%[w1]], #8\n\t"
      "vmladava.s16 %[s1], %q[x], %q[t]\n\t"
      "vldrb.s16 %q[t], [%[w2]], #8\n\t"
      "vmladava.s16 %[s2], %q[x], %q[t]\n\t"
      "vldrb.s16 %q[t], [%[w3]], #8\n\t"
      "vmladava.s16 %[s3], %q[x], %q[t]\n\t"
      "letp lr, 1b\n\t" QCC_MVE_GATHER_SUMS("c", "s0", "s1", "s2", "s3")
      : [s0] "+Te"(s0), [s1] "+Te"(s1), [s2] "+Te"(s2), [s3] "+Te"(s3), [a] "+r"(a), [w0] "+l"(w0), [w1] "+l"(w1),
        [w2] "+l"(w2), [w3] "+l"(w3), [x] "=&w"(x), [t] "=&w"(t), [c] "=&w"(c), [n] "+r"(n)
      :
      : "memory");
  return c;
}

QCC_INLINE void qcc_conv2d_q16__1x4__arm_mve(struct qcc_conv2d_q16_params p, struct qcc_conv2d_q16_data d, const int16_t *x,
                                             const void *weights, const int32_t *bias, const void *scale, const uint8_t *residual,
                                             const uint8_t *table, void *y, void *scratch) {
  const struct qcc_conv2d_q8_params b = qcc_conv2d_q16_bytes(p, 2);
  const int32_t k = p.kh * p.kw * p.c, pixels = p.n * p.oh * p.ow;
  const int32_t is_direct = p.kh == 1 && p.kw == 1 && p.sh == 1 && p.sw == 1 && p.pad_top == 0 && p.pad_left == 0 &&
                            p.oh == p.h && p.ow == p.w;
  const struct qcc_mve_conv2d v = {b, 2 * k, is_direct, (const uint8_t *)x, (const int8_t *)weights, bias, scale,
                                   {p.kind, d.e, residual, table, y}, 0, 0};
  struct qcc_mve_cursor from = qcc_mve_first_row(&v);
  for (int32_t m = 0; m < pixels; m++) {
    const uint8_t *const a = qcc_mve_next_row(&v, &from, (uint8_t *)scratch);
    const int8_t *w = v.w;
    for (int32_t o = 0; o < p.oc; o += 4, w += 4 * (ptrdiff_t)k) {
      const int32_t count = p.oc - o < 4 ? p.oc - o : 4; /* a missing channel is computed as the last one and not stored */
      const int8_t *const second = count > 1 ? w + k : w, *const third = count > 2 ? second + k : second;
      const int32x4_t sums = qcc_mve_dot_words(a, w, second, third, count > 3 ? third + k : third, k);
      qcc_mve_finish(v.out, vaddq_s32(sums, vldrwq_z_s32(bias + o, vctp32q((uint32_t)count))),
                     qcc_mve_load_scale(p.kind, scale, o, count), (ptrdiff_t)m * p.oc + o, count);
    }
  }
}

/* The even (0) or odd (1) words of the first `count` of eight channels, which are not read past them. */
QCC_INLINE int32x4_t qcc_mve_every_other(const int32_t *from, int32_t odd, int32_t count) {
  return vldrwq_gather_shifted_offset_z_s32(from + odd, vidupq_n_u32(0, 2), vctp32q((uint32_t)(count + 1 - odd) / 2u));
}

QCC_INLINE void qcc_dwconv2d_q16__1x8__arm_mve(struct qcc_dwconv2d_q16_params p, struct qcc_dwconv2d_q16_data d, const int16_t *x,
                                               const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                               const uint8_t *table, void *y, void *scratch) {
  const ptrdiff_t c = p.c, down = (ptrdiff_t)p.dh * p.w * c, right = p.dw * c;
  const struct qcc_mve_output out = {p.kind, d.e, residual, table, y};
  ptrdiff_t at = 0;
  (void)scratch;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++, at += c) {
        const struct qcc_taps s = QCC_TAPS(p, oy, ox);
        for (int32_t o = 0; o < p.c; o += 8) {
          const int32_t count = p.c - o < 8 ? p.c - o : 8;
          const mve_pred16_t those = vctp16q((uint32_t)count);
          int32x4_t even = qcc_mve_every_other(bias + o, 0, count), odd = qcc_mve_every_other(bias + o, 1, count);
          for (int32_t ky = s.ky0; ky < s.ky1; ky++) {
            const int16_t *from = x + s.first + (ky - s.ky0) * down + o;
            const int8_t *of = (const int8_t *)w + ((ptrdiff_t)ky * p.kw + s.kx0) * c + o;
            for (int32_t kx = s.kx0; kx < s.kx1; kx++, from += right, of += c) {
              const int16x8_t v = vldrhq_z_s16(from, those), by = vldrbq_z_s16(of, those);
              even = vaddq_s32(even, vmullbq_int_s16(v, by));
              odd = vaddq_s32(odd, vmulltq_int_s16(v, by));
            }
          }
          if (p.kind.out == QCC_OUT_S16) {
            const float *const m = (const float *)scale + o;
            const struct qcc_mve_scale a = {qcc_mve_every_other((const int32_t *)(const void *)m, 0, count), even};
            const struct qcc_mve_scale b = {qcc_mve_every_other((const int32_t *)(const void *)m, 1, count), odd};
            int16x8_t h = vqmovnbq_s32(vdupq_n_s16(0), qcc_mve_rounded(out.kind, even, a));
            h = vqmovntq_s32(h, qcc_mve_rounded(out.kind, odd, b));
            h = vminq_s16(vmaxq_s16(h, vdupq_n_s16((int16_t)d.e.y_min)), vdupq_n_s16((int16_t)d.e.y_max));
            vstrhq_p_s16((int16_t *)y + at + o, h, those);
          } else {
            int32_t sums[2][4];
            vstrwq_s32(sums[0], even);
            vstrwq_s32(sums[1], odd);
            for (int32_t i = 0; i < count; i++)
              qcc_epilogue_store(p.kind, d.e, sums[i % 2][i / 2], scale, o + i, residual, table, y, (size_t)(at + o + i));
          }
        }
      }
}

#endif

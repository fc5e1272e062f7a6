/* SPDX-License-Identifier: 0BSD */
/* dwconv2d_q8 with any window of up to 64 taps on Helium: the taps of one output of one channel are neighbouring bytes.
 *
 * Scratch holds the image rows that an output row's windows cover, for each of eight channels, [channel][column][row of the
 * window], so that a window is one run of kh * kw bytes and the next one begins sw * kh bytes on; vmladava takes 16 taps.
 * The weights of a channel lie in the same order, zeros behind them: what is read past a window does no harm. Windows along
 * a single column (1-D convolutions over time) change places with rows: there is one row then, all of it is in scratch
 * before an output of these channels is written, and outputs lie where values of the same channel did: y may begin at x. */
#ifndef QCC_ARM_MVE_DWCONV2D_WINDOW_H
#define QCC_ARM_MVE_DWCONV2D_WINDOW_H

#include "channel.h"
#include "dwconv2d_runs.h"
#include "qcc/dwconv2d_q8.h"

enum { QCC_MVE_TAPS = 64 };

/* The convolution as the loops see it. Steps in bytes; next: from a window to the next one. */
struct qcc_mve_windows {
  int32_t h, w, oh, ow, kh, kw, sh, top, left;
  int32_t x_row, x_column, y_row, y_column;
  int32_t taps, next, columns, pitch;
  const int32_t *bias;
  const void *scale;
  uint8_t *strips;
  struct qcc_mve_output out;
  uint8_t flip, pad;
};

/* The rows of one output row's windows, eight channels of them from `image` on, of which `valid` exist. */
QCC_INLINE void qcc_mve_window_load(const struct qcc_mve_windows *v, const uint8_t *image, int32_t iy, int32_t valid) {
  int32_t pitch = v->pitch, outside = v->pad;
  QCC_MVE_HERE(pitch);
  QCC_MVE_HERE(outside);
  const uint16x8_t to_strips = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)pitch);
  const uint16x8_t flip = vdupq_n_u16(v->flip), pad = vdupq_n_u16((uint16_t)outside);
  const mve_pred16_t first = vctp16q((uint32_t)valid);
  if (v->left == 0 && v->columns <= v->w && valid == 8 && iy >= 0 && iy + v->kh <= v->h) {
    for (int32_t ky = 0; ky < v->kh; ky++, iy++) {
      const uint8_t *from = image + (ptrdiff_t)iy * v->x_row;
      uint8_t *to = v->strips + ky;
      for (int32_t left = v->columns; left > 0; left--, from += v->x_column, to += v->kh)
        vstrbq_scatter_offset_u16(to, to_strips, v->flip ? veorq_u16(vldrbq_u16(from), flip) : vldrbq_u16(from));
    }
    return;
  }
  for (int32_t ky = 0; ky < v->kh; ky++, iy++) {
    const int32_t is_inside = iy >= 0 && iy < v->h;
    const uint8_t *from = image + (ptrdiff_t)iy * v->x_row - (ptrdiff_t)v->left * v->x_column;
    uint8_t *to = v->strips + ky;
    for (int32_t i = -v->left; i < v->columns - v->left; i++, from += v->x_column, to += v->kh) {
      uint16x8_t x = pad;
      if (is_inside && i >= 0 && i < v->w)
        x = v->flip ? veorq_u16(vldrbq_z_u16(from, first), flip) : vldrbq_z_u16(from, first);
      vstrbq_scatter_offset_u16(to, to_strips, x);
    }
  }
}

/* Eight outputs by the 16 weights w: their windows are `next` bytes apart (step: how p moves on). */
#define QCC_MVE_EIGHT_WINDOWS(step, ...)                                                                                   \
  __asm__ volatile(step "vmladav.s8 r0, %q[x], %q[w]\n\t" step "vmladav.s8 r8, %q[x], %q[w]\n\t"                       \
                   step "vmladav.s8 r2, %q[x], %q[w]\n\t" step "vmladav.s8 r10, %q[x], %q[w]\n\t"                      \
                   step "vmladav.s8 r4, %q[x], %q[w]\n\t" step "vmladav.s8 r12, %q[x], %q[w]\n\t"                      \
                   step "vmladav.s8 r6, %q[x], %q[w]\n\t" step "vmladav.s8 lr, %q[x], %q[w]\n\t"                       \
                   "vmov %q[u][2], %q[u][0], r0, r4\n\tvmov %q[u][3], %q[u][1], r2, r6\n\t"                            \
                   "vmov %q[v][2], %q[v][0], r8, r12\n\tvmov %q[v][3], %q[v][1], r10, lr"                              \
                   : [u] "=&w"(even), [v] "=&w"(odd), [x] "=&w"(x), [p] "+r"(p)                                         \
                   : [w] "w"(w)__VA_ARGS__                                                                              \
                   : "r0", "r2", "r4", "r6", "r8", "r10", "r12", "lr", "memory")

/* The window of four outputs, `next` bytes apart (step: how p moves on), by the 16 weights w. */
#define QCC_MVE_FOUR_WINDOWS(step)                                                                                      \
  __asm__ volatile(step "vmladav.s8 %[s0], %q[x], %q[w]\n\t" step "vmladav.s8 %[s1], %q[x], %q[w]\n\t"                  \
                   step "vmladav.s8 %[s2], %q[x], %q[w]\n\t" step "vmladav.s8 %[s3], %q[x], %q[w]\n\t"                  \
                   QCC_MVE_GATHER_SUMS("sums", "s0", "s1", "s2", "s3")                                                  \
                   : [sums] "=&w"(sums), [x] "=&w"(x), [p] "+r"(p), [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2),  \
                     [s3] "=&Te"(s3)                                                                                    \
                   : [w] "w"(w), [next] "r"(v->next)                                                                    \
                   : "memory")

/* A row of outputs of one channel from y on, of windows of up to 16 taps. Eight at a time; the last eight may begin with some
 * that are there already. */
QCC_INLINE void qcc_mve_small_windows(const struct qcc_mve_windows *v, const uint8_t *p, uint8x16_t w,
                                      struct qcc_mve_channel c, uint8_t *y) {
  const int32_t column = v->y_column;
  int32_t left = v->ow;
  uint8x16_t x;
  if (left >= 8 && column <= 8192) {
    const int32_t rest = left % 8, again = rest > 4 ? 8 - rest : 0;
    const uint16x8_t to = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)column);
    int32_t n = (left + 3) / 8;
    for (;;) {
      int32x4_t even, odd;
      if (v->next == 1)
        QCC_MVE_EIGHT_WINDOWS("vldrb.u8 %q[x], [%[p]], #1\n\t", );
      else
        QCC_MVE_EIGHT_WINDOWS("vldrb.u8 %q[x], [%[p]]\n\tadd %[p], %[p], %[next]\n\t", , [next] "r"(v->next));
      even = qcc_mve_channel_rounded(v->out.kind, c, even);
      odd = qcc_mve_channel_rounded(v->out.kind, c, odd);
      vstrbq_scatter_offset_u16(y, to, qcc_mve_channels_stored(v->out, even, odd));
      y += 8 * column;
      if (--n > 1) continue;
      if (n == 0) break;
      p -= again * v->next;
      y -= again * column;
    }
    left = again > 0 ? 0 : rest;
  }
  if (left > 0) {
    const uint32x4_t to = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)column);
    for (; left > 0; left -= 4, y += 4 * column) {
      int32_t s0, s1, s2, s3;
      int32x4_t sums;
      if (v->next == 1)
        QCC_MVE_FOUR_WINDOWS("vldrb.u8 %q[x], [%[p]], #1\n\t");
      else
        QCC_MVE_FOUR_WINDOWS("vldrb.u8 %q[x], [%[p]]\n\tadd %[p], %[p], %[next]\n\t");
      sums = qcc_mve_channel_rounded(v->out.kind, c, sums);
      qcc_mve_scatter_bytes(y, to, qcc_mve_stored(v->out, sums, sums), left);
    }
  }
}

/* The same of larger windows; w: the weights in whole blocks of 16. */
QCC_INLINE void qcc_mve_large_windows(const struct qcc_mve_windows *v, const uint8_t *p, const int8_t *w,
                                      struct qcc_mve_channel c, uint8_t *y) {
  const uint32x4_t to = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)v->y_column);
  for (int32_t i = 0; i < v->ow; i += 4, y += 4 * v->y_column, p += 4 * v->next) {
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    int32x4_t sums;
    for (int32_t b = 0; b < v->taps; b += 16) {
      const int8x16_t wb = vldrbq_s8(w + b);
      const int8_t *const from = (const int8_t *)p + b;
      s0 = vmladavaq_s8(s0, vldrbq_s8(from), wb);
      s1 = vmladavaq_s8(s1, vldrbq_s8(from + v->next), wb);
      s2 = vmladavaq_s8(s2, vldrbq_s8(from + 2 * v->next), wb);
      s3 = vmladavaq_s8(s3, vldrbq_s8(from + 3 * v->next), wb);
    }
    __asm__(QCC_MVE_GATHER_SUMS("sums", "s0", "s1", "s2", "s3")
            : [sums] "=&w"(sums)
            : [s0] "r"(s0), [s1] "r"(s1), [s2] "r"(s2), [s3] "r"(s3));
    sums = qcc_mve_channel_rounded(v->out.kind, c, sums);
    qcc_mve_scatter_bytes(y, to, qcc_mve_stored(v->out, sums, sums), v->ow - i);
  }
}

QCC_INLINE void qcc_mve_dwconv2d_window(struct qcc_dwconv2d_q8_params p, struct qcc_dwconv2d_q8_data d, const uint8_t *x,
                                        const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                        const uint8_t *table, void *y, void *scratch) {
  const int32_t is_turned = p.w == 1 && p.kw == 1, taps = p.kh * p.kw, blocks = (taps + 15) / 16;
  const int32_t ow = is_turned ? p.oh : p.ow, kw = is_turned ? p.kh : p.kw, kh = is_turned ? 1 : p.kh;
  const int32_t sw = is_turned ? p.sh : p.sw;
  const uint8_t flip = p.x_signed ? 0 : 0x80;
  const struct qcc_mve_windows v = {
      is_turned ? 1 : p.h, is_turned ? p.h : p.w, is_turned ? p.ow : p.oh, ow, kh, kw, is_turned ? p.sw : p.sh,
      is_turned ? p.pad_left : p.pad_top, is_turned ? p.pad_top : p.pad_left,
      is_turned ? p.c : p.w * p.c, p.c, is_turned ? p.c : p.ow * p.c, is_turned ? p.ow * p.c : p.c,
      taps, sw * kh, (ow - 1) * sw + kw, ((ow + 3) / 4 * 4 - 1) * sw * kh + 16 * blocks,
      bias, scale, (uint8_t *)scratch, {p.kind, d.e, residual, table, y}, flip, (uint8_t)((uint8_t)d.x_pad ^ flip)};
  const int32_t is_double = p.kind.rounding == QCC_ROUND_TFLITE_DOUBLE && p.kind.proved != 0 && p.kind.full_range != 0;
  const int32_t are_runs = QCC_MVE_RUNS_BY_HAND && is_double && p.kind.y_signed && !p.kind.has_lookup && taps <= 16 && kh == 1 &&
                           sw == 1 && ow >= 8 && v.y_column <= 8192;
  uint8_t order[QCC_MVE_TAPS]; /* of the taps, as scratch has them */
  for (int32_t kx = 0; kx < kw; kx++)
    for (int32_t ky = 0; ky < kh; ky++) order[kx * kh + ky] = (uint8_t)(ky * kw + kx);
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t o = 0; o < p.c; o += 8) {
      const int32_t valid = p.c - o > 8 ? 8 : p.c - o;
      const uint8_t *const image = x + (ptrdiff_t)n * p.h * p.w * p.c + o;
      uint8_t *to = (uint8_t *)y + (ptrdiff_t)n * p.oh * p.ow * p.c + o;
      for (int32_t oy = 0; oy < v.oh; oy++, to += v.y_row) {
        qcc_mve_window_load(&v, image, oy * v.sh - v.top, valid);
        if (are_runs) {
          const int32_t rest = ow % 8, again = rest > 0 ? 8 - rest : 0;
          struct qcc_mve_runs runs = {v.strips, v.pitch, (const uint8_t *)w + (ptrdiff_t)o * taps, taps, bias + o,
                                      (const int32_t *)scale + 2 * (ptrdiff_t)o, to, 8 * v.y_column, ow / 8, valid, again,
                                      again * v.y_column};
          qcc_mve_runs(&runs, vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)v.y_column), d.e.y_zero, p.kind.proved == 1);
          continue;
        }
        for (int32_t i = 0; i < valid; i++) {
          const uint8_t *const from = (const uint8_t *)w + (ptrdiff_t)(o + i) * taps;
          const struct qcc_mve_channel c = qcc_mve_channel_of(v.out.kind, bias, scale, o + i);
          if (taps <= 16) {
            const mve_pred16_t all = vctp8q((uint32_t)taps);
            const uint8x16_t weights = kh == 1 ? vldrbq_z_u8(from, all)
                                               : vldrbq_gather_offset_z_u8(from, vldrbq_z_u8(order, all), all);
            qcc_mve_small_windows(&v, v.strips + i * v.pitch, weights, c, to + i);
          } else {
            int8_t weights[QCC_MVE_TAPS];
            for (int32_t b = 0; b < taps; b += 16) {
              const mve_pred16_t all = vctp8q((uint32_t)(taps - b));
              vstrbq_u8((uint8_t *)weights + b, vldrbq_gather_offset_z_u8(from, vldrbq_z_u8(order + b, all), all));
            }
            qcc_mve_large_windows(&v, v.strips + i * v.pitch, weights, c, to + i);
          }
        }
      }
    }
}

#endif

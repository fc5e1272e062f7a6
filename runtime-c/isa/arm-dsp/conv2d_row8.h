/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on arm-dsp, 3x3 windows at stride 1 over a multiple of 16 channels: eight neighbours of a row by one channel.
 *
 * x  scratch: words [row of the window][four channels][even, odd][column 0..9], s16 pairs; every column is unpacked once for the
 *    eight windows that it is in
 * w  bytes [row][column][channel] as they are
 *
 * A word of x meets the weights of three columns: 24 products of pairs take 5 loads of two words and 6 instructions that bring three
 * pairs of weights, 35 for 48 products of numbers, where four pixels by two channels take 39. Sums, weights, x and a pointer to
 * it fill all fourteen registers: 16 channels of weights wait in registers of the FPU. Without one it is plain C. */
#ifndef QCC_ARM_DSP_CONV2D_ROW8_H
#define QCC_ARM_DSP_CONV2D_ROW8_H

#include "conv2d_dot.h"
#include "qcc/conv2d_q8.h"
#include "simd_epilogue.h"

#if defined(__ARM_FP) && (__ARM_FP & 4)
#define QCC_DSP_ROW8_BY_HAND QCC_DSP_BY_HAND
#else
#define QCC_DSP_ROW8_BY_HAND 0
#endif

enum { QCC_DSP_ROW8_COLUMNS = 10 };

/* sums[0]: what all eight begin with. w: weights of the next 16 channels of a row's first column, row_end: where those end;
 * c: channels; x_end: where x ends. The offsets are in the assembly. */
struct qcc_dsp_row8 {
  int32_t sums[8];
  const int8_t *w;
  int32_t c;
  const int8_t *row_end;
  const uint32_t *x_end;
};

/* Four channels, their even pairs, then their odd ones: the assembler repeats the lines, for C promises no longer strings. w0..w2:
 * registers with the weights of the three columns; r0 x, r4..r11 sums. */
#define QCC_DSP_WORDS_ROW8(w0, w1, w2)                                                      \
  ".irp turn, 0, 8\n"                                                                       \
  "vmov r1, " w0 "\nvmov r2, " w1 "\nvmov r3, " w2 "\n"                                     \
  "sxtb16 r1, r1, ror #\\turn\nsxtb16 r2, r2, ror #\\turn\nsxtb16 r3, r3, ror #\\turn\n"    \
  "ldrd r12, lr, [r0], #8\n"                                                                \
  "smlad r4, r12, r1, r4\nsmlad r4, lr, r2, r4\nsmlad r5, lr, r1, r5\n"                     \
  "ldrd r12, lr, [r0], #8\n"                                                                \
  "smlad r4, r12, r3, r4\nsmlad r5, r12, r2, r5\nsmlad r6, r12, r1, r6\n"                   \
  "smlad r5, lr, r3, r5\nsmlad r6, lr, r2, r6\nsmlad r7, lr, r1, r7\n"                      \
  "ldrd r12, lr, [r0], #8\n"                                                                \
  "smlad r6, r12, r3, r6\nsmlad r7, r12, r2, r7\nsmlad r8, r12, r1, r8\n"                   \
  "smlad r7, lr, r3, r7\nsmlad r8, lr, r2, r8\nsmlad r9, lr, r1, r9\n"                      \
  "ldrd r12, lr, [r0], #8\n"                                                                \
  "smlad r8, r12, r3, r8\nsmlad r9, r12, r2, r9\nsmlad r10, r12, r1, r10\n"                 \
  "smlad r9, lr, r3, r9\nsmlad r10, lr, r2, r10\nsmlad r11, lr, r1, r11\n"                  \
  "ldrd r12, lr, [r0], #8\n"                                                                \
  "smlad r10, r12, r3, r10\nsmlad r11, r12, r2, r11\nsmlad r11, lr, r3, r11\n"              \
  ".endr\n"

/* One function for all layers: 1.2 KB. */
static QCC_NOINLINE QCC_MAYBE_UNUSED void qcc_dsp_dot_row8(const uint32_t *x, struct qcc_dsp_row8 *a) {
#if QCC_DSP_ROW8_BY_HAND
  register const uint32_t *r0 __asm__("r0") = x;
  register struct qcc_dsp_row8 *r2 __asm__("r2") = a;
  register int32_t r1 __asm__("r1"), r12 __asm__("r12");
  __asm__ volatile("push {r2-r11, lr}\n"
                   "ldr r4, [r2]\n"
                   "mov r5, r4\nmov r6, r4\nmov r7, r4\nmov r8, r4\nmov r9, r4\nmov r10, r4\nmov r11, r4\n"
                   "1:\n"
                   "ldr r1, [sp]\n"
                   "ldrd r2, r3, [r1, #32]\n"
                   "add r12, r2, r3\n"
                   "add lr, r12, r3\n"
                   "vldm r2!, {s0-s3}\n"
                   "vldm r12, {s4-s7}\n"
                   "vldm lr!, {s8-s11}\n"
                   "ldr r12, [r1, #40]\n"
                   "cmp r2, r12\n"
                   "bne 2f\n"
                   "mov r2, lr\n"
                   "add r12, lr, r3\n"
                   "str r12, [r1, #40]\n"
                   "2:\n"
                   "str r2, [r1, #32]\n" QCC_DSP_WORDS_ROW8("s0", "s4", "s8") QCC_DSP_WORDS_ROW8("s1", "s5", "s9")
                   QCC_DSP_WORDS_ROW8("s2", "s6", "s10") QCC_DSP_WORDS_ROW8("s3", "s7", "s11")
                   "ldr r1, [sp]\n"
                   "ldr r2, [r1, #44]\n"
                   "cmp r0, r2\n"
                   "bne 1b\n"
                   "stm r1, {r4-r11}\n"
                   "pop {r2-r11, lr}\n"
                   : "+r"(r0), "=r"(r1), "=r"(r12)
                   : "r"(r2)
                   : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "cc", "memory");
#else
  const int32_t start = a->sums[0];
  for (int32_t i = 0; i < 8; i++) {
    const uint32_t *from = x + i;
    a->sums[i] = start;
    for (int32_t ky = 0; ky < 3; ky++)
      for (int32_t c = 0; c < a->c; c += 4, from += 2 * QCC_DSP_ROW8_COLUMNS)
        for (int32_t kx = 0; kx < 3; kx++) {
          const uint32_t word = qcc_dsp_load(a->w + (3 * ky + kx) * (ptrdiff_t)a->c + c);
          const int32_t sum = qcc_dsp_smlad(from[kx], qcc_dsp_even(word, 1), a->sums[i]);
          a->sums[i] = qcc_dsp_smlad(from[kx + QCC_DSP_ROW8_COLUMNS], qcc_dsp_odd(word, 1), sum);
        }
  }
#endif
}

/* c channels of a pixel to one column of a row's planes. */
QCC_INLINE void qcc_dsp_row8_column(uint32_t *to, const uint8_t *from, int32_t c, int32_t is_signed) {
  for (; c > 0; c -= 16, from += 16)
    for (int32_t i = 0; i < 16; i += 4, to += 2 * QCC_DSP_ROW8_COLUMNS) {
      const uint32_t word = qcc_dsp_load(from + i);
      to[0] = qcc_dsp_even(word, is_signed);
      to[QCC_DSP_ROW8_COLUMNS] = qcc_dsp_odd(word, is_signed);
    }
}

/* The first `columns` columns of the rows at (iy, ix) and on. */
QCC_INLINE void qcc_dsp_row8_gather(struct qcc_conv2d_q8_params p, int32_t x_pad, const uint8_t *image, int32_t iy, int32_t ix,
                                    int32_t columns, uint32_t *to) {
  const uint32_t pad = (uint32_t)(uint8_t)x_pad * UINT32_C(0x01010101), pads = qcc_dsp_even(pad, p.x_signed);
  for (int32_t ky = 0; ky < 3; ky++, to += QCC_DSP_ROW8_COLUMNS * (ptrdiff_t)p.c / 2) {
    const int32_t is_inside = (uint32_t)(iy + ky) < (uint32_t)p.h;
    const uint8_t *from = image + ((ptrdiff_t)(iy + ky) * p.w + ix) * p.c;
    for (int32_t i = 0; i < columns; i++, from += p.c) {
      if (is_inside && (uint32_t)(ix + i) < (uint32_t)p.w)
        qcc_dsp_row8_column(to + i, from, p.c, p.x_signed);
      else
        for (int32_t c = 0; c < p.c / 2; c++) to[i + QCC_DSP_ROW8_COLUMNS * (ptrdiff_t)c] = pads;
    }
  }
}

QCC_INLINE void qcc_dsp_row8_store(struct qcc_conv2d_q8_params p, struct qcc_epilogue_data d, const int32_t *sums, int32_t count,
                                   const void *scale, int32_t o, const uint8_t *residual, const uint8_t *table, void *y, size_t at) {
  if (qcc_dsp_is_short(p.kind) != 0) {
    const struct qcc_dsp_short by = qcc_dsp_short_of(d, scale, o);
    uint8_t *to = (uint8_t *)y + at;
    const int32_t *const end = sums + count;
    for (; sums < end; sums++, to += p.oc) *to = qcc_dsp_short(p.kind, by, 2 * *sums);
    return;
  }
  for (int32_t i = 0; i < count; i++, at += (size_t)p.oc) qcc_dsp_store(p.kind, d, sums[i], scale, o, residual, table, y, at);
}

QCC_INLINE void qcc_conv2d_q8__row8__arm_dsp(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                             const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                             const uint8_t *table, void *y, void *scratch) {
  uint32_t *const planes = (uint32_t *)scratch;
  const uint32_t *const end = planes + 3 * QCC_DSP_ROW8_COLUMNS * (ptrdiff_t)p.c / 2;
  size_t at = 0;
  for (int32_t n = 0; n < p.n; n++, x += (ptrdiff_t)p.h * p.w * p.c)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox += 8) {
        const int32_t count = p.ow - ox < 8 ? p.ow - ox : 8;
        const int8_t *wo = (const int8_t *)w;
        qcc_dsp_row8_gather(p, d.x_pad, x, oy - p.pad_top, ox - p.pad_left, count + 2, planes);
        for (int32_t o = 0; o < p.oc; o++, wo += 9 * (ptrdiff_t)p.c) {
          struct qcc_dsp_row8 a;
          a.sums[0] = qcc_channel_bias(p.kind, bias, scale, o);
          a.w = wo;
          a.c = p.c;
          a.row_end = wo + p.c;
          a.x_end = end;
          qcc_dsp_dot_row8(planes, &a);
          qcc_dsp_row8_store(p, d.e, a.sums, count, scale, o, residual, table, y, at + (size_t)o);
        }
        at += (size_t)count * (size_t)p.oc;
      }
}

#endif

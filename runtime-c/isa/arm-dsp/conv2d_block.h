/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 on arm-dsp, windows of at most 32 values: four pixels by two channels over a block of pixels, one pair of channels
 * after the other, whose weights and constants stay where they are.
 *
 * x  scratch: for every four pixels words [step][even, odd][pixel 0..3], s16 pairs: values 0 and 2 of a step of four, 1 and 3
 * w  bytes [step][channel][4]; 256 times, in registers of the FPU: a byte in the top of its half
 *
 * 11 instructions for 16 products, 42 for eight results. Sums come 256 times as large, so that
 *
 *   (smmulr(2 acc, m) + ((2 y_zero + 1) << (right - 1))) >> right  =  smmla(256 acc, m, ((2 y_zero + 1) << (right + 6)) + 64) >> (right + 7)
 *
 * holds to the last bit: a window of 32 values and a bias below 2^22 stay below 2^23. right is at most 15, so that the number fits
 * beside the product. Without an FPU it is plain C. */
#ifndef QCC_ARM_DSP_CONV2D_BLOCK_H
#define QCC_ARM_DSP_CONV2D_BLOCK_H

#include "conv2d_dot.h"
#include "conv2d_gather.h"
#include "simd_epilogue.h"

#if defined(__ARM_FP) && (__ARM_FP & 4)
#define QCC_DSP_BLOCK_BY_HAND QCC_DSP_BY_HAND
#else
#define QCC_DSP_BLOCK_BY_HAND 0
#endif

/* 2 KB of x: steps times tiles of four pixels. */
enum { QCC_DSP_BLOCK = 64, QCC_DSP_BLOCK_STEPS = 8 };

/* joined, w, y: those of the next channel; joined_end: where the last two end; step: bytes from pixel to pixel; odd_zero: (2 y_zero + 1) * 64;
 * skipped: 8 - steps; entry: where the loop over weights is entered, written by it. The offsets are in the assembly. */
struct qcc_dsp_block {
  const int32_t *joined, *joined_end;
  const int8_t *w;
  uint8_t *y;
  int32_t step;
  const uint32_t *x, *x_end;
  int32_t odd_zero, skipped, entry;
};

#if QCC_DSP_BLOCK_BY_HAND
/* A step's weights to the FPU, in 22 bytes: r1 w, r7 the mask. */
#define QCC_DSP_BLOCK_WEIGHTS(even, odd)              \
  "ldmia.n r1!, {r2, r3}\n"                           \
  "and r4, r7, r2, lsl #8\nand r5, r7, r3, lsl #8\n"  \
  "ands.n r2, r7\nands.n r3, r7\n"                    \
  "vmov " even ", r4, r5\nvmov " odd ", r2, r3\n"
/* A pair of values by the weights in d: r0 x, r4..r7 channel 0, r8..r11 channel 1; a, b: where their sums begin. */
#define QCC_DSP_BLOCK_PAIR(d, a0, a1, a2, a3, b0, b1, b2, b3)   \
  "vmov r12, lr, " d "\n"                                       \
  "ldrd r2, r3, [r0], #16\n"                                    \
  "smlad r4, r2, r12, " a0 "\nsmlad r5, r3, r12, " a1 "\n"      \
  "smlad r8, r2, lr, " b0 "\nsmlad r9, r3, lr, " b1 "\n"        \
  "ldrd r2, r3, [r0, #-8]\n"                                    \
  "smlad r6, r2, r12, " a2 "\nsmlad r7, r3, r12, " a3 "\n"      \
  "smlad r10, r2, lr, " b2 "\nsmlad r11, r3, lr, " b3 "\n"
#define QCC_DSP_BLOCK_NEXT(d) QCC_DSP_BLOCK_PAIR(d, "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11")
#define QCC_DSP_BLOCK_STORED(sum, asr, right) "smmla " sum ", " sum ", r12, lr\n" asr " " sum ", " sum ", " right "\nssat " sum ", #8, " sum "\n"
#endif

/* One function for all layers: 1.2 KB; the assembler repeats the lines, for C promises no longer strings. On the stack, beside
 * the block, r7 and r11 that it gives back: multiplier and added number of both channels, shifts, biases, where the tile is entered, step
 * and x_end, in the places of registers that hold anything afterwards. */
static QCC_NOINLINE QCC_MAYBE_UNUSED void qcc_dsp_block(struct qcc_dsp_block *block) {
#if QCC_DSP_BLOCK_BY_HAND
  register struct qcc_dsp_block *r0 __asm__("r0") = block;
  __asm__ volatile("push {r0-r12, lr}\n"
                   "ldr r1, [r0, #32]\n"
                   "adr r2, 5f\n"
                   "mov r3, #88\n"
                   "mla r2, r1, r3, r2\n"
                   "orr r2, r2, #1\n"
                   "adr r3, 2f\n"
                   "mov r12, #22\n"
                   "mla r3, r1, r12, r3\n"
                   "orr r3, r3, #1\n"
                   "str r2, [sp, #40]\n"
                   "str r3, [r0, #36]\n"
                   "ldr r2, [r0, #16]\n"
                   "ldr r3, [r0, #24]\n"
                   "strd r2, r3, [sp, #48]\n"
                   "1:\n"
                   "ldr r1, [r0, #8]\n"
                   "mov r7, #0xff00ff00\n" QCC_DSP_BLOCK_WEIGHTS("d0", "d1")
                   "ldr pc, [r0, #36]\n"
                   ".balign 4\n"
                   "2:\n" QCC_DSP_BLOCK_WEIGHTS("d2", "d3") QCC_DSP_BLOCK_WEIGHTS("d4", "d5")
                   QCC_DSP_BLOCK_WEIGHTS("d6", "d7") QCC_DSP_BLOCK_WEIGHTS("d8", "d9")
                   QCC_DSP_BLOCK_WEIGHTS("d10", "d11") QCC_DSP_BLOCK_WEIGHTS("d12", "d13")
                   QCC_DSP_BLOCK_WEIGHTS("d14", "d15")
                   "str r1, [r0, #8]\n"
                   "ldr r1, [r0]\n"
                   "ldr r8, [r0, #28]\n"
                   "ldm r1!, {r2-r5}\n" /* multiplier, bias * 256 + right; twice */
                   "str r1, [r0]\n"
                   "uxtb r6, r3\n"
                   "uxtb r7, r5\n"
                   "lsl r9, r8, r6\n"
                   "lsl r10, r8, r7\n"
                   "add r9, r9, #64\n"
                   "add r10, r10, #64\n"
                   "adds r6, #7\n"
                   "adds r7, #7\n"
                   "bic r3, r3, #255\n"
                   "bic r5, r5, #255\n"
                   "strd r2, r9, [sp, #4]\n"
                   "strd r4, r10, [sp, #12]\n"
                   "strd r6, r7, [sp, #20]\n"
                   "strd r3, r5, [sp, #32]\n"
                   "ldr r1, [r0, #12]\n"
                   "add r2, r1, #2\n"
                   "str r2, [r0, #12]\n"
                   "ldr r0, [r0, #20]\n"
                   "4:\n"
                   "ldrd r7, r11, [sp, #32]\n" QCC_DSP_BLOCK_PAIR("d0", "r7", "r7", "r7", "r7", "r11", "r11", "r11", "r11")
                   QCC_DSP_BLOCK_NEXT("d1")
                   "ldr pc, [sp, #40]\n"
                   ".balign 4\n"
                   "5:\n"
                   ".irp d, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n" QCC_DSP_BLOCK_NEXT("d\\d")
                   ".endr\n"
                   "ldrd r2, r3, [sp, #20]\n"
                   "ldrd r12, lr, [sp, #4]\n" QCC_DSP_BLOCK_STORED("r4", "asrs", "r2") QCC_DSP_BLOCK_STORED("r5", "asrs", "r2")
                   QCC_DSP_BLOCK_STORED("r6", "asrs", "r2") QCC_DSP_BLOCK_STORED("r7", "asrs", "r2")
                   "ldrd r12, lr, [sp, #12]\n" QCC_DSP_BLOCK_STORED("r8", "asr", "r3") QCC_DSP_BLOCK_STORED("r9", "asr", "r3")
                   QCC_DSP_BLOCK_STORED("r10", "asr", "r3") QCC_DSP_BLOCK_STORED("r11", "asr", "r3")
                   "ldrd r2, r3, [sp, #48]\n"
                   "bfi r4, r8, #8, #8\n"
                   "bfi r5, r9, #8, #8\n"
                   "bfi r6, r10, #8, #8\n"
                   "bfi r7, r11, #8, #8\n"
                   "strh r4, [r1]\n"
                   "strh r5, [r1, r2]\n"
                   "add r1, r1, r2, lsl #1\n"
                   "strh r6, [r1]\n"
                   "strh r7, [r1, r2]\n"
                   "add r1, r1, r2, lsl #1\n"
                   "cmp r0, r3\n"
                   "bne 4b\n"
                   "ldr r0, [sp]\n"
                   "ldrd r2, r3, [r0]\n"
                   "cmp r2, r3\n"
                   "bne 1b\n"
                   "pop {r0-r12, lr}\n"
                   : "+r"(r0)
                   :
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "lr", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13",
                     "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29",
                     "s30", "s31", "cc", "memory");
#else
  const struct qcc_epilogue_kind kind = {.proved = 2, .y_signed = 1};
  const int32_t steps = QCC_DSP_BLOCK_STEPS - block->skipped;
  for (int32_t o = 0; block->joined != block->joined_end; o++, block->joined += 2, block->y++) {
    const struct qcc_dsp_short by = qcc_dsp_short_of((struct qcc_epilogue_data){.y_zero = block->odd_zero >> 7}, block->joined, 0);
    uint8_t *y = block->y;
    for (const uint32_t *x = block->x; x < block->x_end; x += 8 * (ptrdiff_t)steps)
      for (int32_t i = 0; i < 4; i++, y += block->step) {
        int32_t sum = block->joined[1] >> 8;
        for (int32_t s = 0; s < steps; s++) {
          const uint32_t word = qcc_dsp_load(block->w + 8 * (ptrdiff_t)s + 4 * (o & 1));
          sum = qcc_dsp_smlad(x[8 * s + i], qcc_dsp_even(word, 1), sum);
          sum = qcc_dsp_smlad(x[8 * s + 4 + i], qcc_dsp_odd(word, 1), sum);
        }
        *y = qcc_dsp_short(kind, by, 2 * sum);
      }
    if ((o & 1) != 0) block->w += 8 * (ptrdiff_t)steps;
  }
#endif
}

/* Two words side by side. */
QCC_INLINE void qcc_dsp_block_put(uint32_t *to, uint32_t first, uint32_t second) {
  __asm__ volatile("strd %1, %2, [%0]" : : "r"(to), "r"(first), "r"(second) : "memory");
}

/* Four values of two pixels. */
QCC_INLINE void qcc_dsp_block_words(uint32_t *to, uint32_t u, uint32_t v, int32_t is_signed) {
  qcc_dsp_block_put(to, qcc_dsp_even(u, is_signed), qcc_dsp_even(v, is_signed));
  qcc_dsp_block_put(to + 4, qcc_dsp_odd(u, is_signed), qcc_dsp_odd(v, is_signed));
}

/* The last `rest` values before `end` of a pixel of c, in the low bytes. */
QCC_INLINE uint32_t qcc_dsp_block_rest(const uint8_t *end, int32_t c, int32_t rest) {
  uint32_t word = 0;
  if (c >= 4) return qcc_dsp_load(end - 4) >> (32 - 8 * rest);
  for (int32_t i = 1; i <= rest; i++) word = (word << 8) | end[-i];
  return word;
}

/* Two pixels of c values, `apart` bytes from each other. */
QCC_INLINE void qcc_dsp_block_spread(uint32_t *to, const uint8_t *x, ptrdiff_t apart, int32_t c, int32_t is_signed) {
  const uint8_t *const end = x + c / 4 * 4;
  for (; x < end; x += 4, to += 8) qcc_dsp_block_words(to, qcc_dsp_load(x), qcc_dsp_load(x + apart), is_signed);
  const int32_t rest = c % 4;
  if (rest != 0)
    qcc_dsp_block_words(to, qcc_dsp_block_rest(x + rest, c, rest), qcc_dsp_block_rest(x + rest + apart, c, rest), is_signed);
}

/* The window of a pixel. Few reach over the edge of the image: those are small rather than fast. */
QCC_INLINE void qcc_dsp_block_window(struct qcc_conv2d_q8_params p, int32_t x_pad, const uint8_t *x, struct qcc_dsp_place at, uint8_t *to) {
  const int32_t top = at.oy * p.sh - p.pad_top, left = at.ox * p.sw - p.pad_left, run = p.kw * p.c;
  const uint8_t *from = x + (((ptrdiff_t)at.n * p.h + top) * p.w + left) * p.c;
  if (p.dw == 1 && top >= 0 && top + (p.kh - 1) * p.dh < p.h && left >= 0 && left + p.kw <= p.w) {
    for (int32_t ky = 0; ky < p.kh; ky++, from += (ptrdiff_t)p.dh * p.w * p.c, to += run) qcc_dsp_copy_run(to, from, run);
    return;
  }
  for (int32_t ky = 0; ky < p.kh; ky++)
    for (int32_t kx = 0; kx < p.kw; kx++) {
      const int32_t iy = top + ky * p.dh, ix = left + kx * p.dw;
      const int32_t is_inside = (uint32_t)iy < (uint32_t)p.h && (uint32_t)ix < (uint32_t)p.w;
      const uint8_t *const pixel = x + (((ptrdiff_t)at.n * p.h + iy) * p.w + ix) * p.c;
      for (int32_t c = 0; c < p.c; c++) *to++ = is_inside ? pixel[c] : (uint8_t)x_pad;
    }
}

/* Tiles from pixel `begin` on to scratch; `taps`: room for those of two pixels in whole words, null where x lies as they do. Of fewer
 * than four pixels the last is there again. */
QCC_INLINE void qcc_dsp_block_gather(struct qcc_conv2d_q8_params p, int32_t x_pad, const uint8_t *x, int32_t begin, int32_t tiles,
                                     uint32_t *to, uint8_t *taps) {
  const int32_t pixels = p.n * p.oh * p.ow, cells = p.kh * p.kw * p.c, words = (cells + 3) / 4, last = pixels - 1;
  struct qcc_dsp_place place = {begin / (p.oh * p.ow), begin / p.ow % p.oh, begin % p.ow};
  for (int32_t i = 0; i < 4 * tiles; i += 2, to += i % 4 != 0 ? 2 : 8 * words - 2) {
    if (taps == NULL) {
      const int32_t here = begin + i < last ? begin + i : last, next = here < last ? cells : 0;
      qcc_dsp_block_spread(to, x + (ptrdiff_t)here * cells, next, cells, p.x_signed);
      continue;
    }
    for (int32_t j = 0; j < 2; j++) {
      qcc_dsp_block_window(p, x_pad, x, place, taps + 4 * j * words);
      if (pixels >= 4 || i + j < last) place = qcc_dsp_next(p, place);
    }
    qcc_dsp_block_spread(to, taps, 4 * (ptrdiff_t)words, 4 * words, p.x_signed);
  }
}

QCC_INLINE void qcc_dsp_conv2d_block(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x, const void *w,
                                     const void *scale, uint8_t *y, uint32_t *spread, uint8_t *taps, uint8_t *spare) {
  const int32_t pixels = p.n * p.oh * p.ow, steps = (p.kh * p.kw * p.c + 3) / 4, most = QCC_DSP_BLOCK / steps;
  const int32_t *const joined = (const int32_t *)scale;
  for (int32_t pixel = 0; pixel < pixels;) {
    const int32_t left = pixels - pixel, whole = left / 4 < most ? left / 4 : most, tiles = whole > 0 ? whole : 1;
    /* Pixels that are there already are computed again, which costs less than storing through a spare place. */
    const int32_t begin = left < 4 && pixels >= 4 ? pixels - 4 : pixel;
    struct qcc_dsp_block block = {joined, joined, (const int8_t *)w, y + (ptrdiff_t)begin * p.oc, p.oc, spread,
                                  spread + 8 * (ptrdiff_t)steps * tiles, (2 * d.e.y_zero + 1) * 64, QCC_DSP_BLOCK_STEPS - steps, 0};
    qcc_dsp_block_gather(p, d.x_pad, x, begin, tiles, spread, taps);
    for (int32_t o = 0; o < p.oc;) {
      const int32_t pairs = pixels >= 4 ? (p.oc - o) / 2 * 2 : 0, next = pairs > 0 ? o + pairs : o + 2;
      if (pairs == 0) block.y = spare, block.step = 2;
      block.joined_end = joined + 2 * (ptrdiff_t)next;
      qcc_dsp_block(&block);
      for (int32_t i = 0; pairs == 0 && i < 4 * tiles && i < pixels; i++) {
        uint8_t *const to = y + ((ptrdiff_t)begin + i) * p.oc + o;
        to[0] = spare[2 * i];
        if (o + 1 < p.oc) to[1] = spare[2 * i + 1];
      }
      o = next;
    }
    pixel = begin + 4 * tiles;
  }
}

QCC_INLINE void qcc_conv2d_q8__1x1block__arm_dsp(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                                 const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                                 const uint8_t *table, void *y, void *scratch) {
  uint32_t *const spread = (uint32_t *)scratch;
  (void)bias;
  (void)residual;
  (void)table;
  p.kh = 1;
  p.kw = 1;
  qcc_dsp_conv2d_block(p, d, x, w, scale, (uint8_t *)y, spread, 0, (uint8_t *)(spread + 8 * QCC_DSP_BLOCK));
}

QCC_INLINE void qcc_conv2d_q8__block__arm_dsp(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                              const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                              const uint8_t *table, void *y, void *scratch) {
  uint32_t *const spread = (uint32_t *)scratch;
  uint8_t *const taps = (uint8_t *)(spread + 8 * QCC_DSP_BLOCK);
  (void)bias;
  (void)residual;
  (void)table;
  qcc_dsp_conv2d_block(p, d, x, w, scale, (uint8_t *)y, spread, taps, taps + 64);
}

#endif

/* SPDX-License-Identifier: 0BSD */
/* Inner products of a convolution: rows of k s8 activations times the weights of output channels, k bytes each.
 *
 *   c[r][o] = sum over k of a[r][k] * w[o][k]
 *
 * vmladava multiplies 16 pairs and adds them to a core register of even number, of which there are eight with lr.
 *
 *   a tile        4 rows x 2 channels: 6 loads for 8 products. The rows lie in turn, 16 bytes of each, or they are short, so that
 *                 one pointer reaches all of them; the first block of each stays in vectors while all channels pass. Two vectors of four
 *                 rows come out, one for each channel
 *   a panel       2 rows x 4 channels, as many loads: the weights lie in turn, and the rows as they are. Two vectors of four
 *                 channels come out, one for each row
 *   one long row  1 row x 4 channels in a tail-predicated loop
 *
 * The last block of a row may be a part: what lies behind it is any value, and the weights that meet it are zero, for their
 * loads are predicated. Nothing past the weights is read. */
#ifndef QCC_ARM_MVE_CONV2D_DOT_H
#define QCC_ARM_MVE_CONV2D_DOT_H

#include "simd.h"

/* The first block of four rows. */
struct qcc_mve_rows {
  int8x16_t v0, v1, v2, v3;
};

/* Weights of a block of both channels: at p and a row behind it; at p and at q, which move on; the last part of a row, after
 * which only q (the next channel begins there) has moved. */
#define QCC_MVE_AT(first, second) "vldrb.u8 %q[u], [%[p], #" first "]\n\tvldrb.u8 %q[v], [%[p], #" second "]\n\t"
#define QCC_MVE_WHOLE "vldrb.u8 %q[u], [%[p]], #16\n\tvldrb.u8 %q[v], [%[q]], #16\n\t"
#define QCC_MVE_PART \
  "vctp.8 %[n]\n\tvpstt\n\tvldrbt.u8 %q[u], [%[p]]\n\tvldrbt.u8 %q[v], [%[q]]\n\tadd %[q], %[q], %[n]\n\t"
#define QCC_MVE_BOTH(op, x, s, t) op ".s8 " s ", " x ", %q[u]\n\t" op ".s8 " t ", " x ", %q[v]\n\t"
#define QCC_MVE_FIRST(load)                                                                                            \
  load QCC_MVE_BOTH("vmladav", "%q[x0]", "r0", "r8") QCC_MVE_BOTH("vmladav", "%q[x1]", "r2", "r10")                    \
      QCC_MVE_BOTH("vmladav", "%q[x2]", "r4", "r12") QCC_MVE_BOTH("vmladav", "%q[x3]", "r6", "lr")
/* A further block; at: where the four rows have it. In turn: 16 bytes of each row; apart: rows of k bytes, which x points 128
 * bytes into, so that offsets of seven bits and a sign reach all of them. */
#define QCC_MVE_NEXT(load, at0, at1, at2, at3)                                                                         \
  load at0 QCC_MVE_BOTH("vmladava", "%q[t]", "r0", "r8") at1 QCC_MVE_BOTH("vmladava", "%q[t]", "r2", "r10")            \
      at2 QCC_MVE_BOTH("vmladava", "%q[t]", "r4", "r12") at3 QCC_MVE_BOTH("vmladava", "%q[t]", "r6", "lr")
#define QCC_MVE_IN_TURN(at) "vldrw.u32 %q[t], [%[x]" at "\n\t"
#define QCC_MVE_APART(at) "vldrb.u8 %q[t], [%[x], #" #at "]\n\t"
#define QCC_MVE_NEXT_IN_TURN(load, at0, at1, at2, at3) \
  QCC_MVE_NEXT(load, QCC_MVE_IN_TURN(at0), QCC_MVE_IN_TURN(at1), QCC_MVE_IN_TURN(at2), QCC_MVE_IN_TURN(at3))
#define QCC_MVE_NEXT_APART(load, at0, at1, at2, at3) \
  QCC_MVE_NEXT(load, QCC_MVE_APART(at0), QCC_MVE_APART(at1), QCC_MVE_APART(at2), QCC_MVE_APART(at3))
#define QCC_MVE_SECOND(load) QCC_MVE_NEXT_IN_TURN(load, "]", ", #16]", ", #32]", ", #48]")
#define QCC_MVE_THIRD(load) QCC_MVE_NEXT_IN_TURN(load, ", #64]", ", #80]", ", #96]", ", #112]")
#define QCC_MVE_FOURTH(load) QCC_MVE_NEXT_IN_TURN(load, ", #128]", ", #144]", ", #160]", ", #176]")
#define QCC_MVE_GO_ON(load) QCC_MVE_NEXT_IN_TURN(load, "], #16", "], #16", "], #16", "], #16")
/* All that is whole, two blocks at a time; n: bytes behind the first block less 32, at least 0, in the end what is left less 32. */
#define QCC_MVE_ALL                                                                                                    \
  "tst %[n], #16\n\tbeq 1f\n\tsub %[n], %[n], #16\n\t" QCC_MVE_GO_ON(QCC_MVE_WHOLE) "1:\n\t" QCC_MVE_GO_ON(          \
      QCC_MVE_WHOLE) QCC_MVE_GO_ON(QCC_MVE_WHOLE) "subs %[n], %[n], #32\n\tbge 1b\n\t"
#define QCC_MVE_DOT(blocks, ...)                                                                                       \
  __asm__ volatile(blocks "vmov %q[u][2], %q[u][0], r0, r4\n\tvmov %q[u][3], %q[u][1], r2, r6\n\t"                    \
                          "vmov %q[v][2], %q[v][0], r8, r12\n\tvmov %q[v][3], %q[v][1], r10, lr"                       \
                   : [u] "=&w"(u), [v] "=&w"(v), [t] "=&w"(t), __VA_ARGS__                                              \
                   : "r0", "r2", "r4", "r6", "r8", "r10", "r12", "lr", "cc", "memory")

/* Four rows, the first block in r and the others from x on, by two channels whose weights are at *w and *w + step, which moves
 * past the second. `blocks`: 1 to 4 is the number of blocks, 0 stands for more; is_whole: so is the last one; step: k, or 0 for
 * one channel twice; literals all three. are_apart, a literal: so are the rows, and blocks of them are whole. */
QCC_INLINE void qcc_mve_dot_tile(struct qcc_mve_rows r, const uint8_t *x, const int8_t **w, int32_t k, int32_t step,
                                 int32_t blocks, int32_t is_whole, int32_t are_apart, int32x4_t *of_p, int32x4_t *of_q) {
#ifdef __OPTIMIZE__
  const int8_t *p = *w, *q = p + step;
  int32_t n = blocks == 0 ? k - 48 : is_whole ? 16 : k % 16;
  int32x4_t u, v;
  int8x16_t t;
#define QCC_MVE_ROWS [x] "r"(x), [x0] "w"(r.v0), [x1] "w"(r.v1), [x2] "w"(r.v2), [x3] "w"(r.v3)
#define QCC_MVE_ONE(first) QCC_MVE_FIRST(first)
#define QCC_MVE_TWO(first, second) QCC_MVE_FIRST(first) QCC_MVE_SECOND(second)
#define QCC_MVE_THREE(first, second, third) QCC_MVE_TWO(first, second) QCC_MVE_THIRD(third)
#define QCC_MVE_FOUR(first, second, third, fourth) QCC_MVE_THREE(first, second, third) QCC_MVE_FOURTH(fourth)
#define QCC_MVE_PAIR(dot) QCC_MVE_DOT(dot, [p] "+r"(p) : QCC_MVE_ROWS)
#define QCC_MVE_PARTS(dot) QCC_MVE_DOT(dot, [p] "+r"(p), [q] "+r"(q) : QCC_MVE_ROWS, [n] "r"(n))
#define QCC_MVE_LONG(last)                                                                                             \
  QCC_MVE_DOT(QCC_MVE_FIRST(QCC_MVE_WHOLE) QCC_MVE_ALL last, [p] "+r"(p), [q] "+r"(q), [x] "+r"(x), [n] "+r"(n)                     \
              : [x0] "w"(r.v0), [x1] "w"(r.v1), [x2] "w"(r.v2), [x3] "w"(r.v3))
#define QCC_MVE_APART_TWO(u, v) QCC_MVE_FIRST(u) QCC_MVE_NEXT_APART(v, -112, -80, -48, -16)
#define QCC_MVE_APART_THREE(u, v, w)                                                                                   \
  QCC_MVE_FIRST(u) QCC_MVE_NEXT_APART(v, -112, -64, -16, 32) QCC_MVE_NEXT_APART(w, -96, -48, 0, 48)
#define QCC_MVE_APART_FOUR(u, v, w, x)                                                                                 \
  QCC_MVE_FIRST(u) QCC_MVE_NEXT_APART(v, -112, -48, 16, 80) QCC_MVE_NEXT_APART(w, -96, -32, 32, 96)                    \
  QCC_MVE_NEXT_APART(x, -80, -16, 48, 112)
  if (are_apart && step != 0 && blocks > 1) {
    if (blocks == 2)
      QCC_MVE_PAIR(QCC_MVE_APART_TWO(QCC_MVE_AT("0", "32"), QCC_MVE_AT("16", "48")));
    else if (blocks == 3)
      QCC_MVE_PAIR(QCC_MVE_APART_THREE(QCC_MVE_AT("0", "48"), QCC_MVE_AT("16", "64"), QCC_MVE_AT("32", "80")));
    else
      QCC_MVE_PAIR(QCC_MVE_APART_FOUR(QCC_MVE_AT("0", "64"), QCC_MVE_AT("16", "80"), QCC_MVE_AT("32", "96"), QCC_MVE_AT("48", "112")));
    q += k;
  } else if (are_apart && blocks > 1) {
    if (blocks == 2)
      QCC_MVE_PARTS(QCC_MVE_APART_TWO(QCC_MVE_WHOLE, QCC_MVE_PART));
    else if (blocks == 3)
      QCC_MVE_PARTS(QCC_MVE_APART_THREE(QCC_MVE_WHOLE, QCC_MVE_WHOLE, QCC_MVE_PART));
    else
      QCC_MVE_PARTS(QCC_MVE_APART_FOUR(QCC_MVE_WHOLE, QCC_MVE_WHOLE, QCC_MVE_WHOLE, QCC_MVE_PART));
  } else if (is_whole && step != 0 && blocks != 0) {
    if (blocks == 1)
      QCC_MVE_PAIR(QCC_MVE_ONE(QCC_MVE_AT("0", "16")));
    else if (blocks == 2)
      QCC_MVE_PAIR(QCC_MVE_TWO(QCC_MVE_AT("0", "32"), QCC_MVE_AT("16", "48")));
    else if (blocks == 3)
      QCC_MVE_PAIR(QCC_MVE_THREE(QCC_MVE_AT("0", "48"), QCC_MVE_AT("16", "64"), QCC_MVE_AT("32", "80")));
    else
      QCC_MVE_PAIR(QCC_MVE_FOUR(QCC_MVE_AT("0", "64"), QCC_MVE_AT("16", "80"), QCC_MVE_AT("32", "96"), QCC_MVE_AT("48", "112")));
    q += k;
  } else if (blocks == 1) {
    QCC_MVE_PARTS(QCC_MVE_ONE(QCC_MVE_PART));
  } else if (blocks == 2) {
    QCC_MVE_PARTS(QCC_MVE_TWO(QCC_MVE_WHOLE, QCC_MVE_PART));
  } else if (blocks == 3) {
    QCC_MVE_PARTS(QCC_MVE_THREE(QCC_MVE_WHOLE, QCC_MVE_WHOLE, QCC_MVE_PART));
  } else if (blocks == 4) {
    QCC_MVE_PARTS(QCC_MVE_FOUR(QCC_MVE_WHOLE, QCC_MVE_WHOLE, QCC_MVE_WHOLE, QCC_MVE_PART));
  } else if (is_whole) {
    QCC_MVE_LONG();
  } else {
    QCC_MVE_LONG("add %[n], %[n], #32\n\t" QCC_MVE_GO_ON(QCC_MVE_PART));
  }
#undef QCC_MVE_ROWS
#undef QCC_MVE_ONE
#undef QCC_MVE_TWO
#undef QCC_MVE_THREE
#undef QCC_MVE_FOUR
#undef QCC_MVE_PAIR
#undef QCC_MVE_PARTS
#undef QCC_MVE_LONG
#undef QCC_MVE_APART_TWO
#undef QCC_MVE_APART_THREE
#undef QCC_MVE_APART_FOUR
  *w = q;
  *of_p = u;
  *of_q = v;
#else /* gcc finds no way to lay out the registers of this */
  const int8x16_t first[4] = {r.v0, r.v1, r.v2, r.v3};
  int32_t sums[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  (void)blocks;
  (void)is_whole;
  for (int32_t o = 0; o < 2; o++)
    for (int32_t i = 0; i < k; i += 16) {
      const int8x16_t t = vldrbq_z_s8(*w + o * step + i, vctp8q((uint32_t)(k - i)));
      for (int32_t row = 0; row < 4; row++) {
        const int32_t at = are_apart ? i + k * row - 128 : 4 * (i - 16) + 16 * row;
        const int8x16_t a = i == 0 ? first[row] : vldrbq_s8((const int8_t *)x + at);
        sums[4 * o + row] = vmladavaq_s8(sums[4 * o + row], a, t);
      }
    }
  *w += step + k;
  *of_p = vldrwq_s32(sums);
  *of_q = vldrwq_s32(sums + 4);
#endif
}

/* A panel's weights of a block: 16 bytes of each of its channels, by both rows. */
#define QCC_MVE_PANEL_PART(op, x, y, s, t) \
  "vldrb.u8 %q[t], [%[p]], #16\n\t" op ".s8 " s ", " x ", %q[t]\n\t" op ".s8 " t ", " y ", %q[t]\n\t"
#define QCC_MVE_PANEL_BLOCK(op, x, y)                                                                                  \
  QCC_MVE_PANEL_PART(op, x, y, "r0", "r8") QCC_MVE_PANEL_PART(op, x, y, "r2", "r10")                                   \
  QCC_MVE_PANEL_PART(op, x, y, "r4", "r12") QCC_MVE_PANEL_PART(op, x, y, "r6", "lr")
#define QCC_MVE_PANEL_NEXT \
  "vldrb.u8 %q[u], [%[a]], #16\n\tvldrb.u8 %q[v], [%[b]], #16\n\t" QCC_MVE_PANEL_BLOCK("vmladava", "%q[u]", "%q[v]")

/* Two rows of k bytes, a multiple of 16 above 64, by the four channels of the panel at *w, which moves past it. x0, y0:
 * the first block of both rows; a, b: where the second begins. One more would leave the epilogue no two neighbouring vectors. */
QCC_INLINE void qcc_mve_dot_panel(int8x16_t x0, int8x16_t y0, const uint8_t *a, const uint8_t *b, const int8_t **w,
                                  int32_t k, int32x4_t *of_a, int32x4_t *of_b) {
#ifdef __OPTIMIZE__
  const int8_t *p = *w;
  int32_t n = k - 48;
  int32x4_t u, v;
  int8x16_t t;
#define QCC_MVE_PANEL(blocks, ...)                                                                                     \
  __asm__ volatile(QCC_MVE_PANEL_BLOCK("vmladav", "%q[x0]", "%q[y0]") blocks                                           \
                   "vmov %q[u][2], %q[u][0], r0, r4\n\tvmov %q[u][3], %q[u][1], r2, r6\n\t"                            \
                   "vmov %q[v][2], %q[v][0], r8, r12\n\tvmov %q[v][3], %q[v][1], r10, lr"                              \
                   : [u] "=&w"(u), [v] "=&w"(v), [t] "=&w"(t), [p] "+r"(p), [a] "+r"(a), __VA_ARGS__                   \
                   : [x0] "w"(x0), [y0] "w"(y0)                                                                        \
                   : "r0", "r2", "r4", "r6", "r8", "r10", "r12", "lr", "cc", "memory")
  if (k == 128) /* a common size */
    QCC_MVE_PANEL(QCC_MVE_PANEL_NEXT QCC_MVE_PANEL_NEXT QCC_MVE_PANEL_NEXT QCC_MVE_PANEL_NEXT QCC_MVE_PANEL_NEXT
                      QCC_MVE_PANEL_NEXT QCC_MVE_PANEL_NEXT, [b] "+r"(b));
  else
    QCC_MVE_PANEL("tst %[n], #16\n\tbeq 1f\n\tsub %[n], %[n], #16\n\t" QCC_MVE_PANEL_NEXT "1:\n\t" QCC_MVE_PANEL_NEXT
                      QCC_MVE_PANEL_NEXT "subs %[n], %[n], #32\n\tbge 1b\n\t", [b] "+r"(b), [n] "+r"(n));
#undef QCC_MVE_PANEL
  *w = p;
  *of_a = u;
  *of_b = v;
#else
  int32_t sums[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  for (int32_t i = 0; i < k; i += 16)
    for (int32_t o = 0; o < 4; o++, *w += 16) {
      const int8x16_t t = vldrbq_s8(*w);
      sums[o] = vmladavaq_s8(sums[o], i == 0 ? x0 : vldrbq_s8((const int8_t *)a + i - 16), t);
      sums[4 + o] = vmladavaq_s8(sums[4 + o], i == 0 ? y0 : vldrbq_s8((const int8_t *)b + i - 16), t);
    }
  *of_a = vldrwq_s32(sums);
  *of_b = vldrwq_s32(sums + 4);
#endif
}

/* One long row by four channels, w0..w3 their weights. */
QCC_INLINE int32x4_t qcc_mve_dot_long_row(const uint8_t *a, const int8_t *w0, const int8_t *w1, const int8_t *w2,
                                          const int8_t *w3, int32_t k) {
  register int32_t n __asm__("lr") = k;
  int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  int32x4_t c;
  int8x16_t x, t;
  __asm__ volatile(
      "dlstp.8 lr, lr\n"
      "1:\n\t"
      "vldrb.u8 %q[x], [%[a]], #16\n\t"
      "vldrb.u8 %q[t], [%[w0]], #16\n\t"
      "vmladava.s8 %[s0], %q[x], %q[t]\n\t"
      "vldrb.u8 %q[t], [%[w1]], #16\n\t"
      "vmladava.s8 %[s1], %q[x], %q[t]\n\t"
      "vldrb.u8 %q[t], [%[w2]], #16\n\t"
      "vmladava.s8 %[s2], %q[x], %q[t]\n\t"
      "vldrb.u8 %q[t], [%[w3]], #16\n\t"
      "vmladava.s8 %[s3], %q[x], %q[t]\n\t"
      "letp lr, 1b\n\t" QCC_MVE_GATHER_SUMS("c", "s0", "s1", "s2", "s3")
      : [s0] "+Te"(s0), [s1] "+Te"(s1), [s2] "+Te"(s2), [s3] "+Te"(s3), [a] "+r"(a), [w0] "+r"(w0), [w1] "+r"(w1),
        [w2] "+r"(w2), [w3] "+r"(w3), [x] "=&w"(x), [t] "=&w"(t), [c] "=&w"(c), [n] "+r"(n)
      :
      : "memory");
  return c;
}

#endif

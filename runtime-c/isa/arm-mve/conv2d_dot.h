/* SPDX-License-Identifier: 0BSD */
/* Inner products of a convolution: rows of s8 activations times a panel of four output channels.
 *
 *   c[r][o] = sum over k of a[r][k] * w[o][k]
 *
 * vmladava multiplies 16 pairs and adds them to a core register of even number, of which a loop leaves seven; two of
 * these sums at a time join a vector. Panels hold blocks of 16 k, in a block channel after channel, k padded with zeros.
 *
 *   short rows (up to 4 blocks)  the row stays in vectors, weights stream past: no loop at all. One row, or two of up to
 *                                2 blocks: x0..x3 (y0, y1 the second row's), w
 *   long rows                    3 rows x 2 channels in a tail-predicated loop, twice: a, b, c the rows, 6 sums
 *   one long row                 1 row x 4 channels in such a loop */
#ifndef QCC_ARM_MVE_CONV2D_DOT_H
#define QCC_ARM_MVE_CONV2D_DOT_H

#include "simd.h"

/* A row of up to four blocks; past its end zeros. */
struct qcc_mve_row {
  int8x16_t v0, v1, v2, v3;
};

/* The first k bytes at a. */
QCC_INLINE struct qcc_mve_row qcc_mve_load_row(const uint8_t *a, int32_t k) {
  struct qcc_mve_row r;
  r.v0 = r.v1 = r.v2 = r.v3 = qcc_mve_load_part(a, k);
  if (k > 16) r.v1 = qcc_mve_load_part(a + 16, k - 16);
  if (k > 32) r.v2 = qcc_mve_load_part(a + 32, k - 32);
  if (k > 48) r.v3 = qcc_mve_load_part(a + 48, k - 48);
  return r;
}

/* One block of a row and four channels: `op` vmladav starts sums, vmladava continues them. */
#define QCC_MVE_BLOCK(op, x)                                                          \
  "vldrw.u32 %q[w], [%[p]], #16\n\t" op ".s8 %[s0], %q[" x "], %q[w]\n\t"             \
  "vldrw.u32 %q[w], [%[p]], #16\n\t" op ".s8 %[s1], %q[" x "], %q[w]\n\t"             \
  "vldrw.u32 %q[w], [%[p]], #16\n\t" op ".s8 %[s2], %q[" x "], %q[w]\n\t"             \
  "vldrw.u32 %q[w], [%[p]], #16\n\t" op ".s8 %[s3], %q[" x "], %q[w]\n\t"
#define QCC_MVE_BLOCKS_1 QCC_MVE_BLOCK("vmladav", "x0")
#define QCC_MVE_BLOCKS_2 QCC_MVE_BLOCKS_1 QCC_MVE_BLOCK("vmladava", "x1")
#define QCC_MVE_BLOCKS_3 QCC_MVE_BLOCKS_2 QCC_MVE_BLOCK("vmladava", "x2")
#define QCC_MVE_BLOCKS_4 QCC_MVE_BLOCKS_3 QCC_MVE_BLOCK("vmladava", "x3")
#define QCC_MVE_DOT_1X4(blocks, ...)                                                                             \
  __asm__ volatile(blocks QCC_MVE_GATHER_SUMS("c", "s0", "s1", "s2", "s3")                                       \
                   : [c] "=&w"(c), [w] "=&w"(t), [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2), [s3] "=&Te"(s3), \
                     [p] "+r"(p)                                                                                 \
                   : __VA_ARGS__                                                                                 \
                   : "memory")

/* One short row; *panel moves to the next one. `blocks` is a literal. */
QCC_INLINE int32x4_t qcc_mve_dot_row(struct qcc_mve_row r, const int8_t **panel, int32_t blocks) {
  const int8_t *p = *panel;
  int32x4_t c;
  int8x16_t t;
  int32_t s0, s1, s2, s3;
  if (blocks == 1)
    QCC_MVE_DOT_1X4(QCC_MVE_BLOCKS_1, [x0] "w"(r.v0));
  else if (blocks == 2)
    QCC_MVE_DOT_1X4(QCC_MVE_BLOCKS_2, [x0] "w"(r.v0), [x1] "w"(r.v1));
  else if (blocks == 3)
    QCC_MVE_DOT_1X4(QCC_MVE_BLOCKS_3, [x0] "w"(r.v0), [x1] "w"(r.v1), [x2] "w"(r.v2));
  else
    QCC_MVE_DOT_1X4(QCC_MVE_BLOCKS_4, [x0] "w"(r.v0), [x1] "w"(r.v1), [x2] "w"(r.v2), [x3] "w"(r.v3));
  *panel = p;
  return c;
}

/* Weights at `at` times one block of both rows. */
#define QCC_MVE_BOTH(op, at, x, y, s, t) \
  "vldrw.u32 %q[w], [%[p], #" at "]\n\t" op ".s8 %[" s "], %q[" x "], %q[w]\n\t" op ".s8 %[" t "], %q[" y "], %q[w]\n\t"
#define QCC_MVE_JOIN(v, high, low, s, t) "vmov %q[" v "][" high "], %q[" v "][" low "], %[" s "], %[" t "]\n\t"
#define QCC_MVE_DOT_2X4(first, second, ...)                                                                        \
  __asm__ volatile(first QCC_MVE_JOIN("c", "2", "0", "s0", "s1") QCC_MVE_JOIN("d", "2", "0", "t0", "t1")           \
                       second QCC_MVE_JOIN("c", "3", "1", "s0", "s1") QCC_MVE_JOIN("d", "3", "1", "t0", "t1")      \
                   : [c] "=&w"(c), [d] "=&w"(d), [w] "=&w"(t), [s0] "=&Te"(s0), [s1] "=&Te"(s1), [t0] "=&Te"(t0),  \
                     [t1] "=&Te"(t1)                                                                               \
                   : [p] "r"(p), __VA_ARGS__                                                                       \
                   : "memory")

/* Two short rows of 1 or 2 blocks (a literal). */
QCC_INLINE void qcc_mve_dot_rows(struct qcc_mve_row r, struct qcc_mve_row s, const int8_t **panel, int32_t blocks,
                                 int32x4_t *of_r, int32x4_t *of_s) {
  const int8_t *p = *panel;
  int32x4_t c, d;
  int8x16_t t;
  int32_t s0, s1, t0, t1;
  if (blocks == 1)
    QCC_MVE_DOT_2X4(QCC_MVE_BOTH("vmladav", "0", "x0", "y0", "s0", "t0") QCC_MVE_BOTH("vmladav", "32", "x0", "y0", "s1", "t1"),
                    QCC_MVE_BOTH("vmladav", "16", "x0", "y0", "s0", "t0") QCC_MVE_BOTH("vmladav", "48", "x0", "y0", "s1", "t1"),
                    [x0] "w"(r.v0), [y0] "w"(s.v0));
  else
    QCC_MVE_DOT_2X4(QCC_MVE_BOTH("vmladav", "0", "x0", "y0", "s0", "t0") QCC_MVE_BOTH("vmladav", "32", "x0", "y0", "s1", "t1")
                        QCC_MVE_BOTH("vmladava", "64", "x1", "y1", "s0", "t0")
                            QCC_MVE_BOTH("vmladava", "96", "x1", "y1", "s1", "t1"),
                    QCC_MVE_BOTH("vmladav", "16", "x0", "y0", "s0", "t0") QCC_MVE_BOTH("vmladav", "48", "x0", "y0", "s1", "t1")
                        QCC_MVE_BOTH("vmladava", "80", "x1", "y1", "s0", "t0")
                            QCC_MVE_BOTH("vmladava", "112", "x1", "y1", "s1", "t1"),
                    [x0] "w"(r.v0), [y0] "w"(s.v0), [x1] "w"(r.v1), [y1] "w"(s.v1));
  *panel = p + 64 * blocks;
  *of_r = c;
  *of_s = d;
}

/* Three rows of k bytes by two channels, weights 32 bytes apart at w, the next block's 64 on. */
#define QCC_MVE_DOT_3X2(a, b, c, w, k, a0, a1, b0, b1, c0, c1)                                                       \
  do {                                                                                                               \
    const uint8_t *pa_ = (a), *pb_ = (b), *pc_ = (c);                                                                \
    const int8_t *pw_ = (w);                                                                                         \
    register int32_t n_ __asm__("lr") = (k); /* one register more, which a frame pointer may need */                                       \
    int8x16_t x_, w0_, w1_;                                                                                          \
    __asm__ volatile(                                                                                                \
        "dlstp.8 lr, lr\n"                                                                                         \
        "1:\n\t"                                                                                                     \
        "vldrw.u32 %q[w1], [%[pw], #32]\n\t"                                                                         \
        "vldrw.u32 %q[w0], [%[pw]], #64\n\t"                                                                         \
        "vldrb.u8 %q[x], [%[pa]], #16\n\t"                                                                           \
        "vmladava.s8 %[s0], %q[x], %q[w0]\n\t"                                                                       \
        "vmladava.s8 %[s1], %q[x], %q[w1]\n\t"                                                                       \
        "vldrb.u8 %q[x], [%[pb]], #16\n\t"                                                                           \
        "vmladava.s8 %[s2], %q[x], %q[w0]\n\t"                                                                       \
        "vmladava.s8 %[s3], %q[x], %q[w1]\n\t"                                                                       \
        "vldrb.u8 %q[x], [%[pc]], #16\n\t"                                                                           \
        "vmladava.s8 %[s4], %q[x], %q[w0]\n\t"                                                                       \
        "vmladava.s8 %[s5], %q[x], %q[w1]\n\t"                                                                       \
        "letp lr, 1b"                                                                                                \
        : [s0] "+Te"(a0), [s1] "+Te"(a1), [s2] "+Te"(b0), [s3] "+Te"(b1), [s4] "+Te"(c0), [s5] "+Te"(c1),            \
          [pa] "+r"(pa_), [pb] "+r"(pb_), [pc] "+r"(pc_), [pw] "+r"(pw_), [x] "=&w"(x_), [w0] "=&w"(w0_),            \
          [w1] "=&w"(w1_), [n] "+r"(n_)                                                                              \
        :                                                                                                            \
        : "memory");                                                                                           \
  } while (0)

/* Joins the sums of two channels, lanes `low` and `low` + 2. */
#define QCC_MVE_JOIN_LANES(v, high, low, first, second) \
  __asm__("vmov %q0[" high "], %q0[" low "], %1, %2" : "+w"(v) : "r"(first), "r"(second))

/* One long row by four channels: c0..c3 go on. */
QCC_INLINE int32x4_t qcc_mve_dot_long_row(const uint8_t *a, const int8_t *w, int32_t k, const int32_t *bias) {
  int32_t s0 = bias[0], s1 = bias[1], s2 = bias[2], s3 = bias[3];
  int32x4_t c;
  int8x16_t x, t;
  __asm__ volatile(
      "dlstp.8 lr, %[n]\n"
      "1:\n\t"
      "vldrb.u8 %q[x], [%[a]], #16\n\t"
      "vldrw.u32 %q[t], [%[w]], #16\n\t"
      "vmladava.s8 %[s0], %q[x], %q[t]\n\t"
      "vldrw.u32 %q[t], [%[w]], #16\n\t"
      "vmladava.s8 %[s1], %q[x], %q[t]\n\t"
      "vldrw.u32 %q[t], [%[w]], #16\n\t"
      "vmladava.s8 %[s2], %q[x], %q[t]\n\t"
      "vldrw.u32 %q[t], [%[w]], #16\n\t"
      "vmladava.s8 %[s3], %q[x], %q[t]\n\t"
      "letp lr, 1b\n\t" QCC_MVE_GATHER_SUMS("c", "s0", "s1", "s2", "s3")
      : [s0] "+Te"(s0), [s1] "+Te"(s1), [s2] "+Te"(s2), [s3] "+Te"(s3), [a] "+r"(a), [w] "+r"(w), [x] "=&w"(x),
        [t] "=&w"(t), [c] "=&w"(c)
      : [n] "r"(k)
      : "lr", "memory");
  return c;
}

#endif

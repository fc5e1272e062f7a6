/* SPDX-License-Identifier: 0BSD */
/* Inner products of a convolution: rows of k s8 activations times the weights of four output channels, k bytes each.
 *
 *   c[r][o] = sum over k of a[r][k] * w[o][k]
 *
 * vmladava multiplies 16 pairs and adds them to a core register of even number, of which a loop leaves seven; two of
 * these sums at a time join a vector.
 *
 *   short rows (up to 4 blocks of 16)  the row stays in vectors, weights stream past: no loop at all. One row x0..x3 of 3
 *                                      or 4 blocks, or two of 1 or 2, y0, y1 the second
 *   long rows                          3 rows x 2 channels in a tail-predicated loop, twice
 *   one long row                       1 row x 4 channels in such a loop
 *
 * The last block of a row may be a part, for which its loads are predicated: nothing past the weights is read. */
#ifndef QCC_ARM_MVE_CONV2D_DOT_H
#define QCC_ARM_MVE_CONV2D_DOT_H

#include "simd.h"

/* A row of up to four blocks; past its end zeros. */
struct qcc_mve_row {
  int8x16_t v0, v1, v2, v3;
};

/* `blocks` (a literal) blocks at a, the last one of `rest` bytes unless is_whole. */
QCC_INLINE struct qcc_mve_row qcc_mve_load_row(const uint8_t *a, int32_t blocks, int32_t is_whole, int32_t rest) {
  const int8x16_t last = qcc_mve_load_part(a + 16 * (blocks - 1), is_whole ? 16 : rest);
  struct qcc_mve_row r = {last, last, last, last};
  if (blocks > 1) r.v0 = qcc_mve_load_part(a, 16);
  if (blocks > 2) r.v1 = qcc_mve_load_part(a + 16, 16);
  if (blocks > 3) r.v2 = qcc_mve_load_part(a + 32, 16);
  return r;
}

/* A whole block of one row; the last part of a row, predicated by vctp. */
#define QCC_MVE_WHOLE(op, x, s) "vldrb.u8 %q[w], [%[p]], #16\n\t" op ".s8 %[" s "], %q[" x "], %q[w]\n\t"
#define QCC_MVE_PART(op, x, s) "vpst\n\tvldrbt.u8 %q[w], [%[p]]\n\tadd %[p], %[p], %[rest]\n\t" op ".s8 %[" s "], %q[" x "], %q[w]\n\t"
/* One channel. */
#define QCC_MVE_ROW_3(last, s) QCC_MVE_WHOLE("vmladav", "x0", s) QCC_MVE_WHOLE("vmladava", "x1", s) last("vmladava", "x2", s)
#define QCC_MVE_ROW_4(last, s) \
  QCC_MVE_WHOLE("vmladav", "x0", s) QCC_MVE_WHOLE("vmladava", "x1", s) QCC_MVE_WHOLE("vmladava", "x2", s) last("vmladava", "x3", s)
#define QCC_MVE_DOT_ROW(row, last, start)                                                                                  \
  __asm__ volatile(start row(last, "s0") row(last, "s1") row(last, "s2") row(last, "s3")                                         \
                       QCC_MVE_GATHER_SUMS("c", "s0", "s1", "s2", "s3")                                                    \
                   : [c] "=&w"(c), [w] "=&w"(t), [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2), [s3] "=&Te"(s3),       \
                     [p] "+r"(p)                                                                                           \
                   : [x0] "w"(r.v0), [x1] "w"(r.v1), [x2] "w"(r.v2), [x3] "w"(r.v3), [rest] "r"(rest)                      \
                   : "memory")

/* One short row of 3 or 4 blocks by the four channels at *w, which moves past them; `blocks` and is_whole are literals,
 * rest: bytes of a block that is not whole. */
QCC_INLINE int32x4_t qcc_mve_dot_row(struct qcc_mve_row r, const int8_t **w, int32_t blocks, int32_t is_whole, int32_t rest) {
  const int8_t *p = *w;
  int32x4_t c;
  int8x16_t t;
  int32_t s0, s1, s2, s3;
  if (blocks == 3 && is_whole)
    QCC_MVE_DOT_ROW(QCC_MVE_ROW_3, QCC_MVE_WHOLE, "");
  else if (blocks == 3)
    QCC_MVE_DOT_ROW(QCC_MVE_ROW_3, QCC_MVE_PART, "vctp.8 %[rest]\n\t");
  else if (is_whole)
    QCC_MVE_DOT_ROW(QCC_MVE_ROW_4, QCC_MVE_WHOLE, "");
  else
    QCC_MVE_DOT_ROW(QCC_MVE_ROW_4, QCC_MVE_PART, "vctp.8 %[rest]\n\t");
  *w = p;
  return c;
}

/* The same for two rows of 1 or 2 blocks. */
#define QCC_MVE_BOTH(op, x, y, s, t) op ".s8 %[" s "], %q[" x "], %q[w]\n\t" op ".s8 %[" t "], %q[" y "], %q[w]\n\t"
#define QCC_MVE_WHOLES(op, x, y, s, t) "vldrb.u8 %q[w], [%[p]], #16\n\t" QCC_MVE_BOTH(op, x, y, s, t)
#define QCC_MVE_PARTS(op, x, y, s, t) "vpst\n\tvldrbt.u8 %q[w], [%[p]]\n\tadd %[p], %[p], %[rest]\n\t" QCC_MVE_BOTH(op, x, y, s, t)
/* Between dlstp and lctp everything is predicated, as in a loop. */
#define QCC_MVE_ONLY(op, x, y, s, t) "vldrb.u8 %q[w], [%[p]]\n\tadd %[p], %[p], %[rest]\n\t" QCC_MVE_BOTH(op, x, y, s, t)
#define QCC_MVE_ROWS_1(last, s, t) last("vmladav", "x0", "y0", s, t)
#define QCC_MVE_ROWS_2(last, s, t) QCC_MVE_WHOLES("vmladav", "x0", "y0", s, t) last("vmladava", "x1", "y1", s, t)
#define QCC_MVE_JOIN(v, high, low, s, t) "vmov %q[" v "][" high "], %q[" v "][" low "], %[" s "], %[" t "]\n\t"
#define QCC_MVE_DOT_ROWS(rows, last, start, stop)                                                                        \
  __asm__ volatile(start rows(last, "s0", "t0") rows(last, "s1", "t1") rows(last, "s2", "t2") stop                       \
                       QCC_MVE_JOIN("c", "2", "0", "s0", "s2") QCC_MVE_JOIN("d", "2", "0", "t0", "t2") start             \
                           rows(last, "s0", "t0") stop QCC_MVE_JOIN("c", "3", "1", "s1", "s0")                           \
                               QCC_MVE_JOIN("d", "3", "1", "t1", "t0")                                                   \
                   : [c] "=&w"(c), [d] "=&w"(d), [w] "=&w"(v), [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2),        \
                     [t0] "=&Te"(t0), [t1] "=&Te"(t1), [t2] "=&Te"(t2), [p] "+r"(p)                                      \
                   : [x0] "w"(r.v0), [x1] "w"(r.v1), [y0] "w"(s.v0), [y1] "w"(s.v1), [rest] "r"(rest)                    \
                   : "lr", "memory")

QCC_INLINE void qcc_mve_dot_rows(struct qcc_mve_row r, struct qcc_mve_row s, const int8_t **w, int32_t blocks,
                                 int32_t is_whole, int32_t rest, int32x4_t *of_r, int32x4_t *of_s) {
  const int8_t *p = *w;
  int32x4_t c, d;
  int8x16_t v;
  int32_t s0, s1, s2, t0, t1, t2;
  if (blocks == 1 && is_whole)
    QCC_MVE_DOT_ROWS(QCC_MVE_ROWS_1, QCC_MVE_WHOLES, "", "");
  else if (blocks == 1)
    QCC_MVE_DOT_ROWS(QCC_MVE_ROWS_1, QCC_MVE_ONLY, "dlstp.8 lr, %[rest]\n\t", "lctp\n\t");
  else if (is_whole)
    QCC_MVE_DOT_ROWS(QCC_MVE_ROWS_2, QCC_MVE_WHOLES, "", "");
  else
    QCC_MVE_DOT_ROWS(QCC_MVE_ROWS_2, QCC_MVE_PARTS, "vctp.8 %[rest]\n\t", "");
  *w = p;
  *of_r = c;
  *of_s = d;
}

/* Three rows of k bytes by two channels. The sums go on; every pointer ends a whole number of blocks further on. Without
 * optimization gcc keeps a frame pointer and finds no way to lay out the registers: the channels then take turns. */
#ifdef __OPTIMIZE__
#define QCC_MVE_DOT_3X2(a, b, c, first, second, k, a0, a1, b0, b1, c0, c1)                                           \
  do {                                                                                                               \
    register int32_t n_ __asm__("lr") = (k);                                                                         \
    int8x16_t x_, u_, v_;                                                                                            \
    __asm__ volatile(                                                                                                \
        "dlstp.8 lr, lr\n"                                                                                           \
        "1:\n\t"                                                                                                     \
        "vldrb.u8 %q[x], [%[pa]], #16\n\t"                                                                           \
        "vldrb.u8 %q[u], [%[pu]], #16\n\t"                                                                           \
        "vmladava.s8 %[s0], %q[x], %q[u]\n\t"                                                                        \
        "vldrb.u8 %q[v], [%[pv]], #16\n\t"                                                                           \
        "vmladava.s8 %[s1], %q[x], %q[v]\n\t"                                                                        \
        "vldrb.u8 %q[x], [%[pb]], #16\n\t"                                                                           \
        "vmladava.s8 %[s2], %q[x], %q[u]\n\t"                                                                        \
        "vmladava.s8 %[s3], %q[x], %q[v]\n\t"                                                                        \
        "vldrb.u8 %q[x], [%[pc]], #16\n\t"                                                                           \
        "vmladava.s8 %[s4], %q[x], %q[u]\n\t"                                                                        \
        "vmladava.s8 %[s5], %q[x], %q[v]\n\t"                                                                        \
        "letp lr, 1b"                                                                                                \
        : [s0] "+Te"(a0), [s1] "+Te"(a1), [s2] "+Te"(b0), [s3] "+Te"(b1), [s4] "+Te"(c0), [s5] "+Te"(c1),            \
          [pa] "+r"(a), [pb] "+r"(b), [pc] "+r"(c), [pu] "+r"(first), [pv] "+r"(second), [x] "=&w"(x_),              \
          [u] "=&w"(u_), [v] "=&w"(v_), [n] "+r"(n_)                                                                 \
        :                                                                                                            \
        : "memory");                                                                                                 \
  } while (0)
#else
#define QCC_MVE_DOT_3X1(a, b, c, w, k, s0, s1, s2)                                                                   \
  do {                                                                                                               \
    register int32_t n_ __asm__("lr") = (k);                                                                         \
    int8x16_t x_, u_;                                                                                                \
    __asm__ volatile(                                                                                                \
        "dlstp.8 lr, lr\n"                                                                                           \
        "1:\n\t"                                                                                                     \
        "vldrb.u8 %q[u], [%[pw]], #16\n\t"                                                                           \
        "vldrb.u8 %q[x], [%[pa]], #16\n\t"                                                                           \
        "vmladava.s8 %[t0], %q[x], %q[u]\n\t"                                                                        \
        "vldrb.u8 %q[x], [%[pb]], #16\n\t"                                                                           \
        "vmladava.s8 %[t1], %q[x], %q[u]\n\t"                                                                        \
        "vldrb.u8 %q[x], [%[pc]], #16\n\t"                                                                           \
        "vmladava.s8 %[t2], %q[x], %q[u]\n\t"                                                                        \
        "letp lr, 1b"                                                                                                \
        : [t0] "+Te"(s0), [t1] "+Te"(s1), [t2] "+Te"(s2), [pa] "+r"(a), [pb] "+r"(b), [pc] "+r"(c), [pw] "+r"(w),    \
          [x] "=&w"(x_), [u] "=&w"(u_), [n] "+r"(n_)                                                                 \
        :                                                                                                            \
        : "memory");                                                                                                 \
  } while (0)
#define QCC_MVE_DOT_3X2(a, b, c, first, second, k, a0, a1, b0, b1, c0, c1) \
  do {                                                                     \
    const int32_t back_ = ((k) + 15) / 16 * 16;                            \
    QCC_MVE_DOT_3X1(a, b, c, first, k, a0, b0, c0);                        \
    a -= back_, b -= back_, c -= back_;                                    \
    QCC_MVE_DOT_3X1(a, b, c, second, k, a1, b1, c1);                       \
  } while (0)
#endif

/* The sums of channels 0 and 2 of four; then those of 1 and 3. */
#define QCC_MVE_START_LANES(v, s0, s2) __asm__("vmov %q0[2], %q0[0], %1, %2" : "=w"(v) : "r"(s0), "r"(s2))
#define QCC_MVE_JOIN_LANES(v, s1, s3) __asm__("vmov %q0[3], %q0[1], %1, %2" : "+w"(v) : "r"(s1), "r"(s3))

/* One long row by four channels: w0..w3 their weights, s0..s3 their sums, which go on. */
QCC_INLINE int32x4_t qcc_mve_dot_long_row(const uint8_t *a, const int8_t *w0, const int8_t *w1, const int8_t *w2,
                                          const int8_t *w3, int32_t k, int32_t s0, int32_t s1, int32_t s2, int32_t s3) {
  register int32_t n __asm__("lr") = k;
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

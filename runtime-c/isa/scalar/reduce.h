/* SPDX-License-Identifier: 0BSD */
/* Reductions in plain C, in the order of operations of qcc/reduce.h. */
#ifndef QCC_SCALAR_REDUCE_H
#define QCC_SCALAR_REDUCE_H

#include "epilogue.h"
#include "qcc/lanes.h"
#include "qcc/math.h"
#include "qcc/reduce.h"

QCC_INLINE float qcc_reduce_first(int32_t fn) {
  switch (fn) {
    case QCC_REDUCE_MAX: return -1.0f / 0.0f;
    case QCC_REDUCE_MIN: return 1.0f / 0.0f;
    case QCC_REDUCE_PROD: return 1.0f;
    default: return 0.0f;
  }
}

QCC_INLINE float qcc_reduce_join(int32_t fn, float a, float b) {
  switch (fn) {
    case QCC_REDUCE_MAX: return b > a || b != b ? b : a;
    case QCC_REDUCE_MIN: return b < a || b != b ? b : a;
    case QCC_REDUCE_PROD: return a * b;
    default: return a + b;
  }
}

QCC_INLINE float qcc_reduce_step(int32_t fn, float lane, float x) {
  switch (fn) {
    case QCC_REDUCE_L1: return lane + (x < 0.0f ? -x : x);
    case QCC_REDUCE_SUM_SQUARE: return qcc_fmaf(x, x, lane);
    default: return qcc_reduce_join(fn, lane, x);
  }
}

/* fn over one slice; with exp(x - shift) for x if fn is LOG_SUM_EXP, whose lanes are added. */
QCC_INLINE float qcc_reduce_slice(struct qcc_reduce_params p, int32_t fn, const float *x, float shift) {
  const float first = qcc_reduce_first(fn);
  float l[8] = {first, first, first, first, first, first, first, first};
  size_t j = 0;
  for (int32_t r0 = 0; r0 < p.r0; r0++)
    for (int32_t r1 = 0; r1 < p.r1; r1++) {
      const float *xi = x + (ptrdiff_t)r0 * p.rs0 + (ptrdiff_t)r1 * p.rs1;
      for (int32_t r2 = 0; r2 < p.r2; r2++, j++) {
        const float v = xi[(ptrdiff_t)r2 * p.rs2];
        l[j & 7u] = qcc_reduce_step(fn, l[j & 7u], fn == QCC_REDUCE_LOG_SUM_EXP ? qcc_expf(v - shift) : v);
      }
    }
  {
    const float even = qcc_reduce_join(fn, qcc_reduce_join(fn, l[0], l[4]), qcc_reduce_join(fn, l[2], l[6]));
    const float odd = qcc_reduce_join(fn, qcc_reduce_join(fn, l[1], l[5]), qcc_reduce_join(fn, l[3], l[7]));
    const float all = qcc_reduce_join(fn, even, odd);
    return fn == QCC_REDUCE_MEAN ? all / (float)j : all;
  }
}

QCC_INLINE void qcc_reduce_f32__1__scalar(struct qcc_reduce_params p, const float *x, float *y) {
  for (int32_t k0 = 0; k0 < p.k0; k0++)
    for (int32_t k1 = 0; k1 < p.k1; k1++)
      for (int32_t k2 = 0; k2 < p.k2; k2++) {
        const float *xk = x + (ptrdiff_t)k0 * p.ks0 + (ptrdiff_t)k1 * p.ks1 + (ptrdiff_t)k2 * p.ks2;
        if (p.fn == QCC_REDUCE_LOG_SUM_EXP) {
          const float max = qcc_reduce_slice(p, QCC_REDUCE_MAX, xk, 0.0f);
          const float shift = max == 1.0f / 0.0f || max == -1.0f / 0.0f ? 0.0f : max;
          *y++ = qcc_logf(qcc_reduce_slice(p, p.fn, xk, shift)) + shift;
        } else {
          *y++ = qcc_reduce_slice(p, p.fn, xk, 0.0f);
        }
      }
}

/* Integers: sums modulo 2^64 hold every narrower result, and unsigned ones do not overflow. */
QCC_INLINE uint64_t qcc_reduce_integer(int32_t fn, uint64_t sum, int64_t x, int32_t is_first) {
  const uint64_t v = (uint64_t)x;
  switch (fn) {
    case QCC_REDUCE_MAX: return is_first || x > (int64_t)sum ? v : sum;
    case QCC_REDUCE_MIN: return is_first || x < (int64_t)sum ? v : sum;
    case QCC_REDUCE_PROD: return is_first ? v : sum * v;
    case QCC_REDUCE_L1: return sum + (x < 0 ? UINT64_C(0) - v : v);
    case QCC_REDUCE_SUM_SQUARE: return sum + v * v;
    default: return sum + v;
  }
}

#define QCC_SCALAR_REDUCE_INTEGER(name, type)                                                                       \
  QCC_INLINE void name(struct qcc_reduce_params p, const type *x, type *y) {                                        \
    const int64_t count = (int64_t)p.r0 * p.r1 * p.r2;                                                              \
    for (int32_t k0 = 0; k0 < p.k0; k0++)                                                                           \
      for (int32_t k1 = 0; k1 < p.k1; k1++)                                                                         \
        for (int32_t k2 = 0; k2 < p.k2; k2++) {                                                                     \
          const type *xk = x + (ptrdiff_t)k0 * p.ks0 + (ptrdiff_t)k1 * p.ks1 + (ptrdiff_t)k2 * p.ks2;               \
          uint64_t sum = 0;                                                                                         \
          int32_t is_first = 1;                                                                                     \
          for (int32_t r0 = 0; r0 < p.r0; r0++)                                                                     \
            for (int32_t r1 = 0; r1 < p.r1; r1++)                                                                   \
              for (int32_t r2 = 0; r2 < p.r2; r2++, is_first = 0)                                                   \
                sum = qcc_reduce_integer(                                                                           \
                    p.fn, sum, xk[(ptrdiff_t)r0 * p.rs0 + (ptrdiff_t)r1 * p.rs1 + (ptrdiff_t)r2 * p.rs2], is_first); \
          *y++ = (type)(p.fn == QCC_REDUCE_MEAN && count > 0 ? (int64_t)sum / count : (int64_t)sum);                \
        }                                                                                                           \
  }

QCC_SCALAR_REDUCE_INTEGER(qcc_reduce_s32__1__scalar, int32_t)
QCC_SCALAR_REDUCE_INTEGER(qcc_reduce_s64__1__scalar, int64_t)

#undef QCC_SCALAR_REDUCE_INTEGER

#define QCC_SCALAR_ARG(type, value)                                                                        \
  for (int32_t o = 0; o < p.outer; o++)                                                                    \
    for (int32_t i = 0; i < p.inner; i++) {                                                                \
      const size_t base = (size_t)o * (size_t)p.dim * (size_t)p.inner + (size_t)i;                         \
      type best = value(x[base]);                                                                          \
      int32_t at = 0;                                                                                      \
      for (int32_t j = 1; j < p.dim; j++) {                                                                \
        const type v = value(x[base + (size_t)j * (size_t)p.inner]);                                       \
        if ((p.least ? v < best : v > best) || (p.last && v == best)) {                                    \
          best = v;                                                                                        \
          at = j;                                                                                          \
        }                                                                                                  \
      }                                                                                                    \
      *y++ = at;                                                                                           \
    }

QCC_INLINE void qcc_arg_f32__1__scalar(struct qcc_arg_params p, const float *x, int64_t *y) {
#define QCC_ARG_VALUE(v) (v)
  QCC_SCALAR_ARG(float, QCC_ARG_VALUE)
#undef QCC_ARG_VALUE
}

QCC_INLINE void qcc_arg_q8__1__scalar(struct qcc_arg_params p, const uint8_t *x, int64_t *y) {
#define QCC_ARG_VALUE(v) qcc_stored(v, p.x_signed)
  QCC_SCALAR_ARG(int32_t, QCC_ARG_VALUE)
#undef QCC_ARG_VALUE
}

QCC_INLINE void qcc_arg_s32__1__scalar(struct qcc_arg_params p, const int32_t *x, int64_t *y) {
#define QCC_ARG_VALUE(v) (v)
  QCC_SCALAR_ARG(int32_t, QCC_ARG_VALUE)
}

QCC_INLINE void qcc_arg_s64__1__scalar(struct qcc_arg_params p, const int64_t *x, int64_t *y) {
  QCC_SCALAR_ARG(int64_t, QCC_ARG_VALUE)
#undef QCC_ARG_VALUE
}

#undef QCC_SCALAR_ARG

#endif

/* SPDX-License-Identifier: 0BSD */
/* max_pool_q8, average_pool_q8 and window_mean_q8 on AVX2: 64, 32 or 16 channels of one output at a time, tap by tap.
 *
 *   max       vpmaxub (sb)
 *   average   vpmovzxbw (sx), vpaddw into s16 lanes, which hold 128 taps; then widened and added to s32 lanes
 *   mean      vpmovzxbd (sx), cvtdq2ps, mulps, addps: the float sum in the order of the contract */
#ifndef QCC_X86_AVX2_POOL_Q8_H
#define QCC_X86_AVX2_POOL_Q8_H

#include "window.h"
#include "qcc/pool_q8.h"
#include "simd_bytes.h"

/* Bytes of the 32 channels at x, of which `valid` exist; x's buffer ends at `end`. */
QCC_INLINE __m256i qcc_avx2_pool_load(const uint8_t *x, int32_t valid, const uint8_t *end) {
  if (valid >= 32) return qcc_avx2_load(x);
  const __m128i low = qcc_avx2_load_up_to_16(x, valid, end);
  const __m128i high = valid > 16 ? qcc_avx2_load_up_to_16(x + 16, valid - 16, end) : low;
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

QCC_INLINE void qcc_avx2_pool_store(uint8_t *y, __m256i v, int32_t valid) {
  if (valid >= 32) {
    qcc_avx2_store(y, v);
    return;
  }
  qcc_avx2_store_up_to_16(y, _mm256_castsi256_si128(v), valid);
  if (valid > 16) qcc_avx2_store_up_to_16(y + 16, _mm256_extracti128_si256(v, 1), valid - 16);
}

QCC_INLINE __m256i qcc_avx2_pool_max(__m256i a, __m256i b, int32_t is_signed) {
  return is_signed ? _mm256_max_epi8(a, b) : _mm256_max_epu8(a, b);
}

/* Evaluates `call` for every output pixel: v is its window, `from` its first tap, y + at its channels, end that of x. */
#define QCC_AVX2_EACH_WINDOW(call)                                                   \
  const uint8_t *const end = x + (ptrdiff_t)p.n * p.h * p.w * p.c;                   \
  ptrdiff_t at = 0;                                                                  \
  for (int32_t n = 0; n < p.n; n++)                                                  \
    for (int32_t oy = 0; oy < p.oh; oy++)                                            \
      for (int32_t ox = 0; ox < p.ow; ox++, at += p.c) {                             \
        const struct qcc_avx2_window v = QCC_AVX2_WINDOW(p, n, oy, ox);              \
        const uint8_t *const from = x + v.first;                                     \
        call;                                                                        \
      }

/* 16 channels: the same with half registers. */
QCC_INLINE __m128i qcc_avx2_max_16(struct qcc_avx2_window v, const uint8_t *from, int32_t valid, const uint8_t *end,
                                   int32_t is_signed) {
  __m128i a = qcc_avx2_load_up_to_16(from, valid, end);
  for (int32_t ky = 0; ky < v.rows; ky++)
    for (int32_t kx = 0; kx < v.columns; kx++) {
      const __m128i tap = qcc_avx2_load_up_to_16(from + ky * v.row + kx * v.column, valid, end);
      a = is_signed ? _mm_max_epi8(a, tap) : _mm_max_epu8(a, tap);
    }
  return a;
}

QCC_INLINE void qcc_avx2_max_window(struct qcc_pool_q8_params p, struct qcc_avx2_window v, const uint8_t *from,
                                    const uint8_t *end, uint8_t *y) {
  int32_t c = 0;
  for (; c + 64 <= p.c; c += 64) {
    __m256i a = qcc_avx2_load(from + c), b = qcc_avx2_load(from + c + 32);
    for (int32_t ky = 0; ky < v.rows; ky++)
      for (int32_t kx = 0; kx < v.columns; kx++) {
        const uint8_t *tap = from + ky * v.row + kx * v.column + c;
        a = qcc_avx2_pool_max(a, qcc_avx2_load(tap), p.x_signed);
        b = qcc_avx2_pool_max(b, qcc_avx2_load(tap + 32), p.x_signed);
      }
    qcc_avx2_store(y + c, a);
    qcc_avx2_store(y + c + 32, b);
  }
  for (; c < p.c; c += 16) qcc_avx2_store_up_to_16(y + c, qcc_avx2_max_16(v, from + c, p.c - c, end, p.x_signed), p.c - c);
}

QCC_INLINE void qcc_max_pool_q8__64__x86_avx2(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x, uint8_t *y) {
  (void)d;
  QCC_AVX2_EACH_WINDOW(qcc_avx2_max_window(p, v, from, end, y + at))
}

/* s32 sums of the 32 channels at `from`, in order. */
struct qcc_avx2_sums {
  __m256i s[4];
};

QCC_INLINE __m256i qcc_avx2_pool_half(__m256i v, int32_t half, int32_t is_signed) {
  return qcc_avx2_widen(half ? _mm256_extracti128_si256(v, 1) : _mm256_castsi256_si128(v), is_signed);
}

/* s16 lanes hold 128 taps: whole rows of them, or parts of a longer row. */
QCC_INLINE struct qcc_avx2_sums qcc_avx2_pool_sum(struct qcc_avx2_window v, const uint8_t *from, int32_t valid, const uint8_t *end,
                                                  int32_t is_signed) {
  const __m256i zero = _mm256_setzero_si256();
  struct qcc_avx2_sums t = {{zero, zero, zero, zero}};
  const int32_t rows = v.columns > 128 ? 1 : 128 / v.columns;
  for (int32_t top = 0; top < v.rows; top += rows)
    for (int32_t left = 0; left < v.columns; left += 128) {
      const int32_t bottom = top + rows < v.rows ? top + rows : v.rows;
      const int32_t right = left + 128 < v.columns ? left + 128 : v.columns;
      __m256i low = zero, high = zero;
      for (int32_t ky = top; ky < bottom; ky++)
        for (int32_t kx = left; kx < right; kx++) {
          const uint8_t *tap = from + ky * v.row + kx * v.column;
          if (valid >= 32) {
            low = _mm256_add_epi16(low, qcc_avx2_widen(qcc_avx2_load_half(tap), is_signed));
            high = _mm256_add_epi16(high, qcc_avx2_widen(qcc_avx2_load_half(tap + 16), is_signed));
          } else {
            const __m256i bytes = qcc_avx2_pool_load(tap, valid, end);
            low = _mm256_add_epi16(low, qcc_avx2_pool_half(bytes, 0, is_signed));
            high = _mm256_add_epi16(high, qcc_avx2_pool_half(bytes, 1, is_signed));
          }
        }
      t.s[0] = _mm256_add_epi32(t.s[0], _mm256_cvtepi16_epi32(_mm256_castsi256_si128(low)));
      t.s[1] = _mm256_add_epi32(t.s[1], _mm256_cvtepi16_epi32(_mm256_extracti128_si256(low, 1)));
      t.s[2] = _mm256_add_epi32(t.s[2], _mm256_cvtepi16_epi32(_mm256_castsi256_si128(high)));
      t.s[3] = _mm256_add_epi32(t.s[3], _mm256_cvtepi16_epi32(_mm256_extracti128_si256(high, 1)));
    }
  return t;
}

QCC_INLINE void qcc_avx2_average_window(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, struct qcc_avx2_window v,
                                      const uint8_t *from, const uint8_t *end, const float *mult, uint8_t *y) {
  const float low = (float)(d.y_min - d.y_zero), high = (float)(d.y_max - d.y_zero);
  const __m256i zero = _mm256_set1_epi32(d.y_zero);
  const int32_t count = v.rows * v.columns;
  const __m256i shift = _mm256_set1_epi32(count * d.x_zero);
  const __m256 m = _mm256_set1_ps(mult[p.count_include_pad ? p.kh * p.kw : count]);
  for (int32_t c = 0; c < p.c; c += 32) {
    struct qcc_avx2_sums t = qcc_avx2_pool_sum(v, from + c, p.c - c, end, p.x_signed);
    for (int32_t i = 0; i < 4; i++) {
      const __m256 f = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(t.s[i], shift)), m);
      t.s[i] = _mm256_add_epi32(qcc_avx2_round_clamped(f, low, high), zero);
    }
    qcc_avx2_pool_store(y + c, qcc_avx2_narrow_32(t.s[0], t.s[1], t.s[2], t.s[3], p.y_signed), p.c - c);
  }
}

QCC_INLINE void qcc_average_pool_q8__32__x86_avx2(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                                  const float *mult, uint8_t *y) {
  QCC_AVX2_EACH_WINDOW(qcc_avx2_average_window(p, d, v, from, end, mult, y + at))
}

/* Eight channels' real values; the low half of `bytes` holds what is stored. */
QCC_INLINE __m256 qcc_avx2_pool_real(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, __m128i bytes) {
  const __m256i q = _mm256_sub_epi32(qcc_avx2_widen_s32(bytes, p.x_signed), _mm256_set1_epi32(d.x_zero));
  return _mm256_mul_ps(_mm256_cvtepi32_ps(q), _mm256_set1_ps(d.x_scale));
}

/* `up` is 128 for a signed result, which is rounded as the unsigned one 128 above it. */
QCC_INLINE __m256i qcc_avx2_mean_8(struct qcc_pool_q8_data d, __m256 sum, float count, int32_t up) {
  const __m256 mean = _mm256_div_ps(_mm256_div_ps(sum, _mm256_set1_ps(count)), _mm256_set1_ps(d.y_scale));
  const __m256i r = qcc_avx2_round_clamped(_mm256_add_ps(mean, _mm256_set1_ps((float)(d.y_zero + up))), (float)(d.y_min + up),
                                           (float)(d.y_max + up));
  return _mm256_sub_epi32(r, _mm256_set1_epi32(up));
}

QCC_INLINE void qcc_avx2_mean_window(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, struct qcc_avx2_window v,
                                      const uint8_t *from, const uint8_t *end, uint8_t *y) {
  const float count = (float)(p.count_include_pad ? p.kh * p.kw : v.rows * v.columns);
  const int32_t up = p.y_signed ? 128 : 0;
  for (int32_t c = 0; c < p.c; c += 32) {
    const int32_t valid = p.c - c;
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    for (int32_t ky = 0; ky < v.rows; ky++)
      for (int32_t kx = 0; kx < v.columns; kx++) {
        const __m256i bytes = qcc_avx2_pool_load(from + ky * v.row + kx * v.column + c, valid, end);
        const __m128i a = _mm256_castsi256_si128(bytes);
        const __m128i b = _mm256_extracti128_si256(bytes, 1);
        s0 = _mm256_add_ps(s0, qcc_avx2_pool_real(p, d, a));
        s1 = _mm256_add_ps(s1, qcc_avx2_pool_real(p, d, _mm_unpackhi_epi64(a, a)));
        if (valid <= 16) continue;
        s2 = _mm256_add_ps(s2, qcc_avx2_pool_real(p, d, b));
        s3 = _mm256_add_ps(s3, qcc_avx2_pool_real(p, d, _mm_unpackhi_epi64(b, b)));
      }
    qcc_avx2_pool_store(y + c,
                        qcc_avx2_narrow_32(qcc_avx2_mean_8(d, s0, count, up), qcc_avx2_mean_8(d, s1, count, up),
                                           qcc_avx2_mean_8(d, s2, count, up), qcc_avx2_mean_8(d, s3, count, up), p.y_signed),
                        valid);
  }
}

QCC_INLINE void qcc_window_mean_q8__32__x86_avx2(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x, uint8_t *y) {
  QCC_AVX2_EACH_WINDOW(qcc_avx2_mean_window(p, d, v, from, end, y + at))
}

#endif

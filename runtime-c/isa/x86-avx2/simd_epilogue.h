/* SPDX-License-Identifier: 0BSD */
/* The epilogue of qcc/epilogue.h on 16 channels of one or two pixels.
 *
 *   lo, hi    s32 accumulators; NATURAL: channels 0-7, 8-15; UNPACK: 0-3,8-11 and 4-7,12-15 (what vpunpck leaves)
 *   cvtdq2ps, mulps, cvtps2dq     round half even (QCC_ROUND_ONNX; the fixed-point rules are in simd_fixed.h)
 *   packssdw, paddsw zero         both saturate, so a result outside s16 still ends at the right bound
 *   packuswb, one cross-lane permute for two pixels
 *
 * Invariant: per channel the bits of qcc/epilogue.h; only `valid` channels are read from residual and written. */
#ifndef QCC_X86_AVX2_SIMD_EPILOGUE_H
#define QCC_X86_AVX2_SIMD_EPILOGUE_H

#include "qcc/epilogue.h"
#include "simd.h"
#include "simd_fixed.h"
#include "simd_lookup.h"

enum { QCC_AVX2_NATURAL = 0, QCC_AVX2_UNPACK = 1 };

/* Everything of an epilogue that does not depend on the pixel. */
struct qcc_avx2_output {
  struct qcc_epilogue_kind kind;
  struct qcc_epilogue_data data;
  int32_t order; /* QCC_AVX2_NATURAL or QCC_AVX2_UNPACK */
  const uint8_t *residual;
  const uint8_t *table;
  void *y;
  /* Not 0: a register holds 8 channels of a pixel, and of the one this many elements of y further on (8-bit results, no residual). */
  ptrdiff_t apart;
};

/* 16 f32 (or s32) values in the accumulators' order: half 0 or 1. */
QCC_INLINE __m256i qcc_avx2_channels(const void *values, int32_t order, int32_t half) {
  const uint8_t *p = (const uint8_t *)values;
  if (order == QCC_AVX2_NATURAL) return qcc_avx2_load(p + 32 * half);
  return _mm256_inserti128_si256(_mm256_castsi128_si256(qcc_avx2_load_half(p + 16 * half)),
                                 qcc_avx2_load_half(p + 16 * half + 32), 1);
}

/* f32(acc) * mult, clamped before the conversion unless it is proved to fit. */
QCC_INLINE __m256 qcc_avx2_scaled(struct qcc_avx2_output out, __m256i acc, __m256 mult) {
  __m256 f = _mm256_mul_ps(_mm256_cvtepi32_ps(acc), mult);
  if ((out.kind.out == QCC_OUT_Q8 || out.kind.out == QCC_OUT_S16) && !out.kind.proved)
    f = _mm256_max_ps(_mm256_min_ps(f, _mm256_set1_ps(1073741824.0f)), _mm256_set1_ps(-1073741824.0f));
  return f;
}

/* TFLite's addition of rounded accumulators v and a residual r as a linear form, z = (v v_factor + r r_factor + constant) >> add_linear. */
QCC_INLINE __m256i qcc_avx2_linear_sum(struct qcc_avx2_output out, __m256i v, __m256i r) {
  const struct qcc_epilogue_data d = out.data;
  /* Of a rounded value: its zero point is in the constant, modulo 2^32. */
  const uint32_t constant = (uint32_t)d.add_constant + (uint32_t)d.y_zero * (uint32_t)d.v_factor;
  const __m256i of_v = _mm256_mullo_epi32(v, _mm256_set1_epi32(d.v_factor));
  const __m256i of_r = _mm256_mullo_epi32(r, _mm256_set1_epi32(d.r_factor));
  const __m256i whole = _mm256_add_epi32(_mm256_add_epi32(of_v, of_r), _mm256_set1_epi32((int32_t)constant));
  const __m256i z = _mm256_sra_epi32(whole, _mm_cvtsi32_si128(out.kind.add_linear));
  if (out.kind.z_full_range) return z;
  return _mm256_min_epi32(_mm256_max_epi32(z, _mm256_set1_epi32(d.z_min)), _mm256_set1_epi32(d.z_max));
}

/* The ONNX addition: v and s are the stored values of the accumulator and of the residual. */
QCC_INLINE __m256i qcc_avx2_float_sum(struct qcc_avx2_output out, __m256 v, __m256 s) {
  const struct qcc_epilogue_data d = out.data;
  const __m256 a = out.kind.add_first ? v : s, b = out.kind.add_first ? s : v;
  __m256 sum = _mm256_fmadd_ps(a, _mm256_set1_ps(d.add_a),
                               _mm256_fmadd_ps(b, _mm256_set1_ps(d.add_b), _mm256_set1_ps(d.add_fixed)));
  if (out.kind.z_full_range) return _mm256_cvtps_epi32(sum);
  sum = _mm256_max_ps(sum, _mm256_set1_ps((float)d.z_min));
  return _mm256_cvtps_epi32(_mm256_min_ps(sum, _mm256_set1_ps((float)d.z_max)));
}

/* 8 accumulators rounded and, where there is a residual, clamped and added to its stored values r, which are as s32; sums are clamped
 * where the saturation that follows does not do it. For QCC_ROUND_ONNX the clamp stands before the rounding, which is the same because
 * the bounds are integers. Every step stands here once: each kernel has dozens of copies of this. */
QCC_INLINE __m256i qcc_avx2_rounded(struct qcc_avx2_output out, __m256i acc, const void *scale, int32_t half, __m256i r) {
  const int32_t low = out.data.y_min - out.data.y_zero, high = out.data.y_max - out.data.y_zero;
  const int32_t in_floats = out.kind.rounding == QCC_ROUND_ONNX;
  __m256i v = acc;
  __m256 f = _mm256_setzero_ps();
  if (in_floats) {
    f = qcc_avx2_scaled(out, acc, _mm256_castsi256_ps(qcc_avx2_channels(scale, out.order, half)));
    if (out.kind.has_add) f = _mm256_min_ps(_mm256_max_ps(f, _mm256_set1_ps((float)low)), _mm256_set1_ps((float)high));
    if (!out.kind.has_add || out.kind.add_linear) v = _mm256_cvtps_epi32(f);
  } else {
    /* NATURAL: channels 8 half to 8 half + 7; UNPACK: 4 half to 4 half + 3, and the same from 8 on. */
    const int32_t natural = out.order == QCC_AVX2_NATURAL, first = natural ? 16 * half : 8 * half;
    v = qcc_avx2_fixed(out.kind, acc, qcc_avx2_load_pairs((const int32_t *)scale + first, natural ? 8 : 16));
    if (out.kind.has_add) v = _mm256_min_epi32(_mm256_max_epi32(v, _mm256_set1_epi32(low)), _mm256_set1_epi32(high));
  }
  if (!out.kind.has_add) return v;
  if (out.kind.add_linear) return qcc_avx2_linear_sum(out, v, r);
  f = in_floats ? _mm256_round_ps(f, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC) : _mm256_cvtepi32_ps(v);
  return qcc_avx2_float_sum(out, _mm256_add_ps(f, _mm256_set1_ps((float)out.data.y_zero)), _mm256_cvtepi32_ps(r));
}

/* 16 stored values of the residual as s32, in the accumulators' order. Widened from memory where they all exist: half the price. */
QCC_INLINE void qcc_avx2_load_residual(struct qcc_avx2_output out, const uint8_t *from, int32_t valid, __m256i *lo, __m256i *hi) {
  if (out.order == QCC_AVX2_NATURAL && valid >= 16) {
    *lo = qcc_avx2_widen_s32(_mm_loadl_epi64((const __m128i *)(const void *)from), out.kind.r_signed);
    *hi = qcc_avx2_widen_s32(_mm_loadl_epi64((const __m128i *)(const void *)(from + 8)), out.kind.r_signed);
    return;
  }
  __m128i r = qcc_avx2_load_up_to_16(from, valid, from + valid);
  if (out.order == QCC_AVX2_UNPACK) r = _mm_shuffle_epi32(r, _MM_SHUFFLE(3, 1, 2, 0));
  *lo = qcc_avx2_widen_s32(r, out.kind.r_signed);
  *hi = qcc_avx2_widen_s32(_mm_unpackhi_epi64(r, r), out.kind.r_signed);
}

/* 16 accumulators -> s16 before the last saturation, in packssdw's order. */
QCC_INLINE __m256i qcc_avx2_requantize(struct qcc_avx2_output out, __m256i lo, __m256i hi, const void *scale,
                                       ptrdiff_t at, int32_t valid) {
  __m256i r_lo = lo, r_hi = hi;
  if (out.kind.has_add) qcc_avx2_load_residual(out, out.residual + at, valid, &r_lo, &r_hi);
  const __m256i v = _mm256_packs_epi32(qcc_avx2_rounded(out, lo, scale, 0, r_lo), qcc_avx2_rounded(out, hi, scale, 1, r_hi));
  return out.kind.has_add || out.kind.no_zero ? v : _mm256_adds_epi16(v, _mm256_set1_epi16((int16_t)out.data.y_zero));
}

/* Two pixels' s16 -> bytes in channel order, the first pixel in the low half. */
QCC_INLINE __m256i qcc_avx2_narrow(struct qcc_avx2_output out, __m256i first, __m256i second) {
  int32_t is_signed = out.kind.has_add ? out.kind.z_signed : out.kind.y_signed;
  __m256i v = is_signed ? _mm256_packs_epi16(first, second) : _mm256_packus_epi16(first, second);
  if (!out.kind.has_add && !out.kind.full_range) {
    __m256i low = _mm256_set1_epi8((int8_t)out.data.y_min), high = _mm256_set1_epi8((int8_t)out.data.y_max);
    v = is_signed ? _mm256_min_epi8(_mm256_max_epi8(v, low), high) : _mm256_min_epu8(_mm256_max_epu8(v, low), high);
  }
  if (out.order == QCC_AVX2_UNPACK) return _mm256_permute4x64_epi64(v, _MM_SHUFFLE(3, 1, 2, 0));
  return _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/* f32(acc) * multiplier, under QCC_ROUND_AFFINE + the addend of the pair; half 0 or 1 as qcc_avx2_rounded counts. */
QCC_INLINE __m256i qcc_avx2_real(struct qcc_avx2_output out, __m256i acc, const void *scale, int32_t half) {
  if (out.kind.rounding != QCC_ROUND_AFFINE)
    return _mm256_castps_si256(qcc_avx2_scaled(out, acc, _mm256_castsi256_ps(qcc_avx2_channels(scale, out.order, half))));
  const int32_t natural = out.order == QCC_AVX2_NATURAL, first = natural ? 16 * half : 8 * half;
  const struct qcc_avx2_pairs pairs = qcc_avx2_load_pairs((const int32_t *)scale + first, natural ? 8 : 16);
  __m256 product = qcc_avx2_scaled(out, acc, _mm256_castsi256_ps(pairs.multiplier));
#if QCC_FENCED
  QCC_AVX2_FENCE(product);
#endif
  return _mm256_castps_si256(_mm256_add_ps(product, _mm256_castsi256_ps(pairs.shift)));
}

/* s16 outputs of one pixel: packssdw saturates, and leaves the accumulators' order or what one permute undoes. */
QCC_INLINE void qcc_avx2_put_s16(struct qcc_avx2_output out, __m256i lo, __m256i hi, const void *scale, ptrdiff_t at,
                                 int32_t valid) {
  int16_t *const y = (int16_t *)out.y + at;
  __m256i v = _mm256_packs_epi32(qcc_avx2_rounded(out, lo, scale, 0, lo), qcc_avx2_rounded(out, hi, scale, 1, hi));
  if (out.order == QCC_AVX2_NATURAL) v = _mm256_permute4x64_epi64(v, _MM_SHUFFLE(3, 1, 2, 0));
  if (!out.kind.full_range) {
    const __m256i low = _mm256_set1_epi16((int16_t)out.data.y_min), high = _mm256_set1_epi16((int16_t)out.data.y_max);
    v = _mm256_min_epi16(_mm256_max_epi16(v, low), high);
  }
  if (valid >= 16) {
    qcc_avx2_store(y, v);
    return;
  }
  int16_t values[16];
  qcc_avx2_store(values, v);
  for (int32_t i = 0; i < valid; i++) y[i] = values[i];
}

/* s32, f32 or s16 outputs of one pixel. */
QCC_INLINE void qcc_avx2_put_words(struct qcc_avx2_output out, __m256i lo, __m256i hi, const void *scale, ptrdiff_t at,
                                   int32_t valid) {
  uint8_t *y = (uint8_t *)out.y + 4 * at;
  if (out.kind.out == QCC_OUT_S16) {
    qcc_avx2_put_s16(out, lo, hi, scale, at, valid);
    return;
  }
  if (out.kind.out == QCC_OUT_F32) {
    lo = qcc_avx2_real(out, lo, scale, 0);
    hi = qcc_avx2_real(out, hi, scale, 1);
  }
  __m256i first = lo, second = hi;
  if (out.order == QCC_AVX2_UNPACK) {
    first = _mm256_permute2x128_si256(lo, hi, 0x20);
    second = _mm256_permute2x128_si256(lo, hi, 0x31);
  }
  qcc_avx2_store_words(y, first, valid);
  if (valid > 8) qcc_avx2_store_words(y + 32, second, valid - 8);
}

/* The bytes of `valid` channels of a pixel, or of two. */
QCC_INLINE void qcc_avx2_store_pixel(struct qcc_avx2_output out, ptrdiff_t at, __m128i bytes, int32_t valid) {
  uint8_t *const y = (uint8_t *)out.y + at;
  qcc_avx2_store_up_to_16(y, bytes, valid);
  if (out.apart != 0) qcc_avx2_store_up_to_16(y + out.apart, _mm_unpackhi_epi64(bytes, bytes), valid);
}

/* Finishes 16 channels of the pixel whose first output element is `at` and, if `pixels` is 2, of the one at `at2`.
 * scale points at those of 16 channels; valid: how many of the 16 channels exist. */
QCC_FOLDED void qcc_avx2_finish(struct qcc_avx2_output out, int32_t pixels, __m256i lo, __m256i hi, __m256i lo2,
                                __m256i hi2, const void *scale, ptrdiff_t at, ptrdiff_t at2, int32_t valid) {
  if (out.kind.out != QCC_OUT_Q8) {
    qcc_avx2_put_words(out, lo, hi, scale, at, valid);
    if (pixels == 2) qcc_avx2_put_words(out, lo2, hi2, scale, at2, valid);
    return;
  }
  __m256i first = qcc_avx2_requantize(out, lo, hi, scale, at, valid);
  __m256i second = pixels == 2 ? qcc_avx2_requantize(out, lo2, hi2, scale, at2, valid) : first;
  __m256i bytes = qcc_avx2_narrow(out, first, second);
  if (out.kind.has_lookup) bytes = qcc_avx2_lookup(out.table, bytes);
  qcc_avx2_store_pixel(out, at, _mm256_castsi256_si128(bytes), valid);
  if (pixels == 2) qcc_avx2_store_pixel(out, at2, _mm256_extracti128_si256(bytes, 1), valid);
}

#endif

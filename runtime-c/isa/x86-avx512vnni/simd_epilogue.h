/* SPDX-License-Identifier: 0BSD */
/* The epilogue of qcc/epilogue.h on four vectors a, b, c, d of 16 accumulators.
 *
 *   cvtdq2ps, mulps, cvtps2dq     round half even (QCC_ROUND_ONNX; under a fixed-point rule they come rounded: simd_fixed.h)
 *   packssdw, paddsw zero         both saturate, so a result outside s16 still ends at the right bound
 *   packuswb (packsswb)           64 bytes, in each 128-bit lane: 4 of a, 4 of b, 4 of c, 4 of d
 *
 * BLOCKS: a vector holds 16 channels in order; one permutation of words makes the bytes 16 of a, 16 of b, 16 of c, 16 of d.
 * LANES: lane L of the four vectors holds channels 16 L .. 16 L + 15 of one pixel, four a vector, as interleaving bytes
 * twice leaves them: the bytes are in order already.
 *
 * Invariant: per channel the bits of qcc/epilogue.h. */
#ifndef QCC_X86_AVX512VNNI_SIMD_EPILOGUE_H
#define QCC_X86_AVX512VNNI_SIMD_EPILOGUE_H

#include "qcc/epilogue.h"
#include "simd.h"
#include "simd_fixed.h"
#include "simd_lookup.h"

enum { QCC_VNNI_BLOCKS = 0, QCC_VNNI_LANES = 1 };

/* Everything of an epilogue that does not depend on the pixel. */
struct qcc_vnni_output {
  struct qcc_epilogue_kind kind;
  struct qcc_epilogue_data data;
  const uint8_t *residual;
  const uint8_t *table;
  void *y;
};

/* Four vectors. */
struct qcc_vnni_four {
  __m512i a, b, c, d;
};

/* f32(acc) * mult, clamped before the conversion unless it is proved to fit. */
QCC_INLINE __m512 qcc_vnni_scaled(struct qcc_vnni_output out, __m512i acc, __m512i mult) {
  __m512 f = _mm512_mul_ps(_mm512_cvtepi32_ps(acc), _mm512_castsi512_ps(mult));
  if ((out.kind.out == QCC_OUT_Q8 || out.kind.out == QCC_OUT_S16) && !out.kind.proved)
    f = _mm512_max_ps(_mm512_min_ps(f, _mm512_set1_ps(1073741824.0f)), _mm512_set1_ps(-1073741824.0f));
  return f;
}

/* TFLite's addition of rounded accumulators v and a residual r as a linear form, z = (v v_factor + r r_factor + constant) >> add_linear. */
QCC_INLINE __m512i qcc_vnni_linear_sum(struct qcc_vnni_output out, __m512i v, __m512i r) {
  const struct qcc_epilogue_data d = out.data;
  /* Of a rounded value: its zero point is in the constant, modulo 2^32. */
  const uint32_t constant = (uint32_t)d.add_constant + (uint32_t)d.y_zero * (uint32_t)d.v_factor;
  const __m512i of_v = _mm512_mullo_epi32(v, _mm512_set1_epi32(d.v_factor));
  const __m512i of_r = _mm512_mullo_epi32(r, _mm512_set1_epi32(d.r_factor));
  const __m512i whole = _mm512_add_epi32(_mm512_add_epi32(of_v, of_r), _mm512_set1_epi32((int32_t)constant));
  const __m512i z = _mm512_sra_epi32(whole, _mm_cvtsi32_si128(out.kind.add_linear));
  if (out.kind.z_full_range) return z;
  return _mm512_min_epi32(_mm512_max_epi32(z, _mm512_set1_epi32(d.z_min)), _mm512_set1_epi32(d.z_max));
}

/* The ONNX addition: v and s are the stored values of the accumulator and of the residual. */
QCC_INLINE __m512i qcc_vnni_float_sum(struct qcc_vnni_output out, __m512 v, __m512 s) {
  const struct qcc_epilogue_data d = out.data;
  const __m512 a = out.kind.add_first ? v : s, b = out.kind.add_first ? s : v;
  __m512 sum = _mm512_fmadd_ps(a, _mm512_set1_ps(d.add_a),
                               _mm512_fmadd_ps(b, _mm512_set1_ps(d.add_b), _mm512_set1_ps(d.add_fixed)));
  if (out.kind.z_full_range) return _mm512_cvtps_epi32(sum);
  sum = _mm512_max_ps(sum, _mm512_set1_ps((float)d.z_min));
  return _mm512_cvtps_epi32(_mm512_min_ps(sum, _mm512_set1_ps((float)d.z_max)));
}

/* Accumulators rounded (they come so under a fixed-point rule, mult being idle) and, where there is a residual, clamped and added to
 * its stored values r, which are as s32; sums are clamped where the saturation that follows does not do it. For QCC_ROUND_ONNX the
 * clamp stands before the rounding, which is the same because the bounds are integers, and what is added needs no detour by s32.
 * Every step stands here once: each kernel has dozens of copies of this. */
QCC_INLINE __m512i qcc_vnni_rounded(struct qcc_vnni_output out, __m512i acc, __m512i mult, __m512i r) {
  const int32_t low = out.data.y_min - out.data.y_zero, high = out.data.y_max - out.data.y_zero;
  const int32_t in_floats = out.kind.rounding == QCC_ROUND_ONNX;
  __m512i v = acc;
  __m512 f = _mm512_setzero_ps();
  if (in_floats) {
    f = qcc_vnni_scaled(out, acc, mult);
    if (out.kind.has_add) f = _mm512_min_ps(_mm512_max_ps(f, _mm512_set1_ps((float)low)), _mm512_set1_ps((float)high));
    if (!out.kind.has_add || out.kind.add_linear) v = _mm512_cvtps_epi32(f);
  } else if (out.kind.has_add) {
    v = _mm512_min_epi32(_mm512_max_epi32(v, _mm512_set1_epi32(low)), _mm512_set1_epi32(high));
  }
  if (!out.kind.has_add) return v;
  if (out.kind.add_linear) return qcc_vnni_linear_sum(out, v, r);
  f = in_floats ? _mm512_roundscale_ps(f, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC) : _mm512_cvtepi32_ps(v);
  return qcc_vnni_float_sum(out, _mm512_add_ps(f, _mm512_set1_ps((float)out.data.y_zero)), _mm512_cvtepi32_ps(r));
}

/* 64 stored bytes -> s32 for LANES: each byte on top of its doubleword, from where a shift brings it down with its sign or without. */
QCC_INLINE struct qcc_vnni_four qcc_vnni_widen_lanes(__m512i v, int32_t is_signed) {
  struct qcc_vnni_four r;
  const __m512i zero = _mm512_setzero_si512();
  const __m512i low = _mm512_unpacklo_epi8(zero, v), high = _mm512_unpackhi_epi8(zero, v);
#define QCC_VNNI_DOWN(w) (is_signed ? _mm512_srai_epi32(w, 24) : _mm512_srli_epi32(w, 24))
  r.a = QCC_VNNI_DOWN(_mm512_unpacklo_epi16(zero, low));
  r.b = QCC_VNNI_DOWN(_mm512_unpackhi_epi16(zero, low));
  r.c = QCC_VNNI_DOWN(_mm512_unpacklo_epi16(zero, high));
  r.d = QCC_VNNI_DOWN(_mm512_unpackhi_epi16(zero, high));
#undef QCC_VNNI_DOWN
  return r;
}

/* The first `count` of 16 stored bytes -> s32, zeros behind them: widened on the way from memory. */
QCC_INLINE __m512i qcc_vnni_load_stored(const uint8_t *from, int32_t count, int32_t is_signed) {
  const __m128i v = count > 0 ? qcc_vnni_load_up_to_16(from, count) : _mm_setzero_si128();
  return is_signed ? _mm512_cvtepi8_epi32(v) : _mm512_cvtepu8_epi32(v);
}

/* Requantized bytes of four vectors (rounded already if a fixed-point rule holds, mult being idle); r: what is added, if anything. */
QCC_INLINE __m512i qcc_vnni_bytes(struct qcc_vnni_output out, int32_t order, struct qcc_vnni_four acc,
                                  struct qcc_vnni_four mult, struct qcc_vnni_four r) {
  const int32_t is_signed = out.kind.has_add ? out.kind.z_signed : out.kind.y_signed;
  __m512i low = _mm512_packs_epi32(qcc_vnni_rounded(out, acc.a, mult.a, r.a), qcc_vnni_rounded(out, acc.b, mult.b, r.b));
  __m512i high = _mm512_packs_epi32(qcc_vnni_rounded(out, acc.c, mult.c, r.c), qcc_vnni_rounded(out, acc.d, mult.d, r.d));
  if (!out.kind.has_add) {
    const __m512i zero = _mm512_set1_epi16((int16_t)out.data.y_zero);
    low = _mm512_adds_epi16(low, zero);
    high = _mm512_adds_epi16(high, zero);
  }
  __m512i v = is_signed ? _mm512_packs_epi16(low, high) : _mm512_packus_epi16(low, high);
  if (!out.kind.has_add && !out.kind.full_range) {
    const __m512i least = _mm512_set1_epi8((int8_t)out.data.y_min), most = _mm512_set1_epi8((int8_t)out.data.y_max);
    v = is_signed ? _mm512_min_epi8(_mm512_max_epi8(v, least), most) : _mm512_min_epu8(_mm512_max_epu8(v, least), most);
  }
  if (order == QCC_VNNI_BLOCKS)
    v = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), v);
  return v;
}

/* f32(acc) * multiplier + the addend, which takes the place of a shift. */
QCC_INLINE __m512i qcc_vnni_affine(struct qcc_vnni_output out, __m512i acc, struct qcc_vnni_pairs v) {
  __m512 product = qcc_vnni_scaled(out, acc, v.multiplier);
#if QCC_FENCED
  QCC_VNNI_FENCE(product);
#endif
  return _mm512_castps_si512(_mm512_add_ps(product, _mm512_castsi512_ps(v.shift)));
}

/* s32, f32 or s16 outputs: `count` words of one vector; under QCC_ROUND_AFFINE acc is the result, mult idle. */
QCC_INLINE void qcc_vnni_put_words(struct qcc_vnni_output out, __m512i acc, __m512i mult, ptrdiff_t at, int32_t count) {
  if (count <= 0) return;
  if (out.kind.out == QCC_OUT_S16) {
    __m256i v = _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(qcc_vnni_scaled(out, acc, mult)));
    if (!out.kind.full_range) {
      const __m256i low = _mm256_set1_epi16((int16_t)out.data.y_min), high = _mm256_set1_epi16((int16_t)out.data.y_max);
      v = _mm256_min_epi16(_mm256_max_epi16(v, low), high);
    }
    _mm256_mask_storeu_epi16((int16_t *)out.y + at, qcc_vnni_mask_16(count), v);
    return;
  }
  if (out.kind.out == QCC_OUT_F32 && out.kind.rounding != QCC_ROUND_AFFINE)
    acc = _mm512_castps_si512(qcc_vnni_scaled(out, acc, mult));
  _mm512_mask_storeu_epi32((uint8_t *)out.y + 4 * at, qcc_vnni_mask_16(count), acc);
}

#endif

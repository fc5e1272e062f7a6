/* SPDX-License-Identifier: 0BSD */
/* What every other header stands on: fixed-width types, inlining, and float arithmetic that a compiler leaves alone.
 *
 * Invariant: the float expressions of this runtime have the same bits under any compiler and any flags, or the file
 * does not compile. Flags that change values and announce themselves are an #error. Contraction (a * b + c in one
 * rounding) announces itself nowhere and is gcc's default in gnu modes, so a product that feeds an addition is
 * written qcc_mulf (float) or qcc_mul (double); never a bare `*`. */
#ifndef QCC_BASE_H
#define QCC_BASE_H

#include <float.h>
#include <stddef.h>
#include <stdint.h>

/* gcc's value for plain -ffinite-math-only is 1; without it the macro is 0 or absent. */
#if defined(__FAST_MATH__) || defined(_M_FP_FAST) || defined(__RECIPROCAL_MATH__) || defined(__ASSOCIATIVE_MATH__) || \
    (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0)
#error "qcc: exact float arithmetic is needed; compile this file without -ffast-math (-Ofast, /fp:fast) and its parts"
#endif

/* clang announces neither -freciprocal-math nor -funsafe-math-optimizations. Divisions are its to keep since version 18 (Apple's
 * 17); one before that has to be left without the flags, and <model>_selftest() tells. */
#if defined(__clang__) && __clang_major__ >= 17 && (__clang_major__ >= 18 || defined(__apple_build_version__))
#pragma clang fp reassociate(off) reciprocal(off)
#elif defined(__clang__) && __clang_major__ >= 14
#pragma clang fp reassociate(off)
#endif

/* NEON of 32-bit ARM flushes subnormal floats to zero, and clang's vectorizers take it for floats all the same, comparisons at
 * least; gcc's do not. QCC_VECTORIZERS_OFF is a promise of the build. */
#if defined(__clang__) && defined(__arm__) && defined(__ARM_NEON) && defined(__OPTIMIZE__) && \
    !defined(QCC_VECTORIZERS_OFF)
#error "qcc: exact floats: give clang -fno-vectorize -fno-slp-vectorize -DQCC_VECTORIZERS_OFF"
#endif

#ifdef __cplusplus
#define QCC_STATIC_ASSERT(claim, text) static_assert(claim, text)
#else
#define QCC_STATIC_ASSERT(claim, text) _Static_assert(claim, text)
#endif

/* 16 widens _Float16 only. 2 is x87 (use -msse2 -mfpmath=sse), -1 is indeterminable. */
#ifdef FLT_EVAL_METHOD
QCC_STATIC_ASSERT(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 16, "float must not be evaluated in a wider type");
#endif
QCC_STATIC_ASSERT(FLT_RADIX == 2 && FLT_MANT_DIG == 24 && FLT_MAX_EXP == 128, "float must be IEEE binary32");
QCC_STATIC_ASSERT((-7 >> 1) == -4, "right shift of a negative number must be arithmetic");
QCC_STATIC_ASSERT((int32_t)UINT32_C(0xfffffffe) == -2, "conversion to a signed type must wrap");

#if defined(__GNUC__) || defined(__clang__)
#define QCC_GNU 1
#else
#define QCC_GNU 0
#endif

/* Kernels are bodies that fold once their literal params arrive, which needs inlining even where a compiler would
 * rather not; a file that holds more of them than it uses must not warn. */
#if QCC_GNU
#define QCC_NOINLINE __attribute__((noinline))
#define QCC_MAYBE_UNUSED __attribute__((unused))
#define QCC_RARE static __attribute__((noinline, cold, unused))
#define QCC_INLINE static inline __attribute__((always_inline, unused))
#define QCC_RESTRICT __restrict__
#else
#define QCC_NOINLINE
#define QCC_MAYBE_UNUSED
#define QCC_RARE static
#define QCC_INLINE static inline
#if defined(_MSC_VER) || defined(__cplusplus)
#define QCC_RESTRICT __restrict
#else
#define QCC_RESTRICT restrict
#endif
#endif

/* Code that folds where a kernel's params are literals. Where they are not, in checks, each kernel would hold dozens of copies of all of
 * it, most of what compiling them takes: there it is a function. */
#if defined(QCC_PARAMS_VARY)
#define QCC_FOLDED static QCC_NOINLINE QCC_MAYBE_UNUSED
#else
#define QCC_FOLDED QCC_INLINE
#endif

/* Of a function that computes floats in plain C. Helium's float vectors flush subnormal numbers, its scalar floats do not: where a
 * compiler has such vectors it may not make any of the loops. */
#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2) && defined(__clang__)
#define QCC_SCALAR_FLOATS __attribute__((target("no-mve.fp")))
#elif defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2) && QCC_GNU
#define QCC_SCALAR_FLOATS __attribute__((optimize("no-tree-vectorize", "no-tree-slp-vectorize")))
#else
#define QCC_SCALAR_FLOATS
#endif

/* qcc_copy, qcc_fill: memcpy and memset without <string.h>, which a C11 freestanding implementation need not have.
 * gcc and clang demand the functions themselves from every environment, so the builtins add no dependency; for other
 * compilers the loops are the shape they recognise. The ranges do not overlap. */
QCC_INLINE void qcc_copy(void *QCC_RESTRICT to, const void *QCC_RESTRICT from, size_t bytes) {
#if QCC_GNU
  __builtin_memcpy(to, from, bytes);
#else
  unsigned char *QCC_RESTRICT t = (unsigned char *)to;
  const unsigned char *QCC_RESTRICT f = (const unsigned char *)from;
  for (size_t i = 0; i < bytes; i++) t[i] = f[i];
#endif
}

QCC_INLINE void qcc_fill(void *to, uint8_t value, size_t bytes) {
#if QCC_GNU
  __builtin_memset(to, value, bytes);
#else
  unsigned char *t = (unsigned char *)to;
  for (size_t i = 0; i < bytes; i++) t[i] = value;
#endif
}

/* Bits of a number and back. */
QCC_INLINE uint32_t qcc_bits_of_f32(float v) {
  uint32_t bits;
  qcc_copy(&bits, &v, sizeof bits);
  return bits;
}

QCC_INLINE float qcc_f32_of_bits(uint32_t bits) {
  float v;
  qcc_copy(&v, &bits, sizeof v);
  return v;
}

/* Double is used by math.h and the software qcc_fmaf only, which assert that it is binary64. */
QCC_INLINE uint64_t qcc_bits_of_f64(double v) {
  uint64_t bits = 0;
  qcc_copy(&bits, &v, sizeof v);
  return bits;
}

QCC_INLINE double qcc_f64_of_bits(uint64_t bits) {
  double v;
  qcc_copy(&v, &bits, sizeof v);
  return v;
}

/* Can this compiler contract? Not without a fused multiply-add to contract to. QCC_CONTRACTION_OFF is a promise of the
 * build (-DQCC_CONTRACTION_OFF next to -ffp-contract=off): fences vanish and loops over them vectorize again; not on Helium, where
 * kernels of its own hold such loops too, which QCC_SCALAR_FLOATS cannot stand before. */
#if defined(QCC_CONTRACTION_OFF) && !(defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2))
#define QCC_FENCED 0
#elif defined(__FMA__) || defined(__FMA4__) || defined(__AVX512F__) || defined(__AVX10_1__) || \
    defined(__FP_FAST_FMAF) || defined(__FP_FAST_FMA)
#define QCC_FENCED 1
#elif QCC_GNU && (defined(__x86_64__) || defined(__i386__) || (defined(__arm__) && !defined(__ARM_FEATURE_FMA)))
#define QCC_FENCED 0
#else
#define QCC_FENCED 1
#endif

/* The same value, of unknown origin: no instruction, but what was a product is now any number. The operand stays in the
 * register class where the arithmetic happens. gcc 12's __builtin_assoc_barrier says it does this and does not, clang
 * ignores its pragmas under -ffp-contract=fast. */
#if !QCC_FENCED
#define QCC_FENCE_F32(v) ((void)0)
#define QCC_FENCE_F64(v) ((void)0)
#elif QCC_GNU && (defined(__SSE2__) || defined(__x86_64__))
#define QCC_FENCE_F32(v) __asm__("" : "+x"(v))
#define QCC_FENCE_F64(v) __asm__("" : "+x"(v))
#elif QCC_GNU && defined(__aarch64__)
#define QCC_FENCE_F32(v) __asm__("" : "+w"(v))
#define QCC_FENCE_F64(v) __asm__("" : "+w"(v))
#elif QCC_GNU && defined(__riscv_flen) && defined(__riscv_float_abi_double)
#define QCC_FENCE_F32(v) __asm__("" : "+f"(v))
#define QCC_FENCE_F64(v) __asm__("" : "+f"(v))
#elif QCC_GNU && defined(__arm__) && defined(__ARM_FP) && (__ARM_FP & 4)
/* Single-only FPUs (Cortex-M4) compute doubles in software, out of any contraction's reach. */
#define QCC_FENCE_F32(v) __asm__("" : "+t"(v))
#if __ARM_FP & 8
#define QCC_FENCE_F64(v) __asm__("" : "+w"(v))
#else
#define QCC_FENCE_F64(v) ((void)0)
#endif
#elif QCC_GNU
#define QCC_FENCE_F32(v) __asm__("" : "+m"(v))
#define QCC_FENCE_F64(v) __asm__("" : "+m"(v))
#endif

/* a * b, rounded once, whatever is done with it. */
QCC_INLINE float qcc_mulf(float a, float b) {
#if QCC_FENCED && !QCC_GNU
  volatile float product = a * b;
  return product;
#else
  float product = a * b;
  QCC_FENCE_F32(product);
  return product;
#endif
}

QCC_INLINE double qcc_mul(double a, double b) {
#if QCC_FENCED && !QCC_GNU
  volatile double product = a * b;
  return product;
#else
  double product = a * b;
  QCC_FENCE_F64(product);
  return product;
#endif
}

#endif

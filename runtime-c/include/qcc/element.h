/* SPDX-License-Identifier: 0BSD */
/* Elements of the families that work on any of them, how their numbers are read and written, and rounding to the short
 * float formats (twin of src/quant/float16.ts). */
#ifndef QCC_ELEMENT_H
#define QCC_ELEMENT_H

#include "qcc/math.h"

/* The order is that of src/ops/element-codes.ts. F16 and BF16 are held as the float they mean; S4, U4 one to a byte.
 * F16_BITS is what a caller has of F16: only `cast` knows it, from and to F16. */
enum {
  QCC_ELEMENT_F32,
  QCC_ELEMENT_F64,
  QCC_ELEMENT_F16,
  QCC_ELEMENT_BF16,
  QCC_ELEMENT_S8,
  QCC_ELEMENT_U8,
  QCC_ELEMENT_S16,
  QCC_ELEMENT_U16,
  QCC_ELEMENT_S32,
  QCC_ELEMENT_U32,
  QCC_ELEMENT_S64,
  QCC_ELEMENT_U64,
  QCC_ELEMENT_BOOL,
  QCC_ELEMENT_S4,
  QCC_ELEMENT_U4,
  QCC_ELEMENT_F16_BITS
};

QCC_INLINE int qcc_is_float(int32_t element) { return element <= QCC_ELEMENT_BF16; }

QCC_INLINE double qcc_load_f64(const void *x, int32_t element, size_t i) {
  return element == QCC_ELEMENT_F64 ? ((const double *)x)[i] : (double)((const float *)x)[i];
}

/* U64 keeps its bits. */
QCC_INLINE int64_t qcc_load_s64(const void *x, int32_t element, size_t i) {
  switch (element) {
    case QCC_ELEMENT_S8:
    case QCC_ELEMENT_S4: return ((const int8_t *)x)[i];
    case QCC_ELEMENT_S16: return ((const int16_t *)x)[i];
    case QCC_ELEMENT_U16: return ((const uint16_t *)x)[i];
    case QCC_ELEMENT_S32: return ((const int32_t *)x)[i];
    case QCC_ELEMENT_U32: return ((const uint32_t *)x)[i];
    case QCC_ELEMENT_S64: return ((const int64_t *)x)[i];
    case QCC_ELEMENT_U64: return (int64_t)((const uint64_t *)x)[i];
    default: return ((const uint8_t *)x)[i];
  }
}

/* The low bits of v. */
QCC_INLINE void qcc_store_s64(void *y, int32_t element, size_t i, int64_t v) {
  switch (element) {
    case QCC_ELEMENT_S4: ((int8_t *)y)[i] = (int8_t)(((v & 15) ^ 8) - 8); break;
    case QCC_ELEMENT_U4: ((uint8_t *)y)[i] = (uint8_t)(v & 15); break;
    case QCC_ELEMENT_BOOL: ((uint8_t *)y)[i] = (uint8_t)(v != 0); break;
    case QCC_ELEMENT_S16:
    case QCC_ELEMENT_U16: ((uint16_t *)y)[i] = (uint16_t)v; break;
    case QCC_ELEMENT_S32:
    case QCC_ELEMENT_U32: ((uint32_t *)y)[i] = (uint32_t)v; break;
    case QCC_ELEMENT_S64:
    case QCC_ELEMENT_U64: ((uint64_t *)y)[i] = (uint64_t)v; break;
    default: ((uint8_t *)y)[i] = (uint8_t)v;
  }
}

/* The nearest number of `digits` binary digits and exponents from `min_exponent` (subnormals below), ties to even;
 * infinity beyond `max`. Adding and taking away 1.5 * 2^(52 + e) leaves a multiple of 2^e. */
QCC_INLINE double qcc_round_to(double v, int32_t digits, int32_t min_exponent, double max) {
  int32_t e = (int32_t)((qcc_bits_of_f64(v) >> 52) & 0x7ff) - 1023;
  double shift, rounded;
  if (e == 1024 || v == 0.0) return v;
  if (e < min_exponent) e = min_exponent;
  if (e > 127) e = 127; /* beyond every max */
  shift = qcc_f64_of_bits(((uint64_t)(e - digits + 1 + 52 + 1023) << 52) | UINT64_C(0x8000000000000));
  rounded = (v + shift) - shift;
  if (qcc_absd(rounded) > max) return v > 0.0 ? (double)QCC_INFINITY : (double)-QCC_INFINITY;
  return v < 0.0 && rounded == 0.0 ? -0.0 : rounded;
}

/* The float that the bits of an IEEE 754 binary16 mean: exact. A subnormal is an integer times 2^-24. */
QCC_INLINE float qcc_float_of_half(uint32_t half) {
  const uint32_t sign = (half & 0x8000u) << 16, exponent = (half >> 10) & 31u, fraction = half & 1023u;
  const uint32_t small = qcc_bits_of_f32((float)(int32_t)fraction * 0x1p-24f);
  const uint32_t normal = (exponent == 31u ? 0x7f800000u : (exponent + 112u) << 23) | fraction << 13;
  return qcc_f32_of_bits(sign | (exponent == 0u ? small : normal));
}

/* The bits of the nearest binary16, ties to even; infinity from 65520 on; a NaN stays one. */
QCC_INLINE uint32_t qcc_half_of_float(float v) {
  const uint32_t bits = qcc_bits_of_f32(v), size = bits & 0x7fffffffu;
  /* Adding 2^-1 makes 2^-24 the last digit of what is below 2^-14. */
  const uint32_t small = qcc_bits_of_f32(qcc_f32_of_bits(size < 0x38800000u ? size : 0u) + 0.5f) - 0x3f000000u;
  const uint32_t normal = (size - 0x38000000u + 0xfffu + ((size >> 13) & 1u)) >> 13;
  uint32_t half = size < 0x38800000u ? small : normal;
  if (size >= 0x477ff000u) half = size > 0x7f800000u ? 0x7e00u | ((size >> 13) & 0x3ffu) : 0x7c00u;
  return (bits >> 16 & 0x8000u) | half;
}

/* A double in a float element of at most 32 bits. */
QCC_INLINE float qcc_narrow(double v, int32_t element) {
  if (element == QCC_ELEMENT_F16) return (float)qcc_round_to(v, 11, -14, 65504.0);
  if (element == QCC_ELEMENT_BF16) return (float)qcc_round_to(v, 8, -126, 0x1.fep127);
  return (float)v;
}

#endif

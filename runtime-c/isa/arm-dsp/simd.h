/* SPDX-License-Identifier: 0BSD */
/* The few DSP instructions the kernels of arm-dsp are made of.
 *
 * A word of four bytes unpacks into two words of two s16: `even` holds bytes 0 and 2, `odd` bytes 1 and 3. Both factors of
 * a product are unpacked this way, so that lanes meet and weights need no other order in memory.
 *
 *   smlad  acc + x.low * w.low + x.high * w.high, modulo 2^32; smlald in 64 bits; smla<b|t><b|t> one product of low or top halves */
#ifndef QCC_ARM_DSP_SIMD_H
#define QCC_ARM_DSP_SIMD_H

#include "qcc/base.h"

/* Four bytes at any address: one instruction on cores that have this extension. */
QCC_INLINE uint32_t qcc_dsp_load(const void *from) {
  uint32_t word;
  qcc_copy(&word, from, sizeof word);
  return word;
}

QCC_INLINE uint32_t qcc_dsp_even(uint32_t bytes, int32_t is_signed) {
  uint32_t halves;
  if (is_signed != 0)
    __asm__("sxtb16 %0, %1" : "=r"(halves) : "r"(bytes));
  else
    __asm__("uxtb16 %0, %1" : "=r"(halves) : "r"(bytes));
  return halves;
}

QCC_INLINE uint32_t qcc_dsp_odd(uint32_t bytes, int32_t is_signed) {
  uint32_t halves;
  if (is_signed != 0)
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(halves) : "r"(bytes));
  else
    __asm__("uxtb16 %0, %1, ror #8" : "=r"(halves) : "r"(bytes));
  return halves;
}

QCC_INLINE int32_t qcc_dsp_smlad(uint32_t x, uint32_t w, int32_t acc) {
  __asm__("smlad %0, %1, %2, %0" : "+r"(acc) : "r"(x), "r"(w));
  return acc;
}

QCC_INLINE int64_t qcc_dsp_smlald(uint32_t x, uint32_t w, int64_t acc) {
  __asm__("smlald %Q0, %R0, %1, %2" : "+r"(acc) : "r"(x), "r"(w));
  return acc;
}

#define QCC_DSP_SMLA(halves)                                                                         \
  QCC_INLINE int32_t qcc_dsp_smla##halves(uint32_t x, uint32_t w, int32_t acc) {                     \
    __asm__("smla" #halves " %0, %1, %2, %0" : "+r"(acc) : "r"(x), "r"(w));                          \
    return acc;                                                                                      \
  }
QCC_DSP_SMLA(bb)
QCC_DSP_SMLA(bt)
QCC_DSP_SMLA(tb)
QCC_DSP_SMLA(tt)

/* Both halves. */
QCC_INLINE uint32_t qcc_dsp_sadd16(uint32_t a, uint32_t b) {
  uint32_t sums;
  __asm__("sadd16 %0, %1, %2" : "=r"(sums) : "r"(a), "r"(b));
  return sums;
}

/* To s8 or u8. */
QCC_INLINE int32_t qcc_dsp_saturate(int32_t v, int32_t is_signed) {
  if (is_signed != 0)
    __asm__("ssat %0, #8, %0" : "+r"(v));
  else
    __asm__("usat %0, #8, %0" : "+r"(v));
  return v;
}

/* v >> right to s8 or u8, 16 <= right <= 24: of a literal, one instruction. */
QCC_INLINE int32_t qcc_dsp_shifted_saturate(int32_t v, int32_t right, int32_t is_signed) {
#define QCC_DSP_SHIFTED(by)                                          \
  case by:                                                           \
    if (is_signed != 0)                                              \
      __asm__("ssat %0, #8, %0, asr #" #by : "+r"(v));               \
    else                                                             \
      __asm__("usat %0, #8, %0, asr #" #by : "+r"(v));               \
    return v;
  switch (right) {
    QCC_DSP_SHIFTED(16)
    QCC_DSP_SHIFTED(17)
    QCC_DSP_SHIFTED(18)
    QCC_DSP_SHIFTED(19)
    QCC_DSP_SHIFTED(20)
    QCC_DSP_SHIFTED(21)
    QCC_DSP_SHIFTED(22)
    QCC_DSP_SHIFTED(23)
    default: break;
  }
#undef QCC_DSP_SHIFTED
  return qcc_dsp_saturate(v >> right, is_signed);
}

/* (a * b + 2^31) >> 32 */
QCC_INLINE int32_t qcc_dsp_smmulr(int32_t a, int32_t b) {
  int32_t high;
  __asm__("smmulr %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
  return high;
}

/* sum + ((a * b + 2^31) >> 32) */
QCC_INLINE int32_t qcc_dsp_smmlar(int32_t a, int32_t b, int32_t sum) {
  int32_t high;
  __asm__("smmlar %0, %1, %2, %3" : "=r"(high) : "r"(a), "r"(b), "r"(sum));
  return high;
}

/* (a * b) >> 32 */
QCC_INLINE int32_t qcc_dsp_smmul(int32_t a, int32_t b) {
  int32_t high;
  __asm__("smmul %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
  return high;
}

/* (v + 2^(right - 1)) >> right, plus `more`, for 1 <= right <= 31: the last bit shifted out is the carry. */
QCC_INLINE int32_t qcc_dsp_round_shift(int32_t v, int32_t right, int32_t more) {
  __asm__("asrs %0, %0, %1\n\tadc %0, %0, %2" : "+r"(v) : "r"(right), "r"(more) : "cc");
  return v;
}

/* (a.low, b.low) and (a.high, b.high) as pairs. */
QCC_INLINE uint32_t qcc_dsp_lows(uint32_t a, uint32_t b) {
  uint32_t pair;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair) : "r"(a), "r"(b));
  return pair;
}

QCC_INLINE uint32_t qcc_dsp_highs(uint32_t a, uint32_t b) {
  uint32_t pair;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(pair) : "r"(b), "r"(a));
  return pair;
}

#endif

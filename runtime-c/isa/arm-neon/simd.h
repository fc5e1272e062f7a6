/* SPDX-License-Identifier: 0BSD */
/* NEON helpers shared by the kernels of this folder: loads and stores of part of a vector, widening, 256-byte tables.
 * Invariant: nothing here reads or writes a byte outside the ranges its arguments name. */
#ifndef QCC_ARM_NEON_SIMD_H
#define QCC_ARM_NEON_SIMD_H

#include "simd_width.h"

/* Pins a vector to a register: without it compilers load operands again for each use, sum products in an order of their
 * own, and spill the accumulators. Emits no instruction. */
#define QCC_NEON_FENCE(v) __asm__("" : "+w"(v))

/* x is not used before the four sums are complete: keeps a compiler's scheduler from widening everything at once. */
#define QCC_NEON_AFTER(x, c0, c1, c2, c3) __asm__("" : "+w"(x), "+w"(c0), "+w"(c1), "+w"(c2), "+w"(c3))

/* A fence for a trip count or a pointer: loop bodies that fill the registers must neither be unrolled completely nor
 * share loads with the next iteration. */
#define QCC_NEON_HIDE(v) __asm__("" : "+r"(v))

/* Unaligned words of any object. */
typedef uint32_t __attribute__((may_alias, aligned(1))) qcc_neon_word;
typedef uint16_t __attribute__((may_alias, aligned(1))) qcc_neon_short;

/* Whole vectors at any address. */
QCC_INLINE int8x16_t qcc_neon_load_s8(const void *p) { return vld1q_s8((const int8_t *)p); }
QCC_INLINE int16x8_t qcc_neon_load_s16(const void *p) { return vreinterpretq_s16_u8(vld1q_u8((const uint8_t *)p)); }
QCC_INLINE int32x4_t qcc_neon_load_s32(const void *p) { return vreinterpretq_s32_u8(vld1q_u8((const uint8_t *)p)); }
QCC_INLINE float32x4_t qcc_neon_load_f32(const void *p) { return vreinterpretq_f32_u8(vld1q_u8((const uint8_t *)p)); }
QCC_INLINE void qcc_neon_store_s16(void *p, int16x8_t v) { vst1q_u8((uint8_t *)p, vreinterpretq_u8_s16(v)); }
QCC_INLINE void qcc_neon_store_s32(void *p, int32x4_t v) { vst1q_u8((uint8_t *)p, vreinterpretq_u8_s32(v)); }
QCC_INLINE void qcc_neon_store_f32(void *p, float32x4_t v) { vst1q_u8((uint8_t *)p, vreinterpretq_u8_f32(v)); }

/* The first count (0..7) bytes at p, the rest zero. */
QCC_INLINE uint64_t qcc_neon_load_under_8(const uint8_t *p, int32_t count) {
  uint64_t v = 0;
  if (count & 1) v = p[count & 6];
  if (count & 2) v = v << 16 | *(const qcc_neon_short *)(p + (count & 4));
  if (count & 4) v = v << 32 | *(const qcc_neon_word *)p;
  return v;
}

/* The first `count` bytes at p (16 if it is more), the rest any value; reads more than those only before `end`. */
QCC_INLINE uint8x16_t qcc_neon_load_part(const uint8_t *p, int32_t count, const uint8_t *end) {
  if (count >= 16 || end - p >= 16) return vld1q_u8(p);
  if (count == 8) return vcombine_u8(vld1_u8(p), vdup_n_u8(0));
  if (count < 8) return vcombine_u8(vcreate_u8(qcc_neon_load_under_8(p, count)), vdup_n_u8(0));
  return vcombine_u8(vld1_u8(p), vcreate_u8(qcc_neon_load_under_8(p + 8, count - 8)));
}

/* The first count (8 if it is more) bytes of v. */
QCC_INLINE void qcc_neon_store_half(uint8_t *p, uint8x8_t v, int32_t count) {
  if (count >= 8) {
    vst1_u8(p, v);
    return;
  }
  uint64_t rest = vget_lane_u64(vreinterpret_u64_u8(v), 0);
  if (count & 4) {
    *(qcc_neon_word *)p = (uint32_t)rest;
    rest >>= 32;
    p += 4;
  }
  if (count & 2) {
    *(qcc_neon_short *)p = (uint16_t)rest;
    rest >>= 16;
    p += 2;
  }
  if (count & 1) *p = (uint8_t)rest;
}

/* The first count (16 if it is more) bytes of v. */
QCC_INLINE void qcc_neon_store_part(uint8_t *p, uint8x16_t v, int32_t count) {
  if (count >= 16) {
    vst1q_u8(p, v);
    return;
  }
  qcc_neon_store_half(p, vget_low_u8(v), count);
  if (count > 8) qcc_neon_store_half(p + 8, vget_high_u8(v), count - 8);
}

/* The first count (4 if it is more, none if it is less than 1) words of v. */
QCC_INLINE void qcc_neon_store_words(void *p, int32x4_t v, int32_t count) {
  if (count > 0) qcc_neon_store_part((uint8_t *)p, vreinterpretq_u8_s32(v), count >= 4 ? 16 : 4 * count);
}

/* The first count (4 if it is more, none if it is less than 1) words at p, the rest zero. */
QCC_INLINE int32x4_t qcc_neon_load_words(const void *p, int32_t count) {
  const qcc_neon_word *words = (const qcc_neon_word *)p;
  if (count >= 4) return qcc_neon_load_s32(p);
  uint32x4_t v = vdupq_n_u32(0);
  if (count > 0) v = vsetq_lane_u32(words[0], v, 0);
  if (count > 1) v = vsetq_lane_u32(words[1], v, 1);
  if (count > 2) v = vsetq_lane_u32(words[2], v, 2);
  return vreinterpretq_s32_u32(v);
}

/* Stored bytes -> s16: the low and the high 8. */
QCC_INLINE int16x8_t qcc_neon_widen_low(uint8x16_t v, int32_t is_signed) {
  return is_signed ? vmovl_s8(vreinterpret_s8_u8(vget_low_u8(v))) : vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(v)));
}

QCC_INLINE int16x8_t qcc_neon_widen_high(uint8x16_t v, int32_t is_signed) {
  return is_signed ? qcc_neon_movl_high_s8(vreinterpretq_s8_u8(v)) : vreinterpretq_s16_u16(qcc_neon_movl_high_u8(v));
}

/* a * b, rounded once, whatever is done with it (qcc_mulf of qcc/base.h). */
QCC_INLINE float32x4_t qcc_neon_mul(float32x4_t a, float32x4_t b) {
  float32x4_t product = vmulq_f32(a, b);
#if QCC_FENCED
  QCC_NEON_FENCE(product);
#endif
  return product;
}

/* s16 -> f32: the low and the high 4. */
QCC_INLINE float32x4_t qcc_neon_float_low(int16x8_t v) { return vcvtq_f32_s32(vmovl_s16(vget_low_s16(v))); }
QCC_INLINE float32x4_t qcc_neon_float_high(int16x8_t v) { return vcvtq_f32_s32(qcc_neon_movl_high_s16(v)); }

/* Round half even within low..high; NaN becomes low. */
QCC_INLINE int16x8_t qcc_neon_round_within(float32x4_t first, float32x4_t second, float32x4_t low, float32x4_t high) {
  return qcc_neon_round(qcc_neon_within(first, low, high), qcc_neon_within(second, low, high));
}

/* s16 -> 8 bits, saturating, within low..high unless that is the whole type. */
QCC_INLINE uint8x16_t qcc_neon_narrow(int16x8_t first, int16x8_t second, int32_t is_signed, int32_t full_range,
                                      int32_t low, int32_t high) {
  if (is_signed) {
    int8x16_t v = qcc_neon_qmovn_s16(first, second);
    if (!full_range) v = vminq_s8(vmaxq_s8(v, vdupq_n_s8((int8_t)low)), vdupq_n_s8((int8_t)high));
    return vreinterpretq_u8_s8(v);
  }
  uint8x16_t v = qcc_neon_qmovun_s16(first, second);
  return full_range ? v : vminq_u8(vmaxq_u8(v, vdupq_n_u8((uint8_t)low)), vdupq_n_u8((uint8_t)high));
}

#if QCC_NEON_64
/* r = table[v], the table's four quarters in t0 to t3: each tbl answers the 64 indices it knows and leaves the others. A
 * macro, because gcc passes quarters to inlined functions through memory. */
#define QCC_NEON_LOOKUP(r, t0, t1, t2, t3, v)                     \
  r = vqtbl4q_u8(t0, v);                                          \
  r = vqtbx4q_u8(r, t1, veorq_u8(v, vdupq_n_u8(0x40)));           \
  r = vqtbx4q_u8(r, t2, veorq_u8(v, vdupq_n_u8(0x80)));           \
  r = vqtbx4q_u8(r, t3, veorq_u8(v, vdupq_n_u8(0xc0)));

QCC_INLINE uint8x16_t qcc_neon_lookup(const uint8_t *table, uint8x16_t v) {
  const uint8x16x4_t t0 = vld1q_u8_x4(table), t1 = vld1q_u8_x4(table + 64);
  const uint8x16x4_t t2 = vld1q_u8_x4(table + 128), t3 = vld1q_u8_x4(table + 192);
  uint8x16_t r;
  QCC_NEON_LOOKUP(r, t0, t1, t2, t3, v)
  return r;
}
#else
/* A table takes all registers of 32-bit ARM, and eight instructions for 8 indices: loads are as fast. */
QCC_INLINE uint8x16_t qcc_neon_lookup(const uint8_t *table, uint8x16_t v) {
  uint8_t bytes[16];
  vst1q_u8(bytes, v);
  for (int32_t i = 0; i < 16; i++) bytes[i] = table[bytes[i]];
  return vld1q_u8(bytes);
}
#endif

#endif

/* SPDX-License-Identifier: 0BSD */
/* Helium helpers shared by the kernels of this folder: copies, tails, narrowing, the parts compilers get wrong.
 *
 * Inner loops are assembly: gcc 12 neither makes tail-predicated loops nor keeps sums in the even core registers that
 * vmladava wants without moving them about. Floats here are flushed where they are subnormal (Helium always does so);
 * every use says why that cannot be seen. Invariant: no byte outside the ranges the arguments name is read or written. */
#ifndef QCC_ARM_MVE_SIMD_H
#define QCC_ARM_MVE_SIMD_H

#include <arm_mve.h>

#include "qcc/base.h"

/* v's lanes saturated to 16 bits (s8: to 8) in the low half of each lane; what is above them is any value. The intrinsics
 * merge into another vector, which costs a move. */
#define QCC_MVE_TO_S16(v) __asm__("vqmovnb.s32 %q0, %q0" : "+w"(v))
#define QCC_MVE_TO_S8(v) __asm__("vqmovnb.s16 %q0, %q0" : "+w"(v))
#define QCC_MVE_TO_U8(v) __asm__("vqmovunb.s16 %q0, %q0" : "+w"(v))

/* A vector of four sums that lie in core registers: two instructions, where lane by lane it takes four. */
#define QCC_MVE_GATHER_SUMS(v, s0, s1, s2, s3) \
  "vmov %q[" v "][2], %q[" v "][0], %[" s0 "], %[" s2 "]\n\tvmov %q[" v "][3], %q[" v "][1], %[" s1 "], %[" s3 "]\n\t"

/* Makes x unknown here: what is made of it is made where it is used, and no vector keeps it through the loops around. */
#define QCC_MVE_HERE(x) __asm__("" : "+r"(x))

/* `bytes` >= 0 bytes from `from` to `to`, each xor `flip` (a literal 0 costs nothing). */
QCC_INLINE void qcc_mve_copy(uint8_t *to, const uint8_t *from, int32_t bytes, uint8_t flip) {
  uint8x16_t v;
  if (flip == 0) {
    __asm__ volatile(
        "wlstp.8 lr, %[n], 2f\n"
        "1:\n\t"
        "vldrb.u8 %q[v], [%[from]], #16\n\t"
        "vstrb.8 %q[v], [%[to]], #16\n\t"
        "letp lr, 1b\n"
        "2:"
        : [v] "=&w"(v), [from] "+r"(from), [to] "+r"(to)
        : [n] "r"(bytes)
        : "lr", "memory");
  } else {
    const uint8x16_t mask = vdupq_n_u8(flip);
    __asm__ volatile(
        "wlstp.8 lr, %[n], 2f\n"
        "1:\n\t"
        "vldrb.u8 %q[v], [%[from]], #16\n\t"
        "veor %q[v], %q[v], %q[mask]\n\t"
        "vstrb.8 %q[v], [%[to]], #16\n\t"
        "letp lr, 1b\n"
        "2:"
        : [v] "=&w"(v), [from] "+r"(from), [to] "+r"(to)
        : [n] "r"(bytes), [mask] "w"(mask)
        : "lr", "memory");
  }
}

QCC_INLINE void qcc_mve_fill(uint8_t *to, uint8_t value, int32_t bytes) {
  const uint8x16_t v = vdupq_n_u8(value);
  __asm__ volatile(
      "wlstp.8 lr, %[n], 2f\n"
      "1:\n\t"
      "vstrb.8 %q[v], [%[to]], #16\n\t"
      "letp lr, 1b\n"
      "2:"
      : [to] "+r"(to)
      : [n] "r"(bytes), [v] "w"(v)
      : "lr", "memory");
}

/* The first `count` (16 if it is more) bytes at p, the rest zero. */
QCC_INLINE int8x16_t qcc_mve_load_part(const uint8_t *p, int32_t count) {
  if (count >= 16) return vreinterpretq_s8_u8(vldrbq_u8(p));
  return vreinterpretq_s8_u8(vldrbq_z_u8(p, vctp8q((uint32_t)count)));
}

/* The low bytes of the first `count` (4 if it is more) lanes. */
QCC_INLINE void qcc_mve_store_bytes(uint8_t *p, uint32x4_t v, int32_t count) {
  if (count >= 4)
    vstrbq_u32(p, v);
  else
    vstrbq_p_u32(p, v, vctp32q((uint32_t)count));
}

/* The same to p[to[i]]. */
QCC_INLINE void qcc_mve_scatter_bytes(uint8_t *p, uint32x4_t to, uint32x4_t v, int32_t count) {
  if (count >= 4)
    vstrbq_scatter_offset_u32(p, to, v);
  else
    vstrbq_scatter_offset_p_u32(p, to, v, vctp32q((uint32_t)count));
}

QCC_INLINE void qcc_mve_store_words(void *p, int32x4_t v, int32_t count) {
  if (count >= 4)
    vstrwq_s32((int32_t *)p, v);
  else
    vstrwq_p_s32((int32_t *)p, v, vctp32q((uint32_t)count));
}

/* Stored bytes as numbers: the first `count` (4 if it is more). */
QCC_INLINE int32x4_t qcc_mve_load_stored(const uint8_t *p, int32_t is_signed, int32_t count) {
  const mve_pred16_t first = vctp32q((uint32_t)(count < 4 ? count : 4));
  if (is_signed) return count >= 4 ? vldrbq_s32((const int8_t *)p) : vldrbq_z_s32((const int8_t *)p, first);
  return vreinterpretq_s32_u32(count >= 4 ? vldrbq_u32(p) : vldrbq_z_u32(p, first));
}

#endif

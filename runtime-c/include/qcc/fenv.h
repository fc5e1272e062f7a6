/* SPDX-License-Identifier: 0BSD */
/* The float environment a model runs in: round to nearest even, no flush to zero, no traps, whatever the caller had.
 *
 *   qcc_fenv saved = qcc_fenv_enter();  ...  qcc_fenv_leave(saved);
 *
 * Targets without a float control register cost nothing. */
#ifndef QCC_FENV_H
#define QCC_FENV_H

#include "qcc/base.h"

#if defined(__SSE__) || defined(__SSE2__)
#include <xmmintrin.h>
typedef uint32_t qcc_fenv;
/* MXCSR: all exceptions masked, round to nearest, no FTZ, no DAZ. */
static inline qcc_fenv qcc_fenv_enter(void) {
  const uint32_t saved = _mm_getcsr();
  _mm_setcsr(0x1f80u);
  return saved;
}
static inline void qcc_fenv_leave(qcc_fenv saved) { _mm_setcsr(saved); }
#elif defined(__aarch64__) && (defined(__GNUC__) || defined(__clang__))
typedef uint64_t qcc_fenv;
/* FPCR: RMode 0 (nearest), FZ 0, DN 0, AHP 0, no traps. */
static inline qcc_fenv qcc_fenv_enter(void) {
  uint64_t saved;
  __asm__ volatile("mrs %0, fpcr" : "=r"(saved));
  __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)0) : "memory");
  return saved;
}
static inline void qcc_fenv_leave(qcc_fenv saved) { __asm__ volatile("msr fpcr, %0" : : "r"(saved) : "memory"); }
#elif defined(__arm__) && defined(__ARM_FP) && (defined(__GNUC__) || defined(__clang__))
typedef uint32_t qcc_fenv;
/* FPSCR: RMode 0 (nearest), FZ 0, FZ16 0, DN 0, AHP 0, no traps. The other fields stay: LTPSIZE of Helium's loops is not for zero. */
static inline qcc_fenv qcc_fenv_enter(void) {
  uint32_t saved;
  __asm__ volatile("vmrs %0, fpscr" : "=r"(saved));
  __asm__ volatile("vmsr fpscr, %0" : : "r"(saved & ~(uint32_t)0x07c89f00) : "memory");
  return saved;
}
static inline void qcc_fenv_leave(qcc_fenv saved) { __asm__ volatile("vmsr fpscr, %0" : : "r"(saved) : "memory"); }
#else
typedef int qcc_fenv;
static inline qcc_fenv qcc_fenv_enter(void) { return 0; }
static inline void qcc_fenv_leave(qcc_fenv saved) { (void)saved; }
#endif

#endif

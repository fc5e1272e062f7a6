/**
 * Compiler flags: the one place that chooses them. Invariant: none may change the value of an expression, so the same
 * source gives the same bytes under every flag here.
 */
import { isBareMetal } from './firmware.js';
import type { Policy } from './policy.js';
import type { Isa, Target } from './target.js';

/**
 * For every file. `-O3`: kernels get their sizes as literals and rely on it to unroll.
 * `-ffp-contract=off`: a compiler's own fma would round once where the contract rounds twice; QCC_CONTRACTION_OFF tells
 * `qcc/base.h` that it need not defend itself.
 * `-fno-math-errno`, `-fno-trapping-math`: nobody reads errno or the exception flags, and without them sqrtf and rintf
 * are one instruction instead of a call into libm; values stay. `-fno-semantic-interposition`: no detour through the PLT.
 * Sections: the linker drops what is not used. Left out on purpose: `-march=native` (bytes may move to another machine),
 * `-ffast-math` (answers would depend on the compiler), `-fno-strict-aliasing` and `-fwrapv` (they would hide bugs that
 * appear where users compile the code with flags of their own).
 */
export const baseCFlags: readonly string[] = [
  '-std=c11',
  '-O3',
  '-ffp-contract=off',
  '-DQCC_CONTRACTION_OFF',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fno-semantic-interposition',
  '-ffunction-sections',
  '-fdata-sections',
];

/** `baseCFlags` at the level a policy asks for. */
export function cFlagsAt(level: Policy['level']): readonly string[] {
  return baseCFlags.map((flag) => (flag === '-O3' ? level : flag));
}

/**
 * Stack that a run of any model may take, compiled by gcc or clang with optimization (-O1 and up, -Os): a contract of the
 * kernels, which keep their tiles in registers and everything larger in the arena. Tested with -fstack-usage, and on every
 * microcontroller with a painted stack. Without optimization SIMD intrinsics alone take hundreds of kilobytes.
 */
export function stackBytesOn({ isMcu }: Pick<Target, 'isMcu'>): number {
  return isMcu ? 2048 : 4096;
}

/**
 * For files of the library: usable in a shared object, where only what is marked as exported is visible. Images without
 * an operating system have fixed addresses.
 */
export function libraryCFlags(target: Target): readonly string[] {
  return isBareMetal(target) ? ['-fvisibility=hidden'] : ['-fPIC', '-fvisibility=hidden'];
}

/** For files that use the instruction sets of the target: not for `main`, which must be able to say what the CPU lacks. */
export function isaCFlags(target: Target, family: 'gcc' | 'clang' = 'gcc'): readonly string[] {
  const flags = (isa: Isa) => [...isa.cFlags, ...(family === 'clang' ? isa.clangCFlags : [])];
  return [...new Set([...target.isas].reverse().flatMap(flags))];
}

/** For linking an executable or a shared object of these files: a pool of threads wants its library, where that is apart. */
export function linkFlags(target: Target, sources: readonly string[]): readonly string[] {
  const threads = sources.some((s) => s.endsWith('_threads.c')) ? ['-pthread'] : [];
  return [target.objectFormat === 'macho' ? '-Wl,-dead_strip' : '-Wl,--gc-sections', ...threads];
}

/** How generated C asks, at run time, whether the CPU has the target's instruction set. Pure. */
import type { CpuCheck } from '../target/target.js';

export interface CpuTest {
  /** Preprocessor condition under which the question can be asked; elsewhere the CPU counts as fit. */
  readonly guard: string;
  /** Undefined where the question needs none. */
  readonly header: string | undefined;
  /** A statement before it, or undefined. */
  readonly start: string | undefined;
  readonly expression: string;
}

/** Undefined where every CPU of the target has it. */
export function cpuTestOf(check: CpuCheck | undefined): CpuTest | undefined {
  if (check === undefined) return undefined;
  if (check.hwcap !== undefined)
    return {
      guard: 'defined(__linux__)',
      header: 'sys/auxv.h',
      start: undefined,
      expression: `(getauxval(AT_HWCAP) & ${check.hwcap}ul) == ${check.hwcap}ul`,
    };
  return {
    guard: 'defined(__GNUC__) || defined(__clang__)',
    header: undefined,
    start: '__builtin_cpu_init();',
    expression: check.builtin.map((feature) => `__builtin_cpu_supports("${feature}")`).join(' && '),
  };
}

/** What a program tells a user whose CPU lacks it. */
export function cpuFeatureNames(check: CpuCheck | undefined): readonly string[] {
  if (check === undefined) return [];
  return check.hwcap === undefined ? check.builtin : check.linux;
}

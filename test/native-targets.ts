/**
 * Targets whose programs run on a CPU that has them only, because no emulator does. Invariant: a test that cannot run here is
 * reported as skipped, with the reason.
 */
import { currentHost, runsNatively } from '../src/target/host.js';
import { findTarget, loadTargets } from '../src/target/load.js';

const whereNative = ['x86-avx512vnni'];

/** `{ skip }` for `test()`: a reason where this machine cannot run the target's programs, else false. */
export function needsCpu(target: string): { readonly skip: string | false } {
  if (!whereNative.includes(target) || runsNatively(findTarget(loadTargets(), target), currentHost()))
    return { skip: false };
  return { skip: `this CPU is no ${target}, and no emulator is; its kernels are checked by test/kernels all the same` };
}

/** Codes Q05xx: compilers and emulators. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes05 = {
  Q0501: {
    title: 'no C compiler for the target',
    explanation:
      'Neither --cc, the environment variable CC, nor the compilers the target names could be started. Install the package in the message, or name a compiler: --cc "clang-16 --target=aarch64-linux-gnu".',
  },
  Q0502: {
    title: 'the compiler makes code for another machine',
    explanation:
      'The compiler in --cc or CC was asked for its machine (-dumpmachine) and it is not that of the target. Unset CC, name a cross compiler with --cc, or choose the target the compiler is for.',
  },
  Q0503: {
    title: 'the C compiler refused the generated code',
    explanation:
      'The message quotes the compiler. Look for flags of yours in CFLAGS first (-ffast-math is refused on purpose: answers would depend on the compiler); otherwise this is a bug of qcc.',
  },
  Q0504: {
    title: 'linking failed',
    explanation:
      'The message quotes the linker or the archiver. Usual causes: LDFLAGS, or a missing static C library of a cross compiler (libc6-dev-arm64-cross).',
  },
  Q0505: {
    title: 'the compiler or the program ran out of time',
    explanation: 'A process took longer than its limit and was killed, with the processes it had started.',
  },
  Q0506: {
    title: 'no emulator for the target',
    explanation:
      'This CPU cannot run the target, and the emulator it needs could not be started. Install the package in the message, or copy the executable to the target machine; cross-built executables are static.',
  },
  Q0507: {
    title: 'the built program crashed',
    explanation:
      'The program was ended by a signal. SIGILL: it used an instruction this CPU (or the emulated one) lacks, so it was built for another target. SIGSEGV or SIGBUS: it touched memory outside its buffers, a bug of qcc: please report it with the model.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

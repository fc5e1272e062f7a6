/** Codes Q05xx: compilers and emulators. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes05 = {
  Q0501: {
    title: 'no C compiler for the target',
    explanation:
      'Neither --cc, the environment variable CC, nor the compilers the target names could be started.\n\n' +
      'Example: --target arm-neon on a PC without gcc-aarch64-linux-gnu.\n\n' +
      'Way out: install the package in the message, or name a compiler: --cc "clang-16 --target=aarch64-linux-gnu".',
  },
  Q0502: {
    title: 'the compiler makes code for another machine',
    explanation:
      'The compiler in --cc or CC was asked for its machine (-dumpmachine) and it is not that of the target.\n\n' +
      'Example: CC=gcc on a PC with --target arm-neon.\n\n' +
      'Way out: unset CC, name a cross compiler with --cc, or choose the target the compiler is for.',
  },
  Q0503: {
    title: 'the C compiler refused the generated code',
    explanation:
      'The C compiler refused the generated code. The message quotes it.\n\n' +
      'Example: CFLAGS=-ffast-math, which is refused on purpose: answers would depend on the compiler.\n\n' +
      'Way out: look for flags of yours in CFLAGS first; otherwise this is a bug of qcc: please report it with the model.',
  },
  Q0504: {
    title: 'linking failed',
    explanation:
      'The message quotes the linker or the archiver.\n\n' +
      'Example: a missing static C library of a cross compiler.\n\n' +
      'Way out: look for flags of yours in LDFLAGS first; install the C library of the cross compiler (`qcc targets` names the packages).',
  },
  Q0505: {
    title: 'the compiler or the program ran out of time',
    explanation:
      'A process took longer than its limit and was killed, with the processes it had started.\n\n' +
      'Example: a large model under an emulator on a busy machine.\n\n' +
      'Way out: try again on an idle machine, or run the program on the target itself.',
  },
  Q0506: {
    title: 'no emulator for the target',
    explanation:
      'This CPU cannot run the target, and the emulator it needs could not be started.\n\n' +
      'Example: qcc run --target arm-neon on a PC without qemu-aarch64.\n\n' +
      'Way out: install the package in the message, or copy the executable to the target machine; cross-built executables are static.',
  },
  Q0507: {
    title: 'the built program crashed',
    explanation:
      'The program was ended by a signal. SIGILL: it used an instruction this CPU (or the emulated one) lacks. SIGSEGV or SIGBUS: it touched memory outside its buffers.\n\n' +
      'Example: a program for x86-avx2 on a CPU without AVX2.\n\n' +
      'Way out: build it for a target this CPU runs (`qcc targets`). After SIGSEGV or SIGBUS: a bug of qcc, please report it with the model.',
  },
  Q0520: {
    title: 'no shared library without an operating system',
    explanation:
      'A firmware image has no loader, so a target such as cortex-m4 gets C files or a static library.\n\n' +
      'Example: qcc build model.onnx --target cortex-m4 --emit shared.\n\n' +
      'Way out: --emit c (the default there) or --emit lib.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

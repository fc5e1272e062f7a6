/** Codes Q04xx: targets and budgets. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes04 = {
  Q0401: {
    title: 'unknown target',
    explanation:
      'The name given to --target is neither a target nor the alias of one (a board or a core).\n\n' +
      'Example: --target avx2, where x86-avx2 is meant.\n\n' +
      'Way out: `qcc targets` lists the names. A new target is one file in runtime-c/target.',
  },
  Q0402: {
    title: 'target or instruction-set file is invalid',
    explanation:
      'A file in runtime-c/target or an isa.json in runtime-c/isa does not say what it must; the message names file, line and field.\n\n' +
      'Example: a target file with "objectFormat": "exe".\n\n' +
      'Way out: correct the field; runtime-c/README.md describes them.',
  },
  Q0410: {
    title: 'no kernel fits',
    explanation:
      "No kernel of the target's instruction sets can run an operation with these types and shapes. The message lists why each candidate was refused.\n\n" +
      'Example: a convolution whose weights need 9 bits, for a target without a kernel of s16 weights.\n\n' +
      'Way out: add the scalar instruction set to the target: its kernels ask for nothing.',
  },
  Q0420: {
    title: 'an input or output stays float',
    explanation:
      'Programs for machines without an operating system take and give the stored integers of the quantized model, and the header ' +
      'has functions that make them of reals and reals of them. This input or output is no such integer: it is not quantized, or ' +
      'to several scales.\n\n' +
      'Example: a Softmax at the end that stayed float.\n\n' +
      'Way out: quantize that part of the model too; or leave it: the firmware then gives or takes floats there.',
  },
  Q0421: {
    title: 'float operations where a program would have none',
    explanation:
      'For machines without an operating system, qcc build makes programs of integers alone (--integer-only) unless it is told ' +
      'otherwise. Commands that make no program compute the floats, and say so.\n\n' +
      'Example: qcc bench float.onnx --target cortex-m4\n\n' +
      'Way out: quantize the model (qcc quantize, or --calibrate), or build it with --no-integer-only.',
  },
  Q0422: {
    title: 'this package is not for such a machine',
    explanation:
      'An ESP-IDF component is compiled for the Xtensa and RISC-V cores of Espressif, a CMSIS-Pack for Cortex-M cores, an ' +
      'Arduino library for boards, not for the PC that qcc runs on; C for another instruction set would not compile there, or ' +
      'would run without what the core could do.\n\n' +
      'Example: --target cortex-m4 --package esp-idf\n\n' +
      'Way out: the target of the core that is meant; --target scalar is plain C for any.',
  },
  Q0427: {
    title: 'control flow too long to write out',
    explanation:
      'Loops become one copy of their body for each turn. The copies of this model have more nodes than a program of steps can ' +
      'reasonably be made of.\n\n' +
      'Example: a Loop of 100000 turns.\n\n' +
      'Way out: export with shorter loops, or run the loop in your own code and compile its body as a model.',
  },
  Q0428: {
    title: 'a body that does not fit its operator',
    explanation:
      'The body of an If, Loop or Scan takes or gives another number of values than the operator around it, or collects results of ' +
      'no turn at all, whose shape nobody knows.\n\n' +
      'Example: a Loop with two carried values whose body has three inputs; it takes four, with the turn and the condition.\n\n' +
      'Way out: export the model again; a loop without turns can be left out.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

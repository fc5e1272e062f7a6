/** Codes Q0720 to Q0729: watching a program on its device. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes07b = {
  Q0720: {
    title: 'a log without a trace',
    explanation:
      'qcc verify --trace reads the lines that host/trace.c of a build with --trace writes, and this log has none.\n\n' +
      'Example: the log of a program that was built without --trace.\n\n' +
      'Way out: qcc build MODEL --trace, compile host/trace.c into the program, run it, and keep what it writes.',
  },
  Q0721: {
    title: 'a damaged line of a trace',
    explanation:
      'Every line of a trace ends with a check of itself, and that of this line does not fit: characters were lost or changed ' +
      'between the device and the file.\n\n' +
      'Example: two tasks that write to one UART.\n\n' +
      'Way out: a slower baud rate, flow control, a lock around the sink, then another log.',
  },
  Q0722: {
    title: 'a trace of another build',
    explanation:
      'Lines of a trace carry the name of the model and eight digits of what it was compiled to; those of the folder are others.\n\n' +
      'Example: the device still runs the image of yesterday.\n\n' +
      'Way out: give the folder that the image was built from, or flash the new image.',
  },
  Q0723: {
    title: 'a trace with lines missing',
    explanation:
      'A run writes the same lines in the same order every time. Some of them are not in the log, or its end is missing. What ' +
      'is there was compared.\n\n' +
      'Example: a log that was cut off when the device was reset.\n\n' +
      'Way out: a sink that waits until there is room; if the device stops there itself, look at the step that would come next.',
  },
  Q0724: {
    title: 'a step on the device computed something else',
    explanation:
      'The digest of what this step wrote is not that of the interpreter on the same input; the steps before it agree. So the ' +
      'fault is in what this step reads or does.\n\n' +
      'Example: a bit that flipped in the flash that holds its weights; an interrupt handler that writes into the arena.\n\n' +
      'Way out: check that the input is the one named by --input; then compare the weights in flash with the image, and the ' +
      'compiler flags with those of host/config.mk.',
  },
  Q0725: {
    title: 'a build folder whose trace cannot be computed here',
    explanation:
      'The steps are computed from the model file, compiled again as the manifest says. The folder was built without --trace, ' +
      'or its model or its qcc is another one than here.\n\n' +
      'Example: a model that was retrained after the firmware was built.\n\n' +
      'Way out: name the model file with --model, use the qcc that made the folder, or build again with --trace.',
  },
  Q0726: {
    title: 'no profile of an emulated program',
    explanation:
      'A build with --profile prints times or cycles. In an emulator neither means anything; instructions are counted where QEMU ' +
      'emulates a whole board.\n\n' +
      'Example: qcc run BUILD_DIR of a build for arm-neon on a PC.\n\n' +
      'Way out: run the program on its machine, or count instructions: qcc bench MODEL --target T.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

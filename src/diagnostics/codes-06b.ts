/** Codes Q0655 on: tuning. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes06b = {
  Q0655: {
    title: 'not a cache of measured times',
    explanation:
      'A file named qcc-tune.json lies where --tune keeps its measurements, and is something else, or damaged. It is left as ' +
      'it is.\n\n' +
      'Example: a merge of two branches left conflict marks in it.\n\n' +
      'Way out: move it away; `qcc build --tune` measures again.',
  },
  Q0656: {
    title: 'measured times ignored',
    explanation:
      'qcc-tune.json has times for this target, measured with another version of qcc or of its kernels, or on another CPU. ' +
      'They say nothing about this build, so they are not used; on the machine of the target it is measured again.\n\n' +
      'Example: the file was committed on a Zen 4, and this machine is a Cascade Lake.\n\n' +
      'Way out: nothing, the answer is right and fast all the same. To use times of one CPU for all CPUs of a target, write ' +
      '"*" in the place of its name.',
  },
  Q0657: {
    title: 'this target cannot be tuned here',
    explanation:
      'Times mean something only on a machine that runs the target itself, without an emulator. A build for another machine ' +
      'reads qcc-tune.json and never measures.\n\n' +
      'Example: qcc build model.onnx --target arm-neon --tune, on a PC.\n\n' +
      'Way out: run the same command on such a machine, and keep the qcc-tune.json it writes beside the model.',
  },
  Q0658: {
    title: 'measured times are not kept',
    explanation:
      'The folder of the model cannot be written to, and the command has no output folder that could hold qcc-tune.json ' +
      'instead.\n\n' +
      'Example: qcc bench /usr/share/models/model.onnx --tune\n\n' +
      'Way out: copy the model, or use `qcc build --tune -o DIR`, which keeps them in DIR.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

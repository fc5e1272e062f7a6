/** Codes Q06xx: the command line and the data. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes06 = {
  Q0601: {
    title: 'not a .npy file',
    explanation: 'The file does not have the NumPy format of version 1, 2 or 3. Write it with numpy.save(file, array).',
  },
  Q0602: {
    title: 'array of another type or shape',
    explanation:
      'The .npy file holds another element type or other dimensions than the tensor it is meant for. Nothing is converted silently: use array.astype(...) and array.reshape(...).',
  },
  Q0603: {
    title: 'not a build folder of qcc',
    explanation:
      'The output folder exists, is not empty, and has no manifest.json of qcc, so nothing in it is overwritten. Choose another folder with -o, or remove that one.',
  },
  Q0604: {
    title: 'file cannot be read or written',
    explanation: 'The operating system refused; the message quotes it.',
  },
  Q0605: {
    title: 'the command line does not fit',
    explanation:
      'An option is unknown, lacks its value, or has one that does not fit. `qcc <command> --help` lists the options of a command with their defaults.',
  },
  Q0606: {
    title: 'textual IR cannot be read',
    explanation:
      'A .qir file has a syntax error at the line named, or describes a graph whose types contradict each other. Dumps made with --dump-ir=all leave large constants out and cannot be read back; --dump-ir=<pass> keeps them.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

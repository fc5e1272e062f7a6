/** Codes Q06xx: the command line and the data. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes06 = {
  Q0601: {
    title: 'not a .npy file',
    explanation:
      'The file does not have the NumPy format of version 1, 2 or 3.\n\n' +
      'Example: a .npz archive, or a text file of numbers.\n\n' +
      'Way out: write it with numpy.save(file, array).',
  },
  Q0602: {
    title: 'array of another type or shape',
    explanation:
      'The .npy file holds another element type or other dimensions than the tensor it is meant for. Nothing is converted silently.\n\n' +
      'Example: a float64 array for a float32 input.\n\n' +
      'Way out: array.astype(numpy.float32), array.reshape(...).',
  },
  Q0603: {
    title: 'not a build folder of qcc',
    explanation:
      'The output folder exists, is not empty, and has no manifest.json of qcc, so nothing in it is overwritten.\n\n' +
      'Example: qcc build m.onnx -o ~\n\n' +
      'Way out: choose another folder with -o, or remove that one.',
  },
  Q0604: {
    title: 'file cannot be read or written',
    explanation:
      'The operating system refused; the message quotes it.\n\n' +
      'Example: a folder that only another user may write to.\n\n' +
      'Way out: check the path and its permissions.',
  },
  Q0605: {
    title: 'the command line does not fit',
    explanation:
      'An option is unknown, lacks its value, or has one that does not fit.\n\n' +
      'Example: --dim batch=one\n\n' +
      'Way out: `qcc <command> --help` lists the options of a command with their defaults.',
  },
  Q0606: {
    title: 'textual IR cannot be read',
    explanation:
      'A .qir file has a syntax error at the line named, or describes a graph whose types contradict each other.\n\n' +
      'Example: a dump made with --dump-ir=all, which leaves large constants out.\n\n' +
      'Way out: dump with --dump-ir=<pass>, which keeps them; otherwise correct the line.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

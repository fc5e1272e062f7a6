/** Options of programs that are watched on their device: of `build`, which makes them, and of `verify`, which reads their log. */
import { usage } from './usage.js';

/** What a list option holds when it is not given. */
const none: string[] = [];

export const hookOptions = {
  trace: {
    type: 'boolean',
    default: false,
    describe: 'the C calls <model>_trace(step, pointer, bytes) after each step; for qcc verify --trace',
  },
  profile: {
    type: 'boolean',
    default: false,
    describe: 'the C counts what each step takes: time, cycles of a Cortex-M, instructions in QEMU',
  },
} as const;

export const logOptions = {
  trace: {
    type: 'string',
    requiresArg: true,
    describe: 'log of a program built with --trace: name the first step that is wrong in it',
  },
  input: {
    type: 'string',
    array: true,
    nargs: 1,
    default: none,
    describe: 'with --trace: [NAME=]FILE.npy the program ran on; none: its seeded input',
  },
  model: {
    type: 'string',
    requiresArg: true,
    describe: 'with --trace: the model file the folder was made of; default: the one the manifest names',
  },
} as const;

interface LogOptions {
  readonly path: string;
  readonly input: readonly string[];
  readonly model: string | undefined;
}

/** The model file of a `verify` without a log. */
export function modelWithoutLog({ path, input, model }: LogOptions): string {
  if (input.length > 0 || model !== undefined)
    throw usage(`--${model === undefined ? 'input' : 'model'} belongs to --trace LOG`, 'qcc verify MODEL --data SRC');
  return path;
}

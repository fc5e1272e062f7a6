/** Options and positionals that several commands take. */

/** What a list option holds when it is not given. */
export const none: string[] = [];

export const modelOptions = {
  target: { type: 'string', describe: 'machine to compile for (qcc targets); default: the host', requiresArg: true },
  dim: {
    type: 'string',
    array: true,
    nargs: 1,
    default: none,
    defaultDescription: 'none',
    describe: 'size of a symbolic dimension: NAME=N; may be repeated',
  },
  rounding: {
    choices: ['onnx', 'fixed', 'tflite'] as const,
    describe:
      "whose requantization rule; fixed: onnx's answers, which cores without FPU compute in integers; default: onnx for .onnx files, tflite for .tflite files",
    requiresArg: true,
  },
  optimize: {
    choices: ['speed', 'size', 'ram'] as const,
    describe: 'what to be good at; default: speed, on microcontrollers with weights as small as they are',
    requiresArg: true,
  },
  memory: {
    type: 'string',
    describe:
      'memories in place of one arena, the preferred first: dtcm=64K,sram=256K; weights=NAME puts weights there',
    requiresArg: true,
  },
  'io-in-arena': {
    type: 'boolean',
    default: false,
    describe: 'the arena holds inputs and outputs too: MODEL_run(&memory), and the header says where they lie',
  },
  threads: {
    type: 'number',
    describe: 'threads that can share one run, at most; default: 1',
    requiresArg: true,
  },
  name: { type: 'string', describe: 'C name of the model; default: from the file name', requiresArg: true },
  cc: {
    type: 'string',
    describe: 'C compiler, may hold arguments; default: $CC, then gcc, then clang',
    requiresArg: true,
  },
  json: { type: 'boolean', default: false, describe: 'print JSON' },
} as const;

/** Of commands that look at what `build` makes. */
export const ioOption = {
  io: {
    choices: ['float', 'int8'] as const,
    requiresArg: true,
    describe: 'what goes in and out, as of build: floats, or stored integers',
  },
} as const;

export const modelFile = {
  type: 'string',
  demandOption: true,
  describe: 'an .onnx or .tflite file, or textual IR',
} as const;

export const modelOrFolder = { ...modelFile, describe: 'an .onnx or .tflite file, or a build folder' } as const;

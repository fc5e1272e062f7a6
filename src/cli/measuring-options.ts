/** Options of the commands that time something. */

/** Of the commands in which kernels matter. */
export const tuneOption = {
  tune: {
    type: 'boolean',
    default: false,
    describe:
      'time the kernels that can run each layer, on this machine, and take the fastest; times are kept in qcc-tune.json beside the model',
  },
} as const;

export const benchOptions = {
  against: {
    choices: ['onnxruntime'],
    requiresArg: true,
    describe: 'rival to time in turns',
  },
  seconds: {
    type: 'number',
    requiresArg: true,
    default: 20,
    describe: 'whole runs take turns for about so long, two rounds of two runs at least; compiling is not counted',
  },
  baseline: { type: 'string', requiresArg: true, describe: 'an earlier answer of bench --json' },
  'max-regression': {
    type: 'string',
    requiresArg: true,
    describe: 'growth over the baseline that is allowed; default 5%',
  },
} as const;

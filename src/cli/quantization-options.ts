/** Options of `quantize` and of `build --calibrate`, as yargs takes them. */
export const integerOptions = {
  'integer-only': {
    type: 'boolean',
    describe:
      'no float operation between inputs and outputs, or an error that names it; default where there is no operating system: --no-integer-only',
  },
  portable: { type: 'boolean', default: false, describe: 'one set of weights, good for every target' },
} as const;

/** Of `quantize` and `build`: with data or without. */
export const modeOptions = {
  mode: {
    choices: ['auto', 'static', 'dynamic', 'weights'] as const,
    requiresArg: true,
    default: 'auto' as const,
    describe:
      'static: int8, ranges by --calibrate (auto, with data); dynamic: linear layers in int8, ranges at run time; weights: stored in ' +
      'few bits, computed in float',
  },
  weights: {
    choices: ['s8', 's4'] as const,
    requiresArg: true,
    describe: 'of --mode weights: s8 with a scale per output (default), s4 with one per 32 neighbours',
  },
  activations: {
    choices: ['per-run', 'per-row'] as const,
    requiresArg: true,
    describe:
      'of --mode dynamic: a scale for all activations of a layer (default), or for each row (token, sample) of them',
  },
} as const;

const levels = {
  zero: '0 ranges are all that was seen',
  one: '1 channels are scaled alike, ranges cut rare outliers, biases are corrected',
  two: '2 layers that cost too much accuracy read int16 activations, or stay float',
  three: '3 weights are rounded for the output of their layer: a second look at the samples',
};

function effort(what: string) {
  const describe = `${what}: ${levels.zero}; ${levels.one}; ${levels.two}; ${levels.three}`;
  return { Q: { type: 'number', choices: [0, 1, 2, 3] as const, default: 1, describe } } as const;
}

/** How much is done for accuracy. */
export const effortOption = effort('effort');
export const buildEffort = effort('effort of --calibrate');

export const quantizationOptions = {
  ...integerOptions,
  exact: {
    choices: ['auto', 'pair', 'quad', 'wide'] as const,
    requiresArg: true,
    default: 'auto' as const,
    describe:
      'weights of which 2 or 4 neighbouring products fit 16 bits; auto: 2 in the layers that take over 5 % longer without, on AVX2; wide: none',
  },
} as const;

export const mixedOptions = {
  'max-drop': {
    type: 'string',
    requiresArg: true,
    describe:
      'with -Q2: share of the samples whose answer may differ from the float model, e.g. 1%; default: noise 30 dB below the outputs',
  },
} as const;

const none: readonly string[] = [];

export const reportOption = {
  report: {
    type: 'string',
    array: true,
    nargs: 1,
    default: none,
    describe:
      'write what each layer costs, in accuracy, bytes and time: FILE.json, or FILE.html with pictures; or both',
  },
} as const;

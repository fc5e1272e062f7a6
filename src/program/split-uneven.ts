/**
 * Ways to share out steps whose parts need more than rows of their own: a frame around an image, rows that lie between others,
 * the state that all parts make together.
 */
import type { Step } from './program.js';
import { made, of, type SplitForm } from './split-form.js';

/** Bilinear interpolation: rows of the result, each with its two rows of the image and their weights. */
export const interpolations: ReadonlySet<string> = new Set(['resize_linear_f32', 'resize_linear_fixed_q8']);
/** Two words for a row of the result. */
const ROW_WORDS = 8;

/** One direction of a recurrent layer: values of the state are the rows, and parts meet between two steps of time. */
export const cells: ReadonlySet<string> = new Set(['lstm_f32', 'lstm_q8', 'gru_f32', 'gru_q8', 'rnn_f32']);
/** Values that stay together: QCC_STATE_UNIT of qcc/recurrent.h. */
const STATE_UNIT = 16;

/** Entries of the outermost dimension that has more than one: tensors of a batch, rows of a framed image. */
export function padForms(step: Step): readonly SplitForm[] {
  const { params } = step;
  const sides = (d: number) => ['before', 'd', 'after'].map((side) => of(params, `${side}${d}`));
  const at = [0, 1, 2, 3, 4].find((d) => sides(d).reduce((a, b) => a + b) > 1);
  if (at === undefined) return [];
  const [before, rows, after] = sides(at);
  if (before + after === 0) return made(step, { [`d${at}`]: 1 }, rows, 1, ['x', 'y']);
  const x = step.args.find((a) => a.name === 'x')?.view;
  if (x === undefined || rows === 0 || x.bytes % rows !== 0) return [];
  return made(step, {}, before + rows + after, 1, ['y']).map(({ split }) => ({
    step,
    split: {
      ...split,
      members: { [`before${at}`]: { kind: 'above' }, [`d${at}`]: { kind: 'image' }, [`after${at}`]: { kind: 'below' } },
      args: { ...split.args, x: { rowBytes: x.bytes / rows, touches: 'window' } },
      window: { rows, size: 1, stride: 1, pad: before },
    },
  }));
}

/** Rows of the result: which pixels reach one depends on how far from the first it is, that is on the padding. */
export function transposedForms(step: Step): readonly SplitForm[] {
  const { params } = step;
  const [n, oh, pad] = ['n', 'oh', 'pad_top'].map((m) => of(params, m));
  if (n > 1) return made(step, { n: 1 }, n, 1, ['x', 'y']);
  return made(step, { oh: 1 }, oh, 1, ['y']).map(({ split }) => ({
    step,
    split: { ...split, members: { ...split.members, pad_top: { kind: 'first', more: pad } } },
  }));
}

/** A part sees the whole image, and what its rows of the result are made of. */
export function interpolationForms(step: Step): readonly SplitForm[] {
  const { params } = step;
  const images = of(params, 'n');
  if (images > 1) return made(step, { n: 1 }, images, 1, ['x', 'y']);
  return made(step, { oh: 1 }, of(params, 'oh'), 1, ['y']).map((form) => {
    const own = { rowBytes: ROW_WORDS, touches: 'own' } as const;
    return { step, split: { ...form.split, args: { ...form.split.args, row: own, row_weight: own } } };
  });
}

/**
 * What the state is read and written as a whole by all; the kernel's parts wait for each other. A GRU that resets the state before
 * it multiplies would need all of that too.
 */
export function cellForms(step: Step): readonly SplitForm[] {
  const { params, args } = step;
  const hidden = of(params, 'hidden');
  const isPlain = of(params, 'batch') === 1 && hidden % STATE_UNIT === 0 && hidden > STATE_UNIT;
  if (!isPlain || params.has_bias === 0) return [];
  const together = args
    .filter((a) => a.access === 'write')
    .map((a) => [a.name, { rowBytes: 0, touches: 'met' }] as const);
  const split = { rows: hidden, unit: STATE_UNIT, members: {}, args: Object.fromEntries(together), window: undefined };
  return [{ step, split: { ...split, meetings: of(params, 'seq') - 1 } }];
}

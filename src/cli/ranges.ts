/** `--calibrate`: statistics, or data to gather them from, become the ranges of a model's values. */
import type { ModelSource } from '../compiler.js';
import type { Ranges } from '../quant/ranges.js';
import { calibrationMark, rangesOf, type Statistics } from '../quant/statistics.js';
import { modelNotes, movementNotes } from './calibration-notes.js';
import type { DriveOptions } from './drive.js';
import type { Io } from './edges.js';
import { gather, statisticsFor } from './gather.js';
import { checkPreprocess } from './preprocess-match.js';
import { show, terminal, wholeNumber } from './session.js';

export interface RangeOptions extends DriveOptions, Sampling {
  readonly io?: Io | undefined;
}

/** What is taken of data, and what is done to it. */
export interface Sampling {
  readonly preprocess: string | undefined;
  readonly samples: number | undefined;
  readonly seed: number;
}

export interface Calibration {
  readonly ranges: Ranges;
  /** Goes into the model: which samples it was calibrated on. */
  readonly calibratedOn: string;
}

function calibrationOf(statistics: Statistics): Calibration {
  return { ranges: rangesOf(statistics), calibratedOn: calibrationMark(statistics.samples) };
}

/**
 * Says on stderr what the statistics give reason to warn of.
 * @param source the model the ranges are for.
 */
export async function calibrationFor(path: string, source: ModelSource, options: RangeOptions): Promise<Calibration> {
  if (path.endsWith('.qstats')) {
    const statistics = statisticsFor(path, source);
    checkPreprocess(path, statistics, options);
    await show(movementNotes(statistics), options.model, terminal);
    return calibrationOf(statistics);
  }
  const samples = options.samples === undefined ? undefined : wholeNumber('--samples', options.samples);
  const selection = { samples, seed: wholeNumber('--seed', options.seed), shard: undefined };
  const { statistics, observer, model } = await gather({ ...options, source: path, selection, resume: undefined });
  try {
    const notes = [...movementNotes(statistics), ...modelNotes(statistics, model, observer.session.compiled.graph)];
    await show(notes, options.model, terminal);
    return calibrationOf(statistics);
  } finally {
    observer.remove();
  }
}

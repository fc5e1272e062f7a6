/** `--calibrate`: statistics, or data to gather them from, become the ranges of a model's values. */
import type { ModelSource } from '../compiler.js';
import type { Ranges } from '../quant/ranges.js';
import { rangesOf } from '../quant/statistics.js';
import type { DriveOptions } from './drive.js';
import { gather, statisticsFor } from './gather.js';

export interface RangeOptions extends DriveOptions {
  readonly preprocess: string | undefined;
}

/** @param source the model the ranges are for. */
export async function rangesFor(path: string, source: ModelSource, options: RangeOptions): Promise<Ranges> {
  if (path.endsWith('.qstats')) return rangesOf(statisticsFor(path, source));
  const selection = { samples: undefined, seed: 0, shard: undefined };
  const { statistics, observer } = await gather({ ...options, source: path, selection, resume: undefined });
  observer.remove();
  return rangesOf(statistics);
}

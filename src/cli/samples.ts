/** Inputs to verify and time a model on. Invariant: data of the user's own is never converted, padded or cut. */
import { fitted } from '../data/fit.js';
import { openSource } from '../data/open.js';
import { noPreprocess } from '../data/preprocess.js';
import { selected } from '../data/select.js';
import type { Param } from '../ir/graph.js';
import type { Sample } from '../ir/seeded.js';
import { terminal } from './session.js';

export { type Sample, seededSamples } from '../ir/seeded.js';

/** Samples of `--data`, all of them, as they are. Throws what `openSource` and `fitted` throw. */
export async function readSamples(source: string, inputs: readonly Param[]): Promise<readonly Sample[]> {
  const all = { samples: undefined, seed: 0, shard: undefined };
  return Array.from(selected(await openSource(source, inputs), all), (raw) => fitted(raw, inputs, noPreprocess));
}

/** Says on a terminal what takes long. */
export function progress(text: string): void {
  if (process.stderr.isTTY === true) terminal.say(text);
}

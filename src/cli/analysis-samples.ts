/** The samples that a model is analysed on: some of those it was calibrated on, the same ones every time. */
import { fitted } from '../data/fit.js';
import { openSource } from '../data/open.js';
import { noPreprocess, parsePreprocess } from '../data/preprocess.js';
import { selected } from '../data/select.js';
import type { Param } from '../ir/graph.js';
import type { Sampling } from './ranges.js';
import type { Sample } from './samples.js';
import { wholeNumber } from './session.js';

export type AnalysisSamples =
  | { readonly ok: true; readonly samples: readonly Sample[] }
  | { readonly ok: false; readonly why: string };

/** Noise of a layer is an average over thousands of values of each sample: more samples change it little. */
const MOST_SAMPLES = 64;
const LEAST_SAMPLES = 4;

/** @param budget multiply-accumulates that may be spent. @param macs of one sample. */
export async function analysisSamples(
  calibrate: string | undefined,
  options: Sampling,
  inputs: readonly Param[],
  budget: number,
  macs: number,
): Promise<AnalysisSamples> {
  if (calibrate === undefined) return { ok: false, why: 'no samples were given' };
  if (calibrate.endsWith('.qstats'))
    return { ok: false, why: 'a .qstats file holds no samples: give --calibrate the data itself' };
  if (calibrate === '-') return { ok: false, why: 'samples from a pipe are gone once they are calibrated on' };
  const preprocess = options.preprocess === undefined ? noPreprocess : parsePreprocess(options.preprocess);
  const affordable = Math.max(LEAST_SAMPLES, Math.min(MOST_SAMPLES, Math.floor(budget / Math.max(1, macs))));
  const samples = Math.min(options.samples ?? affordable, affordable);
  const selection = { samples, seed: wholeNumber('--seed', options.seed), shard: undefined };
  const source = await openSource(calibrate, inputs);
  return { ok: true, samples: Array.from(selected(source, selection), (raw) => fitted(raw, inputs, preprocess)) };
}

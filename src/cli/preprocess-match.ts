/**
 * A .qstats file says what was done to its samples. Invariant: ranges of values scaled in one way never quantize a model that
 * gets, or is said to get, values scaled in another.
 */
import { noPreprocess, type Preprocess, parsePreprocess, printPreprocess } from '../data/preprocess.js';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { rangesOf, type Statistics } from '../quant/statistics.js';
import type { Io } from './edges.js';

/** How far beyond what pixels can become an input may have been seen: roundings of resized pictures, not another scale. */
const SLACK = 0.01;

export interface Asked {
  readonly preprocess: string | undefined;
  readonly io?: Io | undefined;
}

/** What is done to values; sizes and layouts are not compared: those of a picture are the model's in the end. */
function valuesOf({ order, scale = 1, mean = [0], std = [1] }: Preprocess): string {
  const each = (list: readonly number[]): readonly number[] => (new Set(list).size === 1 ? list.slice(0, 1) : list);
  return printPreprocess({ ...noPreprocess, order, scale, mean: each(mean), std: each(std) });
}

/** Throws `QccError` Q0849. */
export function checkPreprocess(path: string, statistics: Statistics, { preprocess, io }: Asked): void {
  if (preprocess === undefined && io !== 'u8pixels') return;
  const asked = preprocess === undefined ? noPreprocess : parsePreprocess(preprocess);
  // The sizes of a preset are the model's own, which nobody can spell, nor needs to.
  const recorded = statistics.subject.preprocess.replace(/(?:resize|crop)=model,?/g, '').replace(/,$/, '');
  const refuse = (found: string, help: string): never => {
    throw new QccError([error('Q0849', found, undefined, help)]);
  };
  const again = 'qcc calibrate MODEL SRC --preprocess P -o FILE.qstats gathers for another P';
  if (recorded !== '') {
    if (valuesOf(parsePreprocess(recorded)) === valuesOf(asked)) return;
    refuse(
      `${path} was gathered with --preprocess ${recorded}, and ${preprocess === undefined ? 'nothing is to be done to the pixels' : `--preprocess ${preprocess} does something else to values`}`,
      `${preprocess === undefined ? `--preprocess ${recorded}` : `leave --preprocess out, or give ${recorded}`}; ${again}`,
    );
  }
  // Samples that were scaled before they were files: only what they hold can tell.
  if (io !== 'u8pixels') {
    if (valuesOf(asked) === valuesOf(noPreprocess)) return;
    refuse(`${path} was gathered without --preprocess, and --preprocess ${preprocess} changes values`, again);
  }
  const [low, high] = reach(asked);
  for (const [name, { min, max }] of inputRanges(statistics)) {
    const slack = SLACK * (high - low);
    if (min >= low - slack && max <= high + slack) continue;
    refuse(
      `${path} has seen ${short(min)} to ${short(max)} in input "${name}", and pixels become ${short(low)} to ${short(high)} here`,
      `say with --preprocess what makes of pixels what the model was calibrated on; ${again}`,
    );
  }
}

/** What a pixel can become. */
function reach({ scale = 1, mean = [0], std = [1] }: Preprocess): readonly [number, number] {
  const ends = [0, 255].flatMap((pixel) =>
    Array.from(
      { length: Math.max(mean.length, std.length) },
      (_, c) => (pixel * scale - (mean[c] ?? mean[0])) / (std[c] ?? std[0]),
    ),
  );
  return [Math.min(...ends), Math.max(...ends)];
}

/** Inputs are spelled "name [dims]". */
function inputRanges(statistics: Statistics) {
  const ranges = rangesOf(statistics);
  return statistics.subject.inputs.flatMap((spelled) => {
    const name = spelled.replace(/ \[[^\]]*\]$/, '');
    const range = ranges.get(name);
    return range === undefined ? [] : [[name, range] as const];
  });
}

function short(x: number): string {
  return String(Number(x.toPrecision(3)));
}

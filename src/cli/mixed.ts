/** `-Q2` on the command line: samples in, a model of mixed precision out, and what is said of it. */
import { layersOf } from '../analysis/layers.js';
import { type Diagnostic, warning } from '../diagnostics/diagnostic.js';
import type { Quantization, Quantized } from '../quantizer.js';
import { countText, dbText, shareText } from '../report/format.js';
import type { ReportMixed } from '../report/report.js';
import type { Target } from '../target/target.js';
import { analysisSamples } from './analysis-samples.js';
import { parseShare } from './baseline.js';
import {
  DEFAULT_GOAL,
  type FrontPoint,
  type Goal,
  type Mixed,
  mixedPrecision,
  type Precision,
} from './mixed-precision.js';
import type { Sampling } from './ranges.js';
import { usage } from './usage.js';

export interface MixedOptions extends Sampling {
  readonly calibrate: string | undefined;
  readonly effort: number;
  readonly maxDrop: string | undefined;
  readonly mode: string;
  readonly for: string | undefined;
  readonly target: string | undefined;
  readonly cc: string | undefined;
}

/** Multiply-accumulates that the search may spend: a minute or two. */
const SEARCH_MACS = 4e11;
/** Runs of the model for each layer: two trials, and a share of those that follow. */
const RUNS_A_LAYER = 3;
/** Share of float multiply-accumulates from which on 8 bits are of little use. */
const MUCH_FLOAT = 0.5;

/** Refuses what -Q2 cannot go with, before anything runs. */
export function checkMixed(options: MixedOptions): void {
  if (options.effort !== 2) {
    if (options.maxDrop !== undefined)
      throw usage(
        '--max-drop is the goal of -Q2',
        '-Q2 --max-drop 1%; qcc eval --max-drop judges a model that is there',
      );
    return;
  }
  if (options.mode === 'dynamic' || options.mode === 'weights')
    throw usage(`-Q2 chooses layers by their noise on samples: leave out --mode ${options.mode}`);
  if (options.for !== undefined) throw usage(`-Q2 judges what qcc computes, not what --for ${options.for} stands for`);
  if (options.maxDrop !== undefined) parseShare('--max-drop', options.maxDrop);
}

function goalOf({ maxDrop }: MixedOptions): Goal {
  return maxDrop === undefined ? DEFAULT_GOAL : { kind: 'agreement', share: 1 - parseShare('--max-drop', maxDrop) };
}

/** Undefined unless -Q2 is asked for. */
export async function mixedFor(
  options: MixedOptions,
  whole: Quantized,
  target: Target,
  remade: (chosen: Pick<Quantization, 'keepFloat' | 'wide'>) => Quantized,
): Promise<Mixed | undefined> {
  if (options.effort !== 2 || whole.settings === undefined) return undefined;
  const layers = layersOf(whole.float, whole.settings);
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0);
  const cost = macs * RUNS_A_LAYER * Math.max(1, layers.length);
  const found = await analysisSamples(options.calibrate, options, whole.float.inputs, SEARCH_MACS, cost);
  if (!found.ok) throw usage(`-Q2 measures layers on samples: ${found.why}`);
  const { samples } = found;
  const cc = options.target === undefined ? options.cc : undefined;
  const goal = goalOf(options);
  return await mixedPrecision({ made: whole, remade, samples, target, cc, goal });
}

export function mixedNotes({
  isReached,
  floatMacs,
  wideMacs,
  changes,
  after,
}: Omit<Mixed, 'made'>): readonly Diagnostic[] {
  if (isReached && floatMacs <= MUCH_FLOAT) return [];
  const count = (to: Precision): number => changes.filter((change) => change.to === to).length;
  const found = [
    `${count('f32')} layers in float, ${shareText(floatMacs)} of the multiply-accumulates`,
    ...(count('s16') === 0 ? [] : [`${count('s16')} with int16 activations, ${shareText(wideMacs)}`]),
  ].join('; ');
  const message = isReached
    ? `8 bits are too few for most of this model: the goal takes ${found}`
    : `the goal is not reached with ${found}: ${dbText(after.sqnr ?? null)}`;
  return [warning('Q0825', message, 'train the model with quantization (QAT), or allow it more with --max-drop')];
}

export function mixedJson(mixed: Mixed): ReportMixed {
  const { changes, front, before, after, cycles, isReached, floatMacs, wideMacs } = mixed;
  const db = (x: number | undefined): number | null => (x === undefined ? null : Number(x.toFixed(2)));
  const named = (to: Precision): readonly string[] =>
    changes.filter((change) => change.to === to).map(({ layer }) => layer.name);
  const isKept = (point: FrontPoint): boolean =>
    changes.some(({ layer, to }) => layer === point.change.layer && to === point.change.to);
  return {
    float_layers: named('f32'),
    float_macs: Number(floatMacs.toFixed(4)),
    int16_layers: named('s16'),
    int16_macs: Number(wideMacs.toFixed(4)),
    ...{ sqnr_db: db(after.sqnr), sqnr_before_db: db(before.sqnr) },
    ...{ top1_agree: after.agreement ?? null, top1_agree_before: before.agreement ?? null },
    ...{
      cycles: Math.round(cycles.after),
      cycles_before: Math.round(cycles.before),
      cycles_float: Math.round(cycles.float),
      cycles_int16: Math.round(cycles.wide),
    },
    front: front.map((point) => ({
      layer: point.change.layer.name,
      to: point.change.to,
      sqnr_db: db(point.sqnr),
      top1_agree: point.agreement ?? null,
      cycles: Math.round(point.cycles),
      noise_removed: Number(point.gain.toFixed(4)),
      added_cycles: Math.round(point.cost),
      kept: isKept(point),
    })),
    reached: isReached,
  };
}

export function mixedText(mixed: ReportMixed): string {
  const { float_layers, int16_layers, sqnr_db, sqnr_before_db, cycles, cycles_before, cycles_float, cycles_int16 } =
    mixed;
  if (float_layers.length + int16_layers.length === 0)
    return `8 bits will do for every layer: ${dbText(sqnr_before_db)}`;
  const listed = (names: readonly string[], how: string): string[] =>
    names.length === 0 ? [] : [`${names.map((name) => `"${name}"`).join(', ')} ${how}`];
  const names = [...listed(int16_layers, 'on 16 bits'), ...listed(float_layers, 'in float')].join(', ');
  const ratio = (a: number): string => countText(Number((a / Math.max(1, cycles_before)).toPrecision(3)));
  return (
    `${names}: ${dbText(sqnr_before_db)} become ${dbText(sqnr_db)} for ${ratio(cycles)}x the cycles, ` +
    `all on 16 bits ${ratio(cycles_int16)}x, all float ${ratio(cycles_float)}x (cost model)`
  );
}

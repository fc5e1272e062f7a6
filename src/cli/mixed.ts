/** `-Q2` on the command line: samples in, a model of mixed precision out, and what is said of it. */
import { layersOf } from '../analysis/layers.js';
import { type Diagnostic, warning } from '../diagnostics/diagnostic.js';
import type { Quantized } from '../quantizer.js';
import { countText, dbText, shareText } from '../report/format.js';
import type { ReportMixed } from '../report/report.js';
import type { Target } from '../target/target.js';
import { analysisSamples } from './analysis-samples.js';
import { parseShare } from './baseline.js';
import { integerOnlyOn } from './edges.js';
import { DEFAULT_GOAL, type Goal, isGood, type Mixed, mixedPrecision } from './mixed-precision.js';
import { measureNoise } from './noise.js';
import type { Sampling } from './ranges.js';
import { usage } from './usage.js';

export interface MixedOptions extends Sampling {
  readonly calibrate: string | undefined;
  readonly effort: number;
  readonly maxDrop: string | undefined;
  readonly integerOnly?: boolean | undefined;
  readonly mode: string;
  readonly for: string | undefined;
  readonly target: string | undefined;
  readonly cc: string | undefined;
}

/** Multiply-accumulates that the search may spend: a minute or two. */
const SEARCH_MACS = 4e11;
/** Runs of the model for each layer: one trial, and a share of those that follow. */
const RUNS_A_LAYER = 2;
/** Share of float multiply-accumulates from which on 8 bits are of little use. */
const MUCH_FLOAT = 0.5;

/** Refuses what -Q2 cannot go with, before anything runs. */
export function checkMixed(options: MixedOptions, target: Target): void {
  if (options.effort !== 2) {
    if (options.maxDrop !== undefined)
      throw usage(
        '--max-drop is the goal of -Q2',
        '-Q2 --max-drop 1%; qcc eval --max-drop judges a model that is there',
      );
    return;
  }
  if (integerOnlyOn(target, options.integerOnly))
    throw options.integerOnly === true
      ? usage(
          '-Q2 leaves layers in float, and --integer-only allows none',
          'there are no kernels with 16-bit activations to put in their place; leave out one of the two',
        )
      : usage(
          `-Q2 leaves layers in float, and programs for ${target.name} are made of integers unless told otherwise`,
          '--no-integer-only, to have those layers computed in float; or leave out -Q2',
        );
  if (options.mode === 'dynamic' || options.mode === 'weights')
    throw usage(`-Q2 chooses layers by their noise on samples: leave out --mode ${options.mode}`);
  if (options.for !== undefined) throw usage(`-Q2 judges what qcc computes, not what --for ${options.for} stands for`);
  if (options.maxDrop !== undefined) parseShare('--max-drop', options.maxDrop);
}

function goalOf({ maxDrop }: MixedOptions): Goal {
  return maxDrop === undefined ? DEFAULT_GOAL : { kind: 'agreement', share: 1 - parseShare('--max-drop', maxDrop) };
}

/**
 * Undefined unless -Q2 is asked for. What is said of the result is measured on the model that is made: what stays float may
 * change how the quantizer treats what is around it.
 */
export async function mixedFor(
  options: MixedOptions,
  whole: Quantized,
  target: Target,
  remade: (keepFloat: ReadonlySet<string>) => Quantized,
): Promise<{ readonly mixed: Mixed; readonly made: Quantized } | undefined> {
  if (options.effort !== 2 || whole.settings === undefined) return undefined;
  const layers = layersOf(whole.float, whole.settings);
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0);
  const cost = macs * RUNS_A_LAYER * Math.max(1, layers.length);
  const found = await analysisSamples(options.calibrate, options, whole.float.inputs, SEARCH_MACS, cost);
  if (!found.ok) throw usage(`-Q2 measures layers on samples: ${found.why}`);
  const { samples } = found;
  const cc = options.target === undefined ? options.cc : undefined;
  const goal = goalOf(options);
  const mixed = await mixedPrecision({ made: whole, samples, target, cc, goal });
  if (mixed.kept.length === 0) return { mixed, made: whole };
  const made = remade(new Set(mixed.kept.flatMap((layer) => layer.names)));
  const { settings, float, graph } = made;
  if (settings === undefined) return { mixed, made };
  const noise = await measureNoise({ float, quantized: graph, settings, layers: [] }, samples, cc);
  const ratios = noise.outputs.flatMap(({ sqnr }) => sqnr ?? []);
  const sqnr = ratios.length === 0 ? undefined : Math.min(...ratios);
  const after = { sqnr, agreement: noise.top1Agree };
  return { mixed: { ...mixed, after, isReached: isGood(after, goal) }, made };
}

export function mixedNotes({ isReached, floatMacs, kept, after }: Mixed): readonly Diagnostic[] {
  if (isReached && floatMacs <= MUCH_FLOAT) return [];
  const found = `${kept.length} layers in float, ${shareText(floatMacs)} of the multiply-accumulates`;
  const message = isReached
    ? `8 bits are too few for most of this model: the goal takes ${found}`
    : `the goal is not reached with ${found}: ${dbText(after.sqnr ?? null)}`;
  return [warning('Q0825', message, 'train the model with quantization (QAT), or allow it more with --max-drop')];
}

export function mixedJson({ kept, before, after, cycles, isReached, floatMacs }: Mixed): ReportMixed {
  const db = (x: number | undefined): number | null => (x === undefined ? null : Number(x.toFixed(2)));
  return {
    float_layers: kept.map((layer) => layer.name),
    float_macs: Number(floatMacs.toFixed(4)),
    ...{ sqnr_db: db(after.sqnr), sqnr_before_db: db(before.sqnr) },
    ...{ top1_agree: after.agreement ?? null, top1_agree_before: before.agreement ?? null },
    ...{
      cycles: Math.round(cycles.after),
      cycles_before: Math.round(cycles.before),
      cycles_float: Math.round(cycles.float),
    },
    reached: isReached,
  };
}

export function mixedText({
  float_layers,
  sqnr_db,
  sqnr_before_db,
  cycles,
  cycles_before,
  cycles_float,
}: ReportMixed): string {
  if (float_layers.length === 0) return `no layer needs float: ${dbText(sqnr_before_db)}`;
  const names = float_layers.map((name) => `"${name}"`).join(', ');
  const ratio = (a: number, b: number): string => countText(Number((a / Math.max(1, b)).toPrecision(3)));
  return `${names} in float: ${dbText(sqnr_before_db)} become ${dbText(sqnr_db)} for ${ratio(cycles, cycles_before)}x the cycles, all float ${ratio(cycles_float, cycles_before)}x (cost model)`;
}

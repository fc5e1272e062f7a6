/**
 * `-Q2`: which layers stay float. The layers whose 8 bits cost most accuracy for the least time saved go to float, one after
 * the other, until the model is as good as was asked for; then those that turn out not to be needed go back (decision 0029).
 *
 * Gains are measured, on samples, in one program with a switch for each layer (`analysis/switchboard.ts`); costs are the cost
 * model's cycles. So the choice is the same on every machine.
 */
import { type Layer, layersOf } from '../analysis/layers.js';
import { switchboardOf } from '../analysis/switchboard.js';
import { loadAssets } from '../assets.js';
import { compileGraph } from '../compiler.js';
import { indexType, type Tensor } from '../ir/type.js';
import type { Quantized } from '../quantizer.js';
import type { Target } from '../target/target.js';
import { top1 } from './compare.js';
import type { Driver } from './drive.js';
import { layerSteps } from './layer-steps.js';
import { decibels, graphDriver, runApart } from './noise.js';
import { progress, type Sample } from './samples.js';

/** What is good enough: outputs this far above their noise, or so large a share of answers that stay the same. */
export type Goal =
  | { readonly kind: 'sqnr'; readonly db: number }
  | { readonly kind: 'agreement'; readonly share: number };

/** A thousandth of the signal's energy. */
export const DEFAULT_GOAL: Goal = { kind: 'sqnr', db: 30 };

/** How much of the noise must be gone before gains are measured anew. */
const RANK_AGAIN = 4;

export interface Judged {
  /** Of the worst output. */
  readonly sqnr: number | undefined;
  readonly agreement: number | undefined;
}

export interface Mixed {
  /** What stays float, in the order it was chosen. */
  readonly kept: readonly Layer[];
  /** Share of the multiply-accumulates that are float ones. */
  readonly floatMacs: number;
  readonly before: Judged;
  readonly after: Judged;
  /** Cycles of the cost model, in a run. */
  readonly cycles: { readonly before: number; readonly after: number; readonly float: number };
  readonly isReached: boolean;
}

export interface MixedInput {
  readonly made: Quantized;
  readonly samples: readonly Sample[];
  readonly target: Target;
  readonly cc: string | undefined;
  readonly goal: Goal;
}

export async function mixedPrecision(input: MixedInput): Promise<Mixed> {
  const { made, samples, cc } = input;
  const { settings } = made;
  if (settings === undefined) throw new Error('nothing was quantized');
  const layers = layersOf(made.float, settings);
  const { graph, switches } = switchboardOf(made.float, settings, layers);
  const driver = await graphDriver(graph, cc);
  try {
    const configurations = (kept: ReadonlySet<string>): ReadonlySet<string> => {
      const mixed = layersOf(made.float, { ...settings, keepFloat: new Set([...settings.keepFloat, ...kept]) });
      return new Set(mixed.filter((layer) => layer.isQuantized).map((layer) => layer.name));
    };
    return await search(input, layers, new Trials(driver, switches, samples, configurations));
  } finally {
    driver.remove();
  }
}

interface Trial extends Judged {
  readonly kept: readonly Layer[];
  /** Names of the layers on 8 bits. */
  readonly onIntegers: ReadonlySet<string>;
  /** Energy of the noise by that of the signal, outputs added. */
  readonly noise: number;
}

/** Runs mixed models. The float model is the one with every switch off. */
class Trials {
  private reference: readonly (readonly Tensor[])[] | undefined;

  constructor(
    private readonly driver: Driver,
    private readonly switches: readonly Layer[],
    private readonly samples: readonly Sample[],
    private readonly onIntegers: (kept: ReadonlySet<string>) => ReadonlySet<string>,
  ) {}

  async of(kept: readonly Layer[]): Promise<Trial> {
    this.reference ??= await this.answers(new Set());
    const onIntegers = this.onIntegers(new Set(kept.flatMap((layer) => layer.names)));
    return { kept, onIntegers, ...compared(this.reference, await this.answers(onIntegers)) };
  }

  private answers(onIntegers: ReadonlySet<string>): Promise<readonly (readonly Tensor[])[]> {
    const states = this.switches.map((layer): Tensor => {
      const type = indexType('bool', new Array<number>(layer.output.type.shape.length).fill(1));
      return { type, data: Uint8Array.of(onIntegers.has(layer.name) ? 1 : 0) };
    });
    return runApart(
      this.driver,
      this.samples.map((sample) => [...sample, ...states]),
    );
  }
}

function compared(
  float: readonly (readonly Tensor[])[],
  mixed: readonly (readonly Tensor[])[],
): Judged & { readonly noise: number } {
  const signal = float[0].map(() => 0);
  const noise = float[0].map(() => 0);
  let same = 0;
  for (const [s, outputs] of float.entries()) {
    if (top1(outputs[0]) === top1(mixed[s][0])) same++;
    for (const [o, { data }] of outputs.entries())
      for (let i = 0; i < data.length; i++) {
        signal[o] += Number(data[i]) ** 2;
        noise[o] += (Number(mixed[s][o].data[i]) - Number(data[i])) ** 2;
      }
  }
  const ratios = signal.flatMap((energy, o) => decibels(energy, noise[o]) ?? []);
  return {
    sqnr: ratios.length === 0 ? undefined : Math.min(...ratios),
    agreement: top1(float[0][0]) === undefined ? undefined : same / float.length,
    noise: signal.reduce((sum, energy, o) => sum + (energy > 0 ? noise[o] / energy : 0), 0),
  };
}

async function search({ made, target, goal }: MixedInput, layers: readonly Layer[], trials: Trials): Promise<Mixed> {
  const cycles = cyclesOf(made, target, layers);
  const all = await trials.of([]);
  const time = ({ onIntegers }: Pick<Trial, 'onIntegers'>): number =>
    layers.reduce((sum, { name }) => sum + (cycles.get(name)?.[onIntegers.has(name) ? 'integers' : 'float'] ?? 0), 0);
  const candidates = layers.filter((layer) => all.onIntegers.has(layer.name) && layer.canChange);
  let best = all;
  for (let isBetter = true; isBetter && !isGood(best, goal); ) {
    const start = best;
    for (const layer of await ranked(candidates, best, trials, time)) {
      const trial = await trials.of([...best.kept, layer]);
      if (trial.noise >= best.noise) continue;
      best = trial;
      progress(`${best.kept.length} layers in float`);
      // With the worst noise gone, what others add can be told again.
      if (isGood(best, goal) || best.noise < start.noise / RANK_AGAIN) break;
    }
    isBetter = best !== start;
  }
  for (const layer of best.kept.toReversed()) {
    if (!isGood(best, goal) || best.kept.length === 1) break;
    const without = await trials.of(best.kept.filter((kept) => kept !== layer));
    if (isGood(without, goal)) best = without;
  }
  const judged = ({ sqnr, agreement }: Trial): Judged => ({ sqnr, agreement });
  return {
    kept: best.kept,
    floatMacs: floatShare(layers, best.onIntegers),
    before: judged(all),
    after: judged(best),
    cycles: { before: time(all), after: time(best), float: time({ onIntegers: new Set() }) },
    isReached: isGood(best, goal),
  };
}

/** Layers whose float takes noise off the outputs, the most for a cycle first. */
async function ranked(
  candidates: readonly Layer[],
  from: Trial,
  trials: Trials,
  time: (trial: Trial) => number,
): Promise<readonly Layer[]> {
  const found: { readonly layer: Layer; readonly worth: number }[] = [];
  for (const [i, layer] of candidates.entries()) {
    if (!from.onIntegers.has(layer.name)) continue;
    progress(`trying layer ${i + 1} of ${candidates.length} in float`);
    const trial = await trials.of([...from.kept, layer]);
    const worth = (from.noise - trial.noise) / Math.max(1, time(trial) - time(from));
    if (worth > 0) found.push({ layer, worth });
  }
  // Sorting keeps the order of the model among equals.
  return found.sort((a, b) => b.worth - a.worth).map(({ layer }) => layer);
}

function floatShare(layers: readonly Layer[], onIntegers: ReadonlySet<string>): number {
  const macs = (of: readonly Layer[]): number => of.reduce((sum, layer) => sum + layer.macs, 0);
  return macs(layers.filter((layer) => !onIntegers.has(layer.name))) / Math.max(1, macs(layers));
}

export function isGood({ sqnr, agreement }: Judged, goal: Goal): boolean {
  return goal.kind === 'sqnr'
    ? sqnr === undefined || sqnr >= goal.db
    : agreement === undefined || agreement >= goal.share;
}

/** Of each layer, by name. A layer that is fused on 8 bits costs nothing there. */
function cyclesOf(
  made: Quantized,
  target: Target,
  layers: readonly Layer[],
): ReadonlyMap<string, { readonly float: number; readonly integers: number }> {
  const index = new Map(layers.flatMap((layer, i) => layer.names.map((name) => [name, i] as const)));
  const assets = loadAssets();
  const [float, integers] = [made.float, made.graph].map((graph) =>
    layerSteps(compileGraph(graph, target, assets).program, index, undefined),
  );
  return new Map(
    layers.map(({ name }, i) => [
      name,
      { float: float.sums.get(i)?.cycles ?? 0, integers: integers.sums.get(i)?.cycles ?? 0 },
    ]),
  );
}

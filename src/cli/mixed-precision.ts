/**
 * `-Q2`: which layers read int16 activations and which stay float. Each step takes the layer and the precision that take most noise
 * off the outputs for the time they cost, until the model is as good as was asked for; then those that turn out not to be needed
 * go back (decisions 0029, 0045).
 *
 * Gains are measured, on samples, in one program with switches for each layer (`analysis/switchboard.ts`); costs are the cost
 * model's cycles. So the choice is the same on every machine.
 */
import { type Layer, layersOf } from '../analysis/layers.js';
import { type Switch, switchboardOf } from '../analysis/switchboard.js';
import { loadAssets } from '../assets.js';
import { compileGraph } from '../compiler.js';
import { indexType, type Tensor } from '../ir/type.js';
import { type Quantized, quantizedWith } from '../quantizer.js';
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

/** What a layer can be given in the place of 8 bits. */
export type Precision = 's16' | 'f32';

export interface Change {
  readonly layer: Layer;
  readonly to: Precision;
}

export interface Judged {
  /** Of the worst output. */
  readonly sqnr: number | undefined;
  readonly agreement: number | undefined;
}

/** A point of the front: what was judged and what it costs once this change was made, besides those before it. */
export interface FrontPoint extends Judged {
  readonly change: Change;
  readonly cycles: number;
  /** Share of the noise it took away when it was ranked, and cycles that it added. */
  readonly gain: number;
  readonly cost: number;
}

export interface Mixed {
  /** What is not on 8 bits, in the order it was chosen. */
  readonly changes: readonly Change[];
  readonly front: readonly FrontPoint[];
  /** Share of the multiply-accumulates that are float ones, and of those that read int16. */
  readonly floatMacs: number;
  readonly wideMacs: number;
  readonly before: Judged;
  readonly after: Judged;
  /** Cycles of the cost model, in a run; `float` and `wide`: of layers that are all float, or int16 where they can. */
  readonly cycles: { readonly before: number; readonly after: number; readonly float: number; readonly wide: number };
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
  const { settings, float } = made;
  if (settings === undefined) throw new Error('nothing was quantized');
  const layers = layersOf(float, settings);
  const { graph, switches } = switchboardOf(float, settings, layers);
  const driver = await graphDriver(graph, cc);
  try {
    const configured = (changes: readonly Change[]): readonly Layer[] =>
      layersOf(float, {
        ...settings,
        keepFloat: new Set([...settings.keepFloat, ...namesOf(changes, 'f32')]),
        wide: new Set(namesOf(changes, 's16')),
      });
    return await search(input, layers, new Trials(driver, switches, samples, configured));
  } finally {
    driver.remove();
  }
}

/** Of model nodes, as the quantizer is told them. */
export function namesOf(changes: readonly Change[], to: Precision): readonly string[] {
  return changes.filter((change) => change.to === to).flatMap(({ layer }) => layer.names);
}

interface Trial extends Judged {
  readonly changes: readonly Change[];
  /** What became of every layer, by name. */
  readonly layers: ReadonlyMap<string, Layer>;
  /** Energy of the noise by that of the signal, outputs added. */
  readonly noise: number;
}

/** Runs mixed models. The float model is the one with every switch off. */
class Trials {
  private reference: readonly (readonly Tensor[])[] | undefined;

  constructor(
    private readonly driver: Driver,
    private readonly switches: readonly Switch[],
    private readonly samples: readonly Sample[],
    private readonly configured: (changes: readonly Change[]) => readonly Layer[],
  ) {}

  async of(changes: readonly Change[]): Promise<Trial> {
    this.reference ??= await this.answers(new Map());
    const layers = new Map(this.configured(changes).map((layer) => [layer.name, layer]));
    return { changes, layers, ...compared(this.reference, await this.answers(layers)) };
  }

  private answers(layers: ReadonlyMap<string, Layer>): Promise<readonly (readonly Tensor[])[]> {
    const states = this.switches.map(({ layer, turns }): Tensor => {
      const type = indexType('bool', new Array<number>(layer.output.type.shape.length).fill(1));
      return { type, data: Uint8Array.of(isOn(layers.get(layer.name), turns) ? 1 : 0) };
    });
    return runApart(
      this.driver,
      this.samples.map((sample) => [...sample, ...states]),
    );
  }
}

function isOn(layer: Layer | undefined, turns: Switch['turns']): boolean {
  if (layer === undefined) return false;
  if (turns === 'rounds') return layer.bits !== 32 && !layer.storesWide;
  if (turns === 'stores') return layer.storesWide;
  return layer.bits === (turns === 'bytes' ? 8 : 16);
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

/** Cycles of a layer with activations of so many bits. */
type Cycles = ReadonlyMap<string, Readonly<Record<8 | 16 | 32, number>>>;

function timeOf(layers: Iterable<Pick<Layer, 'name' | 'bits'>>, cycles: Cycles): number {
  let sum = 0;
  for (const { name, bits } of layers) sum += cycles.get(name)?.[bits] ?? 0;
  return sum;
}

interface Ranked {
  readonly change: Change;
  readonly gain: number;
  readonly cost: number;
}

async function search({ made, target, goal }: MixedInput, layers: readonly Layer[], trials: Trials): Promise<Mixed> {
  const cycles = cyclesOf(made, target, layers);
  const time = (trial: Trial): number => timeOf(trial.layers.values(), cycles);
  const all = await trials.of([]);
  const isFloatAllowed = made.settings?.integerOnly !== true;
  const candidates = layers
    .filter((layer) => all.layers.get(layer.name)?.bits === 8 && layer.canChange)
    .flatMap((layer): Change[] => [
      ...(layer.canWiden ? [{ layer, to: 's16' } as const] : []),
      ...(isFloatAllowed ? [{ layer, to: 'f32' } as const] : []),
    ]);
  const front: FrontPoint[] = [];
  let best = all;
  for (let isBetter = true; isBetter && !isGood(best, goal); ) {
    const start = best;
    for (const { change, gain, cost } of await ranked(candidates, best, trials, time)) {
      const trial = await trials.of(changed(best.changes, change));
      if (trial.noise >= best.noise) continue;
      best = trial;
      front.push({ change, gain, cost, cycles: time(best), sqnr: best.sqnr, agreement: best.agreement });
      progress(`${best.changes.length} layers not on 8 bits`);
      // With the worst noise gone, what others add can be told again.
      if (isGood(best, goal) || best.noise < start.noise / RANK_AGAIN) break;
    }
    isBetter = best !== start;
  }
  for (const change of best.changes.toReversed()) {
    if (!isGood(best, goal) || best.changes.length === 1) break;
    const without = await trials.of(best.changes.filter((kept) => kept !== change));
    if (isGood(without, goal)) best = without;
  }
  const judged = ({ sqnr, agreement }: Trial): Judged => ({ sqnr, agreement });
  const uniform = (bits: (layer: Layer) => 8 | 16 | 32): number =>
    timeOf(
      layers.map((layer) => ({ name: layer.name, bits: bits(layer) })),
      cycles,
    );
  return {
    changes: best.changes,
    front,
    floatMacs: shareOf(best, 32),
    wideMacs: shareOf(best, 16),
    before: judged(all),
    after: judged(best),
    cycles: {
      before: time(all),
      after: time(best),
      float: uniform(() => 32),
      wide: uniform((layer) => (layer.canWiden ? 16 : layer.bits)),
    },
    isReached: isGood(best, goal),
  };
}

/** One more change; a layer has one precision. */
function changed(before: readonly Change[], change: Change): readonly Change[] {
  return [...before.filter(({ layer }) => layer !== change.layer), change];
}

/** Changes that take noise off the outputs, the most for a cycle first. */
async function ranked(
  candidates: readonly Change[],
  from: Trial,
  trials: Trials,
  time: (trial: Trial) => number,
): Promise<readonly Ranked[]> {
  const found: Ranked[] = [];
  for (const [i, change] of candidates.entries()) {
    const bits = from.layers.get(change.layer.name)?.bits;
    if (bits === 32 || (bits === 16 && change.to === 's16')) continue;
    progress(`trying ${i + 1} of ${candidates.length} changes of a layer's precision`);
    const trial = await trials.of(changed(from.changes, change));
    if (trial.noise >= from.noise) continue;
    found.push({ change, gain: (from.noise - trial.noise) / from.noise, cost: time(trial) - time(from) });
  }
  const worth = ({ gain, cost }: Ranked): number => gain / Math.max(1, cost);
  // Sorting keeps the order of the model among equals.
  return found.sort((a, b) => worth(b) - worth(a));
}

function shareOf({ layers }: Trial, bits: 16 | 32): number {
  const macs = (of: readonly Layer[]): number => of.reduce((sum, layer) => sum + layer.macs, 0);
  const all = [...layers.values()];
  return macs(all.filter((layer) => layer.bits === bits)) / Math.max(1, macs(all));
}

export function isGood({ sqnr, agreement }: Judged, goal: Goal): boolean {
  return goal.kind === 'sqnr'
    ? sqnr === undefined || sqnr >= goal.db
    : agreement === undefined || agreement >= goal.share;
}

/** Of each layer, by name. A layer that is fused costs nothing where it is. */
function cyclesOf(made: Quantized, target: Target, layers: readonly Layer[]): Cycles {
  const { settings, float } = made;
  if (settings === undefined) return new Map();
  const index = new Map(layers.flatMap((layer, i) => layer.names.map((name) => [name, i] as const)));
  const assets = loadAssets();
  const wide = new Set(layers.filter((layer) => layer.canWiden).flatMap((layer) => layer.names));
  const graphs = [made.graph, quantizedWith(float, { ...settings, wide }), float];
  const [bytes, words, reals] = graphs.map((graph) =>
    layerSteps(compileGraph(graph, target, assets).program, index, undefined),
  );
  return new Map(
    layers.map(({ name }, i) => [
      name,
      {
        8: bytes.sums.get(i)?.cycles ?? 0,
        16: words.sums.get(i)?.cycles ?? 0,
        32: reals.sums.get(i)?.cycles ?? 0,
      },
    ]),
  );
}

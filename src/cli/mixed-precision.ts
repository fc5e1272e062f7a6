/**
 * `-Q2`: which layers read int16 activations and which stay float. Each step takes the layer and the precision that take most noise
 * off the outputs for the time they cost, until the model is as good as was asked for; then those that turn out not to be needed
 * go back, from float to int16 where that will do (decisions 0029, 0045).
 *
 * Gains are measured, on samples, in one program with switches for each layer (`analysis/switchboard.ts`); costs are the cost
 * model's cycles. So the choice is the same on every machine. Whether the goal is reached is measured on the model that is made:
 * by what its switches promise too much, the search goes on.
 */
import { type Layer, layersOf } from '../analysis/layers.js';
import { type Switch, switchboardOf } from '../analysis/switchboard.js';
import { loadAssets } from '../assets.js';
import { compileGraph } from '../compiler.js';
import { indexType, type Tensor } from '../ir/type.js';
import { type Quantization, type Quantized, quantizedWith } from '../quantizer.js';
import type { Target } from '../target/target.js';
import { top1 } from './compare.js';
import type { Driver } from './drive.js';
import { layerSteps } from './layer-steps.js';
import { decibels, graphDriver, measureNoise, runApart } from './noise.js';
import { progress, type Sample } from './samples.js';

/** What is good enough: outputs this far above their noise, or so large a share of answers that stay the same. */
export type Goal =
  | { readonly kind: 'sqnr'; readonly db: number }
  | { readonly kind: 'agreement'; readonly share: number };

/** A thousandth of the signal's energy. */
export const DEFAULT_GOAL: Goal = { kind: 'sqnr', db: 30 };

/** How much of the noise must be gone before gains are measured anew. */
const RANK_AGAIN = 4;

/** How often the search goes on because the model that was made is worse than its switches said. */
const MOST_ROUNDS = 4;

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
  /** As measured on the model that is made; the points of `front` are the switches'. */
  readonly before: Judged;
  readonly after: Judged;
  /** The model with these changes. */
  readonly made: Quantized;
  /** Cycles of the cost model, in a run; `float` and `wide`: of layers that are all float, or int16 where they can. */
  readonly cycles: { readonly before: number; readonly after: number; readonly float: number; readonly wide: number };
  readonly isReached: boolean;
}

export interface MixedInput {
  readonly made: Quantized;
  /** The model with layers in float or on int16, by the names of their nodes. */
  readonly remade: (chosen: Pick<Quantization, 'keepFloat' | 'wide'>) => Quantized;
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
      layersOf(float, { ...settings, ...chosenBy(settings, changes) });
    return await search(input, layers, new Trials(driver, switches, samples, configured));
  } finally {
    driver.remove();
  }
}

/** Of model nodes, as the quantizer is told them. */
function namesOf(changes: readonly Change[], to: Precision): readonly string[] {
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

async function search(input: MixedInput, layers: readonly Layer[], trials: Trials): Promise<Mixed> {
  const { made, target, goal } = input;
  const cycles = cyclesOf(made, target, layers);
  const time = (trial: Trial): number => timeOf(trial.layers.values(), cycles);
  const all = await trials.of([]);
  const front: FrontPoint[] = [];
  const before = await measured(input, made);
  let best = all;
  let aim = goal;
  let now = { made, judged: before };
  const tried = async (trial: Trial): Promise<typeof now> => {
    const mixed = input.remade(chosenBy(made.settings, trial.changes));
    return { made: mixed, judged: await measured(input, mixed) };
  };
  for (let round = 0; round < MOST_ROUNDS && !isGood(now.judged, goal); round++) {
    aim = corrected(goal, best, now.judged);
    const next = await searched(aim, { input, layers, trials, time, all, from: best, front });
    if (next === best) break;
    best = next;
    now = await tried(best);
  }
  const fewer = isGood(now.judged, goal) ? await needed(aim, best, trials, time) : best;
  if (fewer !== best) {
    const without = await tried(fewer);
    if (isGood(without.judged, goal)) [best, now] = [fewer, without];
  }
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
    before,
    after: now.judged,
    made: now.made,
    cycles: {
      before: time(all),
      after: time(best),
      float: uniform(() => 32),
      wide: uniform((layer) => (layer.canWiden ? 16 : layer.bits)),
    },
    isReached: isGood(now.judged, goal),
  };
}

/** Of the model itself, without switches. */
async function measured({ samples, cc }: MixedInput, { settings, float, graph }: Quantized): Promise<Judged> {
  if (settings === undefined) return { sqnr: undefined, agreement: undefined };
  const noise = await measureNoise({ float, quantized: graph, settings, layers: [] }, samples, cc);
  const ratios = noise.outputs.flatMap(({ sqnr }) => sqnr ?? []);
  return { sqnr: ratios.length === 0 ? undefined : Math.min(...ratios), agreement: noise.top1Agree };
}

/** What the quantizer is told of them, besides what stayed float before. */
function chosenBy(
  settings: Quantized['settings'],
  changes: readonly Change[],
): Pick<Quantization, 'keepFloat' | 'wide'> {
  return {
    keepFloat: new Set([...(settings?.keepFloat ?? []), ...namesOf(changes, 'f32')]),
    wide: new Set(namesOf(changes, 's16')),
  };
}

/** What the switches have to promise, so that the model, which they are so far off, reaches the goal. */
export function corrected(goal: Goal, promised: Judged, judged: Judged): Goal {
  if (goal.kind === 'sqnr') return { ...goal, db: goal.db + ((promised.sqnr ?? 0) - (judged.sqnr ?? 0)) };
  const short = (promised.agreement ?? 0) - (judged.agreement ?? 0);
  return { ...goal, share: Math.min(1, goal.share + short) };
}

interface Search {
  readonly input: MixedInput;
  readonly layers: readonly Layer[];
  readonly trials: Trials;
  readonly time: (trial: Trial) => number;
  /** With all that can be on 8 bits. */
  readonly all: Trial;
  readonly from: Trial;
  /** Is added to. */
  readonly front: FrontPoint[];
}

/** From there to the goal, as the switches tell; as near as it can be. */
async function searched(aim: Goal, { input, layers, trials, time, all, from, front }: Search): Promise<Trial> {
  const isFloatAllowed = input.made.settings?.integerOnly !== true;
  const candidates = layers
    .filter((layer) => all.layers.get(layer.name)?.bits === 8 && layer.canChange)
    .flatMap((layer): Change[] => [
      ...(layer.canWiden ? [{ layer, to: 's16' } as const] : []),
      ...(isFloatAllowed ? [{ layer, to: 'f32' } as const] : []),
    ]);
  let best = from;
  for (let isBetter = true; isBetter && !isGood(best, aim); ) {
    const start = best;
    for (const { change, gain, cost } of await ranked(candidates, best, trials, time)) {
      const trial = await trials.of(changed(best.changes, change));
      if (trial.noise >= best.noise) continue;
      best = trial;
      front.push({ change, gain, cost, cycles: time(best), sqnr: best.sqnr, agreement: best.agreement });
      progress(`${best.changes.length} layers not on 8 bits`);
      // With the worst noise gone, what others add can be told again.
      if (isGood(best, aim) || best.noise < start.noise / RANK_AGAIN) break;
    }
    isBetter = best !== start;
  }
  return best;
}

/** Without the changes that turn out not to be needed, and with int16 where float is slower and more than is needed. */
async function needed(aim: Goal, from: Trial, trials: Trials, time: (trial: Trial) => number): Promise<Trial> {
  let best = from;
  for (const change of from.changes.toReversed()) {
    const { layer, to } = change;
    const others = best.changes.filter((kept) => kept !== change);
    const without = others.length === 0 ? undefined : await trials.of(others);
    if (without !== undefined && isGood(without, aim)) {
      best = without;
      continue;
    }
    if (to === 's16' || !layer.canWiden) continue;
    const narrower = await trials.of([...others, { layer, to: 's16' }]);
    if (isGood(narrower, aim) && time(narrower) < time(best)) best = narrower;
  }
  return best;
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

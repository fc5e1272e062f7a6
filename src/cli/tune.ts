/**
 * `--tune`: times the kernels that could run each layer, inside the model, on this machine. Invariant: every shape class is
 * timed once, all candidates in turns; what comes out is data, by which `compile` chooses.
 *
 * Trial i is the whole model with the i-th candidate of every class, so that a kernel meets the caches as it will in the
 * product: one that streams four times the weights does not look better than it is.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Assets } from '../assets.js';
import { type CompileOptions, compileLowered, type Lowered, type ModelSource } from '../compiler.js';
import { type Diagnostic, note } from '../diagnostics/diagnostic.js';
import type { Origin } from '../ir/graph.js';
import { bytesOf } from '../ir/stored.js';
import { callsOf, type PlacedProgram, type Step } from '../program/program.js';
import { type KernelTimes, type MeasuredCosts, shapeClass } from '../target/costs.js';
import { cpuModel, currentHost, runsNatively } from '../target/host.js';
import { type Policy, policyOf } from '../target/policy.js';
import type { Target } from '../target/target.js';
import { findCompiler } from '../toolchain/detect.js';
import { onOneCpu } from '../toolchain/pin.js';
import { temporaryFolder } from '../toolchain/process.js';
import { executableOf, writeBuild } from './build-folder.js';
import { drive } from './drive.js';
import { profileOf } from './profile.js';
import { seededSamples } from './samples.js';
import { type Output, type Session, show } from './session.js';
import {
  CACHE_FILE,
  machineOf,
  otherFormat,
  readCache,
  type Section,
  usableSection,
  withSection,
  writeCache,
} from './tune-cache.js';

/** Candidates that are estimated to take more than so many times the best are not tried. */
const HOPELESS = 2;
const ROUNDS = 7;
/** Of one trial in one round. */
const ROUND_NS = 1.5e8;

export interface TuneRequest {
  /** Path of the model: the cache lies beside it. */
  readonly model: string;
  /** Where the cache lies if the model's folder cannot be written to, by the model's name; undefined: nowhere. */
  readonly fallback: ((name: string) => string) | undefined;
  readonly cc: string | undefined;
}

export interface Tuned {
  readonly costs: MeasuredCosts;
  readonly notes: readonly Diagnostic[];
  /** Path of the cache; undefined where it could not be kept, or is not yet there. */
  readonly file: string | undefined;
  readonly gain: Gain;
  /** Puts the cache into the fallback folder, once that exists. */
  keep(): void;
}

/** What the times say of the program they chose, and of the one that estimates choose. */
export interface Gain {
  readonly steps: number;
  /** Steps that run another kernel. */
  readonly changed: number;
  /** Of the steps there were several kernels for. */
  readonly estimatedNs: number;
  readonly tunedNs: number;
}

/** What a tuner needs to know of a compilation. */
export interface Tunable {
  readonly source: ModelSource;
  readonly lowered: Lowered;
  readonly target: Target;
  readonly assets: Assets;
  readonly options: CompileOptions;
}

export async function tune(what: Tunable, request: TuneRequest, output: Output): Promise<Tuned> {
  const { target, assets, options } = what;
  const host = currentHost();
  const native = runsNatively(target, host);
  const policy: Policy = { ...policyOf(options.optimize, target), streams: 'nothing' };
  const free: Policy = { ...policy, weightGrowth: Number.POSITIVE_INFINITY };
  const machine = machineOf(target, assets, policy, cpuModel());
  const home = dirname(request.model);
  const other = request.fallback?.(what.lowered.graph.name);
  const places = [home, ...(other === undefined ? [] : [other])];
  const place = places.find((folder) => readCache(folder).length > 0) ?? home;
  const sections = readCache(place);
  const { section, notes: unused } = usableSection(sections, machine, native);
  const notes = [...otherFormat(place), ...unused];
  const known: MeasuredCosts = section?.times ?? new Map();
  const result = (
    costs: MeasuredCosts,
    more: readonly Diagnostic[],
    file: string | undefined,
    keep = () => {},
  ): Tuned => ({
    costs,
    notes: [...notes, ...more],
    file,
    gain: gainOf(what, policy, costs),
    keep,
  });
  const file = section === undefined ? undefined : join(place, CACHE_FILE);
  if (!native) {
    const text = `"${target.name}" is not this machine: nothing is measured, and ${CACHE_FILE} has no times for it`;
    const help = `run qcc build --tune on such a machine, and keep ${CACHE_FILE} beside the model`;
    return result(known, section === undefined ? [note('Q0657', text, help)] : [], file);
  }
  const [all, light] = [free, policy].map((p) => compiledWith(what, p, new Map()).program);
  const wanted = rivalry(all, light, known);
  if (wanted.size === 0) return result(known, [], file);
  const measured = await measure(what, free, wanted, request.cc, output);
  const times = new Map([...known, ...measured]);
  const { version } = await findCompiler(target, { cc: request.cc, env: process.env, host });
  const added: Section = { ...machine, cpu: section?.cpu ?? machine.cpu, compiler: version, times };
  const merged = withSection(sections, added);
  if (writeCache(home, merged)) return result(times, [], join(home, CACHE_FILE));
  if (other !== undefined) return result(times, [], join(other, CACHE_FILE), () => void writeCache(other, merged));
  return result(times, [unkept(home)], undefined);
}

export function unkept(folder: string): Diagnostic {
  return note('Q0658', `${folder} cannot be written to: the measured times are not kept`);
}

function gainOf(what: Tunable, policy: Policy, costs: MeasuredCosts): Gain {
  const [estimated, tuned] = [new Map(), costs].map((c) => compiledWith(what, policy, c).program);
  const timeOf = (step: Step) => costs.get(shapeClass(step))?.get(step.kernel.symbol);
  const gain = { steps: 0, changed: 0, estimatedNs: 0, tunedNs: 0 };
  for (const [after, before] of pairs(tuned, estimated)) {
    gain.steps++;
    if (after.kernel !== before.kernel) gain.changed++;
    const [was, is] = [timeOf(before), timeOf(after)];
    // A time that is missing on one side, as in a cache of other budgets, counts on neither.
    if (was === undefined || is === undefined) continue;
    gain.estimatedNs += was;
    gain.tunedNs += is;
  }
  return gain;
}

/** Steps of one program and what is in their place in another one of the same graph, whose order may differ. */
function pairs(one: PlacedProgram, other: PlacedProgram): ReadonlyMap<Step, Step> {
  const places = (program: PlacedProgram): ReadonlyMap<string, Step> => {
    const serials = new Map<Origin, number>();
    return new Map(
      callsOf(program.body).map(({ step }) => {
        const serial = serials.get(step.origin) ?? 0;
        serials.set(step.origin, serial + 1);
        return [`${step.origin.names.join('\n')} ${step.op} ${serial}`, step] as const;
      }),
    );
  };
  const others = places(other);
  const found = new Map<Step, Step>();
  for (const [place, step] of places(one)) {
    const twin = others.get(place);
    if (twin !== undefined) found.set(step, twin);
  }
  return found;
}

/** What `compileFile` asks in the middle of a compilation, and what came of it. */
export function tuning(request: TuneRequest, output: Output) {
  let tuned: Tuned | undefined;
  return {
    tuner: async (what: Tunable): Promise<MeasuredCosts> => {
      tuned = await tune(what, request, output);
      await show(tuned.notes, undefined, output);
      return tuned.costs;
    },
    result: () => tuned,
  };
}

/** `12 of 54 steps run another kernel than estimated; together 7.81 ms instead of 8.05 ms` */
export function gainText({ steps, changed, estimatedNs, tunedNs }: Gain): string {
  if (changed === 0) return `all of ${steps} steps run the kernel that is estimated to be best`;
  const time = (ns: number) => (ns < 1e6 ? `${(ns / 1e3).toPrecision(3)} us` : `${(ns / 1e6).toPrecision(3)} ms`);
  return `${changed} of ${steps} steps run another kernel than estimated: ${time(tunedNs)} in place of ${time(estimatedNs)}`;
}

function compiledWith({ source, lowered, target, assets, options }: Tunable, policy: Policy, costs: MeasuredCosts) {
  // Whole layers are timed, one after the other; how they are then cut or placed changes no choice.
  const { memory: _, threads: _threads, ...rest } = options;
  const emit = { singleFile: false, allowIncbin: true, host: 'driver', observe: true } as const;
  return compileLowered(source, lowered, target, assets, { ...rest, emit, costs }, policy);
}

/**
 * Per shape class the kernels worth a trial, by estimate; classes that are decided, or known already, are left out.
 * @param light the program as the bound of all weights has it: what a layer falls back to is a candidate too.
 */
export function rivalry(
  program: PlacedProgram,
  light: PlacedProgram,
  known: MeasuredCosts,
): ReadonlyMap<string, readonly string[]> {
  const costs = new Map<string, Map<string, number>>();
  const fallen = pairs(program, light);
  for (const { step } of callsOf(program.body)) {
    const shape = shapeClass(step);
    const best = Math.min(...step.rivals.map(({ cost }) => cost));
    const all = costs.get(shape) ?? new Map<string, number>();
    costs.set(shape, all);
    for (const { kernel, cost } of step.rivals)
      if (cost <= HOPELESS * best || kernel === fallen.get(step)?.kernel)
        all.set(kernel.symbol, Math.max(cost, all.get(kernel.symbol) ?? 0));
  }
  const wanted = new Map<string, readonly string[]>();
  for (const [shape, all] of costs) {
    const symbols = [...all].toSorted(([, a], [, b]) => a - b).map(([symbol]) => symbol);
    const times = known.get(shape);
    if (symbols.length > 1 && !symbols.every((symbol) => times?.has(symbol) === true)) wanted.set(shape, symbols);
  }
  return wanted;
}

/** Times that make `compile` take the i-th candidate of each class wherever it may. */
export function forced(wanted: ReadonlyMap<string, readonly string[]>, i: number): MeasuredCosts {
  return new Map(
    [...wanted].map(([shape, symbols]) => [shape, new Map([[symbols[Math.min(i, symbols.length - 1)], 0]])]),
  );
}

interface Trial {
  readonly session: Session;
  readonly executable: string;
}

async function measure(
  what: Tunable,
  policy: Policy,
  wanted: ReadonlyMap<string, readonly string[]>,
  cc: string | undefined,
  output: Output,
): Promise<MeasuredCosts> {
  const count = Math.max(...[...wanted.values()].map((symbols) => symbols.length));
  const progress = (text: string) => output.say(`tuning for ${what.target.name}: ${text}`);
  progress(`${wanted.size} shape classes, up to ${count} kernels each`);
  const { folder, remove } = temporaryFolder('qcc-tune-');
  try {
    const trials: Trial[] = [];
    for (let i = 0; i < count; i++) {
      progress(`compiling trial ${i + 1} of ${count}`);
      const compiled = compiledWith(what, policy, forced(wanted, i));
      const session = { source: what.source, target: what.target, assets: what.assets, compiled };
      const built = await writeBuild(session, join(folder, `trial${i}`), ['exe'], cc);
      trials.push({ session, executable: executableOf(built) });
    }
    const [sample] = seededSamples(what.lowered.graph, 1);
    const inputs = join(folder, 'inputs.bin');
    writeFileSync(inputs, Buffer.concat(sample.map(bytesOf)));
    return await onOneCpu(1, () => inTurns(trials, inputs, wanted, progress));
  } finally {
    remove();
  }
}

async function inTurns(
  trials: readonly Trial[],
  inputs: string,
  wanted: ReadonlyMap<string, readonly string[]>,
  progress: (text: string) => void,
): Promise<MeasuredCosts> {
  const profile = async ({ executable, session }: Trial, runs: number) =>
    profileOf(await drive(executable, ['profile', inputs, String(runs)], session)).stepNs;
  const runs: number[] = [];
  for (const trial of trials) {
    const ns = (await profile(trial, 2)).reduce((sum, step) => sum + step, 0);
    runs.push(Math.max(3, Math.min(2000, Math.round(ROUND_NS / Math.max(ns, 1)))));
  }
  const rounds = new Map<string, Map<string, number[]>>();
  for (let round = 0; round < ROUNDS; round++) {
    progress(`round ${round + 1} of ${ROUNDS}`);
    for (const [i, trial] of trials.entries())
      for (const [shape, times] of classTimes(trial.session.compiled.program, await profile(trial, runs[i])))
        for (const [symbol, ns] of times) {
          if (wanted.get(shape)?.includes(symbol) !== true) continue;
          const all = rounds.get(shape) ?? new Map<string, number[]>();
          rounds.set(shape, all);
          all.set(symbol, [...(all.get(symbol) ?? []), ns]);
        }
  }
  return new Map(
    [...rounds].map(([shape, all]) => [
      shape,
      new Map([...all].map(([symbol, list]) => [symbol, Math.round(middle(list))])),
    ]),
  );
}

/** Mean time of a step of each class, by the kernel that ran it. */
function classTimes(program: PlacedProgram, stepNs: readonly number[]): ReadonlyMap<string, KernelTimes> {
  const sums = new Map<string, Map<string, { ns: number; steps: number }>>();
  for (const [i, { step }] of callsOf(program.body).entries()) {
    const shape = shapeClass(step);
    const all = sums.get(shape) ?? new Map<string, { ns: number; steps: number }>();
    sums.set(shape, all);
    const { symbol } = step.kernel;
    const before = all.get(symbol) ?? { ns: 0, steps: 0 };
    all.set(symbol, { ns: before.ns + (stepNs[i] ?? 0), steps: before.steps + 1 });
  }
  return new Map(
    [...sums].map(([shape, all]) => [
      shape,
      new Map([...all].map(([symbol, { ns, steps }]) => [symbol, ns / steps] as const)),
    ]),
  );
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

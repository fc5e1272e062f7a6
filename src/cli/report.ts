/**
 * `--report`: gathers what is known and measured about a model and writes it. Invariant: every number was measured or
 * proved in this run, on the program that is built; what could not be says why.
 */
import { extname } from 'node:path';
import { type Layer, layersOf } from '../analysis/layers.js';
import { rebinned, type TensorFacts, tensorsOf } from '../analysis/tensors.js';
import { writeWhole } from '../files.js';
import type { Quantized } from '../quantizer.js';
import { adviceFor, type Named } from '../report/advice.js';
import { pageOf } from '../report/page.js';
import type { Report, ReportLayer, ReportMixed, ReportNoise, ReportTensor } from '../report/report.js';
import { version } from '../version.js';
import { analysisSamples } from './analysis-samples.js';
import { type Driver, driverEmission, driverOf } from './drive.js';
import { factsOf } from './facts.js';
import { type LayerSteps, layerSteps, layersOfSteps, type StepLayer, type StepSum } from './layer-steps.js';
import { measureNoise, type Noise } from './noise.js';
import type { Sampling } from './ranges.js';
import { progress, type Sample, seededSamples } from './samples.js';
import { compileFile, type ModelOptions, type Output, type Session, usage } from './session.js';
import { type StepTimes, timesInTurns } from './step-times.js';

export interface ReportSubject {
  readonly command: 'quantize' | 'build';
  readonly model: string;
  readonly options: ModelOptions & Sampling;
  readonly cc: string | undefined;
  readonly calibrate: string | undefined;
  /** The quantized model that is written. */
  readonly output?: string;
  /** Undefined: the model came with its quantization. */
  readonly made: Quantized | undefined;
  readonly mode: 'static' | 'dynamic' | 'weights';
  readonly effort: number;
  readonly mixed?: ReportMixed | undefined;
  /** Compiles what is deployed, as an observed driver or as it is. */
  readonly compile: (extra: { readonly emit?: ReturnType<typeof driverEmission> }) => Promise<Session>;
}

const noSamples = {
  static: 'nothing ran',
  dynamic: 'activations are quantized at run time, by their own range',
  weights: 'activations stay float',
} as const;

/** Multiply-accumulates of the float model that an analysis may spend: some seconds. */
const ANALYSIS_MACS = 4e10;
const HISTOGRAM_BARS = 96;
const quiet: Output = { out: () => {}, say: () => {}, color: false };

/** Refuses names before anything runs. */
export function checkReportFiles(files: readonly string[]): void {
  for (const file of files)
    if (!['.json', '.html'].includes(extname(file).toLowerCase()))
      throw usage(`--report ${file}: expected a name that ends in .json or .html`);
}

export function writeReport(files: readonly string[], report: Report, templates: ReadonlyMap<string, string>): void {
  for (const file of files) {
    const isPage = extname(file).toLowerCase() === '.html';
    const text = isPage ? pageOf(report, templates) : `${JSON.stringify(report, undefined, 2)}\n`;
    writeWhole(file, text);
  }
}

export async function reportOn(subject: ReportSubject): Promise<Report> {
  const { made } = subject;
  const session = await subject.compile({});
  const { program } = session.compiled;
  const settings = made?.settings;
  const layers = made === undefined || settings === undefined ? undefined : layersOf(made.float, settings);
  progress('measuring the noise of each layer');
  const noise = await noiseOf(subject, layers);
  progress('timing the steps');
  const float =
    made === undefined ? undefined : await compileFile(subject.model, subject.options, { asModel: true }, quiet);
  const times = await stepTimes(subject, session, float);
  const list = layers ?? layersOfSteps(program);
  const index = new Map(list.flatMap((layer, i) => namesOf(layer).map((name) => [name, i] as const)));
  const steps = layerSteps(program, index, times.ok ? times.us[0] : undefined);
  const floatSteps =
    float === undefined ? undefined : layerSteps(float.compiled.program, index, times.ok ? times.us[1] : undefined);
  const tensors = made === undefined || settings === undefined ? [] : tensorsOf(made.graph, settings);
  const rows = list.map((layer, i) => layerRow(i, layer, { steps, floatSteps, noise: noise.measured, tensors, list }));
  const facts = factsOf(session.compiled);
  const floatFacts = float === undefined ? undefined : factsOf(float.compiled);
  const report: Report = {
    qcc: version(),
    format: 1,
    command: subject.command,
    model: subject.model,
    target: session.target.name,
    quantization:
      made === undefined
        ? null
        : {
            mode: subject.mode,
            effort: subject.effort,
            quantized_layers: made.quantized,
            layers: made.products,
            mixed: subject.mixed ?? null,
            roundings: made.roundings,
          },
    noise: noise.json,
    size: {
      weights_bytes: facts.weightsBytes,
      float_weights_bytes: floatFacts?.weightsBytes ?? facts.floatWeightsBytes,
      traffic_bytes: facts.trafficBytes,
      float_traffic_bytes: floatFacts?.trafficBytes ?? facts.floatTrafficBytes,
    },
    time: {
      us: times.ok ? sum(times.us[0]) : null,
      float_us: times.ok && times.us.length > 1 ? sum(times.us[1]) : null,
      conversions_us: steps.rest.us === undefined ? null : rounded(steps.rest.us),
      why: times.ok ? null : times.why,
    },
    layers: rows,
    tensors: tensors.map(tensorRow),
    advice: [],
  };
  return { ...report, advice: adviceFor(report, namedIn(subject)) };
}

/** What the next command repeats of this one. */
function namedIn({ model, calibrate, output, options }: ReportSubject): Named {
  const { preprocess, samples, seed, dim, target } = options;
  const both = [...dim.flatMap((word) => ['--dim', word]), ...(target === undefined ? [] : ['--target', target])];
  const data = preprocess === undefined ? [] : ['--preprocess', preprocess];
  const taken = samples === undefined ? [] : ['--samples', `${samples}`, '--seed', `${seed}`];
  return { model, calibrate, output, options: both, dataOptions: data, sampling: taken };
}

function namesOf(layer: Layer | StepLayer): readonly string[] {
  return 'names' in layer ? layer.names : [layer.name];
}

function sum(us: readonly number[]): number {
  return rounded(us.reduce((a, b) => a + b, 0));
}

function rounded(x: number): number {
  return Number(x.toFixed(3));
}

async function noiseOf(
  { made, options, calibrate, cc, mode }: ReportSubject,
  layers: readonly Layer[] | undefined,
): Promise<{ readonly json: ReportNoise; readonly measured: Noise | undefined }> {
  const without = (why: string) => ({ json: { samples: 0, why, outputs: [], top1_agree: null }, measured: undefined });
  if (made === undefined) return without('the float model is not known: qcc quantize MODEL --report measures it');
  if (made.settings === undefined || layers === undefined) return without(noSamples[mode]);
  const macs = layers.reduce((total, layer) => total + layer.macs, 0);
  const found = await analysisSamples(calibrate, options, made.float.inputs, ANALYSIS_MACS, macs);
  if (!found.ok) return without(found.why);
  const input = { float: made.float, quantized: made.graph, settings: made.settings, layers };
  const measured = await measureNoise(input, found.samples, options.target === undefined ? cc : undefined);
  const outputs = measured.outputs.map(({ name, sqnr }) => ({ name, sqnr_db: decibels(sqnr) }));
  const json = { samples: measured.samples, why: null, outputs, top1_agree: measured.top1Agree ?? null };
  return { json, measured };
}

async function stepTimes(subject: ReportSubject, session: Session, float: Session | undefined): Promise<StepTimes> {
  const emit = driverEmission(true);
  const drivers = [async () => driverOf(await subject.compile({ emit }), true, subject.cc)];
  if (float !== undefined)
    drivers.push(async () =>
      driverOf(await compileFile(subject.model, subject.options, { emit, asModel: true }, quiet), true, subject.cc),
    );
  const samples = new Map<Driver, Sample>();
  return timesInTurns(session.target, drivers, (driver) => {
    const sample = samples.get(driver) ?? seededSamples(driver.session.compiled.graph, 1)[0];
    samples.set(driver, sample);
    return sample;
  });
}

interface Known {
  readonly steps: LayerSteps;
  readonly floatSteps: LayerSteps | undefined;
  readonly noise: Noise | undefined;
  readonly tensors: readonly TensorFacts[];
  readonly list: readonly { readonly name: string }[];
}

function layerRow(
  index: number,
  layer: Layer | StepLayer,
  { steps, floatSteps, noise, tensors, list }: Known,
): ReportLayer {
  const own = steps.sums.get(index);
  const host = steps.fused.get(index);
  const float = floatSteps?.sums.get(index);
  const of = 'names' in layer ? layer : undefined;
  const found = of === undefined ? undefined : noise?.layers.get(of);
  const tensor = tensors.find(({ name }) => name === of?.tensor);
  return {
    index,
    name: layer.name,
    ops: layer.ops,
    quantized: layer.isQuantized,
    bits: of?.bits ?? null,
    why: of?.why ?? null,
    fused_into: host === undefined ? null : list[host].name,
    tensor: of?.tensor ?? null,
    macs: Math.round(of?.macs ?? own?.macs ?? 0),
    sqnr_alone_db: decibels(found?.alone),
    sqnr_db: decibels(found?.cumulative),
    saturated: tensor === undefined ? null : Number(tensor.saturated.toPrecision(4)),
    ...bytesRow(own, floatSteps === undefined ? undefined : (float ?? null)),
    us: own?.us === undefined ? null : rounded(own.us),
    float_us: float?.us === undefined ? null : rounded(float.us),
    kernels: own?.kernels ?? [],
    proofs: own?.proofs ?? [],
    refused: own?.refused ?? [],
  };
}

/** @param float undefined: no float program, its sizes follow from this one; null: it has no step for this layer. */
function bytesRow(own: StepSum | undefined, float: StepSum | undefined | null) {
  return {
    weights_bytes: own?.constants ?? 0,
    float_weights_bytes: float === undefined ? (own?.floatConstants ?? 0) : (float?.constants ?? 0),
    moved_bytes: Math.round(own?.traffic ?? 0),
    float_moved_bytes: Math.round(float === undefined ? (own?.floatTraffic ?? 0) : (float?.traffic ?? 0)),
  };
}

function decibels(db: number | undefined): number | null {
  return db === undefined ? null : Number(db.toFixed(2));
}

function tensorRow({ name, element, scale, zeroPoint, seen, range, saturated, stats }: TensorFacts): ReportTensor {
  const [from, to] = [Math.min(seen[0], range[0]), Math.max(seen[1], range[1])];
  const counts = rebinned(stats, from, to, HISTOGRAM_BARS).map((count) => Math.round(count));
  return {
    ...{ name, element, scale, zero_point: zeroPoint, seen, range },
    saturated: Number(saturated.toPrecision(4)),
    histogram: { from, to, counts },
  };
}

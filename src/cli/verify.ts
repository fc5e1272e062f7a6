/**
 * `qcc verify`: the compiled model against the interpreter (bit for bit) and against ONNX Runtime in exact mode, on seeded
 * samples or on data of the user's own. Exit code 3 when it differs.
 */
import { type Diagnostic, error, note, QccError } from '../diagnostics/diagnostic.js';
import type { ObservedValue } from '../emit/observe.js';
import { evaluateGraph } from '../ir/evaluate.js';
import type { Graph, Value } from '../ir/graph.js';
import { storedSize } from '../ir/stored.js';
import type { Tensor, TensorType } from '../ir/type.js';
import { bufferBytes, stepsOf } from '../program/program.js';
import { type Difference, difference, differenceText, gridOf, largestOf, top1, total } from './compare.js';
import { CutComparer, type CutComparison, cutJson, cutLines, firstFault } from './cut-comparison.js';
import { type Answer, buildDriver, type DriveOptions, type Driver } from './drive.js';
import { asModelGives, toProgram } from './edge-values.js';
import { factsOf } from './facts.js';
import { floatLayers, floatLayersText, toleratedSteps } from './float-layers.js';
import { isOnnx } from './onnx-file.js';
import {
  findOnnxRuntime,
  type OnnxRuntime,
  type OrtMode,
  type OrtModel,
  proveExact,
  SELF_TEST_SUM,
  selfTest,
} from './onnxruntime.js';
import { showLines } from './result-lines.js';
import { progress, readSamples, type Sample, seededSamples } from './samples.js';
import { compileOptions, type Session, show, terminal, wholeNumber } from './session.js';

export interface VerifyOptions extends DriveOptions {
  readonly data: string | undefined;
  readonly steps: boolean;
  /** Undefined: what the model's layers make likely (`float-layers.ts`). */
  readonly maxSteps: number | undefined;
  readonly json: boolean;
}

/** Of float outputs, relative to the largest value: what approximations of ONNX Runtime's float functions amount to. */
const FLOAT_TOLERANCE = 2 ** -13;
/** Its sigmoid is within 2^-23 of a result of 1, however small the result: all of an output may be below that. */
const FLOAT_FLOOR = 2 ** -22;
/** The same of float16: every operator rounds to 11 digits, where ONNX Runtime computes stretches of them in float32. */
const HALF_TOLERANCE = 2 ** -8;
/** The interpreter does about 10^8 multiply-accumulates a second. */
const SEEDED_MACS = 1e9;
const SEEDED_SAMPLES = 16;
/** Bytes of values one run of the driver may write. */
const RUN_BYTES = 256 << 20;

export interface OutputReport extends Difference {
  readonly name: string;
  /** Largest absolute value of the reference. */
  readonly largest: number;
  /** Within what the comparison allows. */
  readonly isFit: boolean;
}

export interface Comparison {
  readonly outputs: readonly OutputReport[];
  /** Share of samples whose first output has its largest value at the same place; undefined for other outputs. */
  readonly top1Agree: number | undefined;
}

export interface StepReport extends Difference {
  readonly index: number;
  readonly op: string;
  readonly origin: readonly string[];
  readonly kernel: string;
}

export async function verify(options: VerifyOptions): Promise<number> {
  const stated = options.maxSteps === undefined ? undefined : wholeNumber('--max-steps', options.maxSteps);
  const driver = await buildDriver(options, options.steps);
  try {
    const { compiled, target } = driver.session;
    const samples = await samplesFor(driver, options.data);
    const { model } = driver.session.source;
    const judge = isOnnx(model) ? await ortJudge(options.model) : noJudge;
    const layers = floatLayers(compiled.graph);
    const allowed: Allowed = { steps: stated ?? toleratedSteps(layers), why: floatLayersText(layers) };
    const run = await compare(driver, samples, judge.model, allowed.steps);
    await judge.model?.release();
    const cut = await explained(driver.session, options, judge, run, samples);
    const faults = faultsOf(run, cut, allowed);
    if (options.json)
      terminal.out(
        JSON.stringify({
          model: compiled.program.name,
          target: target.name,
          samples: samples.length,
          data: options.data ?? 'seeded',
          reference: 'interpreter',
          ...comparisonJson(run.interpreter),
          onnxruntime:
            run.onnxruntime === undefined
              ? null
              : {
                  version: judge.version,
                  mode: judge.mode,
                  ...comparisonJson(run.onnxruntime),
                  max_steps_allowed: allowed.steps,
                  float_layers: layers.map((node) => node.origin.names[0] ?? node.kind),
                  ...(cut === undefined ? {} : { rounding: cutJson(cut) }),
                },
          steps: run.steps.map((s) => ({ index: s.index, origin: s.origin, op: s.op, ...stepJson(s) })),
          agrees: faults.length === 0,
        }),
      );
    else showLines(report(driver, samples.length, options, run, judge, cut, allowed));
    if (judge.absent !== undefined) await show([judge.absent], undefined, terminal);
    if (faults.length > 0) throw new QccError(faults, 3);
    return 0;
  } finally {
    driver.remove();
  }
}

/** By how much outputs may differ from ONNX Runtime, and why they may. */
interface Allowed {
  readonly steps: number;
  readonly why: string | undefined;
}

/** In the model's own types, whatever the program takes. */
async function samplesFor(driver: Driver, data: string | undefined): Promise<readonly Sample[]> {
  const { compiled } = driver.session;
  const { model, graph } = compiled;
  if (data !== undefined) return readSamples(data, model.inputs);
  const fitting = Math.floor(SEEDED_MACS / Math.max(1, factsOf(compiled).macs));
  const isPlain = model.inputs.every(({ type }, i) => type.kind === graph.inputs[i].type.kind);
  return seededSamples(isPlain ? graph : model, Math.min(SEEDED_SAMPLES, Math.max(1, fitting)));
}

interface Judge {
  readonly runtime: OnnxRuntime | undefined;
  readonly version: string;
  readonly mode: OrtMode;
  readonly model: OrtModel | undefined;
  readonly absent: Diagnostic | undefined;
}

/** TFLite models and textual IR are judged by the interpreter alone. */
const noJudge: Judge = {
  runtime: undefined,
  version: '',
  mode: 'exact',
  model: undefined,
  absent: undefined,
};

/**
 * ONNX Runtime with the model, if both are possible; a self-test that fails is an error. Exact mode cannot load every
 * model (weights that two nodes share); where this CPU's default mode passes the self-test too, it may judge.
 */
async function ortJudge(path: string): Promise<Judge> {
  const runtime = await findOnnxRuntime();
  if (runtime === undefined) {
    const help = 'npm install --ignore-scripts onnxruntime-node, to compare with ONNX Runtime too';
    const absent = note('Q0608', 'onnxruntime-node is not installed: compared with the interpreter alone', help);
    return { ...noJudge, absent };
  }
  const { version } = runtime;
  await proveExact(runtime);
  let absent: Diagnostic | undefined;
  for (const mode of ['exact', 'default'] as const) {
    if (mode === 'default' && (await selfTest(runtime, mode)) !== SELF_TEST_SUM) break;
    try {
      return { runtime, version, mode, model: await runtime.open(path, mode), absent: undefined };
    } catch (failure) {
      if (!(failure instanceof QccError)) throw failure;
      absent ??= note('Q0608', failure.diagnostics[0].message);
    }
  }
  return { ...noJudge, version, absent };
}

interface Verified {
  readonly interpreter: Comparison;
  readonly onnxruntime: Comparison | undefined;
  readonly steps: readonly StepReport[];
  /** Positions of the samples whose outputs are further from ONNX Runtime's than is allowed. */
  readonly apart: readonly number[];
}

async function compare(
  driver: Driver,
  samples: readonly Sample[],
  judge: OrtModel | undefined,
  maxSteps: number,
): Promise<Verified> {
  const { compiled } = driver.session;
  const { model, graph, program } = compiled;
  const perSample = [...program.outputs, ...program.inputs].reduce((sum, b) => sum + bufferBytes(b), 0);
  const traced = driver.values.reduce((sum, v) => sum + v.bytes, 0);
  const chunk = Math.max(1, Math.floor(RUN_BYTES / (perSample + traced)));
  const byInterpreter: Differences = { outputs: program.outputs.map(() => []), top1: [] };
  const byOrt: Differences = { outputs: program.outputs.map(() => []), top1: [] };
  const steps = driver.values.map((): Difference[] => []);
  for (let at = 0; at < samples.length; at += chunk) {
    const part = samples.slice(at, at + chunk);
    const given = part.map((sample) => toProgram(compiled, sample));
    const answers = await driver.run(given);
    for (const [i, sample] of part.entries()) {
      progress(`comparing sample ${at + i + 1} of ${samples.length}`);
      const answer = answers[i];
      const truth = interpreted(graph, given[i], driver.values);
      addOutputs(byInterpreter, graph, answer, (name) => truth.outputs.get(name)?.data, true);
      for (const [v, value] of truth.values.entries())
        steps[v].push(difference(answer.traced[v].data, value.data, { signedZero: true }));
      if (judge === undefined) continue;
      const inputs = model.inputs.map(({ name }, k) => ({ name, tensor: sample[k] }));
      const said = await judge.run(inputs);
      const own = { ...answer, outputs: asModelGives(compiled, answer.outputs) };
      addOutputs(byOrt, graph, own, (name) => said.get(name), false);
    }
  }
  return {
    interpreter: comparison(byInterpreter, graph, 0, 0),
    onnxruntime: judge === undefined ? undefined : comparison(byOrt, graph, maxSteps, FLOAT_TOLERANCE),
    steps: stepReports(driver, steps),
    apart: samples.flatMap((_, i) => {
      const one = { outputs: byOrt.outputs.map((list) => list.slice(i, i + 1)), top1: [] };
      const isFit =
        judge === undefined || comparison(one, graph, maxSteps, FLOAT_TOLERANCE).outputs.every((o) => o.isFit);
      return isFit ? [] : [i];
    }),
  };
}

/** Where outputs are apart: whether the stretches between quantizers are, too. */
async function explained(
  session: Session,
  options: VerifyOptions,
  { runtime, mode }: Judge,
  { apart }: Verified,
  samples: readonly Sample[],
): Promise<CutComparison | undefined> {
  if (runtime === undefined || apart.length === 0) return undefined;
  const { dims, rounding } = compileOptions(options);
  const given = { ...(dims === undefined ? {} : { dims }), ...(rounding === undefined ? {} : { rounding }) };
  const comparer = await CutComparer.open(session, given, FLOAT_TOLERANCE, runtime, mode);
  if (comparer === undefined) return undefined;
  for (const [at, i] of apart.entries()) {
    progress(`comparing between quantizers, sample ${at + 1} of ${apart.length}`);
    await comparer.add(session.compiled.model.inputs.map(({ name }, k) => ({ name, tensor: samples[i][k] })));
  }
  await comparer.release();
  return comparer.report();
}

interface Differences {
  readonly outputs: readonly (Difference & { readonly largest: number })[][];
  readonly top1: boolean[];
}

function interpreted(graph: Graph, sample: Sample, watched: readonly ObservedValue[]) {
  const values = new Map<Value, Tensor>();
  const wanted = new Set<Value>(watched.map((w) => w.value));
  const inputs = new Map(graph.inputs.map(({ name }, i) => [name, sample[i]]));
  const outputs = evaluateGraph(graph, inputs, (value, tensor) => {
    if (wanted.has(value)) values.set(value, tensor);
  });
  return {
    outputs,
    values: watched.map(({ value }) => {
      const tensor = values.get(value);
      if (tensor === undefined) throw new Error('the interpreter did not compute a value that a step computes');
      return tensor;
    }),
  };
}

function addOutputs(
  sums: Differences,
  graph: Graph,
  answer: Answer,
  reference: (name: string) => Tensor['data'] | undefined,
  signedZero: boolean,
): void {
  for (const [i, { name, value }] of graph.outputs.entries()) {
    const want = reference(name);
    const got = answer.outputs[i];
    if (want?.length !== got.data.length) throw new Error(`the reference has no output "${name}" of this size`);
    const measure = { grid: gridOf(value), isHalf: value.type.element === 'f16', signedZero };
    sums.outputs[i].push({ ...difference(got.data, want, measure), largest: largestOf(want) });
    const best = i === 0 ? top1(got) : undefined;
    if (best !== undefined) sums.top1.push(best === top1({ type: got.type, data: want }));
  }
}

function comparison(sums: Differences, graph: Graph, maxSteps: number, tolerance: number): Comparison {
  const outputs = graph.outputs.map(({ name, value }, i): OutputReport => {
    const sum = total(sums.outputs[i]);
    const largest = Math.max(...sums.outputs[i].map((d) => d.largest));
    const onGrid = value.type.kind !== 'float' || gridOf(value) !== undefined;
    // Values on a grid differ by whole steps, or by the rounding of one dequantized number.
    const allowed = Math.max(toleranceOf(value.type, tolerance) * largest, FLOAT_FLOOR);
    const isFit = onGrid ? sum.maxSteps <= maxSteps : sum.maxAbsDiff <= allowed;
    return { ...sum, name, largest, isFit: tolerance === 0 ? sum.equal === sum.elements : isFit };
  });
  const agree = sums.top1.filter((same) => same).length;
  return { outputs, top1Agree: sums.top1.length === 0 ? undefined : agree / sums.top1.length };
}

function toleranceOf({ element }: TensorType, ofFloats: number): number {
  return element === 'f16' && ofFloats > 0 ? HALF_TOLERANCE : ofFloats;
}

/** One line per step that completes a value: the worst of them. */
function stepReports(driver: Driver, differences: readonly (readonly Difference[])[]): readonly StepReport[] {
  const steps = stepsOf(driver.session.compiled.program.body);
  return driver.values.map(({ step }, i) => {
    const { op, origin, kernel } = steps[step];
    return { ...total(differences[i]), index: step, op, origin: origin.names, kernel: kernel.symbol };
  });
}

function faultsOf(run: Verified, cut: CutComparison | undefined, allowed: Allowed): readonly Diagnostic[] {
  const first = run.steps.find((s) => s.equal < s.elements);
  const where =
    first === undefined
      ? undefined
      : `the first step that differs is ${first.index}, ${first.op} from ${first.origin.map((n) => `"${n}"`).join(', ')}, kernel ${first.kernel}`;
  const fault = (reference: string, o: OutputReport, help: string | undefined): Diagnostic[] =>
    o.isFit
      ? []
      : [error('Q0610', `output "${o.name}" differs from ${reference}: ${differenceText(o)}`, undefined, help)];
  return [
    ...run.interpreter.outputs.flatMap((o) =>
      fault('the interpreter', o, where ?? 'qcc verify --steps names the step'),
    ),
    ...(cut?.isRounding === true ? [] : (run.onnxruntime?.outputs ?? [])).flatMap((o) =>
      fault('ONNX Runtime in exact mode', o, where ?? (cut === undefined ? allowed.why : firstFault(cut))),
    ),
    ...(run.interpreter.outputs.every((o) => o.isFit) && first !== undefined && where !== undefined
      ? [error('Q0610', where)]
      : []),
  ];
}

function comparisonJson(c: Comparison) {
  return {
    outputs: c.outputs.map((o) => ({
      name: o.name,
      elements: o.elements,
      equal_fraction: o.equal / Math.max(1, o.elements),
      max_abs_diff: o.maxAbsDiff,
      max_steps: o.maxSteps,
    })),
    top1_agree: c.top1Agree ?? null,
  };
}

function stepJson(s: StepReport) {
  return { equal_fraction: s.equal / Math.max(1, s.elements), max_steps: s.maxSteps };
}

function report(
  driver: Driver,
  count: number,
  options: VerifyOptions,
  run: Verified,
  judge: Judge,
  cut: CutComparison | undefined,
  allowed: Allowed,
): readonly string[] {
  const { program } = driver.session.compiled;
  const io = [...program.inputs, ...program.outputs].reduce((sum, b) => sum + storedSize(b.type), 0);
  const lines = [
    `model        ${program.name} for ${driver.session.target.name}, ${count} ${options.data === undefined ? 'seeded' : 'given'} samples (${io} bytes of input and output each)`,
  ];
  const add = (name: string, c: Comparison): void => {
    for (const o of c.outputs) lines.push(`${name.padEnd(13)}"${o.name}": ${differenceText(o)}`);
    if (c.top1Agree !== undefined)
      lines.push(`${''.padEnd(13)}top-1 agrees on ${Math.round(c.top1Agree * count)} of ${count} samples`);
  };
  add('interpreter', run.interpreter);
  if (run.onnxruntime !== undefined) {
    add('onnxruntime', run.onnxruntime);
    lines.push(`${''.padEnd(13)}version ${judge.version}, ${judge.mode} mode, which passed the self-test`);
    if (allowed.why !== undefined)
      lines.push(
        `${''.padEnd(13)}${allowed.why}:`,
        `${''.padEnd(13)}${allowed.steps} ${allowed.steps === 1 ? 'step' : 'steps'} apart is agreement (exit code 0); what is further apart is judged layer by layer`,
      );
  }
  if (cut !== undefined)
    for (const [i, line] of cutLines(cut).entries()) lines.push((i === 0 ? 'rounding' : '').padEnd(13) + line);
  if (options.steps) {
    const differing = run.steps.filter((s) => s.equal < s.elements);
    lines.push(`steps        ${run.steps.length - differing.length} of ${run.steps.length} values identical`);
    for (const s of differing.slice(0, 10))
      lines.push(`${''.padEnd(13)}${s.index}  ${s.op} from ${s.origin.join(', ')}: ${differenceText(s)}`);
  }
  return lines;
}

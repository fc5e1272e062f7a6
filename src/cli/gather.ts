/**
 * `--calibrate SRC` -> statistics: samples go through the float model in batches, and what was gathered is kept in a file
 * beside the one to write, so that an interrupted calibration goes on. Invariant: statistics depend on the chosen samples
 * alone, not on batches, cores or interruptions.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { checkQuantizable, type ModelSource } from '../compiler.js';
import { fitted } from '../data/fit.js';
import { openSource } from '../data/open.js';
import { noPreprocess, type Preprocess, parsePreprocess, printPreprocess } from '../data/preprocess.js';
import { parseStatistics, printStatistics } from '../data/qstats.js';
import { digestOf, type Selection, selected } from '../data/select.js';
import { about, type RawSample, type Source, unusable } from '../data/source.js';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { saidBySystem } from '../diagnostics/system.js';
import { writeWhole } from '../files.js';
import type { Value } from '../ir/graph.js';
import type { Sample } from '../ir/seeded.js';
import { byteSize } from '../ir/type.js';
import { topologicalOrder } from '../ir/walk.js';
import { decodeModel } from '../onnx/decode.js';
import type { OnnxModel } from '../onnx/model.js';
import {
  accumulated,
  added,
  differingSubject,
  emptyStatistics,
  halfOf,
  type Statistics,
  type Subject,
  type Sums,
} from '../quant/statistics.js';
import { buildObserver, type Observer } from './observe.js';
import { readModel, terminal } from './session.js';

export interface GatherOptions {
  readonly model: string;
  readonly dim: readonly string[];
  readonly cc: string | undefined;
  /** What --cc compiles for; undefined: the host. */
  readonly target?: string | undefined;
  /** What --calibrate names. */
  readonly source: string;
  readonly preprocess: string | undefined;
  readonly selection: Selection;
  /** Where an interrupted run left its statistics; undefined: nowhere. */
  readonly resume: string | undefined;
}

export interface Gathered {
  readonly statistics: Statistics;
  readonly observer: Observer;
  readonly model: OnnxModel;
  /** Samples that an interrupted run had done already. */
  readonly resumed: number;
}

/** Bytes of inputs a process gets at a time. */
const BATCH_BYTES = 8 << 20;
const BATCH_SAMPLES = 256;
/** Milliseconds between two states that can be resumed. */
const SAVE_EVERY = 5000;

/** Runs everything; the observer is the caller's to remove. Throws QccError Q0802, Q0804 to Q0808. */
export async function gather(options: GatherOptions): Promise<Gathered> {
  const preprocess = options.preprocess === undefined ? noPreprocess : parsePreprocess(options.preprocess);
  const { subject, model } = await subjectOf(options, preprocess);
  const quiet = { ...terminal, say: () => {} };
  // What a float model computes is the same on every machine: this one is fastest.
  const here = { target: undefined, rounding: undefined, name: undefined, optimize: undefined };
  const observer = await buildObserver(
    { ...here, model: options.model, dim: options.dim, cc: nativeCompiler(options) },
    quiet,
  );
  try {
    const { source } = observer.session.compiled;
    refuseQuantized(observer, options.model);
    if (source.inputs.length === 0) throw unusable(options.model, 'the model has no input');
    const complete = { ...subject, inputs: source.inputs.map((i) => `${i.name} [${i.type.shape.join()}]`) };
    const key = JSON.stringify([options.source, options.selection, complete]);
    const start = options.resume === undefined ? undefined : savedState(options.resume, key);
    const run = new Run(options, observer, preprocess, key, start ?? emptyStatistics(complete));
    const isWhole = await run.all(await openSource(options.source, source.inputs));
    if (isWhole) return { statistics: run.statistics, observer, model, resumed: start?.samples.length ?? 0 };
    // The data is not that of the interrupted run: what that one saw does not count.
    const again = new Run(options, observer, preprocess, key, emptyStatistics(complete));
    await again.all(await openSource(options.source, source.inputs));
    return { statistics: again.statistics, observer, model, resumed: 0 };
  } catch (failure) {
    observer.remove();
    throw failure;
  }
}

/** --cc is the compiler of the target, which need not be this machine. */
function nativeCompiler({ cc, target }: GatherOptions): string | undefined {
  return target === undefined ? cc : undefined;
}

function refuseQuantized(observer: Observer, model: string): void {
  const isStored = ({ type }: Value): boolean =>
    type.kind === 'quant' && !(type.affine.per === 'tensor' && type.affine.scale === 1 && type.affine.zeroPoint === 0);
  const nodes = topologicalOrder(observer.session.compiled.source);
  const quantized = nodes.find((node) => node.kind === 'quantize' || node.results.some(isStored));
  if (quantized === undefined && observer.watched.length > 0) return;
  const place = quantized === undefined ? undefined : { node: quantized.origin.names[0] ?? quantized.kind };
  const what =
    quantized === undefined
      ? 'no tensor of this model is float32'
      : 'this model is quantized already: its ranges are in it';
  const help = 'qcc build compiles it as it is; calibrate the float model it was made of';
  throw new QccError([error('Q0817', what, place, help)], 1, model);
}

class Run {
  statistics: Statistics;
  private readonly done = new Map<string, number>();
  private readonly running = new Set<Promise<void>>();
  private readonly pending: [Batch, Batch] = [newBatch(), newBatch()];
  private readonly failures: { readonly batch: number; readonly failure: unknown }[] = [];
  private readonly sampleBytes: number;
  private batches = 0;
  private samples = 0;
  private saved = performance.now();

  constructor(
    private readonly options: GatherOptions,
    private readonly observer: Observer,
    private readonly preprocess: Preprocess,
    private readonly key: string,
    start: Statistics,
  ) {
    this.statistics = start;
    for (const digest of start.samples) this.done.set(digest, (this.done.get(digest) ?? 0) + 1);
    const { inputs } = observer.session.compiled.source;
    this.sampleBytes = inputs.reduce((sum, i) => sum + byteSize(i.type), 0);
  }

  /** False if samples that count as done are not among those of the source. */
  async all(source: Source): Promise<boolean> {
    for (const raw of selected(source, this.options.selection)) {
      await this.take(raw);
      if (this.failures.length > 0) break;
    }
    for (const half of [0, 1] as const) this.dispatch(half);
    await Promise.all(this.running);
    const [first] = this.failures.sort((a, b) => a.batch - b.batch);
    if (first !== undefined) {
      if (this.statistics.samples.length > 0) this.save();
      throw first.failure;
    }
    if (this.samples === 0)
      throw unusable(this.options.source, 'no sample is left', 'a larger --samples, or fewer shards');
    return this.done.size === 0;
  }

  private async take(raw: RawSample): Promise<void> {
    this.samples++;
    const digest = digestOf(raw);
    const left = this.done.get(digest);
    if (left !== undefined) {
      if (left === 1) this.done.delete(digest);
      else this.done.set(digest, left - 1);
      return;
    }
    const half = halfOf(digest);
    const batch = this.pending[half];
    batch.samples.push(this.fit(raw));
    batch.names.push(raw.name);
    batch.digests.push(digest);
    const full = batch.samples.length >= BATCH_SAMPLES || batch.samples.length * this.sampleBytes >= BATCH_BYTES;
    if (full) this.dispatch(half);
    if (this.running.size >= availableParallelism()) await Promise.race(this.running);
  }

  private fit(raw: RawSample): Sample {
    try {
      return fitted(raw, this.observer.session.compiled.source.inputs, this.preprocess);
    } catch (failure) {
      throw failure instanceof QccError ? about(failure, raw.name) : failure;
    }
  }

  private dispatch(half: 0 | 1): void {
    const batch = this.pending[half];
    this.pending[half] = newBatch();
    if (batch.samples.length === 0) return;
    const number = this.batches++;
    const work = this.observer
      .run(batch.samples, (i) => batch.names[i])
      .then(
        (sums) => this.add(half, batch.digests, sums),
        (failure: unknown) => {
          this.failures.push({ batch: number, failure });
        },
      );
    const task: Promise<void> = work.finally(() => this.running.delete(task));
    this.running.add(task);
  }

  private add(half: 0 | 1, digests: readonly string[], sums: Sums): void {
    const none: Sums = new Map();
    const { subject } = this.statistics;
    const part: Statistics = { subject, samples: digests, halves: half === 0 ? [sums, none] : [none, sums] };
    this.statistics = accumulated(this.statistics, part);
    if (process.stderr.isTTY === true) terminal.say(`calibrated on ${this.statistics.samples.length} samples`);
    if (performance.now() - this.saved >= SAVE_EVERY) this.save();
  }

  private save(): void {
    const { resume } = this.options;
    if (resume !== undefined) writeWhole(resume, `${this.key}\n${printStatistics(this.statistics)}`);
    this.saved = performance.now();
  }
}

interface Batch {
  readonly samples: Sample[];
  readonly names: string[];
  readonly digests: string[];
}

function newBatch(): Batch {
  return { samples: [], names: [], digests: [] };
}

/** Statistics of an interrupted run of exactly this calibration. */
function savedState(path: string, key: string): Statistics | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const end = text.indexOf('\n');
  if (text.slice(0, end) !== key) return undefined;
  try {
    return parseStatistics(text.slice(end + 1), path);
  } catch (failure) {
    if (failure instanceof QccError) return undefined;
    throw failure;
  }
}

async function subjectOf(
  options: GatherOptions,
  preprocess: Preprocess,
): Promise<{ readonly subject: Subject; readonly model: OnnxModel }> {
  const source = await readModel(options.model);
  try {
    checkQuantizable(source);
    const { digest, model } = digestOfModel(source);
    const text = printPreprocess(preprocess);
    return { subject: { modelSha256: digest, modelName: source.fileName, inputs: [], preprocess: text }, model };
  } catch (failure) {
    if (failure instanceof QccError) throw new QccError(failure.diagnostics, failure.exitCode, options.model);
    throw failure;
  }
}

/** Of the model's file and of the data it keeps beside it. */
export function digestOfModel(source: ModelSource): { readonly digest: string; readonly model: OnnxModel } {
  const hash = createHash('sha256').update(source.model);
  const { externalData } = source;
  const decoded = decodeModel(source.model, (location, offset, length) => {
    const bytes = externalData?.(location, offset, length) ?? { reason: 'missing', message: 'is not there' };
    if (bytes instanceof Uint8Array) hash.update(`${location} ${offset} ${length};`).update(bytes);
    return bytes;
  });
  return { digest: hash.digest('hex'), model: decoded.model };
}

/** Reads a .qstats file for a model. Throws QccError Q0802 if it is of another one. */
export function statisticsFor(path: string, source: ModelSource): Statistics {
  const statistics = readStatistics(path);
  const { digest } = digestOfModel(source);
  if (statistics.subject.modelSha256 === digest) return statistics;
  const { modelName } = statistics.subject;
  throw new QccError([
    error(
      'Q0802',
      `${path} holds statistics of "${modelName}", which is not this model`,
      undefined,
      `qcc calibrate ${source.fileName} SRC -o FILE.qstats makes those of this one`,
    ),
  ]);
}

export function readStatistics(path: string): Statistics {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new QccError([error('Q0604', `${path} cannot be read: ${saidBySystem(cause)}`)]);
  }
  return parseStatistics(text, path);
}

/** All of them together. Throws QccError Q0802 for two that do not belong together. */
export function merged(files: readonly { readonly path: string; readonly statistics: Statistics }[]): Statistics {
  const [first] = files;
  for (const { path, statistics } of files) {
    const differing = differingSubject(first.statistics.subject, statistics.subject);
    if (differing !== undefined)
      throw new QccError([
        error(
          'Q0802',
          `${first.path} and ${path} do not add up: ${differing}`,
          undefined,
          'calibrate all parts with one model and one --preprocess',
        ),
      ]);
  }
  return files.map(({ statistics }) => statistics).reduce(added);
}

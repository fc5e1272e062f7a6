/** `qcc eval`: how often a compiled model is right, and how it compares with the float model it was made of. */

import { isFolder } from '../data/files.js';
import { fitted } from '../data/fit.js';
import { labelled, readLabels } from '../data/labels.js';
import { openSource } from '../data/open.js';
import { noPreprocess, parsePreprocess } from '../data/preprocess.js';
import { digestOf, selected } from '../data/select.js';
import { about, unusable } from '../data/source.js';
import { type Diagnostic, error, QccError, warning } from '../diagnostics/diagnostic.js';
import { storedSize } from '../ir/stored.js';
import type { Tensor } from '../ir/type.js';
import { markOf } from '../quant/statistics.js';
import { type Artifact, openArtifact } from './artifact.js';
import { checkBuilt } from './built.js';
import { top1 } from './compare.js';
import type { DriveOptions } from './drive.js';
import { MetricFolder } from './metric.js';
import { showRows } from './result-lines.js';
import { progress, type Sample } from './samples.js';
import { addScores, discordant, emptyTally, rankOf, share, type Tally, wilson } from './scores.js';
import { show, terminal, usage, wholeNumber } from './session.js';

export interface EvalOptions extends DriveOptions {
  readonly data: string | undefined;
  readonly labels: string | undefined;
  readonly against: string | undefined;
  readonly maxDrop: string | undefined;
  readonly metricCmd: string | undefined;
  readonly preprocess: string | undefined;
  readonly samples: number | undefined;
  readonly seed: number;
  readonly json: boolean;
}

/** Bytes of inputs a process gets at a time. */
const BATCH_BYTES = 32 << 20;

export async function evaluate(options: EvalOptions): Promise<number> {
  const { data } = options;
  if (data === undefined) throw usage('qcc eval needs samples: --data SRC');
  const maxDrop = options.maxDrop === undefined ? undefined : parseShare(options.maxDrop);
  if (maxDrop !== undefined && options.against === undefined)
    throw usage('--max-drop compares with the float model', 'name it: --against model.onnx');
  // With --against, options of compilation are for the float model.
  if (options.against === undefined && isFolder(options.model)) await checkBuilt(options.model, options);
  const artifact = await openArtifact(options.model, options);
  try {
    const float = options.against === undefined ? undefined : await openArtifact(options.against, options);
    try {
      const judged = await judge(options, data, artifact, float);
      return await verdict(options, artifact, float, judged, maxDrop);
    } finally {
      float?.remove();
    }
  } finally {
    artifact.remove();
  }
}

/** `1%` or `0.01`. */
function parseShare(text: string): number {
  const match = /^(\d+\.?\d*|\.\d+)(%?)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (value <= 1) return value;
  throw usage(
    `--max-drop ${text}: expected a share`,
    'for example --max-drop 1% or 0.01: of the samples, in points of top-1',
  );
}

interface Judged {
  readonly tally: Tally;
  /** Samples that the model was calibrated on. */
  readonly overlap: number;
  readonly metric: Metric | undefined;
}

/** What `--metric-cmd` says of the model, and of the float one. */
interface Metric {
  readonly value: number;
  readonly float: number | undefined;
}

/** Where the answers of both models are collected for `--metric-cmd`. */
interface Collected {
  readonly own: MetricFolder;
  readonly float: MetricFolder | undefined;
}

async function metricOf(command: string, { own, float }: Collected): Promise<Metric> {
  progress('judging by --metric-cmd');
  return { value: await own.judge(command), float: await float?.judge(command) };
}

async function judge(
  options: EvalOptions,
  data: string,
  artifact: Artifact,
  float: Artifact | undefined,
): Promise<Judged> {
  const { metricCmd } = options;
  if (metricCmd === undefined) return judgeAll(options, data, artifact, float, undefined);
  const collected = { own: new MetricFolder(), float: float === undefined ? undefined : new MetricFolder() };
  try {
    const judged = await judgeAll(options, data, artifact, float, collected);
    return { ...judged, metric: await metricOf(metricCmd, collected) };
  } finally {
    collected.own.remove();
    collected.float?.remove();
  }
}

async function judgeAll(
  options: EvalOptions,
  data: string,
  artifact: Artifact,
  float: Artifact | undefined,
  collected: Collected | undefined,
): Promise<Judged> {
  const preprocess = options.preprocess === undefined ? noPreprocess : parsePreprocess(options.preprocess);
  const opened = await openSource(data, artifact.inputs);
  const { labels } = options;
  const classes = opened.kind === 'indexed' ? opened.classes : undefined;
  const source = labels === undefined ? opened : labelled(opened, readLabels(labels, classes), labels);
  const samples = options.samples === undefined ? undefined : wholeNumber('--samples', options.samples);
  const selection = { samples, seed: wholeNumber('--seed', options.seed), shard: undefined };
  const bytes = artifact.inputs.reduce((sum, i) => sum + storedSize(i.type), 0);
  const size = Math.max(1, Math.floor(BATCH_BYTES / Math.max(1, bytes)));
  let tally = emptyTally;
  let overlap = 0;
  let batch: Judgement[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    tally = await tallied(tally, batch, artifact, float, collected);
    batch = [];
    progress(`judged ${tally.samples} samples`);
  };
  for (const raw of selected(source, selection)) {
    if (artifact.calibrated.has(markOf(digestOf(raw)))) overlap++;
    try {
      const fits = (to: Artifact): Sample => fitted(raw, to.inputs, preprocess);
      batch.push({
        name: raw.name,
        label: raw.label,
        input: fits(artifact),
        floatInput: float === undefined ? undefined : fits(float),
      });
    } catch (failure) {
      throw failure instanceof QccError ? about(failure, raw.name) : failure;
    }
    if (batch.length >= size) await flush();
  }
  await flush();
  if (tally.samples === 0) throw unusable(data, 'no sample is left');
  if (tally.labelled === 0 && float === undefined && collected === undefined)
    throw new QccError([
      error(
        'Q0816',
        `${data}: its samples have no labels`,
        undefined,
        '--labels FILE gives them; --against FLOAT.onnx compares without',
      ),
    ]);
  return { tally, overlap, metric: undefined };
}

interface Judgement {
  readonly name: string;
  readonly label: number | undefined;
  readonly input: Sample;
  readonly floatInput: Sample | undefined;
}

/** Of an answer that is no vector of scores. */
const unranked = { rank: undefined, floatRank: undefined, agrees: undefined };

async function tallied(
  tally: Tally,
  batch: readonly Judgement[],
  artifact: Artifact,
  float: Artifact | undefined,
  collected: Collected | undefined,
): Promise<Tally> {
  const answers = await artifact.run(batch.map((b) => b.input));
  const floats = await float?.run(batch.flatMap((b) => (b.floatInput === undefined ? [] : [b.floatInput])));
  return batch.reduce((sum, { label, name }, i) => {
    const scores = answers[i][0];
    const best = top1(scores);
    collected?.own.add(name, label, answers[i]);
    if (floats !== undefined) collected?.float?.add(name, label, floats[i]);
    if (best === undefined && collected !== undefined) return addScores(sum, unranked);
    if (best === undefined)
      throw new QccError([
        error(
          'Q0816',
          `the first output is [${scores.type.shape}], no vector of scores`,
          undefined,
          'qcc eval judges classifiers; give a --metric-cmd for other models; qcc verify --data compares any model',
        ),
      ]);
    checkLabel(label, scores, name);
    const reference = floats?.[i][0];
    return addScores(sum, {
      rank: label === undefined ? undefined : rankOf(scores, label),
      floatRank: label === undefined || reference === undefined ? undefined : rankOf(reference, label),
      agrees: reference === undefined ? undefined : top1(reference) === best,
    });
  }, tally);
}

function checkLabel(label: number | undefined, { data }: Tensor, name: string): void {
  if (label === undefined || label < data.length) return;
  throw new QccError([
    error(
      'Q0816',
      `${name}: label ${label}, but the model has ${data.length} classes`,
      undefined,
      'labels count from 0',
    ),
  ]);
}

async function verdict(
  options: EvalOptions,
  artifact: Artifact,
  float: Artifact | undefined,
  { tally, overlap, metric }: Judged,
  maxDrop: number | undefined,
): Promise<number> {
  const notes: Diagnostic[] =
    overlap === 0
      ? []
      : [
          warning(
            'Q0814',
            `${overlap} of ${tally.samples} samples are ones the model was calibrated on`,
            'accuracy on those says little: keep calibration and evaluation apart',
          ),
        ];
  const top = share(tally.top1, tally.labelled);
  const floatTop = float === undefined ? undefined : share(tally.floatTop1, tally.labelled);
  const [own, reference] = metric === undefined ? [top, floatTop] : [metric.value, metric.float];
  const drop = own === undefined || reference === undefined ? undefined : reference - own;
  if (maxDrop !== undefined && drop === undefined)
    throw new QccError([error('Q0816', 'the samples have no labels, so nothing can drop', undefined, '--labels FILE')]);
  const isPassed = maxDrop === undefined || drop === undefined || drop <= maxDrop + 1e-12;
  if (options.json)
    terminal.out(JSON.stringify(answer(artifact, float, { tally, overlap, metric }, drop, maxDrop, isPassed)));
  else showRows(rowsOf(artifact, float, tally, metric));
  await show(notes, options.model, terminal);
  if (isPassed || drop === undefined || maxDrop === undefined) return 0;
  const message =
    metric === undefined
      ? `top-1 drops by ${points(drop)} points, from ${percent(floatTop)} to ${percent(top)}: ${points(maxDrop)} are allowed`
      : `--metric-cmd says ${own}, of the float model ${reference}: ${drop} less, ${maxDrop} are allowed`;
  throw new QccError(
    [error('Q0815', message, undefined, 'more or other samples for --calibrate, or a higher effort of qcc quantize')],
    3,
  );
}

function answer(
  artifact: Artifact,
  float: Artifact | undefined,
  { tally: t, overlap, metric }: Judged,
  drop: number | undefined,
  maxDrop: number | undefined,
  passed: boolean,
) {
  const top = share(t.top1, t.labelled);
  const floatTop = float === undefined ? undefined : share(t.floatTop1, t.labelled);
  return {
    model: artifact.name,
    target: artifact.target,
    samples: t.samples,
    labelled: t.labelled,
    top1: top ?? null,
    top1_interval: t.labelled === 0 ? null : wilson(t.top1, t.labelled),
    top5: share(t.top5, t.labelled) ?? null,
    float:
      float === undefined
        ? null
        : { model: float.name, top1: floatTop ?? null, top5: share(t.floatTop5, t.labelled) ?? null },
    agreement: float === undefined ? null : (share(t.agree, t.compared) ?? null),
    drop: drop ?? null,
    metric: metric === undefined ? null : { value: metric.value, float: metric.float ?? null },
    ...(float === undefined
      ? {}
      : { only_float_right: t.lost, only_model_right: t.won, p_value: discordant(t.lost, t.won) }),
    max_drop: maxDrop ?? null,
    passed,
    calibration_overlap: overlap,
  };
}

function points(share: number): string {
  return (100 * share).toFixed(2);
}

function percent(x: number | undefined): string {
  return x === undefined ? '-' : `${(100 * x).toFixed(2)} %`;
}

function rowsOf(
  artifact: Artifact,
  float: Artifact | undefined,
  t: Tally,
  metric: Metric | undefined,
): readonly string[][] {
  const rows: string[][] = [['model', `${artifact.name} for ${artifact.target}, ${t.samples} samples`]];
  if (t.labelled > 0) {
    const [low, high] = wilson(t.top1, t.labelled);
    const against = float === undefined ? '' : `, float ${percent(share(t.floatTop1, t.labelled))}`;
    rows.push(['top-1', `${percent(share(t.top1, t.labelled))} (95 %: ${percent(low)} to ${percent(high)})${against}`]);
    const five = float === undefined ? '' : `, float ${percent(share(t.floatTop5, t.labelled))}`;
    rows.push(['top-5', `${percent(share(t.top5, t.labelled))}${five}`]);
  }
  if (metric !== undefined)
    rows.push(['metric', `${metric.value}${metric.float === undefined ? '' : `, float ${metric.float}`}`]);
  // Answers that are no scores agree in nothing that could be counted.
  if (float !== undefined && t.compared > 0) {
    rows.push([
      'agrees',
      `${percent(share(t.agree, t.compared))} of the samples get the same answer as from the float model`,
    ]);
    if (t.labelled > 0)
      rows.push([
        'changed',
        `${t.lost} right answers lost, ${t.won} won; by chance alone with p = ${discordant(t.lost, t.won).toPrecision(2)}`,
      ]);
  }
  return rows;
}

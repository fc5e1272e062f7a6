/**
 * Accuracy of the quantizer's levels on labelled data in shared/, as `test/quantizer/labelled-nets.ts` judges it, beside
 * onnxruntime's quantize_static (test/quantizer/peer.json, made by peer.py). `npx tsx test/bench/quantization.ts [SUBSTRING] >> judgements.jsonl` judges nets, minutes each;
 * `--readme judgements.jsonl` writes the table into README.md.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needOnnxRuntime } from '../../src/cli/onnxruntime.js';
import { writeNpy } from '../../src/npy.js';
import { qcc, root } from '../cli/command.js';
import {
  type Average,
  averageOf,
  CALIBRATION,
  FOLDS,
  Judge,
  type Judgement,
  nets,
  peersOf,
} from '../quantizer/labelled-nets.js';
import { replaceSection } from './section.js';

/**
 * Decibels from which on -Q2 has nothing to do: its goal is 30 on the samples it sees, and these are of others. It writes what
 * -Q1 writes then.
 */
const GOOD_ENOUGH = 31;

const columns = ['-Q0', '-Q1', '-Q2', '-Q3'] as const;
interface Judged {
  readonly file: string;
  readonly float: number;
  /** A level that was not judged, or not yet, is absent. */
  readonly levels: Readonly<Partial<Record<(typeof columns)[number], readonly Judgement[]>>>;
}

function isJudged(value: unknown): value is Judged {
  return typeof value === 'object' && value !== null && ['file', 'float', 'levels'].every((name) => name in value);
}

async function judged(file: string, judge: Judge, folder: string): Promise<Judged> {
  const [none, one, three] = await judge.quantized(FOLDS, [{ effort: 0 }, { effort: 1 }, { effort: 3 }]);
  const two = one.every(({ db }) => db >= GOOD_ENOUGH) ? one : await mixed(judge, folder);
  const float = FOLDS.reduce((sum, f) => sum + judge.floatTop1(f), 0) / FOLDS.length;
  return { file, float, levels: { '-Q0': none, '-Q1': one, '-Q2': two, '-Q3': three } };
}

/** -Q2 by the command, for each fold. */
async function mixed(judge: Judge, folder: string): Promise<Judgement[]> {
  const found: Judgement[] = [];
  for (const fold of FOLDS) {
    const samples = judge.calibration(fold);
    const size = samples[0][0].data.length;
    const data = new Float32Array(samples.length * size);
    for (const [i, [tensor]] of samples.entries()) data.set(Float32Array.from(tensor.data, Number), i * size);
    const [npy, out] = [join(folder, 'c.npy'), join(folder, 'q.onnx')];
    const shape = [CALIBRATION, ...samples[0][0].type.shape.slice(1)];
    writeFileSync(npy, writeNpy({ element: 'f32', shape, data }));
    const made = qcc(['quantize', judge.file, '--calibrate', npy, '-Q2', '--exact', 'wide', '-o', out]);
    if (made.status !== 0) throw new Error(made.stderr);
    found.push(await judge.of(out, fold));
  }
  return found;
}

const percent = (x: number): string => x.toFixed(2);

/** Points won or lost, the share of same answers. */
function cell({ drop, agreement }: Average): string {
  return `${drop > 0 ? '−' : '+'}${percent(Math.abs(drop))} (${percent(agreement)} %)`;
}

/** Standard deviation, in points, of what one calibration loses if every answer that changes is the toss of a coin. */
function chance(judgements: readonly Judgement[]): number {
  const changed = judgements.reduce((sum, j) => sum + j.lost + j.won, 0) / judgements.length;
  return (100 * Math.sqrt(changed)) / judgements[0].judged;
}

function row({ file, float, levels }: Judged): string {
  const net = nets.find((n) => n.file === file);
  if (net === undefined) throw new Error(`${file} is no net of labelled-nets.ts`);
  const best = [...peersOf(net).values()].sort((a, b) => a.drop - b.drop)[0];
  const one = levels['-Q1'] ?? [];
  const db = one.reduce((sum, j) => sum + j.db, 0) / one.length;
  const cells = columns.map((level) => {
    const judgements = levels[level];
    return judgements === undefined ? '' : cell(averageOf(judgements));
  });
  const peer = best === undefined ? 'fails' : cell(best);
  return `| ${[net.name, percent(float), `± ${percent(chance(one))}`, peer, ...cells, `${db.toFixed(1)} dB`].join(' | ')} |`;
}

// What observes samples is compiled anew for every model here: quickly, with the same bits.
process.env.CFLAGS ??= '-O1';
if (process.argv[2] === '--readme') {
  const read = readFileSync(process.argv[3], 'utf8').trim().split('\n');
  const all = read.map((line): Judged => {
    const found: unknown = JSON.parse(line);
    if (!isJudged(found)) throw new Error(`${process.argv[3]} holds a line that this program did not print`);
    return found;
  });
  const rows = nets.flatMap(({ file }) => all.filter((j) => j.file === file).slice(-1)).map(row);
  const head = ['model', 'float', 'chance', 'onnxruntime, best', ...columns.map((c) => `\`${c}\``), '`-Q1`, noise'];
  const table = [`| ${head.join(' | ')} |`, '|---|---:|---:|---|---|---|---|---|---:|', ...rows].join('\n');
  const path = join(root, 'README.md');
  writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), 'quantization levels', table, 'block'));
} else {
  const runtime = await needOnnxRuntime();
  const folder = mkdtempSync(join(tmpdir(), 'qcc-quantization-'));
  try {
    for (const net of nets.filter(({ file }) => file.includes(process.argv[2] ?? ''))) {
      const judge = await Judge.of(net, runtime);
      if (judge === undefined) throw new Error(`${net.name}: no data: apt-get install dataset-fashion-mnist`);
      console.log(JSON.stringify(await judged(net.file, judge, folder)));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

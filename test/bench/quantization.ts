/**
 * Accuracy of the quantizer's levels on labelled data in shared/, as `test/quantizer/labelled-nets.ts` judges it, beside
 * onnxruntime's quantize_static (test/quantizer/peer.json, made by peer.py). -Q2 and -Q3 go through the command line: they
 * look at samples. `npx tsx test/bench/quantization.ts [SUBSTRING | --readme]` prints the table, or writes it into README.md.
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

/** -Q2 and -Q3 are made once for each fold; where samples are many, one calibration says as much as five. */
const FEW_SAMPLES = 2000;

const folder = mkdtempSync(join(tmpdir(), 'qcc-quantization-'));

async function byCommand(judge: Judge, level: '-Q2' | '-Q3', folds: readonly number[]): Promise<Judgement[]> {
  const found: Judgement[] = [];
  for (const fold of folds) {
    const samples = judge.calibration(fold);
    const size = samples[0][0].data.length;
    const data = new Float32Array(samples.length * size);
    for (const [i, [tensor]] of samples.entries()) data.set(Float32Array.from(tensor.data, Number), i * size);
    const [npy, out] = [join(folder, 'c.npy'), join(folder, 'q.onnx')];
    const shape = [CALIBRATION, ...samples[0][0].type.shape.slice(1)];
    writeFileSync(npy, writeNpy({ element: 'f32', shape, data }));
    const made = qcc(['quantize', judge.file, '--calibrate', npy, level, '--exact', 'wide', '-o', out]);
    if (made.status !== 0) throw new Error(made.stderr);
    found.push(await judge.of(out, fold));
  }
  return found;
}

const percent = (x: number): string => x.toFixed(2);

function cell({ drop, agreement }: Average): string {
  return `${drop > 0 ? '−' : '+'}${percent(Math.abs(drop))} (${percent(agreement)} %)`;
}

/** Standard deviation of the drop of one calibration that chance alone makes: each lost or won answer is a coin thrown. */
function chance(judgements: readonly Judgement[]): number {
  const changed = judgements.reduce((sum, j) => sum + j.lost + j.won, 0) / judgements.length;
  return (100 * Math.sqrt(changed)) / judgements[0].judged;
}

const wanted = process.argv[2];
const rows: string[] = [];
try {
  const runtime = await needOnnxRuntime();
  for (const net of nets) {
    if (wanted !== undefined && wanted !== '--readme' && !net.file.includes(wanted)) continue;
    const judge = await Judge.of(net, runtime);
    if (judge === undefined)
      throw new Error(`${net.name}: its data is not installed (apt-get install dataset-fashion-mnist)`);
    const [none, one] = await judge.quantized(FOLDS, [{ effort: 0 }, { effort: 1 }]);
    const two = await byCommand(judge, '-Q2', FOLDS.slice(0, 1));
    const three = await byCommand(judge, '-Q3', one[0].judged < FEW_SAMPLES ? FOLDS : FOLDS.slice(0, 1));
    const best = [...peersOf(net).values()].sort((a, b) => a.drop - b.drop)[0];
    const float = FOLDS.reduce((sum, f) => sum + judge.floatTop1(f), 0) / FOLDS.length;
    const cells = [none, one, two, three].map((j) => cell(averageOf(j)));
    const noise = `${(one.reduce((sum, j) => sum + j.db, 0) / one.length).toFixed(1)} dB`;
    const peer = best === undefined ? 'fails' : cell(best);
    rows.push(`| ${[net.name, percent(float), `± ${percent(chance(one))}`, peer, ...cells, noise].join(' | ')} |`);
    console.log(rows.at(-1));
    console.error(net.name, JSON.stringify({ none, one, two, three }));
  }
} finally {
  rmSync(folder, { recursive: true });
}
const table = [
  '| model | float | chance | onnxruntime, best | `-Q0` | `-Q1` | `-Q2` | `-Q3` | `-Q1`, noise |',
  '|---|---:|---:|---|---|---|---|---|---:|',
  ...rows,
].join('\n');
if (wanted === '--readme') {
  const path = join(root, 'README.md');
  writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), 'quantization levels', table, 'block'));
}

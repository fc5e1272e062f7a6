/**
 * Noise of -Q1 and -Q3 by the number of calibration samples, judged on all samples that were not in the calibration, the mean of
 * five calibrations. `npx tsx test/bench/few-samples.ts` prints the table, `--readme` writes it into README.md; minutes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needOnnxRuntime } from '../../src/cli/onnxruntime.js';
import { root } from '../cli/command.js';
import { FOLDS, Judge, type Judgement, nets } from '../quantizer/labelled-nets.js';
import { replaceSection } from './section.js';

const COUNTS = [8, 16, 200];
const FILES = ['resnet8_fp32', 'kws_alibaba', 'fmnist_mlp'];

// What observes samples is compiled anew for every model here: quickly, with the same bits.
process.env.CFLAGS ??= '-O1';
const runtime = await needOnnxRuntime();
const columns: { readonly name: string; readonly cells: readonly string[] }[] = [];
for (const part of FILES) {
  const net = nets.find(({ file }) => file.includes(part));
  if (net === undefined) throw new Error(`${part} is no net of labelled-nets.ts`);
  const judge = await Judge.of(net, runtime);
  if (judge === undefined) throw new Error(`${net.name}: no data: apt-get install dataset-fashion-mnist`);
  const cells: string[] = [];
  for (const count of COUNTS) {
    const [one, three] = await judge.quantized(FOLDS, [{ effort: 1 }, { effort: 3 }], count);
    cells.push(`${decibels(one)}, ${decibels(three)} dB`);
    console.error(`${net.name}, ${count} samples: ${cells.at(-1)}`);
  }
  columns.push({ name: net.name, cells });
}
const table = [
  `| samples | ${columns.map(({ name }, i) => (i === 0 ? `${name}: \`-Q1\`, \`-Q3\`` : name)).join(' | ')} |`,
  `|---:|${columns.map(() => '---|').join('')}`,
  ...COUNTS.map((count, i) => `| ${[count, ...columns.map(({ cells }) => cells[i])].join(' | ')} |`),
].join('\n');
console.log(table);
if (process.argv.includes('--readme')) {
  const path = join(root, 'README.md');
  writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), 'few samples', table, 'block'));
}

function decibels(judgements: readonly Judgement[]): string {
  return (judgements.reduce((sum, { db }) => sum + db, 0) / judgements.length).toFixed(1);
}

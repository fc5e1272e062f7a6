/**
 * How far the shipped rates are from what `--tune` would choose: every model is tuned, built both ways, and both programs run
 * in turns on one CPU. Below a row stand the shape classes whose default kernel was measured more than 10 % behind the best.
 *
 * `npx tsx test/bench/tuning.ts [--target T]... [--readme] [WORD | FILE]...` takes the models whose file contains a word; without
 * words all of them, on every x86 target of this CPU. `--readme` writes each row into README.md as soon as it is measured; rows that
 * are not measured now stay. Minutes for each large model.
 */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { executableOf, writeBuild } from '../../src/cli/build-folder.js';
import { type CompiledFile, compileFile, type Output } from '../../src/cli/session.js';
import { interleaved, parseTimes, type Rival } from '../../src/cli/timing.js';
import { type Tuned, tuning } from '../../src/cli/tune.js';
import { callsOf } from '../../src/program/program.js';
import { shapeClass } from '../../src/target/costs.js';
import { currentHost, runsNatively } from '../../src/target/host.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { onOneCpu } from '../../src/toolchain/pin.js';
import { runProgram } from '../../src/toolchain/run.js';
import { root, shared } from '../cli/command.js';
import { replaceSection } from './section.js';

/** Name in the table, file below shared/models. */
const models: readonly (readonly [string, string])[] = [
  ['MobileNetV2, u8', 'peers/mobilenetv2.qdq_u8.onnx'],
  ['MobileNetV2, s8', 'peers/mobilenetv2.qdq_s8.onnx'],
  ['MobileNetV2, trained, u8', 'mobilenetv2_100_224/mbv2_qat_u8_pertensor_qdq.onnx'],
  ['ResNet18, u8', 'peers/resnet18.qdq_u8.onnx'],
  ['ResNet50, u8', 'peers/resnet50.qdq_u8.onnx'],
  ['DS-CNN, u8', 'peers/dscnn_kws.qdq_u8.onnx'],
  ['MLP, u8', 'peers/mlp.qdq_u8.onnx'],
  ['MLP, dynamic', 'peers/mlp.dyn.onnx'],
  ['BERT-mini, u8', 'peers/bert_mini.qdq_u8.onnx'],
  ['BERT-mini, s8', 'peers/bert_mini.qdq_s8.onnx'],
  ['BERT-mini, dynamic', 'peers/bert_mini.dyn.onnx'],
  ['LSTM, dynamic', 'peers/lstm.dyn.onnx'],
  ['MobileNetV1-0.25 224, QAT', 'mobilenetv1_025_224/mbv1_025_224_qat_u8_qdq.onnx'],
  ['MLPerf Tiny ad', 'mlperf-tiny/ad.tflite'],
  ['MLPerf Tiny ic', 'mlperf-tiny/ic.tflite'],
  ['MLPerf Tiny kws', 'mlperf-tiny/kws.tflite'],
  ['MLPerf Tiny sww', 'mlperf-tiny/sww.tflite'],
  ['MLPerf Tiny vww', 'mlperf-tiny/vww.tflite'],
  ['Keywords, operators', 'kws_micro_trio/micro_kws_m_static_qoperator.onnx'],
  ['LeNet-300', 'lenet300_mlp_int8/lenet300_int8_qdq.onnx'],
  ['DTLN, float', 'dtln_lstm/dtln_1_fp32.onnx'],
  ['MobileNetV2, float', 'peers/mobilenetv2.fp32.onnx'],
  ['DS-CNN, float', 'peers/dscnn_kws.fp32.onnx'],
  ['MLP, float', 'peers/mlp.fp32.onnx'],
  ['BERT-mini, float', 'peers/bert_mini.fp32.onnx'],
  ['LSTM, float', 'peers/lstm.fp32.onnx'],
  ['YuNet 320, float', 'detectors/yunet_n_320_fp32.onnx'],
];
/** Of the best kernel's time: what the default may lose. */
const ALLOWED = 1.1;
/** Turns of `interleaved`; the smallest times of all of them count. */
const TURNS = 3;

const environment = { env: process.env, host: currentHost() };
const silent: Output = { out: () => {}, say: () => {}, color: false };
const folder = mkdtempSync(join(tmpdir(), 'qcc-tuning-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function rival({ target }: CompiledFile, executable: string): Rival {
  return {
    async measure(runs) {
      const { exitCode, stdout, stderr } = await runProgram(executable, ['--bench', String(runs)], target, environment);
      if (exitCode !== 0) throw new Error(stderr);
      return parseTimes(JSON.parse(stdout));
    },
  };
}

interface Row {
  /** Model and target, with which the row begins. */
  readonly head: string;
  readonly text: string;
  readonly behind: readonly string[];
}

async function compared(name: string, path: string, target: string): Promise<Row> {
  const options = { target, dim: [], rounding: undefined, name: 'm' };
  const { tuner, result } = tuning({ model: path, fallback: undefined, cc: undefined }, silent);
  const sessions = [await compileFile(path, options, {}, silent), await compileFile(path, options, { tuner }, silent)];
  const [usual, tuned] = sessions;
  const measured = result();
  if (measured === undefined) throw new Error(`${name} was not tuned`);
  const { steps, changed } = measured.gain;
  const head = rowHead(name, target);
  const count = `${head} ${changed} of ${steps}`;
  if (changed === 0) return { head, text: `${count} | same program | |`, behind: [] };
  const rivals: Rival[] = [];
  for (const [i, session] of [usual, tuned].entries())
    rivals.push(rival(session, executableOf(await writeBuild(session, join(folder, `b${i}`), ['exe'], undefined))));
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  await onOneCpu(1, async () => {
    for (let turn = 0; turn < TURNS; turn++)
      for (const [i, { min_us }] of (await interleaved(rivals)).entries()) least[i] = Math.min(least[i], min_us);
  });
  const times = least.map((us) => (us < 1000 ? `${us.toFixed(1)} us` : `${(us / 1000).toFixed(2)} ms`)).join(' / ');
  const text = `${count} | ${times} | ${(least[0] / least[1]).toFixed(3)} |`;
  return { head, text, behind: losing(usual, tuned, measured) };
}

function rowHead(name: string, target: string): string {
  return `| ${name} | ${target} |`;
}

/**
 * Shape classes whose kernel by estimate was measured to be slower than allowed, and what that costs a run. What the bound of
 * all weights forbids is no rival: the best is what the tuned program runs.
 */
function losing(usual: CompiledFile, tuned: CompiledFile, { costs }: Tuned): readonly string[] {
  const stepsOf = ({ compiled }: CompiledFile) => callsOf(compiled.program.body).map(({ step }) => step);
  const chosen = new Map(stepsOf(tuned).map((step) => [shapeClass(step), step.kernel.symbol]));
  const found = new Map<string, { text: string; lost: number }>();
  for (const step of stepsOf(usual)) {
    const shape = shapeClass(step);
    const best = chosen.get(shape) ?? step.kernel.symbol;
    const [own, least] = [step.kernel.symbol, best].map((symbol) => costs.get(shape)?.get(symbol) ?? 0);
    if (own <= ALLOWED * least) continue;
    const ratio = `${step.kernel.symbol} ${own} ns, ${best} ${least} ns: ${(own / least).toFixed(2)}`;
    found.set(shape, { text: `${ratio}  ${shape}`, lost: (found.get(shape)?.lost ?? 0) + own - least });
  }
  return [...found.values()].map(({ text, lost }) => `    ${(lost / 1000).toFixed(1)} us: ${text}`);
}

const args = process.argv.slice(2);
const isForReadme = args.includes('--readme');
const named = args.flatMap((arg, i) => (args[i - 1] === '--target' ? [arg] : []));
const words = args.filter((arg, i) => !arg.startsWith('--') && args[i - 1] !== '--target');
const x86 = ['x86-avx2', 'x86-avx512vnni'];
const all = x86.filter((t) => runsNatively(findTarget(loadTargets(), t), currentHost()));
const files = words.filter((word) => existsSync(word)).map((file) => [basename(file), file] as const);
const chosen = models.filter(([, file]) => words.length === 0 || words.some((word) => file.includes(word)));
const found = [...chosen.map(([name, file]) => [name, join(shared, 'models', file)] as const), ...files];
const head = ['| model | target | steps that change | default / tuned | ratio |', '| --- | --- | ---: | ---: | ---: |'];
console.log(head.join('\n'));
for (const [name, path] of found.filter(([, file]) => existsSync(file))) {
  // The times lie beside the model, so in a folder that is ours; and no model is judged by times of another one's weights.
  const copy = join(mkdtempSync(join(folder, 'model-')), basename(path));
  copyFileSync(path, copy);
  for (const target of named.length > 0 ? named : all) {
    const row = await compared(name, copy, target);
    console.log([row.text, ...row.behind].join('\n'));
    if (isForReadme) writeRow(row);
  }
}

/** The row in the place of the one before it, in the order of `models`; others stay as they are. */
function writeRow(row: Row): void {
  const readme = join(root, 'README.md');
  const text = readFileSync(readme, 'utf8');
  const old = /<!-- tuning -->\n([\s\S]*?)<!-- end of tuning -->/.exec(text)?.[1].split('\n') ?? [];
  const rows = models.flatMap(([name]) =>
    [...new Set([...x86, ...named])].flatMap((target) => {
      const own = rowHead(name, target);
      const line = own === row.head ? row.text : old.find((known) => known.startsWith(own));
      return line === undefined ? [] : [line];
    }),
  );
  writeFileSync(readme, replaceSection(text, 'tuning', [...head, ...rows].join('\n'), 'block'));
}

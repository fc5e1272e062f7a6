/**
 * `npm run bench [-- FILE.onnx...]`: measures models on this machine against ONNX Runtime, in turns on one CPU, and prints a
 * table; without files the models of the README, as far as ../shared is there. `npm run bench -- --readme [WORD]` writes the
 * README's table; with a word only the rows whose file contains it. `--without-vnni`: the program for AVX2, against ONNX Runtime
 * as it is on a CPU with nothing better. Takes some minutes, and wants a machine that does nothing else.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { humanBytes } from '../../src/cli/facts.js';
import { currentHost } from '../../src/target/host.js';
import { hostDefault, loadTargets } from '../../src/target/load.js';
import { findCompiler } from '../../src/toolchain/detect.js';
import { qcc, root, shared } from '../cli/command.js';
import { replaceSection } from './section.js';
import { floatTwin, signedTwin } from './twins.js';
import { withoutVnni } from './without-vnni.js';

/** Name in the table, file below shared/models. */
const models: readonly (readonly [string, string])[] = [
  ['DS-CNN keywords (MLPerf Tiny)', 'kws_dscnn_mlperf/kws_int8_qdq.onnx'],
  ['ResNet8 CIFAR-10 (MLPerf Tiny)', 'resnet8_mlperf/resnet8_int8_tfl_qdq.onnx'],
  ['MobileNetV1-0.25 person (MLPerf Tiny)', 'vww_mobilenetv1/vww_int8_qdq.onnx'],
  ['MobileNetV1-0.25 224, QAT', 'mobilenetv1_025_224/mbv1_025_224_qat_u8_qdq.onnx'],
  ['MobileNetV2 224, s8', 'peers/mobilenetv2.qdq_s8.onnx'],
  ['MobileNetV2 224, u8', 'peers/mobilenetv2.qdq_u8.onnx'],
  ['ResNet18 224, s8', 'peers/resnet18.qdq_s8.onnx'],
  ['ResNet18 224, u8', 'peers/resnet18.qdq_u8.onnx'],
  ['ResNet50 224, s8', 'peers/resnet50.qdq_s8.onnx'],
  ['ResNet50 224, u8', 'peers/resnet50.qdq_u8.onnx'],
  ['MobileNetV2 224, trained, s8', 'mobilenetv2_100_224/mbv2_ptq_s8_perchannel_qdq.onnx'],
  ['MobileNetV2 224, trained, u8', 'mobilenetv2_100_224/mbv2_qat_u8_pertensor_qdq.onnx'],
  ['DS-CNN keywords, random weights', 'peers/dscnn_kws.qdq_u8.onnx'],
  ['MLP', 'peers/mlp.qdq_u8.onnx'],
  ['BERT-mini, 128 tokens', 'peers/bert_mini.qdq_u8.onnx'],
  ['BERT-mini, dynamic', 'peers/bert_mini.dyn.onnx'],
  ['LSTM, dynamic', 'peers/lstm.dyn.onnx'],
  ['MobileNetV2 224, float32', 'peers/mobilenetv2.fp32.onnx'],
  ['ResNet18 224, float32', 'peers/resnet18.fp32.onnx'],
  ['ResNet50 224, float32', 'peers/resnet50.fp32.onnx'],
  ['DS-CNN keywords, float32', 'peers/dscnn_kws.fp32.onnx'],
  ['MLP, float32', 'peers/mlp.fp32.onnx'],
  ['BERT-mini, float32', 'peers/bert_mini.fp32.onnx'],
  ['LSTM, float32', 'peers/lstm.fp32.onnx'],
];

interface Peer {
  readonly variant: string;
  readonly version: string;
  readonly median_us: number;
  readonly ratio: number;
}

function milliseconds(us: number): string {
  return us < 1000 ? `${us.toFixed(us < 10 ? 1 : 0)} us` : `${(us / 1000).toFixed(us < 10_000 ? 2 : 1)} ms`;
}

const { values, positionals } = parseArgs({
  options: { readme: { type: 'boolean', default: false }, 'without-vnni': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const { readme: isForReadme, 'without-vnni': isWithoutVnni } = values;
const readme = join(root, 'README.md');
const section = isWithoutVnni ? 'bench without VNNI' : 'bench';
const made = mkdtempSync(join(tmpdir(), 'qcc-bench-'));
process.on('exit', () => rmSync(made, { recursive: true, force: true }));
const env = isWithoutVnni ? withoutVnni(made) : {};
const targetArgs = isWithoutVnni ? ['--target', 'x86-avx2'] : [];

function row(name: string, file: string): string {
  const run = qcc(['bench', file, ...targetArgs, '--against', 'onnxruntime', '--json'], env);
  if (run.status !== 0) throw new Error(`${file}: ${run.stderr}`);
  const answer = JSON.parse(run.stdout);
  const peers: readonly Peer[] = answer.peers;
  const peer = (variant: string): string => {
    const found = peers.find((p) => p.variant === variant);
    return found === undefined ? '-' : `${milliseconds(found.median_us)} (${found.ratio.toFixed(2)}x)`;
  };
  for (const { version } of peers) rivals.add(version);
  const arena = `${humanBytes(answer.arena_bytes)} / ${humanBytes(answer.arena_lower_bound)}`;
  const own = milliseconds(answer.qcc.median_us);
  const sizes = `${humanBytes(answer.binary_bytes)} | ${arena} | ${answer.steps.length}`;
  return `| ${name} | ${sizes} | ${own} | ${peer('int8')} | ${peer('int8-exact')} | ${peer('fp32')} |`;
}

/**
 * The model as it lies below shared/models, or, where its s8 or float twin is not given, one made from the u8 file in `folder`, with
 * the float twin beside it. undefined: neither is there.
 */
function located(file: string, folder: string): string | undefined {
  const path = join(shared, 'models', file);
  const [unsigned, signed, float] = ['qdq_u8', 'qdq_s8', 'fp32'].map((kind) =>
    path.replace(/\.(qdq_.8|fp32)\./, `.${kind}.`),
  );
  if (existsSync(float) || !existsSync(unsigned)) return existsSync(path) ? path : undefined;
  const model = readFileSync(unsigned);
  writeFileSync(join(folder, basename(unsigned)), model);
  writeFileSync(join(folder, basename(signed)), signedTwin(model));
  writeFileSync(join(folder, basename(float)), floatTwin(model));
  return join(folder, basename(path));
}

const chosen =
  positionals.length > 0 && !isForReadme
    ? positionals.map((file) => [basename(file), file])
    : models
        .filter(([, file]) => file.includes(positionals[0] ?? ''))
        .flatMap(([name, file]) => {
          const found = located(file, made);
          return found === undefined ? [] : [[name, found]];
        });
if (chosen.length === 0) throw new Error('no models here: npm run bench -- FILE.onnx...');

const head = [
  '| model | binary | arena / lower bound | steps | qcc | ONNX Runtime int8 | int8 exact | float32 |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
];
console.log(head.join('\n'));
const rows: string[] = [];
const rivals = new Set<string>();
const loads: number[] = [];
for (const [name, file] of chosen) {
  rows.push(row(name, file));
  console.log(rows.at(-1));
  loads.push(loadavg()[0]);
}
if (isForReadme) await writeTable();

/** Rows that were not measured now stay, in the order of `models`; then so does what stands above the table. */
async function writeTable(): Promise<void> {
  const text = readFileSync(readme, 'utf8');
  const old = text.split(`<!-- ${section} -->\n`)[1]?.split(`<!-- end of ${section} -->`)[0].split('\n') ?? [];
  const of = (name: string) => (line: string) => line.startsWith(`| ${name} |`);
  const all = models.map(([name]) => rows.find(of(name)) ?? old.find(of(name))).filter((line) => line !== undefined);
  const busy = Math.max(...loads).toFixed(0);
  const cpu = `${cpus()[0]?.model.trim() ?? 'this machine'}${isWithoutVnni ? ', AVX2 and no more for both' : ''}`;
  const { version: compiler } = await findCompiler(hostDefault(loadTargets()), {
    env: process.env,
    host: currentHost(),
  });
  const about = [
    `Measured ${new Date().toISOString().slice(0, 10)}: qcc with ${compiler}, ONNX Runtime ${[...rivals].join(', ')} by its Node addon.`,
    `One thread of ${cpu}, medians, in turns (an empty call subtracted from ONNX Runtime's times). In`,
    `parentheses: its time over qcc's. The load of the machine, ${cpus().length} cores, was up to ${busy} meanwhile: above the number of`,
    "cores medians hold other programs' time too, and the ratios are the better figures. Where ONNX Runtime leaves parts of a",
    'quantized model in float (six of nine convolutions of ResNet8), that is its int8 time.',
  ];
  const kept = old.slice(0, old.indexOf('')).filter((line) => line !== '');
  const table = [...(rows.length < models.length ? kept : about), '', ...head, ...all].join('\n');
  writeFileSync(readme, replaceSection(text, section, table, 'block'));
}

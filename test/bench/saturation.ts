/**
 * `npm run saturation`: the keywords that a model gets right on this CPU: in ONNX Runtime as everybody calls it, in its exact
 * mode, and compiled by qcc. Prints the row of the reader's own CPU; `--write` puts it into the README. The row of a CPU
 * without VNNI comes from any x86-64 Linux: qemu-x86_64 -cpu Haswell $(which node) --import tsx
 * test/bench/saturation.ts --emulated "Intel Haswell: AVX2 without VNNI (emulated by QEMU)" --write
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { needOnnxRuntime, SELF_TEST_SUM, selfTest } from '../../src/cli/onnxruntime.js';
import { currentHost } from '../../src/target/host.js';
import { root, shared } from '../cli/command.js';
import { accuracy, compiledAnswers, keywords, ortAnswers } from '../models/labelled.js';
import { replaceSection } from './section.js';

const model = join(shared, 'models/kws_dscnn_mlperf/kws_int8_qdq.onnx');
const runtime = await needOnnxRuntime();
const sum = await selfTest(runtime, 'default');
const verdict = `64 x 255 x 127 is ${SELF_TEST_SUM}; onnxruntime ${runtime.version} in its default mode here says ${sum}.`;
if (!existsSync(model)) {
  // The keywords are not ours to republish.
  console.log(
    `${verdict}\nFor the keywords, put MLPerf Tiny's model and data where this script expects them: ${shared}`,
  );
  process.exit();
}
const { samples, labels } = keywords();
const ort = async (mode: 'default' | 'exact') =>
  accuracy(await ortAnswers(runtime, model, mode, 'input', samples), labels).toFixed(1);
const target = process.arch === 'x64' ? 'x86-avx2' : 'arm-neon';
const own = (await compiledAnswers(model, target, samples)).map((t) => t.data);

const { features } = currentHost();
const dot = [...features].filter((f) => /vnni|asimddp|i8mm/.test(f));
const { emulated, write } = parseArgs({
  options: { emulated: { type: 'string' }, write: { type: 'boolean', default: false } },
}).values;
const thisCpu = `${cpus()[0]?.model.trim() ?? process.arch}${dot.length === 0 ? ', no dot-product instructions' : `, ${dot.join(' ')}`}`;
const row = `| ${emulated ?? thisCpu} | ${await ort('default')} | ${await ort('exact')} | ${accuracy(own, labels).toFixed(1)} |`;

console.log('| CPU | ONNX Runtime | its exact mode | qcc |\n| --- | ---: | ---: | ---: |');
console.log(row);
console.log(`\n1000 keywords, percent right. ${verdict}`);
if (write) {
  const readme = join(root, 'README.md');
  writeFileSync(
    readme,
    replaceSection(readFileSync(readme, 'utf8'), emulated === undefined ? 'this CPU' : 'without VNNI', row, 'row'),
  );
}

/**
 * How close the kernels come, in whole models, to the rates that the kernel lab measured for single ones (lab-rates.json): for each
 * convolution with a window or a product of its own the share of this machine's peak for its scheme, the lab's share of its
 * machine's peak for the same scheme and shape, and the quotient of the two. Layers that add a residual, which the lab's did not,
 * have a second quotient: against the lab's product and an Add in a step of its own, which is timed in the same rounds.
 *
 * `npx tsx test/bench/lab.ts [--target T]... [--rounds N] [--json FILE] [--readme] [WORD]...` takes the models whose file
 * contains a word. Smallest times of N rounds of whole runs, models in turns, on one CPU.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buildDriver, type Driver, drive } from '../../src/cli/drive.js';
import { profileOf } from '../../src/cli/profile.js';
import { seededSamples } from '../../src/cli/samples.js';
import type { Output } from '../../src/cli/session.js';
import { callsOf } from '../../src/program/program.js';
import { currentHost, runsNatively } from '../../src/target/host.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { onOneCpu } from '../../src/toolchain/pin.js';
import { root, shared } from '../cli/command.js';
import { addedBy, residualSize, writeAdds } from './lab-adds.js';
import { type Layer, labLayer, type Measured, tableOf } from './lab-table.js';
import { replaceSection } from './section.js';
import { signedTwin } from './twins.js';

/** Name in the table, file below shared/models; `signed`: its s8 twin, made here. */
const models: readonly { readonly name: string; readonly file: string; readonly signed?: boolean }[] = [
  { name: 'MobileNetV2, u8', file: 'peers/mobilenetv2.qdq_u8.onnx' },
  { name: 'MobileNetV2, s8', file: 'peers/mobilenetv2.qdq_s8.onnx' },
  { name: 'ResNet18, u8', file: 'peers/resnet18.qdq_u8.onnx' },
  { name: 'ResNet18, s8', file: 'peers/resnet18.qdq_s8.onnx', signed: true },
  { name: 'ResNet50, u8', file: 'peers/resnet50.qdq_u8.onnx' },
  { name: 'ResNet50, s8', file: 'peers/resnet50.qdq_s8.onnx', signed: true },
  { name: 'DS-CNN, u8', file: 'peers/dscnn_kws.qdq_u8.onnx' },
];
/** The contender whose steps are additions alone. */
const ADDS = 'Add';
/** Of one model in one round. */
const ROUND_US = 400_000;

const silent: Output = { out: () => {}, say: () => {}, color: false };
const folder = mkdtempSync(join(tmpdir(), 'qcc-lab-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function located(file: string, signed: boolean): string {
  const path = join(shared, 'models', file);
  if (!signed) return path;
  const made = join(folder, basename(file));
  writeFileSync(made, signedTwin(readFileSync(path.replace('_s8.', '_u8.'))));
  return made;
}

interface Contender {
  readonly name: string;
  readonly target: string;
  readonly driver: Driver;
  readonly sample: string;
  runs: number;
  best: readonly number[];
  peaks: ReadonlyMap<string, number>;
}

async function profiled(c: Contender): Promise<readonly number[]> {
  const { stepNs, peaks } = profileOf(
    await drive(c.driver.executable, ['profile', c.sample, String(c.runs)], c.driver.session),
  );
  c.peaks = new Map([...peaks].map(([scheme, rate]) => [scheme, Math.max(rate, c.peaks.get(scheme) ?? 0)]));
  return stepNs;
}

async function contender(name: string, model: string, target: string): Promise<Contender> {
  const options = { model, target, dim: [], rounding: undefined, name: 'm', cc: process.env.CC };
  const driver = await buildDriver(options, true, silent);
  const sample = driver.writeSamples(seededSamples(driver.session.compiled.graph, 1));
  return { name, target, driver, sample, runs: 3, best: [], peaks: new Map() };
}

async function measured(contenders: readonly Contender[], rounds: number): Promise<readonly Measured[]> {
  await onOneCpu(1, async () => {
    for (const c of contenders) {
      c.best = await profiled(c);
      const us = c.best.reduce((sum, ns) => sum + ns / 1e3, 0);
      c.runs = Math.max(3, Math.min(2000, Math.round(ROUND_US / us)));
    }
    for (let round = 0; round < rounds; round++)
      for (const c of contenders) {
        const now = await profiled(c);
        c.best = c.best.map((ns, i) => Math.min(ns, now[i]));
      }
  });
  const stepsOf = ({ driver, best }: Contender) =>
    callsOf(driver.session.compiled.program.body).map(({ step }, i) => ({ step, ns: best[i] }));
  const adds = new Map<string, number>();
  for (const c of contenders)
    for (const { step, ns } of stepsOf(c)) if (c.name === ADDS) adds.set(`${c.target} ${addedBy(step)}`, ns);
  return contenders
    .filter(({ name }) => name !== ADDS)
    .map((c) => {
      const { name, target, driver, best, peaks } = c;
      const layers = stepsOf(c).flatMap(({ step, ns }): readonly Layer[] => {
        const addNs = adds.get(`${target} ${residualSize(step)}`) ?? 0;
        const layer = labLayer(step, ns, addNs, driver.session.target.isas, peaks);
        return layer === undefined ? [] : [layer];
      });
      return {
        name,
        target,
        us: best.reduce((sum, ns) => sum + ns / 1e3, 0),
        layers,
        peaks: Object.fromEntries(peaks),
      };
    });
}

/** One model of additions for a target. */
async function withAdds(contenders: readonly Contender[], target: string): Promise<readonly Contender[]> {
  const steps = contenders
    .filter((c) => c.target === target)
    .flatMap(({ driver }) => callsOf(driver.session.compiled.program.body).map(({ step }) => residualSize(step)));
  const sizes = [...new Set(steps.filter((size) => size !== undefined))];
  return sizes.length === 0 ? [] : [await contender(ADDS, writeAdds(folder, sizes), target)];
}

const args = process.argv.slice(2);
const valuesOf = (option: string) => args.flatMap((arg, i) => (args[i - 1] === option ? [arg] : []));
const words = args.filter((arg, i) => !arg.startsWith('--') && !/^--(target|rounds|json)$/.test(args[i - 1] ?? ''));
const named = valuesOf('--target');
const targets = (named.length > 0 ? named : ['x86-avx2', 'x86-avx512vnni']).filter((t) =>
  runsNatively(findTarget(loadTargets(), t), currentHost()),
);
const chosen = models.filter(({ file }) => words.length === 0 || words.some((word) => file.includes(word)));
const contenders: Contender[] = [];
for (const { name, file, signed } of chosen)
  for (const target of targets) contenders.push(await contender(name, located(file, signed === true), target));
for (const target of targets) contenders.push(...(await withAdds(contenders, target)));
const results = await measured(contenders, Number(valuesOf('--rounds').at(0) ?? 5));
for (const { driver } of contenders) driver.remove();

const { table, summary } = tableOf(results);
console.log([...table, '', ...summary].join('\n'));
const [json] = valuesOf('--json');
if (json !== undefined)
  writeFileSync(json, `${JSON.stringify({ cpu: cpus()[0]?.model.trim(), results }, undefined, 1)}\n`);
if (args.includes('--readme')) {
  const readme = join(root, 'README.md');
  writeFileSync(readme, replaceSection(readFileSync(readme, 'utf8'), 'lab', summary.join('\n'), 'block'));
}

/**
 * What int16 activations gain where 8 bits already serve: -Q2's search with a goal of 40 dB in the place of 30, on 64 of the
 * samples of each calibration, judged on all samples that were not in it. `npx tsx test/bench/mixed.ts [SUBSTRING]` prints a
 * row for each net: what changed, cycles of the cost model, noise, top-1 and how many answers are the float model's.
 */

import { mixedPrecision } from '../../src/cli/mixed-precision.js';
import { needOnnxRuntime } from '../../src/cli/onnxruntime.js';
import { chooseTarget } from '../../src/cli/session.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { defaultQuantization, type Quantization, type Quantized, quantizeModel } from '../../src/quantizer.js';
import { averageOf, FOLDS, Judge, type Judgement, nets, rangesOfEach } from '../quantizer/labelled-nets.js';

const GOAL = { kind: 'sqnr', db: 40 } as const;
/** As many as -Q2 looks at. */
const LOOKED_AT = 64;

// What observes samples is compiled anew for every model here: quickly, with the same bits.
process.env.CFLAGS ??= '-O1';
const runtime = await needOnnxRuntime();
const target = await chooseTarget(process.argv[4]);
const folds = FOLDS.slice(0, Number(process.argv[3] ?? FOLDS.length));
for (const net of nets.filter(({ file }) => file.includes(process.argv[2] ?? ''))) {
  const judge = await Judge.of(net, runtime);
  if (judge === undefined) throw new Error(`${net.name}: no data: apt-get install dataset-fashion-mnist`);
  const lists = folds.map((fold) => judge.calibration(fold));
  const before: Judgement[] = [];
  const after: Judgement[] = [];
  const ratios: number[] = [];
  const changed = new Map<string, number>();
  for (const [f, ranges] of (await rangesOfEach(judge.file, lists)).entries()) {
    const options = { ranges, dims: new Map<string, number>(), version: '' };
    const made = quantizeModel(judge.model, { ...options, quantization: defaultQuantization });
    const samples = lists[f].slice(0, LOOKED_AT);
    const remade = (chosen: Partial<Quantization>): Quantized =>
      quantizeModel(judge.model, { ...options, quantization: { ...defaultQuantization, ...chosen } });
    const found = await mixedPrecision({ made, remade, samples, target, cc: undefined, goal: GOAL });
    before.push(await judge.of(encodeModel(made.model), folds[f]));
    after.push(await judge.of(encodeModel(found.made.model), folds[f]));
    ratios.push(found.cycles.after / found.cycles.before);
    for (const { layer, to } of found.changes)
      changed.set(`${layer.name} ${to}`, (changed.get(`${layer.name} ${to}`) ?? 0) + 1);
  }
  const said = [before, after].map((all) => {
    const { drop, agreement } = averageOf(all);
    const db = all.reduce((sum, j) => sum + j.db, 0) / all.length;
    return `drop ${drop.toFixed(2)}, same ${agreement.toFixed(2)} %, ${db.toFixed(1)} dB`;
  });
  const names = [...changed].map(([name, times]) => `${name} (${times} of ${folds.length})`).join(', ');
  const cost = ratios.reduce((sum, r) => sum + r, 0) / ratios.length;
  console.log(`${net.name}, ${target.name}: ${said.join(' -> ')}; ${cost.toFixed(2)}x the cycles; ${names}`);
}

// needs: seconds
/** Rows that parts share, where they wait for each other, and the check that finds where they should and do not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { loadAssets } from '../../src/assets.js';
import { lowerModel, placeGraph } from '../../src/compiler.js';
import { partsFault, rowsOfPart, touched } from '../../src/program/parts.js';
import { type Parts, type PlacedProgram, stepsOf } from '../../src/program/program.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { fashion, shared } from '../cli/command.js';

const assets = loadAssets();
const targets = loadTargets();

type Shared = PlacedProgram & { readonly parts: Parts };
const known = new Map<string, Shared>();

function placed([path, target, threads]: readonly [string, string, number]): Shared {
  const program = known.get(path) ?? made(path, target, threads);
  known.set(path, program);
  return program;
}

function made(path: string, target: string, threads: number): Shared {
  const { graph } = lowerModel({ model: readFileSync(path), fileName: 'm.onnx' });
  const program = placeGraph(graph, findTarget(targets, target), assets, undefined, { threads });
  const { parts } = program;
  assert.ok(parts !== undefined);
  return { ...program, parts };
}

test('every row has one part, whatever their number', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 64 }),
      (rows, unit, parts) => {
        const split = { rows, unit, members: {}, args: {}, window: undefined, meetings: undefined };
        let next = 0;
        for (let part = 0; part < parts; part++) {
          const { first, count } = rowsOfPart(split, part, parts);
          if (count > 0) assert.equal(first, next);
          next += count;
        }
        assert.equal(next, rows);
      },
    ),
  );
});

const models = [
  [fashion, 'x86-avx2', 5],
  [join(shared, 'models/peers/mobilenetv2.qdq_u8.onnx'), 'x86-avx512vnni', 2],
] as const;

for (const model of models)
  test(`barriers of ${model[0].replace(/.*\//, '')} for ${model[2]} parts: enough of them, none too many`, () => {
    const program = placed(model);
    const { groups, splits } = program.parts;
    assert.equal(partsFault(program), undefined);
    const last = Math.max(...groups.values());
    assert.ok(last > 0 && last < groups.size - 1 && splits.size > 0);
    // Without any one of its barriers parts would disturb each other.
    for (let at = 1; at <= last; at++) {
      const without = new Map([...groups].map(([step, group]) => [step, group >= at ? group - 1 : group]));
      const fault = partsFault({ ...program, parts: { ...program.parts, groups: without } });
      assert.match(fault ?? '', /^steps \d+ and \d+ touch byte \d+ at the same time, with \d parts$/, `barrier ${at}`);
    }
  });

test('parts of MobileNetV2 get equal work', () => {
  const program = placed(models[1]);
  const { splits } = program.parts;
  let [all, most, alone] = [0, 0, 0];
  for (const step of stepsOf(program.body)) {
    const split = splits.get(step);
    all += step.macs;
    if (split === undefined) alone += step.macs;
    const share = split === undefined ? 1 : rowsOfPart(split, 1, 2).count / split.rows;
    most += step.macs * share;
  }
  // The pool at the end, of one pixel.
  assert.ok(alone < all / 1000, `${alone} of ${all}`);
  assert.ok(all / most > 1.95, `${all / most}`);
});

test('a part touches the rows of the image under its windows', () => {
  const program = placed(models[1]);
  const step = stepsOf(program.body).find((s) => s.kernel.family === 'dwconv2d_q8' && s.params.sh === 2);
  const x = step?.args.find((a) => a.name === 'x');
  const split = step && program.parts.splits.get(step);
  assert.ok(x?.view !== undefined && split?.window !== undefined);
  const row = x.view.bytes / split.window.rows;
  const [upper, lower] = [0, 1].map((part) => touched(x, split, part, 2, 2));
  // 112 rows make 56, three at a time, one of padding above: rows 0..55 make the upper half, rows 55..111 the lower.
  assert.deepEqual([upper.low / row, upper.high / row], [0, 56]);
  assert.deepEqual([lower.low / row, lower.high / row], [55, 112]);
});

/** What an op says about where its results end holds for its samples. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { boundsOf } from '../../src/ir/bounds.js';
import { make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { noOrigin } from '../../src/ir/graph.js';
import { numbers } from '../../src/ir/type.js';
import { opDef } from '../../src/ops/index.js';
import { allSamples, randomFrom, randomTensor } from './sample-cases.js';

const samples = await allSamples();
const [low, high] = [1, 2];
/** A float32 sum divided by its count, of numbers that are all 2, may be a little more than 2. */
const ROUNDING = 1e-6;

test('results lie between the bounds of their ops', () => {
  let count = 0;
  for (const [name, sample] of samples) {
    if (!sample.inputs.every((type) => type.element === 'f32')) continue;
    const inputs = sample.inputs.map((type, i) => param(`x${i}`, type));
    const limited = inputs.map((x) => make('clamp', { min: low, max: high }, [x], x.type, noOrigin));
    const [y] = sample.build(limited);
    if (y.kind !== 'result' || opDef(y.node.kind).bounds === undefined) continue;
    const { min, max } = boundsOf(y);
    const random = randomFrom(name);
    const tensors = new Map(inputs.map((x) => [x.name, randomTensor(x.type, random)]));
    const answer = evaluateGraph({ name, inputs, outputs: [{ name: 'y', value: y }] }, tensors).get('y');
    assert.ok(answer !== undefined);
    const outside = numbers(answer).filter((v) => v < min - ROUNDING || v > max + ROUNDING);
    assert.deepEqual(outside, [], `${name}: ${min} to ${max}`);
    count++;
  }
  assert.ok(count >= 15, `${count} samples`);
});

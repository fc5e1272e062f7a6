/**
 * Nodes on bytes that lie moved by 128: every sample of every kind that claims to be free of it is computed with each set of
 * operands and results moved that it allows, and differs in the top bits alone.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { AnyNode, Value } from '../../src/ir/graph.js';
import { canMove, freedomsOf, movedNode, movedType } from '../../src/ir/moved-bytes.js';
import { numberData, type Tensor } from '../../src/ir/type.js';
import { allSamples, randomFrom, randomTensor } from '../ops/sample-cases.js';

const samples = await allSamples();
const seen = new Map<string, number>();

/** The tensor with the top bit of every byte flipped. */
function flipped(tensor: Tensor): Tensor {
  const { type } = tensor;
  if (!canMove(type)) throw new Error('no bytes');
  const bytes = Array.from(numberData(tensor), (v) => (v ^ 128) & 255);
  const moved = movedType(type);
  return { type: moved, data: moved.element === 'u8' ? Uint8Array.from(bytes) : Int8Array.from(bytes) };
}

/** Runs the node alone. */
function results(node: AnyNode, inputs: readonly Tensor[]): readonly Tensor[] {
  const outputs = node.results.map((value, i) => ({ name: `y${i}`, value }));
  const params = node.operands.filter((v) => v.kind === 'param');
  const given = new Map(params.map((p, i) => [p.name, inputs[i]]));
  const said = evaluateGraph({ name: 'g', inputs: params, outputs }, given);
  return outputs.flatMap(({ name }) => said.get(name) ?? []);
}

for (const [name, sample] of samples) {
  const inputs = sample.inputs.map((type, i) => param(`x${i}`, type));
  const [first] = sample.build(inputs);
  if (first.kind !== 'result' || !first.node.operands.every((v) => v.kind !== 'result')) continue;
  const { node } = first;
  const freedoms = freedomsOf(node);
  /** Places that can move, operands first. */
  const values: readonly Value[] = [...node.operands, ...node.results];
  const places = [...freedoms.operands, ...freedoms.results].flatMap((freedom, i) => {
    const isGiven = values[i].kind !== 'const' && canMove(values[i].type);
    return freedom === 'fixed' || !isGiven ? [] : [{ i, freedom }];
  });
  const hasFixedTie = [...freedoms.operands, ...freedoms.results].some(
    (f, i) => f === 'tied' && values[i].kind === 'const',
  );
  const sets = [
    ...(hasFixedTie ? [] : [places.filter((p) => p.freedom === 'tied').map((p) => p.i)]),
    ...places.filter((p) => p.freedom === 'free').map((p) => [p.i]),
    places.filter((p) => p.freedom === 'free').map((p) => p.i),
  ].filter((set) => set.length > 0);
  if (sets.length === 0) continue;
  seen.set(node.kind, (seen.get(node.kind) ?? 0) + 1);
  test(`${name}: moved by 128`, () => {
    const random = randomFrom(name);
    const params = node.operands.filter((v) => v.kind === 'param');
    const tensors = params.map((p) => randomTensor(p.type, random));
    const want = results(node, tensors);
    for (const set of sets) {
      const isMoved = (i: number) => set.includes(i);
      const operands = node.operands.map((v, i) =>
        isMoved(i) && v.kind === 'param' && canMove(v.type) ? param(v.name, movedType(v.type)) : v,
      );
      const moves = node.results.map((_, r) => isMoved(node.operands.length + r));
      const moved = movedNode(node, operands, moves);
      const given = params.map((p, k) => (isMoved(node.operands.indexOf(p)) ? flipped(tensors[k]) : tensors[k]));
      for (const [r, got] of results(moved, given).entries())
        assert.deepEqual(numberData(got), numberData(moves[r] ? flipped(want[r]) : want[r]), `places ${set}`);
    }
  });
}

// A reshape has no kernel, and no sample.
test('the samples show every kind that can be moved', () => {
  assert.deepEqual([...seen.keys()].toSorted(), [
    'add-fixed',
    'average-pool',
    'concat',
    'conv2d-requant',
    'dequantize',
    'dequantize-transposed',
    'expand',
    'lookup',
    'matmul',
    'max-pool',
    'mul-fixed',
    'quantize',
    'quantize-away',
    'quantize-transposed',
    'slice',
    'softmax-fixed',
    'transpose',
  ]);
});

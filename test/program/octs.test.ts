/** Steps of four inputs whose products are added in 16 bits: the packed bytes hold the graph's weights, and no sum can overflow. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { unpackOcts } from '../../src/audit/unpack-octs.js';
import { quantType, type Tensor, unitAffine } from '../../src/ir/type.js';
import { octPlan, octWork } from '../../src/program/octs.js';
import { packedBytes, packTensor, parsePacking } from '../../src/program/packing.js';
import { wholeNumbers } from '../onnx/tiny-models.js';

type Dims = readonly [number, number, number, number];

function weights(shape: Dims, value: (i: number) => number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return {
    type: quantType('s8', shape, unitAffine, [-128, 127]),
    data: Int8Array.from({ length: count }, (_, i) => value(i)),
  };
}

function spread(shape: Dims, most: number): Tensor {
  const values = wholeNumbers(
    shape.reduce((a, b) => a * b, 1),
    shape[0],
    -most,
    most,
  );
  return weights(shape, (i) => values[i]);
}

function packing(groups: number) {
  const found = parsePacking('nr16_octs_s8_xs8', groups);
  assert.ok(found !== undefined);
  return found;
}

const cases: readonly (readonly [string, Tensor, number])[] = [
  ['small', spread([32, 1, 1, 64], 30), 1],
  ['middling', spread([48, 3, 3, 20], 60), 1],
  ['any bytes, odd sizes, two groups', spread([42, 1, 1, 37], 127), 2],
  ['several chunks', spread([20, 3, 3, 132], 50), 1],
  ['few inputs', spread([5, 1, 1, 3], 90), 1],
  ['all -128', weights([17, 1, 1, 32], () => -128), 1],
  ['all 127', weights([16, 1, 1, 20], () => 127), 1],
];

test('packed steps hold the weights, sums keep within 16 bits, and the bytes are as many as was said', () => {
  for (const [name, w, groups] of cases) {
    const [oc, kh, kw, cg] = w.type.shape;
    const { bytes } = packTensor(w, packing(groups));
    assert.equal(bytes.length, packedBytes(w, packing(groups)), name);
    assert.equal(bytes.length % 64, 0, name);
    const back = unpackOcts(new Int8Array(bytes.buffer), { oc, kh, kw, cg, groups });
    assert.ok(typeof back !== 'string', `${name}: ${String(back)}`);
    assert.deepEqual([...back.weights], [...w.data], name);
    assert.ok(back.largestPlain <= 128, `${name}: ${back.largestPlain}`);
    assert.ok(back.largestSigned <= 256, `${name}: ${back.largestSigned}`);
  }
});

/** 16 channels whose steps all have the weights that are given, four a step. */
function planOf(...inputs: readonly number[]): readonly number[] {
  const { plainOcts, plainAlone, signedOcts, signedAlone } = octPlan(
    weights([16, 1, 1, inputs.length], (i) => inputs[i % inputs.length]),
    1,
  );
  return [plainOcts, plainAlone, signedOcts, signedAlone];
}

test('what fits as it is goes together by fours; magnitudes where it does not; alone what fits with none', () => {
  assert.deepEqual(planOf(64, 64, 64, 64, -64, -64, -64, -64), [1, 0, 0, 0]);
  assert.deepEqual(planOf(64, 64, 64, 64, 1, 0, 0, 0), [0, 2, 0, 0], '129 of one sign');
  assert.deepEqual(planOf(127, -127, 127, -127, 1, -1, 1, -1), [1, 0, 0, 0]);
  assert.deepEqual(planOf(65, 64, 0, 0, 65, 62, 0, 0), [0, 1, 0, 1], 'a plain step has no place in a signed oct');
  assert.deepEqual(planOf(65, 64, 0, 0, 65, 64, 0, 0), [0, 0, 0, 2], '258 together');
  assert.deepEqual(planOf(65, 64, 0, 0, 0, 0, 65, 64), [0, 0, 1, 0], 'they meet smaller ones');
  assert.deepEqual(planOf(80, 80, 0, 0, 0, 0, 80, 80, 70, 70, 70, 70), [0, 0, 1, 1]);
});

test('plain octs are the least work, of s8 activations more than of u8', () => {
  const plain = octPlan(spread([32, 1, 1, 64], 30), 1);
  const signed = octPlan(spread([32, 1, 1, 64], 127), 1);
  assert.ok(octWork(plain, false) < octWork(plain, true));
  assert.ok(octWork(plain, true) < octWork(signed, false));
  assert.equal(octWork(signed, true), octWork(signed, false));
});

test('a wrong count, a step that is there twice and padding that is not zero are seen', () => {
  const w = spread([20, 1, 1, 64], 60);
  const shape = { oc: 20, kh: 1, kw: 1, cg: 64, groups: 1 };
  const packed = new Int8Array(packTensor(w, packing(1)).bytes.buffer);
  const changed = (at: number, value: number): Int8Array => {
    const copy = packed.slice();
    copy[at] = value;
    return copy;
  };
  assert.match(String(unpackOcts(changed(0, 9), shape)), /steps are counted/);
  assert.match(String(unpackOcts(changed(3, packed[4]), shape)), /twice/);
  assert.match(String(unpackOcts(changed(packed.length - 1, 1), shape)), /padding/);
  assert.match(String(unpackOcts(packed.subarray(64), shape)), /are needed/);
});

/** What `qcc verify` calls rounding, and what a fault: against a stand-in for ONNX Runtime whose mistakes are known. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { CutComparer, type CutComparison, cutLines, firstFault, quantizesState } from '../../src/cli/cut-comparison.js';
import { type OnnxRuntime, type OrtModel, SELF_TEST_SUM, type TypedData } from '../../src/cli/onnxruntime.js';
import { make, param } from '../../src/ir/build.js';
import type { TensorData } from '../../src/ir/type.js';
import { floatType } from '../../src/ir/type.js';
import { cutAt, cutValues, withOutputs } from '../../src/onnx/cut.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { samples as lstmSamples } from '../../src/ops/lstm/samples.js';
import { model, node, onnxModel, tensor, value } from '../onnx/model-builder.js';

const N = 512;
/** Quantize, square, quantize, add a float: `y` is a float that no quantizer follows. */
const spec = {
  inputs: [value('x', 'f32', [1, N])],
  outputs: [value('y', 'f32', [1, N])],
  nodes: [
    node('QuantizeLinear', ['x', 's', 'z'], ['q1']),
    node('DequantizeLinear', ['q1', 's', 'z'], ['d1']),
    node('Mul', ['d1', 'd1'], ['square']),
    node('QuantizeLinear', ['square', 's', 'z'], ['q2']),
    node('DequantizeLinear', ['q2', 's', 'z'], ['d2']),
    node('Sqrt', ['d2'], ['root']),
    node('QuantizeLinear', ['w', 's', 'z'], ['wq']),
    node('DequantizeLinear', ['wq', 's', 'z'], ['wd']),
    node('Add', ['root', 'wd'], ['y']),
  ],
  initializers: { s: tensor('f32', [], [0.125]), z: tensor('u8', [], [0]), w: tensor('f32', [1], [3]) },
};

interface Mistakes {
  readonly q2?: (values: Uint8Array) => void;
  readonly y?: (values: Float32Array) => void;
}

/** Computes the model above by itself, with mistakes. Seen with nothing fused, it makes none. */
function standIn(mistakes: Mistakes): OnnxRuntime {
  const byte = (v: number) => {
    const floor = Math.floor(v / 0.125);
    const rest = v / 0.125 - floor;
    const up = rest > 0.5 || (rest === 0.5 && floor % 2 === 1);
    return Math.min(255, Math.max(0, up ? floor + 1 : floor));
  };
  const answers = (x: TensorData, wrong: Mistakes) => {
    assert.ok(x instanceof Float32Array);
    const q1 = Uint8Array.from(x, byte);
    const q2 = Uint8Array.from(q1, (q) => byte((q * 0.125) ** 2));
    wrong.q2?.(q2);
    const y = Float32Array.from(q2, (q) => Math.fround(Math.sqrt(q * 0.125)) + 3);
    wrong.y?.(y);
    const dims = [1, N];
    return new Map<string, TypedData>([
      ['q1', { element: 'u8', dims, data: q1 }],
      ['q2', { element: 'u8', dims, data: q2 }],
      ['y', { element: 'f32', dims, data: y }],
    ]);
  };
  const open = async (_: unknown, mode: string): Promise<OrtModel> => ({
    async run([{ name, tensor: given }]) {
      if (given.data instanceof Uint8Array) return new Map([['y', Int32Array.of(SELF_TEST_SUM)]]);
      assert.equal(name, 'x');
      return new Map([...answers(given.data, mode === 'as-written' ? {} : mistakes)].map(([n, t]) => [n, t.data]));
    },
    runTyped: async ([{ tensor: given }]) => answers(given.data, mistakes),
    repeatable: () => async () => {},
    release: async () => {},
  });
  return { version: 'stand-in', open };
}

async function compared(mistakes: Mistakes): Promise<CutComparison> {
  const source = { model: model(spec), fileName: 'cut.onnx' };
  const comparer = await CutComparer.open({ source }, {}, 2 ** -13, standIn(mistakes), 'exact');
  assert.ok(comparer !== undefined);
  const x = Float32Array.from({ length: N }, (_, i) => ((i * 37) % 97) / 20);
  await comparer.add([{ name: 'x', tensor: { type: floatType([1, N]), data: x } }]);
  await comparer.release();
  return comparer.report();
}

test('stretches that agree are no fault, and what comes before a difference is not blamed', async () => {
  const run = await compared({});
  assert.equal(run.isRounding, true);
  assert.deepEqual(
    run.quantizers.map((q) => [q.name, q.origin, q.elements, q.equal, q.isFloat]),
    [
      ['q1', 'q1_node', N, N, false],
      ['q2', 'square_node', N, N, false],
    ],
  );
  assert.deepEqual([run.outputs[0].equal, run.unfused], [N, 0]);
});

test('one step in a rare element is rounding, however far the outputs are apart behind it', async () => {
  const run = await compared({
    q2(q) {
      q[7] += 1;
      q[9] -= 1;
    },
  });
  assert.equal(run.isRounding, true);
  assert.deepEqual([run.quantizers[1].equal, run.quantizers[1].maxSteps], [N - 2, 1]);
  assert.equal(run.outputs[0].equal, N, 'y was computed from the values ONNX Runtime had');
  assert.ok(run.unfused !== undefined && run.unfused > 0.001);
  assert.match(
    cutLines(run).join('\n'),
    /1 of 2 stretches.*\n2 of 1024 elements differ, by one step, first from "square_node"/,
  );
  assert.match(cutLines(run).join('\n'), /no fault/);
});

test('one step of one entry of a table is rounding, however many elements hold it', async () => {
  const run = await compared({
    q2(q) {
      const entry = q[0];
      for (let i = 0; i < N; i++) if (q[i] === entry) q[i] += 1;
    },
  });
  assert.ok(run.quantizers[1].equal < N - N / 256);
  assert.equal(run.isRounding, true);
});

for (const [what, q2] of [
  [
    'two steps',
    (q: Uint8Array) => {
      q[7] += 2;
    },
  ],
  [
    'a step in many elements',
    (q: Uint8Array) => {
      for (let i = 0; i < 3; i++) q[i * 11 + 5] += 1;
    },
  ],
  [
    'a step of two entries of a table',
    (q: Uint8Array) => {
      const entries = [q[100], q[101]];
      for (let i = 0; i < N; i++) if (entries.includes(q[i])) q[i] += 1;
    },
  ],
] as const)
  test(`${what} are a fault, which names the node`, async () => {
    const run = await compared({ q2 });
    assert.equal(run.isRounding, false);
    assert.match(firstFault(run), /"square_node"/);
    assert.doesNotMatch(cutLines(run).join('\n'), /no fault/);
  });

test('an output that is off after the last quantizer is a fault', async () => {
  const off = await compared({
    y(y) {
      y[3] *= 1.01;
    },
  });
  assert.equal(off.isRounding, false);
  assert.match(firstFault(off), /"y"/);
  const last = await compared({
    y(y) {
      y[3] *= 1 + 2 ** -20;
    },
  });
  assert.equal(last.isRounding, true);
});

test('a cell quantizes its state where its weights are stored, also behind other layers', () => {
  for (const name of ['f32', 's8 weights']) {
    const found = lstmSamples.find((sample) => sample.name === name);
    assert.ok(found !== undefined);
    const [y] = found.build(found.inputs.map((type, i) => param(`x${i}`, type)));
    const behind = make('unary', { fn: 'tanh' }, [y], y.type, { names: ['behind'] });
    assert.deepEqual([quantizesState(y), quantizesState(behind)], name === 'f32' ? [false, false] : [true, true]);
  }
});

test('quantized constants are not cut, operands of run-time quantizers are', () => {
  const { model: read } = decodeModel(model(spec));
  assert.deepEqual(
    cutValues(read).map((v) => v.name),
    ['q1', 'q2'],
  );
  const dynamic = onnxModel({
    inputs: [value('x', 'f32', [2, 4])],
    outputs: ['q', 'y'],
    nodes: [
      node('Relu', ['x'], ['r']),
      node('DynamicQuantizeLinear', ['r'], ['q', 's', 'z']),
      node('DequantizeLinear', ['q', 's', 'z'], ['y']),
    ],
  });
  assert.deepEqual(cutValues(dynamic), [{ name: 'r', origin: 'r_node' }]);
});

test('a cut model reads at every quantizer an input of its own', () => {
  const { model: read } = decodeModel(model(spec));
  const values = cutValues(read);
  assert.deepEqual(
    withOutputs(read, values).graph.outputs.map((o) => o.name),
    ['y', 'q1', 'q2'],
  );
  const given = values.map((v) => ({ ...v, element: 'u8', dims: [1, N] }) as const);
  const cut = cutAt(read, given);
  assert.deepEqual(cut.inputs, ['q1/given', 'q2/given']);
  const dequantize = cut.model.graph.nodes.filter((n) => n.opType === 'DequantizeLinear');
  assert.deepEqual(
    dequantize.map((n) => n.inputs[0]),
    ['q1/given', 'q2/given', 'wq'],
  );
});

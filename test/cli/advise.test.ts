/** `qcc quantize --advise`: the way it names is one that can be gone, and its figures are those of the compiled program. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { adviceFor } from '../../src/cli/advise.js';
import { compile } from '../../src/compiler.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { OnnxModel } from '../../src/onnx/model.js';
import { quantizeWithoutData } from '../../src/quantizer.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { cnn, embedding, feedForward } from '../quantizer/float-models.js';

const targets = loadTargets();
const advice = (model: OnnxModel, target = 'x86-avx2') =>
  adviceFor({ model: encodeModel(model), fileName: 'm.onnx' }, findTarget(targets, target), {}, 'm.onnx');

test('a CNN wants ranges; depthwise layers are named as what may need training', () => {
  const { recommended, routes, why, resists } = advice(cnn());
  assert.equal(recommended, 'static');
  assert.match(why.join('\n'), /convolutions[\s\S]*1 depthwise layers lose most/);
  assert.deepEqual(resists, []);
  const [float, fixed, dynamic] = routes;
  // The operators of the model: a normalization that is folded away is its convolution, a quantize in between is none.
  const pools = { MaxPool: 1, GlobalAveragePool: 1 };
  assert.deepEqual(float.float_ops, { Conv: 4, Relu: 1, Clip: 1, Add: 1, HardSwish: 1, Concat: 1, Gemm: 1, ...pools });
  assert.deepEqual([dynamic.float_ops.Conv, dynamic.float_ops.Gemm], [4, undefined]);
  assert.deepEqual(fixed.float_ops, {});
  assert.deepEqual([float.route, fixed.route], ['float', 'static']);
  assert.equal(fixed.int8_macs, float.float_macs);
  assert.deepEqual([fixed.float_macs, float.int8_macs], [0, 0]);
  assert.ok(fixed.estimated_cycles < float.estimated_cycles);
  assert.equal(fixed.command, 'qcc build m.onnx --calibrate DATA');
});

test('linear layers need no data, but on a microcontroller; what stays float is named', () => {
  const onHost = advice(feedForward());
  assert.ok(onHost.resists.some(({ node, op }) => node === 'norm' && op === 'LayerNormalization'));
  assert.equal(advice(feedForward(), 'cortex-m4').recommended, 'static');
  // There rows of a tensor come one by one: every turn of a loop counts.
  const [float, fixed] = advice(cnn(), 'cortex-m4').routes;
  assert.equal(fixed.int8_macs, float.float_macs);
});

test('tables of embeddings are stored in few bits, in exactly the bytes the program then has', () => {
  const { recommended, routes } = advice(embedding());
  assert.equal(recommended, 'weights s8');
  const weights = routes.find((r) => r.route === 'weights s4');
  const { emitted } = compile(
    { model: encodeModel(embedding()), fileName: 'm.onnx' },
    findTarget(targets, 'x86-avx2'),
    loadAssets(),
    { withoutData: { mode: 'weights', bits: 4, block: 32 } },
  );
  assert.equal(weights?.weights_bytes, emitted.weightsBytes);
});

test('a model that is quantized already is to be built as it is', () => {
  const { model } = quantizeWithoutData(
    feedForward(),
    { mode: 'dynamic', per: 'run' },
    { dims: new Map(), version: '0' },
  );
  const { recommended, routes } = advice(model);
  assert.deepEqual([recommended, routes.length], ['as it is', 1]);
});

test('without a linear layer two ways are impossible, and say so', () => {
  const { impossible } = advice({
    ...cnn(),
    graph: {
      ...cnn().graph,
      nodes: cnn().graph.nodes.slice(0, 3),
      outputs: [{ name: 'r1', elemType: 'f32', dims: [1, 8, 8, 8] }],
    },
  });
  assert.deepEqual(
    impossible.map((i) => i.route),
    ['dynamic', 'weights s8', 'weights s4'],
  );
});

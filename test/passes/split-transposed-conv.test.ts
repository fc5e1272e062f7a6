/** The split of transposed convolutions keeps the meaning on every geometry: strides, kernels, paddings, sizes, scales per channel. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { splitTransposedConv } from '../../passes/split-transposed-conv.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { parseGraph, seededTensor } from '../../src/ir/parse.js';
import { runPasses } from '../../src/ir/pass.js';
import { elements, f32Data } from '../../src/ir/type.js';

const small = (min: number, max: number) => fc.integer({ min, max });

test('the answer stays, whatever the geometry', () => {
  fc.assert(
    fc.property(
      fc.record({
        h: small(1, 4),
        w: small(1, 4),
        kh: small(1, 5),
        kw: small(1, 5),
        sh: small(1, 4),
        sw: small(1, 3),
        top: small(0, 4),
        left: small(0, 4),
        oh: small(1, 12),
        ow: small(1, 12),
        seed: small(1, 1000),
      }),
      ({ h, w, kh, kw, sh, sw, top, left, oh, ow, seed }) => {
        const weights = Array.from({ length: 2 * kh * kw * 3 }, (_, i) => ((i * 37 + seed) % 255) - 127);
        const graph = parseGraph(`graph "g" (%in0 "x": s8[1,${h},${w},3] q(0.1, 5)) {
  const @c0 : s8[2,${kh},${kw},3] q(axis 0, [0.25, 0.5], [0, 0]) = [${weights.join(', ')}]   // "w"
  const @c1 : s32[2] = [40, -300]   // "bias"
  %0 = conv2d-transpose(%in0, @c0, @c1) {strides [${sh}, ${sw}], dilations [1, 1], pads [${top}, ${left}], size [${oh}, ${ow}], groups 1, rounding tflite-double} : s8[1,${oh},${ow},2] q(7, -2)   // "d"
  return %0 as "y"
}
`);
        const { graph: after, reports } = runPasses(graph, [splitTransposedConv], { rounding: 'onnx' });
        assert.ok(reports[0].changed);
        const inputs = new Map(graph.inputs.map((p) => [p.name, seededTensor(p.type, seed)]));
        assert.deepEqual(evaluateGraph(after, inputs).get('y')?.data, evaluateGraph(graph, inputs).get('y')?.data);
      },
    ),
    { numRuns: 300, seed: 7 },
  );
});

test('floats: the same bits, with infinities too, but where a phase of the stride has no tap', () => {
  fc.assert(
    fc.property(
      fc.record({
        h: small(1, 4),
        w: small(1, 4),
        th: small(1, 3),
        tw: small(1, 3),
        sh: small(1, 3),
        sw: small(1, 3),
        more: small(-1, 2),
        top: small(0, 3),
        oh: small(1, 10),
        seed: small(1, 1000),
      }),
      ({ h, w, th, tw, sh, sw, more, top, oh, seed }) => {
        const [kh, kw] = [Math.max(1, th * sh + more), tw * sw];
        const weights = Array.from({ length: 2 * kh * kw * 9 }, (_, i) => (((i * 37 + seed) % 255) - 127) / 64);
        const graph = parseGraph(`graph "g" (%in0 "x": f32[1,${h},${w},9]) {
  const @c0 : f32[2,${kh},${kw},9] = [${weights.join(', ')}]   // "w"
  const @c1 : f32[2] = [0.3, -1.7]   // "bias"
  %0 = conv2d-transpose(%in0, @c0, @c1) {strides [${sh}, ${sw}], dilations [1, 1], pads [${top}, 0], size [${oh}, 7], groups 1, rounding onnx} : f32[1,${oh},7,2]   // "d"
  return %0 as "y"
}
`);
        const { graph: after, reports } = runPasses(graph, [splitTransposedConv], { rounding: 'onnx' });
        assert.equal(reports[0].changed, kh >= sh);
        const inputs = new Map(
          graph.inputs.map((p) => {
            const tensor = seededTensor(p.type, seed);
            f32Data(tensor)[seed % elements(p.type.shape)] = Number.POSITIVE_INFINITY;
            return [p.name, tensor];
          }),
        );
        assert.deepEqual(evaluateGraph(after, inputs).get('y')?.data, evaluateGraph(graph, inputs).get('y')?.data);
      },
    ),
    { numRuns: 200, seed: 7 },
  );
});

// needs: c-compiler
/**
 * Accuracy on labelled data, and that it is no accident: every sample's scores are those of ONNX Runtime's exact mode, byte
 * for byte. Where float operators end the model (softmax and its logarithm), or make it up, the class is the same for every
 * sample and scores differ by the stated share of the largest: ONNX Runtime's float functions are approximations.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { difference } from '../../src/cli/compare.js';
import { needOnnxRuntime } from '../../src/cli/onnxruntime.js';
import { type Sample, seededSamples } from '../../src/cli/samples.js';
import { floatType, type Tensor } from '../../src/ir/type.js';
import { shared } from '../cli/command.js';
import {
  accuracy,
  argmax,
  compiledAnswers,
  digits,
  keywords,
  type Labelled,
  ortAnswers,
  pictures,
} from './labelled.js';
import { withQOperators } from './q-operators.js';

interface Judged {
  readonly model: string;
  readonly input: string;
  /** Scores may differ by this share of the largest one; 0: not one bit. */
  readonly tolerance: number;
  /** ONNX Runtime does not fuse all of it by itself. */
  readonly asQOperators?: boolean;
}
interface Case extends Judged {
  readonly data: () => Labelled;
  /** Percent, of these samples. */
  readonly accuracy: number;
}
const FLOAT_TAIL = 2 ** -20;
const FLOAT_MODEL = 2 ** -18;
const cases: readonly Case[] = [
  {
    model: 'kws_dscnn_mlperf/kws_int8_qdq.onnx',
    input: 'input',
    data: keywords,
    accuracy: 90.2,
    tolerance: 0,
  },
  {
    model: 'resnet8_mlperf/resnet8_int8_tfl_qdq.onnx',
    input: 'input',
    data: () => pictures(2000),
    accuracy: 76.85,
    tolerance: 0,
    asQOperators: true,
  },
  {
    model: 'lenet300_mlp_int8/lenet300_int8_qdq.onnx',
    input: 'input',
    data: () => digits(10000, [1, 28, 28, 1], 1),
    accuracy: 98.15,
    tolerance: FLOAT_TAIL,
  },
  {
    model: 'mnist8_lenet/mnist-8.onnx',
    input: 'Input3',
    data: () => digits(2000, [1, 1, 28, 28], 255),
    accuracy: 98.4,
    tolerance: FLOAT_MODEL,
  },
];

const target = process.arch === 'x64' ? 'x86-avx2' : 'arm-neon';
const path = (model: string) => join(shared, 'models', model);

/** Asserts the agreement and returns the compiled model's answers. */
async function agreed(c: Judged, samples: readonly Sample[]): Promise<Tensor['data'][]> {
  const own = (await compiledAnswers(path(c.model), target, samples)).map(({ data }) => data);
  const runtime = await needOnnxRuntime();
  const ort =
    c.asQOperators === true
      ? await ortAnswers(runtime, withQOperators(readFileSync(path(c.model))), 'as-written', c.input, samples)
      : await ortAnswers(runtime, path(c.model), 'exact', c.input, samples);
  for (const [i, data] of own.entries()) {
    if (c.tolerance === 0) {
      assert.deepEqual(data, ort[i], `sample ${i}`);
      continue;
    }
    assert.equal(argmax(data), argmax(ort[i]), `class of sample ${i}`);
    let largest = 0;
    for (const score of ort[i]) largest = Math.max(largest, Math.abs(Number(score)));
    const { maxAbsDiff } = difference(data, ort[i], { signedZero: false });
    assert.ok(maxAbsDiff <= c.tolerance * largest, `sample ${i}: ${maxAbsDiff} apart, the largest is ${largest}`);
  }
  return own;
}

for (const c of cases)
  test(`${c.model}: ${c.accuracy} % top-1, sample by sample as ONNX Runtime's exact mode`, async () => {
    const { samples, labels } = c.data();
    assert.equal(accuracy(await agreed(c, samples), labels), c.accuracy);
  });

test('MobileNetV1-0.25, a real picture and seeded ones, as ONNX Runtime in exact mode', async () => {
  const model = 'mobilenetv1_025_224/mbv1_025_224_qat_u8_qdq.onnx';
  const type = floatType([1, 224, 224, 3]);
  const bytes = readFileSync(path('mobilenetv1_025_224/golden/mbv1_025_224_qat_u8_qdq.onnx.in0.bin'));
  const picture: Sample = [{ type, data: new Float32Array(new Uint8Array(bytes).buffer) }];
  const seeded = seededSamples({ name: 'g', inputs: [{ kind: 'param', name: 'input', type }], outputs: [] }, 8);
  const [answer] = await agreed({ model, input: 'input', tolerance: 0 }, [picture, ...seeded]);
  assert.equal(argmax(answer), 286, 'the class that the stored answer has');
});

test('person or no person (MobileNetV1-0.25, half of it dead), seeded pictures, as ONNX Runtime in exact mode', async () => {
  const graph = {
    name: 'g',
    inputs: [{ kind: 'param', name: 'input_1', type: floatType([1, 3, 96, 96]) }],
    outputs: [],
  } as const;
  const judged = { model: 'vww_mobilenetv1/vww_int8_qdq.onnx', input: 'input_1', tolerance: FLOAT_TAIL };
  assert.equal((await agreed(judged, seededSamples(graph, 16))).length, 16);
});

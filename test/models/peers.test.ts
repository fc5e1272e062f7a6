// needs: c-compiler emulator
/**
 * Whole networks with random weights against the stored outputs of ONNX Runtime's exact mode, byte for byte, on every
 * target. Emulated runs cover what stays within a minute.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { needsCpu } from '../native-targets.js';
import { buildModel, bytesOf, rawInput } from './built.js';

const shared = new URL('../../../shared/models/peers/', import.meta.url);
const path = (name: string) => decodeURIComponent(new URL(name, shared).pathname);

interface Case {
  readonly model: string;
  readonly input: string;
  readonly reference: string;
  readonly targets: readonly string[];
}
const everywhere = ['scalar', 'x86-avx2', 'arm-neon'];
const withVnni = [...everywhere, 'x86-avx512vnni'];
/** Large networks take minutes to compile for every target: `npm run test:full` does, others look at a few of them. */
const few = (targets: readonly string[]) => (process.env.QCC_FULL === undefined ? targets : withVnni);
const cases: readonly Case[] = [
  {
    model: 'dscnn_kws.qdq_u8.onnx',
    input: 'dscnn_kws.input.bin',
    reference: 'dscnn_kws.u8_prec.ref.bin',
    targets: withVnni,
  },
  { model: 'mlp.qdq_u8.onnx', input: 'mlp.input.bin', reference: 'mlp.u8_prec.ref.bin', targets: everywhere },
  { model: 'mlp.qdq_s8.onnx', input: 'mlp.input.bin', reference: 'mlp.s8.ref.bin', targets: withVnni },
  { model: 'mlp.dyn.onnx', input: 'mlp.input.bin', reference: 'mlp.dyn_prec.ref.bin', targets: everywhere },
  {
    model: 'mobilenetv2.qdq_u8.onnx',
    input: 'mobilenetv2.input.bin',
    reference: 'mobilenetv2.u8_prec.ref.bin',
    targets: few(['scalar', 'x86-avx2']),
  },
  {
    model: 'mobilenetv2.qdq_s8.onnx',
    input: 'mobilenetv2.input.bin',
    reference: 'mobilenetv2.s8.ref.bin',
    targets: few(['arm-neon', 'x86-avx512vnni']),
  },
  {
    model: 'resnet18.qdq_u8.onnx',
    input: 'resnet18.input.bin',
    reference: 'resnet18.u8_prec.ref.bin',
    targets: few(['x86-avx2']),
  },
  {
    model: 'resnet50.qdq_u8.onnx',
    input: 'resnet50.input.bin',
    reference: 'resnet50.u8_prec.ref.bin',
    targets: few(['x86-avx2']),
  },
];

for (const c of cases)
  for (const target of c.targets)
    test(`${c.model} on ${target} equals ONNX Runtime's exact mode`, needsCpu(target), async () => {
      const built = await buildModel(path(c.model), target);
      try {
        const outputs = await built.run([rawInput(built.session, 0, readFileSync(path(c.input)))]);
        const [y] = [...outputs.values()];
        assert.ok(bytesOf(y).equals(readFileSync(path(c.reference))), 'outputs differ');
      } finally {
        built.remove();
      }
    });

/** A float32 file. */
function floats(file: string): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(path(file))).buffer);
}

/** Relative distance of two vectors in the Euclidean norm. */
function distance(a: Float32Array, b: Float32Array): number {
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return norm(a.map((v, i) => v - b[i])) / norm(a);
}

/**
 * Nine float layer norms stand between the quantized products. ONNX Runtime adds their 256 values in another order, so
 * they differ by 1e-6, which moves values next to a tie by one step; from the second layer on the steps add up. The stored
 * answer that reads the model without fusion measures how much that means.
 */
for (const [variant, exact] of [
  ['qdq_u8', 'u8_prec'],
  ['qdq_s8', 's8'],
  ['dyn', 'dyn_prec'],
])
  test(`bert_mini.${variant}: nearer to ONNX Runtime's exact mode than its own unfused reading of the QDQ file`, async () => {
    const built = await buildModel(path(`bert_mini.${variant}.onnx`), 'x86-avx2');
    try {
      const outputs = await built.run([rawInput(built.session, 0, readFileSync(path('bert_mini.input.bin')))]);
      const [y] = [...outputs.values()];
      const got = new Float32Array(Uint8Array.from(bytesOf(y)).buffer);
      const limit = distance(floats('bert_mini.u8_prec.ref.bin'), floats('bert_mini.u8_spec.ref.bin'));
      assert.ok(distance(floats(`bert_mini.${exact}.ref.bin`), got) < limit);
    } finally {
      built.remove();
    }
  });

/** The cells' float sums have another order, their sigmoid and tanh the same rational functions. */
for (const [variant, exact] of [
  ['fp32', 'fp32'],
  ['dyn', 'dyn_prec'],
])
  test(`lstm.${variant}: what ONNX Runtime's exact mode answers but for the last bits`, async () => {
    const built = await buildModel(path(`lstm.${variant}.onnx`), 'x86-avx2');
    try {
      const outputs = await built.run([rawInput(built.session, 0, readFileSync(path('lstm.input.bin')))]);
      const [y] = [...outputs.values()];
      const got = new Float32Array(Uint8Array.from(bytesOf(y)).buffer);
      assert.ok(distance(floats(`lstm.${exact}.ref.bin`), got) < 1e-6);
    } finally {
      built.remove();
    }
  });

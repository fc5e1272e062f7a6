// needs: c-compiler
/**
 * `--report`: its numbers against the interpreter, which shares no code with the programs that measured them; and what it
 * says where something cannot be known.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { f32Data, floatType, type Tensor } from '../../src/ir/type.js';
import { writeNpy } from '../../src/npy.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importModel } from '../../src/onnx/import.js';
import { qcc } from '../cli/command.js';
import { cnn } from '../quantizer/float-models.js';
import { quickly } from '../quickly.js';

// Programs that observe a model run once.
process.env.CFLAGS ??= quickly.join(' ');

const folder = mkdtempSync(join(tmpdir(), 'qcc-report-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const COUNT = 12;
const size = 3 * 8 * 8;
const data = Float32Array.from({ length: COUNT * size }, (_, i) => Math.sin(i * i));
writeFileSync(at('images.npy'), writeNpy({ element: 'f32', shape: [COUNT, 3, 8, 8], data }));
writeFileSync(at('cnn.onnx'), encodeModel(cnn()));
const samples = Array.from(
  { length: COUNT },
  (_, i): Tensor => ({
    type: floatType([1, 3, 8, 8]),
    data: data.slice(i * size, (i + 1) * size),
  }),
);

/** Values of named tensors, for each sample, by the interpreter on the model as it is in the file. */
function interpreted(file: string, names: readonly string[]): ReadonlyMap<string, readonly Float32Array[]> {
  const { model } = decodeModel(readFileSync(file));
  const { graph } = importModel(model, { dims: new Map(), rounding: 'onnx', name: 'm', keepNames: true });
  const values = new Map<string, Float32Array[]>(names.map((name) => [name, []]));
  for (const sample of samples) {
    const outputs = names.flatMap((name) => {
      const value = graph.named?.get(name);
      return value === undefined ? [] : [{ name, value }];
    });
    const answers = evaluateGraph({ ...graph, outputs }, new Map([['x', sample]]));
    for (const name of names) {
      const tensor = answers.get(name);
      if (tensor !== undefined) values.get(name)?.push(f32Data(tensor));
    }
  }
  return values;
}

function sqnr(float: readonly Float32Array[], quantized: readonly Float32Array[]): number {
  let [signal, noise] = [0, 0];
  for (const [s, want] of float.entries())
    for (let i = 0; i < want.length; i++) {
      signal += want[i] ** 2;
      noise += (want[i] - quantized[s][i]) ** 2;
    }
  return 10 * Math.log10(signal / noise);
}

interface Layer {
  readonly name: string;
  readonly quantized: boolean;
  readonly tensor: string | null;
  readonly sqnr_db: number | null;
  readonly sqnr_alone_db: number | null;
  readonly us: number | null;
  readonly float_us: number | null;
  readonly fused_into: string | null;
  readonly kernels: readonly string[];
  readonly proofs: readonly unknown[];
}

const first = qcc([
  ...['quantize', at('cnn.onnx'), '--calibrate', at('images.npy'), '-o', at('int8.onnx')],
  ...['--report', at('r.json'), '--report', at('r.html')],
]);
assert.equal(first.status, 0, first.stderr);
const report = JSON.parse(readFileSync(at('r.json'), 'utf8'));
const layers: readonly Layer[] = report.layers;

test('noise in the model is what the interpreter finds between the float model and the written one', () => {
  // Outputs of layers that are stored as integers mean what DequantizeLinear makes of them.
  const written = decodeModel(readFileSync(at('int8.onnx'))).model.graph;
  let compared = 0;
  for (const layer of layers) {
    if (layer.tensor === null || layer.sqnr_db === null) continue;
    const stored = written.nodes.find((n) => n.opType === 'QuantizeLinear' && n.inputs[0] === layer.tensor);
    const meant = written.nodes.find((n) => n.opType === 'DequantizeLinear' && n.inputs[0] === stored?.outputs[0]);
    const quantized = meant?.outputs[0] ?? layer.tensor;
    const want = interpreted(at('cnn.onnx'), [layer.tensor]).get(layer.tensor) ?? [];
    const got = interpreted(at('int8.onnx'), [quantized]).get(quantized) ?? [];
    if (want.length === 0 || got.length === 0) continue;
    // Batch norms are folded and sums of squares are float32: not to the last bit, but far below what is shown.
    assert.ok(Math.abs(sqnr(want, got) - layer.sqnr_db) < 0.05, `${layer.name}: ${sqnr(want, got)} ${layer.sqnr_db}`);
    compared++;
  }
  assert.ok(compared >= 7, `${compared} layers compared`);
});

test('the next command reads the file that was written, and judges it as this model can be judged', () => {
  const command: string = report.advice.at(-1).command;
  assert.ok(command.startsWith(`qcc eval ${at('int8.onnx')} --data VALIDATION --against ${at('cnn.onnx')}`), command);
  assert.equal(/--labels/.test(command), report.noise.top1_agree !== null, command);
  assert.equal(/--metric-cmd/.test(command), report.noise.top1_agree === null, command);
});

test('a layer that nothing quantized comes before is as noisy in the model as alone; later ones are noisier', () => {
  const [conv] = layers;
  assert.equal(conv.name, 'first');
  assert.equal(conv.sqnr_db, conv.sqnr_alone_db);
  for (const layer of layers.slice(2, 5))
    assert.ok((layer.sqnr_alone_db ?? 0) > (layer.sqnr_db ?? 99), `${layer.name} gets noise from before`);
});

test('every layer has a kernel with proofs and times, or is fused into one that has', () => {
  const names = new Set(layers.map(({ name }) => name));
  for (const { name, kernels, fused_into, us, proofs } of layers) {
    if (fused_into !== null) assert.ok(names.has(fused_into), name);
    else assert.ok(kernels.length > 0 && us !== null, name);
    if (name === 'first') assert.ok(proofs.length > 0);
  }
  assert.equal(report.time.why, null);
  assert.ok(report.time.us > 0 && report.time.float_us > 0);
  assert.ok(report.size.weights_bytes < report.size.float_weights_bytes);
});

test('the share of values that a range cuts is that of the samples', () => {
  for (const { name, range, scale, saturated } of report.tensors) {
    const values =
      name === 'x' ? samples.map((s) => f32Data(s)) : (interpreted(at('cnn.onnx'), [name]).get(name) ?? []);
    let [cut, all] = [0, 0];
    for (const list of values)
      for (const x of list) {
        all++;
        if (x < range[0] - scale / 2 || x > range[1] + scale / 2) cut++;
      }
    if (all > 0) assert.ok(Math.abs(cut / all - saturated) < 0.003, `${name}: ${cut / all} ${saturated}`);
  }
  assert.ok(report.tensors.length >= 6);
});

test('the terminal says the same in a few lines', () => {
  assert.match(
    first.stdout,
    /^noise +signal to noise [\d.]+ dB, the float model's answer in [\d.]+ %, on 12 samples$/m,
  );
  assert.match(first.stdout, /^noisiest +"\S+" [\d.]+ dB/m);
  assert.match(first.stdout, /^report +\S+r\.json\nreport +\S+r\.html$/m);
});

test('a build of what is quantized already reports what can be known without the float model', () => {
  const built = qcc(['build', at('int8.onnx'), '--target', 'scalar', '-o', at('built'), '--report', at('b.json')]);
  assert.equal(built.status, 0, built.stderr);
  const { quantization, noise, layers: steps, time } = JSON.parse(readFileSync(at('b.json'), 'utf8'));
  assert.equal(quantization, null);
  assert.match(noise.why, /the float model is not known/);
  assert.ok(steps.length >= 6 && steps.every((s: Layer) => s.kernels.length > 0 && s.sqnr_db === null));
  assert.ok(time.us > 0 && time.float_us === null);
});

// needs: seconds
/** `qcc audit`: sound folders are sound, and no tampering passes, not even with digests and seal made anew. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fashion, qcc, shared } from '../cli/command.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { convModel, denseModel, wholeNumbers } from '../onnx/tiny-models.js';
import { wideVectors } from '../tflite/vectors.js';
import { audited, changed, codesOf, type Folder, folderOf, nudged, resealed, textOf } from './tampered.js';

const fashionBytes = readFileSync(fashion);
const mobilenet = join(shared, 'models/peers/mobilenetv2.qdq_u8.onnx');
const vww = join(shared, 'models/vww_mobilenetv1/vww_int8_qdq.onnx');
const sound = folderOf(fashionBytes, 'fashion.onnx');
const pruned = folderOf(readFileSync(vww), 'vww.onnx');

/** Layers of int16 activations: the operator's model of `test/tflite/vectors`. */
function wideFolder(name: string, target?: string, more?: Parameters<typeof folderOf>[4]): Folder {
  const vector = wideVectors.find((v) => v.name === name);
  assert.ok(vector !== undefined, name);
  return folderOf(Buffer.from(vector.model, 'base64'), 'm.tflite', target, true, more);
}
const wide = wideFolder('CONV_2D beyond int32');

function soundInFull(name: string, folder: Folder, layers: number): void {
  test(`sound, and derived in full: ${name}`, () => {
    const report = audited(folder);
    assert.deepEqual(report.findings, []);
    assert.deepEqual(report.open, []);
    assert.deepEqual([report.layers, report.derived], [layers, layers]);
  });
}

for (const [name, folder, layers] of [
  ['fashion, scalar', sound, 9],
  ['fashion, AVX2', folderOf(fashionBytes, 'fashion.onnx', 'x86-avx2'), 9],
  ['fashion, u8 that lies as s8', folderOf(fashionBytes, 'fashion.onnx', 'arm-neon'), 9],
  ['fashion, Cortex-M4', folderOf(fashionBytes, 'fashion.onnx', 'cortex-m4'), 9],
  ['fashion, Cortex-M55', folderOf(fashionBytes, 'fashion.onnx', 'cortex-m55'), 9],
  ['fashion, Cortex-M0+', folderOf(fashionBytes, 'fashion.onnx', 'cortex-m0plus'), 9],
  ['a model with removed channels', pruned, 28],
  ['MobileNetV2, bytes in pairs', folderOf(readFileSync(mobilenet), 'mobilenetv2.onnx', 'x86-avx2'), 53],
  ['one convolution', folderOf(convModel(), 'conv.onnx'), 1],
  ['QLinearConv', folderOf(denseModel(), 'dense.onnx'), 1],
  ['int16, sums of 64 bits', wide, 1],
  ['int16, sums of 32 bits, Cortex-M4', wideFolder('CONV_2D same, stride 2', 'cortex-m4'), 1],
  ['int16, an int32 bias', wideFolder('CONV_2D int32 bias'), 1],
  ['int16, depthwise, Cortex-M4', wideFolder('DEPTHWISE_CONV_2D', 'cortex-m4'), 1],
  ['int16, a network in four threads', wideFolder('a network', 'x86-avx2', { threads: 4 }), 3],
  ['int16, a network in RAM mode, Cortex-M4', wideFolder('a network', 'cortex-m4', { optimize: 'ram' }), 3],
  ['int16, fully connected', wideFolder('FULLY_CONNECTED per channel', 'cortex-m4'), 1],
] as const)
  soundInFull(name, folder, layers);

/** One pixel and more than 4 MiB of weights: too many for C text. Few pairs of them exceed 16 bits, so that an order is found. */
function largeModel(): Uint8Array {
  const [c, oc] = [2048, 2064];
  return model({
    name: 'large',
    inputs: [value('x', 'u8', [1, c, 1, 1])],
    outputs: [value('y', 'u8', [1, oc, 1, 1])],
    initializers: {
      w: tensor('s8', [oc, c, 1, 1], wholeNumbers(oc * c, 7, -70, 70)),
      s: tensor('f32', [], [0.02]),
      z: tensor('u8', [], [120]),
      ws: tensor('f32', [], [0.01]),
      wz: tensor('s8', [], [0]),
    },
    nodes: [node('QLinearConv', ['x', 's', 'z', 'w', 'ws', 'wz', 's', 'z'], ['y'])],
  });
}

test('weights that the assembler includes are read from their file, in whatever order', () => {
  const folder = folderOf(largeModel(), 'large.onnx', 'x86-avx2');
  const report = audited(folder);
  assert.deepEqual(report.findings, []);
  assert.equal(report.derived, 1);
  assert.match(textOf(folder, 'manifest.json'), /QUADS_FIT_S16/);
  const weights = folder.files.get('large_weights.bin') ?? new Uint8Array();
  const broken = Uint8Array.from(weights);
  broken[2_000_000] ^= 1;
  const tampered = resealed({ ...folder, files: new Map([...folder.files, ['large_weights.bin', broken]]) });
  assert.ok(codesOf(audited(tampered)).includes('Q0643'));
});

test('a flipped byte in any file is found, wherever it is', () => {
  for (const [path, content] of sound.files) {
    if (content.length === 0) continue;
    for (const at of [0, content.length >> 1, content.length - 1]) {
      const bytes = Uint8Array.from(content);
      bytes[at] ^= 1;
      const folder = { ...sound, files: new Map([...sound.files, [path, bytes]]) };
      let findings = 1;
      try {
        findings = audited(folder).findings.length;
      } catch {
        // A manifest that is no JSON any more is refused before.
        assert.equal(path, 'manifest.json');
      }
      assert.ok(findings > 0, `${path} byte ${at}`);
    }
  }
});

const tamperings: readonly (readonly [string, string, () => Folder])[] = [
  ['an int16 layer: a weight', 'Q0643', () => changed(wide, 'm_weights.c', (t) => nudged(t, 'm_w0', 70, 1))],
  [
    'an int16 layer: a bias of 64 bits',
    'Q0643',
    () => changed(wide, 'm_weights.c', (t) => t.replace(/(INT64_C\(-?\d*)\d\)/, '$10)')),
  ],
  ['an int16 layer: a multiplier', 'Q0643', () => changed(wide, 'm_weights.c', (t) => nudged(t, 'm_w2', 2, 1))],
  [
    'an int16 layer: its bound',
    'Q0644',
    () => changed(wide, 'manifest.json', (t) => t.replace(/("acc_high": \[-?)/, '$11')),
  ],
  [
    'an int16 layer: sums of 32 bits',
    'Q0646',
    () => changed(wide, 'm.c', (t) => t.replace('.is_wide = 1', '.is_wide = 0')),
  ],
  ['a weight', 'Q0643', () => changed(sound, 'fashion_weights.c', (t) => nudged(t, 'fashion_w6', 700, 1))],
  ['a bias', 'Q0643', () => changed(sound, 'fashion_weights.c', (t) => nudged(t, 'fashion_w7', 5, 1))],
  [
    'the last bit of a multiplier',
    'Q0643',
    () =>
      changed(sound, 'fashion_weights.c', (t) =>
        t.replace(
          /(fashion_w8\[48\] = \{\n {2}0x1\.\w*)([02468ac])p/,
          (_, head, digit) => `${head}${(Number.parseInt(digit, 16) + 2).toString(16)}p`,
        ),
      ),
  ],
  ['a bound', 'Q0644', () => changed(sound, 'manifest.json', (t) => t.replace(/("acc_high": \[)(\d+)/, '$19$2'))],
  [
    'the range of activations',
    'Q0644',
    () => changed(sound, 'manifest.json', (t) => t.replace('"x": [0,255]', '"x": [0,254]')),
  ],
  ['a proof', 'Q0644', () => changed(sound, 'manifest.json', (t) => t.replace(/(partial sum lies in -)\d/, '$17'))],
  [
    'a missing layer',
    'Q0644',
    () => changed(sound, 'manifest.json', (t) => t.replace(/ {2}\{\n {3}"step": 1,\n {3}"x":[^}]*\},\n/, '')),
  ],
  [
    'an arena offset, in the manifest alone',
    'Q0646',
    () => changed(sound, 'manifest.json', (t) => t.replace(/("offset": )4736/, '$14800')),
  ],
  [
    'an arena offset, everywhere',
    'Q0645',
    () => {
      const moved = changed(sound, 'manifest.json', (t) =>
        t.replace(/("role": "value",\n {3}"bytes": 784,\n {3}"offset": )4736/, '$10'),
      );
      return changed(moved, 'fashion.c', (t) => t.replaceAll('(arena + 0x1280)', '(arena + 0x0)'));
    },
  ],
  [
    'a smaller arena',
    'Q0645',
    () => changed(sound, 'manifest.json', (t) => t.replace(/("arena_bytes": )18816/, '$118000')),
  ],
  [
    'a shorter buffer',
    'Q0645',
    () => changed(sound, 'manifest.json', (t) => t.replace(/("name": "v1",\n.*\n {3}"bytes": )\d+/, '$164')),
  ],
  ['a stride', 'Q0646', () => changed(sound, 'fashion.c', (t) => t.replace('.sh = 2, .sw = 2', '.sh = 1, .sw = 2'))],
  ['a zero point', 'Q0646', () => changed(sound, 'fashion.c', (t) => t.replace('.y_zero = 0', '.y_zero = 1'))],
  ['a clamp', 'Q0646', () => changed(sound, 'fashion.c', (t) => t.replace('.y_max = 255', '.y_max = 254'))],
  [
    'a scale',
    'Q0646',
    () => changed(sound, 'fashion.c', (t) => t.replace('.scale = 0x1.010102p-8f', '.scale = 0x1.010104p-8f')),
  ],
  [
    'a clamp of a convolution',
    'Q0646',
    () => changed(sound, 'fashion.c', (t) => t.replace('.y_zero = 0, .y_min = 0', '.y_zero = 0, .y_min = 1')),
  ],
  ['a pointer', 'Q0646', () => changed(sound, 'fashion.c', (t) => t.replace('(fashion_w3), ', '(fashion_w9), '))],
  [
    'a line in the run',
    'Q0646',
    () => changed(sound, 'fashion.c', (t) => t.replace('  qcc_fenv_leave', '  arena[3] = 7;\n  qcc_fenv_leave')),
  ],
  [
    'a step that is left out',
    'Q0646',
    () => changed(sound, 'fashion.c', (t) => t.replace(/\n {4}fashion_dwconv2d_q8_0\(d, .*;/, '')),
  ],
  [
    'a kernel',
    'Q0642',
    () => changed(sound, 'qcc/isa/scalar/dwconv2d_q8.h', (t) => t.replace('int32_t acc', 'int32_t  acc')),
  ],
  ['the model', 'Q0641', () => ({ ...sound, model: Uint8Array.from([...fashionBytes, 0x08, 0x08]) })],
  [
    'a removed channel',
    'Q0647',
    () =>
      changed(pruned, 'manifest.json', (t) => t.replace(/(Conv2D1\\": \d+ of \d+ channels \(always -128: )0-/, '$11-')),
  ],
  [
    'what a removed channel holds',
    'Q0647',
    () =>
      changed(pruned, 'manifest.json', (t) => t.replace(/(AvgPool\\": \d+ of \d+ channels \(always )-128/, '$1-120')),
  ],
];

for (const [what, code, make] of tamperings)
  test(`found although everything was sealed anew: ${what}`, () => {
    const report = audited(resealed(make()));
    assert.ok(
      codesOf(report).includes(code),
      `${codesOf(report)}: ${report.findings.map((f) => f.message).join('\n')}`,
    );
  });

const tiny = (name: string) => readFileSync(join(shared, `models/mlperf-tiny/${name}.tflite`));
const memory = { regions: ['dtcm', 'sram'].map((name, i) => ({ name, bytes: 8192 << (3 * i) })), weights: undefined };
const kws = folderOf(tiny('kws'), 'kws.tflite', 'scalar');
const inMemories = folderOf(fashionBytes, 'fashion.onnx', 'cortex-m4', true, { memory });
const untied = folderOf(tiny('kws'), 'kws.tflite', 'cortex-m55');

const ioInside = folderOf(tiny('kws'), 'kws.tflite', 'cortex-m4', true, { ioInArena: true });
const ioInMemories = folderOf(fashionBytes, 'fashion.onnx', 'cortex-m4', true, { memory, ioInArena: true });

/** Layers of TFLite files, with their two roundings; parts of layers; fixed point in place of floats; several memories; cells. */
for (const [name, folder, layers] of [
  ['kws.tflite', kws, 10],
  ['kws.tflite, rows of the M4', folderOf(tiny('kws'), 'kws.tflite', 'cortex-m4'), 26],
  [
    'kws.tflite with the rounding of ONNX',
    folderOf(tiny('kws'), 'kws.tflite', 'scalar', true, { rounding: 'onnx' }),
    10,
  ],
  ['ic.tflite, rows that slide', folderOf(tiny('ic'), 'ic.tflite', 'cortex-m55', true, { optimize: 'ram' }), 58],
  ['ad.tflite, fully connected', folderOf(tiny('ad'), 'ad.tflite', 'cortex-m4'), 10],
  ['vww.tflite, removed channels', folderOf(tiny('vww'), 'vww.tflite', 'cortex-m4'), 32],
  ['kws.tflite, kernels for layers without ties', untied, 10],
  ['two memories', inMemories, 9],
  ['kws.tflite, inputs and outputs in the arena', ioInside, 26],
  [
    'ic.tflite, which overwrites its input row by row',
    folderOf(tiny('ic'), 'ic.tflite', 'cortex-m4', true, { ioInArena: true, optimize: 'ram' }),
    62,
  ],
  ['inputs and outputs in two memories', ioInMemories, 9],
  ['an LSTM', folderOf(readFileSync(join(shared, 'models/dtln_lstm/dtln_1_fp32.onnx')), 'dtln.onnx'), 0],
] as const)
  soundInFull(name, folder, layers);

test('kernels that want no ties are among them', () => {
  assert.match(textOf(untied, 'kws.c'), /\.rounding = [12], \.proved = 2/);
});

/** The first constant that a name of an argument points at in a step of a layer. */
function symbolOf(folder: Folder, argument: string, layer = 1): string {
  const { steps } = JSON.parse(textOf(folder, 'manifest.json'));
  const layered = steps.filter((s: { args: { name: string }[] }) => s.args.some((a) => a.name === 'w'));
  return layered[layer].args.find((a: { name: string }) => a.name === argument).buffer;
}

/** Adds to one number of a constant that is written as numbers. */
function added(folder: Folder, argument: string, index: number, by: number): Folder {
  const name = [...folder.files.keys()].find((path) => path.endsWith('_weights.c')) ?? '';
  return changed(folder, name, (t) => nudged(t, symbolOf(folder, argument), index, by));
}

for (const [what, code, make] of [
  ['a weight of a TFLite layer', 'Q0643', () => added(kws, 'w', 20, 1)],
  ['a bias of a TFLite layer', 'Q0643', () => added(kws, 'bias', 3, 1)],
  ['a multiplier of a TFLite layer', 'Q0643', () => added(kws, 'scale', 4, 1 << 22)],
  ['a shift of a TFLite layer', 'Q0643', () => added(kws, 'scale', 5, 1)],
  ['a multiplier of a layer without ties', 'Q0643', () => added(untied, 'scale', 4, 1 << 22)],
  [
    'the clamp of a TFLite activation',
    'Q0646',
    () => changed(kws, 'kws.c', (t) => t.replace('.y_max = 127', '.y_max = 126')),
  ],
  [
    'the padding of a TFLite layer',
    'Q0646',
    () => changed(kws, 'kws.c', (t) => t.replace('.pad_top = 1', '.pad_top = 0')),
  ],
  [
    'a bound of a TFLite layer',
    'Q0644',
    () => changed(kws, 'manifest.json', (t) => t.replace(/("acc_high": \[)(\d+)/, '$19$2')),
  ],
  [
    'a pointer into another memory',
    'Q0646',
    () => changed(inMemories, 'fashion.c', (t) => t.replace('(region_dtcm + 0x0)', '(region_sram + 0x0)')),
  ],
  [
    'another place of an input in the header',
    'Q0646',
    () => changed(ioInside, 'kws.h', (t) => t.replace(/(_INPUT_1_OFFSET )\d+/, '$164')),
  ],
  [
    'a header that says nothing of an output',
    'Q0646',
    () => changed(ioInMemories, 'fashion.h', (t) => t.replace(/#define FASHION_LOGITS_OFFSET .*\n/, '')),
  ],
  [
    'an input that is no longer said to be one',
    'Q0645',
    () =>
      changed(ioInside, 'manifest.json', (t) =>
        t.replace('"role": "input",\n   "bytes"', '"role": "value",\n   "bytes"'),
      ),
  ],
  [
    'an output that a later step overwrites',
    'Q0645',
    () =>
      changed(ioInside, 'manifest.json', (t) =>
        t
          .replace(/("name": ")input_1(",\n {4}"role": )"input"(,\n {4}"buffer": ")input0"/, '$1input_1$2"output"$3v0"')
          .replace(/("name": "v0",\n {3}"role": )"value"/, '$1"output"'),
      ),
  ],
  [
    'a memory that is too small',
    'Q0645',
    () => {
      const smaller = (_: string, head: string, bytes: string) => `${head}${Number(bytes) - 64}`;
      const claimed = changed(inMemories, 'manifest.json', (t) =>
        t.replace(/("name": "dtcm",\n.*\n.*\n\s*"bytes": )(\d+)/, smaller),
      );
      return changed(claimed, 'fashion.h', (t) => t.replace(/(FASHION_DTCM_BYTES )(\d+)/, smaller));
    },
  ],
] as const)
  test(`found although everything was sealed anew: ${what}`, () => {
    const report = audited(resealed(make()));
    assert.ok(codesOf(report).includes(code), report.findings.map((f) => `${f.code} ${f.message}`).join('\n'));
  });

test('rows that slide through one another: every byte is followed through the loops', () => {
  const streamed = folderOf(tiny('kws'), 'kws.tflite', 'cortex-m4', true, { optimize: 'ram' });
  const report = audited(streamed);
  assert.deepEqual([report.findings, report.open], [[], []]);
  const moved = changed(streamed, 'manifest.json', (t) =>
    t.replace(/("advances": \[\n\s+\{\n\s+"buffer": "\w+",\n\s+"bytes": )320/, '$1384'),
  );
  assert.ok(codesOf(audited(resealed(moved))).includes('Q0645'));
});

const dir = mkdtempSync(join(tmpdir(), 'qcc-audit-'));
after(() => rmSync(dir, { recursive: true, force: true }));

test('the command line: exit codes, JSON, and where it looks for the model', () => {
  const out = join(dir, 'out');
  assert.equal(qcc(['build', fashion, '--emit', 'c', '--target', 'scalar', '-o', out]).status, 0);
  const plain = qcc(['audit', out, '--model', fashion]);
  assert.equal(plain.status, 0, plain.stderr);
  assert.match(plain.stdout, /^layers +9 with weights: 9 derived/m);
  assert.match(qcc(['audit', out]).stderr, /Q0641.*fashion\.onnx.*\n.*--model/);
  cpSync(fashion, join(dir, 'fashion.onnx'));
  assert.equal(qcc(['audit', out]).status, 0);
  writeFileSync(join(out, 'fashion.c'), `${readFileSync(join(out, 'fashion.c'), 'utf8')}\n`);
  const before = readdirSync(out);
  const answer = qcc(['audit', out, '--json']);
  assert.equal(answer.status, 3);
  const json: unknown = JSON.parse(answer.stdout);
  assert.ok(typeof json === 'object' && json !== null && 'sound' in json && 'findings' in json);
  assert.equal(json.sound, false);
  assert.deepEqual(json.findings, [{ code: 'Q0642', message: 'fashion.c has another digest' }]);
  assert.deepEqual(readdirSync(out), before);
  assert.equal(qcc(['audit', dir]).status, 1);
  assert.ok(!existsSync(join(dir, 'manifest.json')));
});

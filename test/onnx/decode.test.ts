import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { NumericTensor, OnnxModel } from '../../src/onnx/model.js';
import { toHostOrder } from '../../src/onnx/payload.js';
import { floatToHalf } from '../../src/quant/float16.js';
import { attribute, graph, model, node, onnxModel, stringTensor, tensor, value } from './model-builder.js';
import { rawModel } from './raw-model.js';

const x = value('x', 'f32', ['batch', 3]);
const y = value('y', 'f32', ['batch', 3]);

function filesUnder(folder: string, ending: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => `${folder}/${name}`);
}

function decoded(bytes: Uint8Array): OnnxModel {
  return decodeModel(bytes).model;
}

function initializer(bytes: Uint8Array, name = 'w'): NumericTensor {
  const found = decoded(bytes).graph.initializers.get(name);
  assert.ok(found !== undefined && found.elementType !== 'string');
  return found;
}

test('every shared model decodes, and decode(encode(model)) is the same model', () => {
  const files = filesUnder('../shared/models', '.onnx');
  assert.ok(files.length > 50, `${files.length} models found`);
  for (const file of files) {
    const once = decoded(new Uint8Array(readFileSync(file)));
    assert.deepStrictEqual(decoded(encodeModel(once)), once, file);
  }
});

test('every ONNX node test decodes, or is refused for a domain or a type that is not a tensor', () => {
  const files = filesUnder('../shared/onnx-node', 'model.onnx');
  assert.ok(files.length > 1000, `${files.length} models found`);
  const codes = new Set<string>();
  let accepted = 0;
  for (const file of files) {
    try {
      const once = decoded(new Uint8Array(readFileSync(file)));
      assert.deepStrictEqual(decoded(encodeModel(once)), once, file);
      accepted++;
    } catch (caught) {
      assert.ok(caught instanceof QccError, `${file}: ${caught}`);
      for (const { code } of caught.diagnostics) codes.add(code);
    }
  }
  assert.ok(accepted >= 900, `${accepted} accepted`);
  assert.deepEqual([...codes].toSorted(), ['Q0107', 'Q0122']);
});

test('a built model comes back as it was built', () => {
  const spec = onnxModel({
    inputs: [x],
    outputs: [y],
    initializers: {
      a: tensor('f32', [3], [1, -2, 0.5]),
      s: stringTensor([2], ['one', 'zwölf']),
    },
    nodes: [
      node('Constant', [], ['c'], { value: tensor('s64', [], [-5], 'inner') }),
      node('Mystery', ['x', '', 'a'], ['y', ''], {
        i: 7,
        big: 0x7fffffffffffffffn,
        f: 0.5,
        s: 'text',
        is: [1, -2],
        fs: { floats: [1, 2] },
        ss: ['p', 'q'],
        none: { ints: [] },
      }),
    ],
    metadata: { key: 'text' },
    domains: { 'com.microsoft': 1 },
    valueInfo: [value('c', 's64', []), value('q', 'u8', [null, 'n', 4])],
  });
  const back = decoded(encodeModel(spec));
  const big = { kind: 'int', name: 'big', value: Number.MAX_SAFE_INTEGER, exact: 0x7fffffffffffffffn };
  assert.deepEqual(back.graph.nodes[1].attributes.get('big'), big);
  const clamp = (m: OnnxModel) => ({
    ...m,
    graph: {
      ...m.graph,
      nodes: m.graph.nodes.map((n) => ({
        ...n,
        attributes: new Map([...n.attributes].filter(([name]) => name !== 'big')),
      })),
    },
  });
  assert.deepStrictEqual(clamp(back), clamp(spec));
});

test('every element type survives raw_data', () => {
  const cases: readonly NumericTensor[] = [
    { name: 'w', dims: [3], elementType: 'f32', data: Float32Array.of(1.5, -0, Number.POSITIVE_INFINITY) },
    { name: 'w', dims: [2], elementType: 'f64', data: Float64Array.of(Math.PI, -1e300) },
    { name: 'w', dims: [5], elementType: 'f16', data: Float32Array.of(1, -(2 ** -24), 65504, -0, 2 ** -14) },
    { name: 'w', dims: [3], elementType: 'bf16', data: Float32Array.of(1, -3.140625, 2 ** 100) },
    { name: 'w', dims: [3], elementType: 's8', data: Int8Array.of(-128, 0, 127) },
    { name: 'w', dims: [2], elementType: 'u8', data: Uint8Array.of(0, 255) },
    { name: 'w', dims: [2], elementType: 's16', data: Int16Array.of(-32768, 32767) },
    { name: 'w', dims: [2], elementType: 'u16', data: Uint16Array.of(0, 65535) },
    { name: 'w', dims: [2], elementType: 's32', data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
    { name: 'w', dims: [2], elementType: 'u32', data: Uint32Array.of(0, 2 ** 32 - 1) },
    { name: 'w', dims: [2], elementType: 's64', data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) },
    { name: 'w', dims: [2], elementType: 'u64', data: BigUint64Array.of(0n, 2n ** 64n - 1n) },
    { name: 'w', dims: [2], elementType: 'bool', data: Uint8Array.of(0, 1) },
    { name: 'w', dims: [3], elementType: 's4', data: Int8Array.of(-8, 7, -1) },
    { name: 'w', dims: [3], elementType: 'u4', data: Uint8Array.of(15, 0, 9) },
  ];
  for (const w of cases)
    assert.deepStrictEqual(
      initializer(model({ inputs: [x], outputs: [y], initializers: { w }, nodes: [node('Relu', ['x'], ['y'])] })),
      w,
    );
});

test('every half-precision value survives', () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const rawData = new Uint8Array(bits.buffer);
  const w = initializer(rawModel({ initializer: { dims: [65536], dataType: 10, rawData } }));
  for (const [i, half] of w.data.entries())
    if (!Number.isNaN(half)) assert.equal(floatToHalf(Number(half)), i);
    else assert.ok((i & 0x7fff) > 0x7c00);
});

test('typed fields hold what raw_data would', () => {
  const typed = (dataType: number, dims: number[], fields: object): unknown =>
    initializer(rawModel({ initializer: { dims, dataType, rawData: null, ...fields } })).data;
  assert.deepStrictEqual(typed(1, [2], { floatData: [0.1, -2] }), Float32Array.of(0.1, -2));
  assert.deepStrictEqual(typed(11, [1], { doubleData: [0.1] }), Float64Array.of(0.1));
  assert.deepStrictEqual(typed(3, [2], { int32Data: [-128, 127] }), Int8Array.of(-128, 127));
  assert.deepStrictEqual(typed(2, [2], { int32Data: [0, 255] }), Uint8Array.of(0, 255));
  assert.deepStrictEqual(typed(4, [1], { int32Data: [65535] }), Uint16Array.of(65535));
  assert.deepStrictEqual(typed(5, [1], { int32Data: [-32768] }), Int16Array.of(-32768));
  assert.deepStrictEqual(typed(6, [1], { int32Data: [-(2 ** 31)] }), Int32Array.of(-(2 ** 31)));
  assert.deepStrictEqual(typed(9, [2], { int32Data: [0, 7] }), Uint8Array.of(0, 1));
  assert.deepStrictEqual(typed(10, [2], { int32Data: [0x3c00, 0xc000] }), Float32Array.of(1, -2));
  assert.deepStrictEqual(typed(16, [2], { int32Data: [0x3f80, 0xc000] }), Float32Array.of(1, -2));
  assert.deepStrictEqual(typed(22, [3], { int32Data: [0x8f, 0x07] }), Int8Array.of(-1, -8, 7));
  assert.deepStrictEqual(typed(21, [3], { int32Data: [0x8f, 0x07] }), Uint8Array.of(15, 8, 7));
  assert.deepStrictEqual(typed(12, [1], { uint64Data: [2 ** 32 - 1] }), Uint32Array.of(2 ** 32 - 1));
  const word = (low: number, high: number) => ({ low, high, unsigned: false });
  assert.deepStrictEqual(
    typed(7, [2], { int64Data: [-1, word(1, -(2 ** 31))] }),
    BigInt64Array.of(-1n, 1n - 2n ** 63n),
  );
  assert.deepStrictEqual(typed(13, [1], { uint64Data: [word(-1, -1)] }), BigUint64Array.of(2n ** 64n - 1n));
  assert.deepStrictEqual(typed(1, [], { floatData: [3] }), Float32Array.of(3));
  assert.deepStrictEqual(typed(1, [0, 4], {}), new Float32Array(0));
});

test('raw_data is read at any alignment, without a copy where the alignment allows it', () => {
  const bytes = model({
    inputs: [x],
    outputs: [y],
    initializers: { w: tensor('f32', [3], [1, 2, 3]), b: tensor('s8', [2], [4, 5]) },
    nodes: [node('Relu', ['x'], ['y'])],
  });
  let views = 0;
  for (let shift = 0; shift < 8; shift++) {
    const padded = new Uint8Array(bytes.length + shift);
    padded.set(bytes, shift);
    const shifted = padded.subarray(shift);
    const w = initializer(shifted);
    assert.deepStrictEqual(w.data, Float32Array.of(1, 2, 3));
    if (w.data.buffer === padded.buffer) views++;
    assert.equal(initializer(shifted, 'b').data.buffer, padded.buffer);
  }
  assert.equal(views, 2);
});

test('on a big-endian host the bytes of each number are turned round', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  assert.deepEqual([...toHostOrder(bytes, 4, false)], [4, 3, 2, 1, 8, 7, 6, 5]);
  assert.deepEqual([...toHostOrder(bytes, 2, false)], [2, 1, 4, 3, 6, 5, 8, 7]);
  assert.deepEqual([...toHostOrder(bytes, 4, true)], [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('nodes are put in topological order; an order that is already right is kept', () => {
  const nodes = [
    node('Add', ['b', 'c'], ['y']),
    node('Relu', ['a'], ['c']),
    node('Neg', ['a'], ['b']),
    node('Abs', ['x'], ['a']),
  ];
  const names = (m: OnnxModel): string[] => m.graph.nodes.map((n) => n.outputs[0]);
  assert.deepEqual(names(decoded(model({ inputs: [x], outputs: [y], nodes }))), ['a', 'b', 'c', 'y']);
  const right = [nodes[3], nodes[1], nodes[2], nodes[0]];
  assert.deepEqual(names(decoded(model({ inputs: [x], outputs: [y], nodes: right }))), ['a', 'c', 'b', 'y']);
});

test('a node waits for what its subgraphs take from around them', () => {
  const branch = (name: string) =>
    graph({ name, outputs: [`${name}_out`], nodes: [node('Neg', ['late'], [`${name}_out`])] });
  const nodes = [
    node('If', ['cond'], ['y'], { then_branch: branch('t'), else_branch: branch('e') }),
    node('Relu', ['x'], ['late']),
  ];
  const inputs = [x, value('cond', 'bool', [])];
  const sorted = decoded(model({ inputs, outputs: [y], nodes })).graph.nodes;
  assert.deepEqual(
    sorted.map((n) => n.opType),
    ['Relu', 'If'],
  );
  const kept = sorted[1].attributes.get('then_branch');
  assert.ok(kept?.kind === 'graph');
  assert.deepEqual(kept.value.nodes[0].inputs, ['late']);
});

test('a chain of 50000 nodes in reverse order neither overflows the stack nor takes long', () => {
  const count = 50_000;
  const nodes = Array.from({ length: count }, (_, i) => node('Relu', [`v${i}`], [`v${i + 1}`])).toReversed();
  const inputs = [value('v0', 'f32', [1])];
  const sorted = decoded(model({ inputs, outputs: [`v${count}`], nodes })).graph.nodes;
  assert.equal(sorted[0].inputs[0], 'v0');
  assert.equal(sorted.at(-1)?.outputs[0], `v${count}`);
});

test('an input that an initializer backs is a constant', () => {
  const type = { tensorType: { elemType: 3, shape: { dim: [{ dimValue: 2 }] } } };
  const float = { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }] } } };
  const input = [
    { name: 'x', type: float },
    { name: 'w', type },
  ];
  const { graph: g } = decoded(rawModel({ graph: { input } }));
  assert.deepEqual(
    g.inputs.map((v) => v.name),
    ['x'],
  );
  const old = decoded(
    model({
      irVersion: 3,
      inputs: [x],
      outputs: [y],
      initializers: { w: tensor('s8', [1], [1]) },
      nodes: [node('Relu', ['x'], ['y'])],
    }),
  );
  assert.deepEqual(
    old.graph.inputs.map((v) => v.name),
    ['x'],
  );
});

test('dimensions are sizes, names or unknown; -1 is unknown', () => {
  const dim = [{ dimValue: 4 }, { dimParam: 'n' }, {}, { dimValue: -1 }, { dimParam: '' }];
  const type = { tensorType: { elemType: 1, shape: { dim } } };
  const { graph: g } = decoded(rawModel({ graph: { input: [{ name: 'x', type }] } }));
  assert.deepEqual(g.inputs[0].dims, [4, { symbol: 'n' }, undefined, undefined, undefined]);
});

test('"ai.onnx" and "" are one domain', () => {
  const bytes = rawModel({ model: { opsetImport: [{ domain: 'ai.onnx', version: 13 }] }, node: { domain: 'ai.onnx' } });
  assert.equal(decoded(bytes).opsets.get(''), 13);
  assert.equal(decoded(bytes).graph.nodes[0].domain, '');
});

test('an attribute without a type has that of its value; a zero may be written or left out', () => {
  const attributes = (list: object[]) => decoded(rawModel({ node: { attribute: list } })).graph.nodes[0].attributes;
  assert.deepEqual(attributes([{ name: 'a', ints: [1, 2] }]).get('a'), attribute('a', [1, 2]));
  assert.deepEqual(attributes([{ name: 'a', i: 0 }]).get('a'), attribute('a', 0));
  assert.deepEqual(attributes([{ name: 'a', type: 2 }]).get('a'), attribute('a', 0));
  assert.deepEqual(attributes([{ name: 'a', type: 6, i: 0, f: 0 }]).get('a'), attribute('a', { floats: [] }));
  assert.deepEqual(attributes([{ name: 'a', type: 13, tp: {} }]).get('a'), {
    kind: 'unsupported',
    name: 'a',
    what: 'a type',
  });
});

test('IR version 13 is read with a note', () => {
  const { notes } = decodeModel(
    model({ irVersion: 13, inputs: [x], outputs: [y], nodes: [node('Relu', ['x'], ['y'])] }),
  );
  assert.deepEqual(
    notes.map((n) => [n.code, n.severity]),
    [['Q0104', 'note']],
  );
});

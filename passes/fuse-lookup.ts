/**
 * fuse-lookup: any function of one 8-bit tensor is a 256-entry table.
 *
 * BEFORE  %1 = dequantize(%0)  %2 = unary(%1) {fn sigmoid}  %3 = binary(%1, %2) {fn mul}  %4 = quantize(%3)
 * AFTER   %4 = lookup(%0, @table)
 *
 * Exact: the table is made by the interpreter, element by element. Islands of element-wise float ops (constants must be
 * single numbers) between one dequantize and one quantize; a requantize or clamp of 8 bits is a table too, and so is a product or
 * sum with a stored number, or of two tables of one tensor.
 */
import { anyNode, constant, make, makeNode } from '../src/ir/build.js';
import { evaluateGraph } from '../src/ir/evaluate.js';
import { type AnyNode, type Const, mergeOrigins, type Node, type Value } from '../src/ir/graph.js';
import { isByte, islandOf, rebuildIsland, tableOf } from '../src/ir/island.js';
import { definePass } from '../src/ir/pass.js';
import { type AnyRule, rewriteGraph, rule } from '../src/ir/rewrite.js';
import { allocateNumbers, elements, type QuantType, sameShape, withShape } from '../src/ir/type.js';
import { producer } from '../src/ir/walk.js';

function lookupOf(
  node: AnyNode,
  x: Value & { readonly type: QuantType },
  y: QuantType,
  origin: AnyNode['origin'],
  build: (x: Value) => Value,
): Value {
  const table = constant(`${node.origin.names[0] ?? node.kind}.table`, tableOf(x.type, y, 1, build));
  return make('lookup', {}, [x, table], node.results[0].type, origin);
}

/** Pixels that become floats only to be quantized: the table holds what is stored. */
function pixelsTo(node: Node<'quantize'> | Node<'quantize-away'>): Value | undefined {
  const pixels = producer(node.operands[0], 'lookup-channels');
  const y = node.results[0].type;
  if (pixels === undefined || !isByte(node.results[0]) || pixels.operands[1].kind !== 'const') return undefined;
  const [x, table] = pixels.operands;
  const type = withShape(y, table.type.shape);
  const made = anyNode(makeNode(node.kind, {}, [table], [type], node.origin)).results[0];
  const data = evaluateGraph({ name: 'table', inputs: [], outputs: [{ name: 'y', value: made }] }, new Map()).get(
    'y',
  )?.data;
  if (data === undefined) throw new Error('no table');
  const stored = constant(table.kind === 'const' ? table.name : 'table', { type, data });
  return make('lookup-channels', pixels.attrs, [x, stored], y, mergeOrigins(pixels.origin, node.origin));
}

/** `value`, and what stands before the tables that make it, one after the other. */
function beforeTables(value: Value): readonly Value[] {
  const table = producer(value, 'lookup');
  return table === undefined ? [value] : [value, ...beforeTables(table.operands[0])];
}

/** A product or sum of two functions of one tensor is a function of it: x * sigmoid(x), whose sigmoid is stored in 8 bits. */
function ofOneTensor(node: Node<'mul'> | Node<'add'>): Value | undefined {
  const [a, b] = node.operands;
  const y = node.results[0].type;
  const ofB = beforeTables(b);
  const x = beforeTables(a).find((value) => ofB.includes(value));
  if (x === undefined || !isByte(x) || !isByte(node.results[0]) || y.kind !== 'quant') return undefined;
  const tables = new Set<Node<'lookup'>>();
  const again = (value: Value, from: Value): Value => {
    const table = value === x ? undefined : producer(value, 'lookup');
    if (table === undefined || value.type.kind !== 'quant') return from;
    tables.add(table);
    const [inner, entries] = table.operands;
    return make('lookup', {}, [again(inner, from), entries], withShape(value.type, [256]), table.origin);
  };
  const table = constant(
    `${node.origin.names[0] ?? node.kind}.table`,
    tableOf(x.type, y, 1, (v) => make(node.kind, {}, [again(a, v), again(b, v)], withShape(y, [256]), node.origin)),
  );
  const origin = mergeOrigins(...[...tables].map((t) => t.origin), node.origin);
  return make('lookup', {}, [x, table], y, origin);
}

function isNumber(value: Value): value is Const {
  return value.kind === 'const' && elements(value.type.shape) === 1;
}

/** A product or sum with one stored number: the halving of a GELU, or its erf + 1. */
function withNumber(node: Node<'mul'> | Node<'add'>): Value | undefined {
  const y = node.results[0].type;
  const x = node.operands.find((v) => !isNumber(v));
  if (x === undefined || !node.operands.some(isNumber) || !isByte(x) || !isByte(node.results[0]) || y.kind !== 'quant')
    return undefined;
  if (!sameShape(x.type.shape, y.shape)) return undefined;
  return lookupOf(node, x, y, node.origin, (v) => {
    const operands = node.operands.map((operand) =>
      isNumber(operand) ? constant(operand.name, { type: withShape(operand.type, []), data: operand.tensor.data }) : v,
    );
    return anyNode(makeNode(node.kind, node.attrs, operands, [withShape(y, [256])], node.origin)).results[0];
  });
}

const rules: readonly AnyRule[] = [
  rule('island', 'quantize', (node) => {
    const [value] = node.operands;
    const y = node.results[0].type;
    if (!isByte(node.results[0]) || y.kind !== 'quant' || value.kind !== 'result' || value.node.kind === 'dequantize')
      return undefined;
    const island = islandOf(value);
    if (island === undefined || island.channels > 1) return undefined;
    const origin = mergeOrigins(...island.nodes.filter((n) => n.kind !== 'dequantize').map((n) => n.origin));
    return lookupOf(node, island.source, y, origin, (x) =>
      make('quantize', {}, [rebuildIsland(island, value, x)], withShape(y, [256]), node.origin),
    );
  }),
  rule('requantize', 'requantize', (node) => {
    const [x] = node.operands;
    const y = node.results[0].type;
    if (!isByte(x) || !isByte(node.results[0]) || y.kind !== 'quant') return undefined;
    return lookupOf(node, x, y, node.origin, (v) => make('requantize', {}, [v], withShape(y, [256]), node.origin));
  }),
  rule('clamp', 'clamp', (node) => {
    const [x] = node.operands;
    const y = node.results[0].type;
    if (!isByte(x) || y.kind !== 'quant') return undefined;
    return lookupOf(node, x, y, node.origin, (v) => make('clamp', node.attrs, [v], withShape(y, [256]), node.origin));
  }),
  rule('product of one tensor', 'mul', (node) => withNumber(node) ?? ofOneTensor(node)),
  rule('sum of one tensor', 'add', (node) => withNumber(node) ?? ofOneTensor(node)),
  rule('quantize of pixels', 'quantize', (node) => pixelsTo(node)),
  rule('quantize-away of pixels', 'quantize-away', (node) => pixelsTo(node)),
  rule('channels with one table', 'lookup-channels', (node) => {
    const [x, table] = node.operands;
    const [y] = node.results;
    if (node.attrs.swaps || table.kind !== 'const' || y.type.kind !== 'quant') return undefined;
    const { data } = table.tensor;
    if (!data.every((entry, i) => entry === data[i & 255])) return undefined;
    const shared = constant(table.name, { type: withShape(table.type, [256]), data: data.slice(0, 256) });
    return make('lookup', {}, [x, shared], y.type, node.origin);
  }),
  rule('table of what is stored', 'lookup', (node) => {
    const [x, table] = node.operands;
    const y = node.results[0].type;
    if (table.kind !== 'const' || x.type.element !== y.element) return undefined;
    // A byte that is not stored as the table's index says is s8.
    const isSame = table.tensor.data.every(
      (entry, i) => Number(entry) === (y.element === 's8' && i > 127 ? i - 256 : i),
    );
    return isSame ? make('reinterpret', {}, [x], y, node.origin) : undefined;
  }),
  rule('lookup of lookup', 'lookup', (node) => {
    const inner = node.operands[0];
    if (inner.kind !== 'result' || inner.node.kind !== 'lookup') return undefined;
    const [x, first] = inner.node.operands;
    const second = node.operands[1];
    if (first.kind !== 'const' || second.kind !== 'const') return undefined;
    const data = allocateNumbers(second.type);
    for (let i = 0; i < 256; i++) data[i] = Number(second.tensor.data[Number(first.tensor.data[i]) & 255]);
    const table = constant(second.name, { type: second.type, data });
    return make('lookup', {}, [x, table], node.results[0].type, mergeOrigins(inner.node.origin, node.origin));
  }),
];

export const fuseLookup = definePass({
  name: 'fuse-lookup',
  doc: 'Any function of one 8-bit tensor becomes a 256-entry table.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run: (graph, cx) => rewriteGraph(graph, rules, cx.hit),
});

/**
 * Islands: element-wise float ops between one dequantized 8-bit tensor and a value, which make that value a function of the
 * stored byte, or of the byte and its channel. Invariant: the table of an island holds what the interpreter says of each byte.
 */
import { anyNode, constant, makeNode, param } from './build.js';
import { evaluateGraph } from './evaluate.js';
import type { AnyNode, Graph, Value } from './graph.js';
import {
  allocateNumbers,
  elements,
  isPlainByte,
  numberData,
  type QuantType,
  quantType,
  type Tensor,
  withShape,
} from './type.js';

const islandKinds: ReadonlySet<string> = new Set([
  'activation',
  'binary',
  'cast',
  'clamp',
  'compare',
  'unary',
  'where',
]);
const ISLAND_LIMIT = 64;
const BYTES = 256;

export type ByteValue = Value & { readonly type: QuantType };

export interface Island {
  readonly source: ByteValue;
  /** The dequantize and what follows, producers first. */
  readonly nodes: readonly AnyNode[];
  /** Values along the last dimension that constants tell apart; 1 where they are single numbers. */
  readonly channels: number;
}

export function isByte(value: Value): value is ByteValue {
  return isPlainByte(value.type);
}

/** The element-wise ops between `value` and the one dequantize they all come from; undefined if there are others. */
export function islandOf(value: Value): Island | undefined {
  const nodes: AnyNode[] = [];
  const seen = new Set<AnyNode>();
  let source: ByteValue | undefined;
  let channels = 1;
  const isAlongChannels = (v: Value): boolean => {
    const count = elements(v.type.shape);
    if (count === 1) return true;
    if (v.type.shape.at(-1) !== count || (channels !== 1 && channels !== count)) return false;
    channels = count;
    return true;
  };
  const visit = (v: Value): boolean => {
    if (v.kind === 'const') return isAlongChannels(v);
    if (v.kind === 'param') return false;
    const { node } = v;
    if (seen.has(node)) return true;
    if (nodes.length >= ISLAND_LIMIT) return false;
    if (node.kind === 'dequantize') {
      const [x] = node.operands;
      if (!isByte(x) || (source !== undefined && source !== x)) return false;
      source = x;
    } else if (!islandKinds.has(node.kind) || !node.operands.every(visit)) return false;
    seen.add(node);
    nodes.push(node);
    return true;
  };
  if (!visit(value) || source === undefined) return undefined;
  // A constant of more elements than the source would repeat it.
  const { shape } = source.type;
  if (elements(shape) !== elements(value.type.shape) || (channels > 1 && shape.at(-1) !== channels)) return undefined;
  return { source, nodes, channels };
}

/** `value`, which the island ends in, on another source whose last dimension is that of its channels. */
export function rebuildIsland(island: Island, value: Value, on: Value): Value {
  const map = new Map<Value, Value>();
  const { shape } = on.type;
  for (const node of island.nodes) {
    const operands = node.kind === 'dequantize' ? [on] : node.operands.map((v) => map.get(v) ?? withoutDims(v));
    const types = node.results.map((r) => withShape(r.type, shape));
    const made = anyNode(makeNode(node.kind, node.attrs, operands, types, node.origin));
    for (const [i, r] of node.results.entries()) map.set(r, made.results[i]);
  }
  return map.get(value) ?? value;
}

/** A constant of one number, or of one for each channel, without further dimensions, which the table may not have. */
function withoutDims(value: Value): Value {
  if (value.kind !== 'const') return value;
  const count = elements(value.type.shape);
  const shape = count === 1 ? [] : [count];
  return constant(value.name, { type: withShape(value.type, shape), data: value.tensor.data });
}

/**
 * Results of `build` for all 256 stored bytes x, in the order of the byte: [256], or [channels, 256] for more than one.
 * `build` is given [256], or [256, channels].
 */
export function tableOf(x: QuantType, y: QuantType, channels: number, build: (x: Value) => Value): Tensor {
  const shape = channels === 1 ? [BYTES] : [BYTES, channels];
  const type = withShape(x, shape);
  const input = param('x', { ...type, range: quantType(x.element, [], x.affine).range });
  const graph: Graph = { name: 'table', inputs: [input], outputs: [{ name: 'y', value: build(input) }] };
  const data = allocateNumbers(type);
  for (let i = 0; i < data.length; i++) data[i] = Math.floor(i / channels);
  const result = evaluateGraph(graph, new Map([['x', { type, data }]])).get('y');
  if (result === undefined) throw new Error('no table');
  const found = numberData(result);
  const table = allocateNumbers({ ...y, shape });
  for (let c = 0; c < channels; c++) for (let i = 0; i < BYTES; i++) table[BYTES * c + i] = found[channels * i + c];
  return { type: quantType(y.element, channels === 1 ? [BYTES] : [channels, BYTES], y.affine, y.range), data: table };
}

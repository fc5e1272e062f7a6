/**
 * LSTM, GRU and RNN written as ONNX operators: a cell and the product that makes its gates (`ir/cells.ts`) become one node for each
 * direction.
 */
import { constant, InternalError, make } from '../ir/build.js';
import { type Cell, gateProduct } from '../ir/cells.js';
import type { Const, Node, Value } from '../ir/graph.js';
import { elements, f32Data, floatType, quantType, type Tensor, unitAffine } from '../ir/type.js';
import { producer } from '../ir/walk.js';
import type { ExportContext } from '../onnx/exporter.js';
import { perAxis } from '../quant/affine.js';
import { channelScales, storedWeights } from '../quant/weight-scales.js';

/** What both operators take. */
export interface CellParts {
  readonly x: string;
  /** W [1, rows, input]; R [1, rows, hidden]; both [rows, 1, 1, columns] here, W perhaps dequantized. */
  readonly w: Value;
  readonly r: Const;
  /** [1, 2 * rows]; undefined where both are zero. */
  readonly b: string | undefined;
  readonly product: Node<'conv2d'>;
}

/**
 * @param r weights of the state, in the order of ONNX's gates.
 * @param state what is added to the products with the state, f32[rows]; undefined: nothing.
 */
export function partsOf(
  node: Cell,
  r: readonly Value[],
  state: Float32Array | undefined,
  cx: ExportContext,
): CellParts {
  const product = gateProduct(node);
  if (product === undefined) return cx.refuse(`a ${node.kind} whose gates are not one product of its input`);
  const [x, w, bias] = product.operands;
  const [seq, batch] = node.operands[0].type.shape;
  const [rows, , , columns] = w.type.shape;
  const shape = [seq, batch, columns];
  const source = producer(x, 'reshape')?.operands[0];
  const isWhole = source !== undefined && source.type.shape.join() === shape.join();
  const input = isWhole ? cx.name(source) : cx.reshaped(cx.name(x, 'rows'), shape, undefined);
  return { x: input, w, r: joinedRows(r, cx), b: biases(rows, bias, state, cx), product };
}

function joinedRows(parts: readonly Value[], cx: ExportContext): Const {
  const tensors = parts.map((part) =>
    part.kind === 'const' ? part.tensor : cx.refuse('weights computed at run time'),
  );
  const [, , , hidden] = parts[0].type.shape;
  const data = Float32Array.from(tensors.flatMap((t) => [...f32Data(t)]));
  const [first] = parts;
  if (first.kind !== 'const') throw new InternalError('weights are constant');
  return constant(first.name, { type: floatType([data.length / hidden, 1, 1, hidden]), data });
}

function biases(
  rows: number,
  bias: Value | undefined,
  state: Float32Array | undefined,
  cx: ExportContext,
): string | undefined {
  if (bias === undefined && state === undefined) return undefined;
  if (bias !== undefined && bias.kind !== 'const') return cx.refuse('a bias computed at run time');
  const data = new Float32Array(2 * rows);
  if (bias !== undefined) data.set(f32Data(bias.tensor));
  if (state !== undefined) data.set(state, rows);
  return cx.initializer(bias?.name ?? 'bias', { type: floatType([1, 2 * rows]), data });
}

/** A state in which a direction starts: '' for zeros. */
export function startOf(value: Value, cx: ExportContext): string {
  if (value.kind === 'const' && f32Data(value.tensor).every((v) => Object.is(v, 0))) return '';
  return cx.reshaped(cx.name(value), [1, ...value.type.shape], undefined);
}

/** W and R of a float operator: dequantized from 8 bits where the weights of the input are stored. */
export function floatWeights({ w, r, product }: CellParts, cx: ExportContext): readonly [string, string] {
  const isStored = cx.isDynamic(product) || w.kind !== 'const';
  const shape = (value: Value) => [1, value.type.shape[0], value.type.shape[3]];
  const write = (value: Value) =>
    cx.weights(isStored && value.kind === 'const' ? stored(value) : value, [0, 1, 2, 3], () => shape(value));
  return [write(w), write(r)];
}

function rowsOf(w: Const): { readonly scales: Float32Array; readonly data: Int8Array } {
  const data = f32Data(w.tensor);
  const scales = channelScales(data, w.type.shape, () => 0);
  return { scales, data: storedWeights(data, scales) };
}

/** Float weights on 8 bits, a scale for each row. */
function stored(w: Const): Value {
  const { scales, data } = rowsOf(w);
  const type = quantType('s8', w.type.shape, perAxis(0, scales, new Int32Array(scales.length)), [-127, 127]);
  return make('dequantize', {}, [constant(w.name, { type, data })], w.type, { names: [w.name] });
}

/** Weights, scales and zero points as DynamicQuantizeLSTM takes them: [1, columns, rows], [1, rows] twice. */
export function dynamicWeights(value: Value, cx: ExportContext): readonly [string, string, string] {
  if (value.kind !== 'const') return cx.refuse('weights computed at run time');
  const { scales, data } = rowsOf(value);
  const [rows, , , columns] = value.type.shape;
  const own = constant(value.name, { type: quantType('s8', value.type.shape, unitAffine), data });
  const zeros: Tensor = { type: quantType('s8', [1, rows], unitAffine), data: new Int8Array(rows) };
  return [
    cx.weights(own, [3, 0, 1, 2], () => [1, columns, rows]),
    cx.initializer(`${value.name}_scale`, { type: floatType([1, rows]), data: scales }),
    cx.initializer(`${value.name}_zero_point`, zeros),
  ];
}

/** The node, and its results without the dimension of directions. */
export function writeCell(
  node: Cell,
  operator: {
    readonly name: string;
    readonly domain: string;
    readonly attributes?: Readonly<Record<string, { int: number } | { strings: readonly string[] }>>;
  },
  inputs: readonly string[],
  cx: ExportContext,
): void {
  const names = node.results.map((_, i) =>
    cx.fresh(`${node.origin.names.at(-1) ?? node.kind}_${['Y', 'Y_h', 'Y_c'][i]}`),
  );
  const last = inputs.findLastIndex((name) => name !== '');
  cx.node(
    operator.name,
    inputs.slice(0, last + 1),
    names,
    {
      hidden_size: { int: node.results[0].type.shape[2] },
      direction: { string: node.attrs.reverse ? 'reverse' : 'forward' },
      ...operator.attributes,
    },
    operator.domain,
  );
  for (const [i, result] of node.results.entries())
    if (elements(result.type.shape) > 0) cx.alias(result, 'own', cx.reshaped(names[i], result.type.shape, result));
}

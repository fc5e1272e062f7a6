/**
 * What the importers of LSTM, GRU and RNN share: directions, layouts, the product of the input with its weights, which is one
 * convolution over all time steps. Float weights [directions, rows, columns] as ONNX has them; those of
 * com.microsoft.DynamicQuantizeLSTM are [directions, columns, rows] with a scale for each direction or row.
 */
import { constant } from '../ir/build.js';
import type { Const, Value } from '../ir/graph.js';
import {
  elements,
  floatType,
  indexType,
  numberData,
  quantType,
  type Shape,
  type Tensor,
  unitAffine,
} from '../ir/type.js';
import type { ImportContext } from '../onnx/importer.js';
import { inputPart } from '../onnx/model.js';
import { perAxis } from '../quant/affine.js';
import { fullyConnected } from './conv2d/fully-connected-import.js';
import { type DynamicActivation, recentred, rescaled, weightSums } from './dynamic-import.js';
import { reshaped, transposed } from './layout.js';

export interface Layout {
  /** [seq, batch, input] */
  readonly x: Value;
  readonly seq: number;
  readonly batch: number;
  readonly hidden: number;
  /** For each direction, whether it runs backwards. */
  readonly directions: readonly boolean[];
  readonly isBatchFirst: boolean;
}

const runsBackwards = { forward: [false], reverse: [true], bidirectional: [false, true] } as const;

/** Reads input 0 and the attributes that all of them have; `activations` are those that a direction may have. */
export function layoutOf(cx: ImportContext, activations: (direction: number) => readonly string[]): Layout {
  const directions: readonly boolean[] =
    runsBackwards[cx.attrs.oneOf('direction', ['forward', 'reverse', 'bidirectional'], 'forward')];
  const names = cx.attrs.strings('activations', []);
  const wanted = directions.flatMap((_, d) => activations(d));
  if (
    names.length > 0 &&
    !(names.length === wanted.length && names.every((n, i) => n.toLowerCase() === wanted[i].toLowerCase()))
  )
    cx.fail(
      'Q0218',
      `activations [${names.join(', ')}] are not supported, [${wanted.join(', ')}] are`,
      'attribute "activations"',
      'use the default activations',
    );
  // They are parameters of activations that the defaults do not have.
  cx.attrs.irrelevant('activation_alpha', 'activation_beta');
  if (cx.attrs.has('clip'))
    cx.fail('Q0218', 'clip is not supported', 'attribute "clip"', 'leave it out: trained cells rarely reach it');
  const isBatchFirst = cx.attrs.int('layout', 0) !== 0;
  const hidden = cx.attrs.requiredInt('hidden_size');
  const given = cx.input(0);
  if (given.type.shape.length !== 3) cx.fail('Q0215', `x has ${given.type.shape.length} dimensions, expected 3`);
  const x = isBatchFirst ? transposed(cx, given, [1, 0, 2]) : given;
  const [seq, batch] = x.type.shape;
  const lengths = cx.optionalInts(4);
  if (lengths?.some((n) => n !== seq) === true)
    cx.fail(
      'Q0218',
      `sequence_lens [${lengths}] differ from the ${seq} steps of x`,
      inputPart(cx.node, 4),
      'build for one length: leave sequence_lens out and set the length with --dim',
    );
  return { x, seq, batch, hidden, directions, isBatchFirst };
}

/** Part `index` of a float input along its first dimension, which it loses; `rows` picks a range of the next one. */
export function part(
  cx: ImportContext,
  value: Value,
  index: number,
  rows: readonly [number, number] = [0, value.type.shape[1]],
): Value {
  const { shape } = value.type;
  const starts = shape.map((_, d) => (d === 0 ? index : d === 1 ? rows[0] : 0));
  const sizes = shape.map((n, d) => (d === 0 ? 1 : d === 1 ? rows[1] - rows[0] : n));
  const picked = sizes.every((n, d) => n === shape[d])
    ? value
    : cx.make('slice', { starts, steps: shape.map(() => 1), sizes }, [value], value.type);
  return reshaped(cx, picked, sizes.slice(1));
}

/** An input whose shape must be this. */
export function shapedInput(cx: ImportContext, index: number, shape: readonly number[]): Value {
  const value = cx.input(index);
  if (value.type.shape.length !== shape.length || value.type.shape.some((d, i) => d !== shape[i]))
    cx.fail('Q0210', `input ${index} is [${value.type.shape}], expected [${shape}]`, inputPart(cx.node, index));
  return value;
}

export function constantZeros(shape: Shape): Const {
  return constant('zeros', { type: floatType(shape), data: new Float32Array(elements(shape)) });
}

/** The state [batch, hidden] in which a direction starts: of input `index`, else zeros. */
export function initialState(cx: ImportContext, layout: Layout, index: number, direction: number): Value {
  const { batch, hidden, directions, isBatchFirst } = layout;
  if (cx.optional(index) === undefined) return constantZeros([batch, hidden]);
  const count = directions.length;
  const given = shapedInput(cx, index, isBatchFirst ? [batch, count, hidden] : [count, batch, hidden]);
  return part(cx, isBatchFirst ? transposed(cx, given, [1, 0, 2]) : given, direction);
}

/** Constant s8 weights of one direction as rows, from [directions, columns, rows]; all zero points are 0. */
export function quantizedRows(cx: ImportContext, index: number, scale: number, zero: number, direction: number): Const {
  const given = cx.constant(index);
  const [count, columns, rows] = given.type.shape;
  if (given.type.kind !== 'quant')
    return cx.fail('Q0306', `${given.type.element} weights, expected int8 or uint8`, inputPart(cx.node, index));
  const shift = given.type.element === 'u8' ? 128 : 0;
  const scales = numberData(cx.constant(scale));
  const zeros = numberData(cx.constant(zero));
  if (zeros.some((z) => z !== shift))
    cx.fail(
      'Q0308',
      `weights of ${given.type.element} with a zero point other than ${shift} are not supported`,
      inputPart(cx.node, zero),
      'quantize the weights symmetrically',
    );
  if (scales.length !== count && scales.length !== count * rows)
    cx.fail(
      'Q0304',
      `${scales.length} weight scales for ${count} directions of ${rows} rows`,
      inputPart(cx.node, scale),
    );
  const own = Float32Array.from({ length: rows }, (_, o) =>
    scales.length === count ? scales[direction] : scales[direction * rows + o],
  );
  const stored = numberData(given);
  const data = new Int8Array(rows * columns);
  for (let k = 0; k < columns; k++)
    for (let o = 0; o < rows; o++) data[o * columns + k] = stored[(direction * columns + k) * rows + o] - shift;
  const type = quantType('s8', [rows, columns], perAxis(0, own, new Int32Array(rows)));
  return constant(`${cx.node.inputs[index]}`, { type, data });
}

/** x [seq, batch, input], quantized by its own range, times s8 rows, plus a float bias: [seq, batch, rows]. */
export function dynamicGates(cx: ImportContext, x: DynamicActivation, w: Const, bias: Value | undefined): Value {
  const { tensor } = w;
  const [rows, columns] = tensor.type.shape;
  const plain: Tensor = { type: quantType('s8', [rows, columns], unitAffine), data: tensor.data };
  const acc = fullyConnected(cx, x.q, constant(w.name, plain), undefined, (shape) => indexType('s32', shape));
  const centred = recentred(cx, acc, x.zero, weightSums(cx, w, 1, [0]));
  const affine = tensor.type.kind === 'quant' ? tensor.type.affine : unitAffine;
  const scales = affine.per === 'axis' ? affine.scales : Float32Array.of(1);
  const scaleOf = constant(`${w.name}.scales`, { type: floatType([scales.length]), data: scales });
  const gates = rescaled(cx, centred, x.scale, scaleOf);
  return bias === undefined ? gates : cx.make('binary', { fn: 'add' }, [gates, bias], gates.type);
}

/** Adds float vectors, which are constants as a rule. */
export function sum(cx: ImportContext, a: Value, b: Value): Value {
  return cx.make('binary', { fn: 'add' }, [a, b], a.type);
}

/** Weights [rows, hidden] as the cells take them. */
export function stateWeights(cx: ImportContext, r: Value): Value {
  const [rows, hidden] = r.type.shape;
  return reshaped(cx, r, [rows, 1, 1, hidden], 0);
}

/** The results of all directions as ONNX lays them out: Y, then one state for each list of `states`. */
export function joined(
  cx: ImportContext,
  layout: Layout,
  ys: readonly Value[],
  states: readonly (readonly Value[])[],
): readonly Value[] {
  const { seq, batch, hidden, isBatchFirst } = layout;
  const together = (values: readonly Value[], axis: number) =>
    values.length === 1 ? values[0] : cx.make('concat', { axis }, values, values[0].type);
  const y = together(
    ys.map((v) => reshaped(cx, v, [seq, 1, batch, hidden])),
    1,
  );
  const ends = states.map((list) =>
    together(
      list.map((v) => reshaped(cx, v, [1, batch, hidden])),
      0,
    ),
  );
  if (!isBatchFirst) return [y, ...ends];
  return [transposed(cx, y, [2, 0, 1, 3]), ...ends.map((v) => transposed(cx, v, [1, 0, 2]))];
}

/**
 * The weighted quantized layers of a TFLite file: what `qcc audit` derives constants from. Operators that cannot be read say
 * why. Invariant: arithmetic here is TFLite's as its reference kernels have it, spelled from the numbers in the file alone.
 */

import { absentValues } from '../tflite/flat-file.js';
import { operatorName, type TfliteModel, type TfliteOperator, type TfliteTensor } from '../tflite/model.js';
import { optionTables } from '../tflite/schema.js';
import { type ModelFacts, type ModelLayer, type ModelResult, type ModelSum, roundAway } from './model-layer.js';
import type { WeightShape } from './unpack.js';

/** Smallest and largest real that a fused activation lets through, by its number in the file. */
const limits: readonly (readonly [number, number])[] = [
  [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  [0, Number.POSITIVE_INFINITY],
  [-1, 1],
  [0, 6],
];
const LAYERS = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED']);

export function tfliteFacts(model: TfliteModel): ModelFacts {
  const file = new Reader(model);
  const layers = new Map<string, ModelLayer | string>();
  const quantizers = new Map<string, ModelResult>();
  const sums = new Map<string, ModelSum>();
  for (const operator of model.operators) {
    const name = operatorName(operator, model.tensors);
    const layer = LAYERS.has(operator.name) ? file.layer(operator) : undefined;
    // Two nodes of one name cannot be told apart.
    if (layer !== undefined) layers.set(name, layers.has(name) ? 'two layers of the model have its name' : layer);
    const sum = file.sum(operator);
    // Of two nodes of one name none can be told.
    if (sum !== undefined && sums.has(name)) sums.delete(name);
    else if (sum !== undefined) sums.set(name, sum);
    const side = operator.name === 'QUANTIZE' ? operator.outputs[0] : operator.inputs[0];
    if (operator.name !== 'QUANTIZE' && operator.name !== 'DEQUANTIZE') continue;
    const scaled = file.scaleOf(side);
    if (scaled !== undefined) {
      const range = elementRange(model.tensors[side]);
      quantizers.set(name, { ...scaled, ...range, least: range.low });
    }
  }
  return { layers, quantizers, sums, products: new Map() };
}

/** Stored values that a fused activation lets through; undefined where it is none that limits. */
function resultOf(
  activation: number,
  { scale, zero }: { readonly scale: number; readonly zero: number },
  { low, high }: { readonly low: number; readonly high: number },
): ModelResult | undefined {
  const [least, most] = limits[activation] ?? [Number.NaN, Number.NaN];
  if (Number.isNaN(least)) return undefined;
  const stored = (real: number) => Math.min(high, Math.max(low, roundAway(Math.fround(real / scale)) + zero));
  return {
    scale,
    zero,
    least: low,
    low: Number.isFinite(least) ? stored(least) : low,
    high: Number.isFinite(most) ? stored(most) : high,
  };
}

function elementRange({ element }: TfliteTensor): { readonly low: number; readonly high: number } {
  if (element === 'INT16') return { low: -32768, high: 32767 };
  return element === 'UINT8' ? { low: 0, high: 255 } : { low: -128, high: 127 };
}

class Reader {
  readonly #makers = new Map<number, TfliteOperator>();

  constructor(private readonly model: TfliteModel) {
    for (const operator of model.operators) for (const y of operator.outputs) this.#makers.set(y, operator);
  }

  scaleOf(index: number | undefined): { readonly scale: number; readonly zero: number } | undefined {
    const quantization = index === undefined ? undefined : this.model.tensors[index]?.quantization;
    if (quantization?.scales.length !== 1) return undefined;
    return { scale: quantization.scales[0], zero: quantization.zeroPoints[0] ?? 0 };
  }

  layer(operator: TfliteOperator): ModelLayer | string | undefined {
    const [xIndex, wIndex, biasIndex = -1] = operator.inputs;
    const [x, w, y] = [xIndex, wIndex, operator.outputs[0]].map((i) => this.model.tensors[i]);
    if (x?.element === 'FLOAT32') return undefined;
    const [xScale, yScale] = [this.scaleOf(xIndex), this.scaleOf(operator.outputs[0])];
    const isStored = x?.element === 'INT8' || x?.element === 'INT16';
    if (!isStored || y?.element !== x.element || w?.element !== 'INT8' || w.data === undefined)
      return 'it is no layer of int8 or int16 with constant weights';
    const { low, high } = elementRange(x);
    if (xScale === undefined || yScale === undefined || w.quantization === undefined)
      return 'its activations are not quantized per tensor';
    const shape = shapeOf(operator, x, w);
    if (typeof shape === 'string') return shape;
    const { oc, kh, kw, cg } = shape;
    const bytes = new Int8Array(w.data.buffer, w.data.byteOffset, w.data.byteLength);
    const cells = kh * kw * cg;
    if (bytes.length !== oc * cells) return 'its weights are not as many as its shape says';
    // A depthwise filter has the channels last.
    const at = (i: number) => (operator.name === 'DEPTHWISE_CONV_2D' ? (i % cells) * oc + Math.floor(i / cells) : i);
    const weights = Float64Array.from({ length: bytes.length }, (_, i) => bytes[at(i)]);
    const { scales } = w.quantization;
    if (w.quantization.zeroPoints.some((z) => z !== 0)) return 'its weights have a zero point';
    const options = optionsOf(operator);
    const result = resultOf(options.activation, yScale, { low, high });
    if (result === undefined) return 'its activation is none that limits';
    const bias = this.bias(biasIndex, oc);
    return {
      shape,
      weights,
      weightScales: Array.from({ length: oc }, (_, o) => scales[scales.length === 1 ? 0 : o]),
      bias,
      xScale: xScale.scale,
      xZero: xScale.zero,
      xRange: [low, high],
      y: result,
      arithmetic:
        operator.name === 'FULLY_CONNECTED'
          ? 'double'
          : x.element === 'INT16' && this.model.tensors[biasIndex]?.element !== 'INT32'
            ? 'wide'
            : 'tflite',
      isPadded: options.isPadded || this.#makers.get(xIndex)?.name === 'PAD',
      window: operator.name === 'FULLY_CONNECTED' ? undefined : this.window(operator, x, shape),
      before: this.before(xIndex),
    };
  }

  sum({ name, inputs, outputs, options, optionsType }: TfliteOperator): ModelSum | undefined {
    if (name !== 'ADD' && name !== 'SUB') return undefined;
    const of = (index: number) => {
      const tensor = this.model.tensors[index];
      const scale = this.scaleOf(index);
      if (scale === undefined || (tensor?.element !== 'INT8' && tensor?.element !== 'UINT8')) return undefined;
      const range = elementRange(tensor);
      return { ...scale, least: range.low, range };
    };
    const [a, b, y] = [of(inputs[0]), of(inputs[1]), of(outputs[0])];
    if (a === undefined || b === undefined || y === undefined) return undefined;
    const table = name === 'ADD' ? optionTables.add : optionTables.sub;
    const activation = optionsType === table.union ? (options?.values(table.fields).activation ?? 0) : 0;
    const result = resultOf(activation, y, y.range);
    return result === undefined ? undefined : { a, b, y: result, subtract: name === 'SUB' };
  }

  private bias(index: number, oc: number): Float64Array | undefined {
    if (index < 0) return new Float64Array(oc);
    const { element, data } = this.model.tensors[index] ?? {};
    const size = element === 'INT64' ? 8 : 4;
    if ((element !== 'INT32' && element !== 'INT64') || data?.length !== size * oc) return undefined;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (size === 8) return Float64Array.from({ length: oc }, (_, o) => Number(view.getBigInt64(8 * o, true)));
    return Float64Array.from({ length: oc }, (_, o) => view.getInt32(4 * o, true));
  }

  /** Padding of SAME lies half above, what is left over below. Behind a PAD it may have been joined. */
  private window(operator: TfliteOperator, x: TfliteTensor, { kh, kw }: WeightShape): ModelLayer['window'] {
    const [xIndex] = operator.inputs;
    if (this.#makers.get(xIndex)?.name === 'PAD') return undefined;
    const { strides, dilations, isPadded } = optionsOf(operator);
    const before = (size: number, k: number, stride: number, dilation: number) => {
      if (!isPadded) return 0;
      const all = (Math.ceil(size / stride) - 1) * stride + (k - 1) * dilation + 1 - size;
      return Math.floor(Math.max(0, all) / 2);
    };
    const [sh, sw] = strides;
    const [dh, dw] = dilations;
    return { sh, sw, dh, dw, pad_top: before(x.shape[1], kh, sh, dh), pad_left: before(x.shape[2], kw, sw, dw) };
  }

  /** The operators that made a value, back to the last one with weights or two inputs. */
  private before(index: number): readonly string[] {
    const maker = this.#makers.get(index);
    if (maker === undefined) return [];
    const data = maker.inputs.filter((i) => i >= 0 && this.model.tensors[i]?.data === undefined);
    const here = [operatorName(maker, this.model.tensors)];
    return data.length === 1 && !LAYERS.has(maker.name) ? [...here, ...this.before(data[0])] : here;
  }
}

function shapeOf({ name }: TfliteOperator, x: TfliteTensor, w: TfliteTensor): WeightShape | string {
  const [a = 0, b = 0, c = 0, d = 0] = w.shape;
  if (name === 'FULLY_CONNECTED') return { oc: a, kh: 1, kw: 1, cg: b, groups: 1 };
  const channels = x.shape[3] ?? 0;
  if (w.shape.length !== 4 || channels === 0) return 'its shapes are not those of a convolution';
  if (name === 'DEPTHWISE_CONV_2D') return { oc: d, kh: b, kw: c, cg: 1, groups: channels };
  return { oc: a, kh: b, kw: c, cg: d, groups: channels / d };
}

/** Members that the file leaves out have the values of the schema. */
function optionsOf({ name, options, optionsType }: TfliteOperator) {
  const whole = { strides: [1, 1], dilations: [1, 1], isPadded: false };
  const { conv2d, depthwise, fullyConnected } = optionTables;
  if (name === 'FULLY_CONNECTED') {
    const known = optionsType === fullyConnected.union ? options : undefined;
    return { ...whole, activation: known?.values(fullyConnected.fields).activation ?? 0 };
  }
  const table = name === 'CONV_2D' ? conv2d : depthwise;
  const known = optionsType === table.union ? options : undefined;
  const o = known?.values(table.fields) ?? absentValues(table.fields);
  return {
    activation: o.activation,
    strides: [o.stride_h, o.stride_w],
    dilations: [o.dilation_h, o.dilation_w],
    // 0 is SAME.
    isPadded: o.padding === 0,
  };
}

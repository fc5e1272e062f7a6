/** Quantized convolutions and fully connected layers of an ONNX model: QDQ form and QLinear operators. */
import type { NumericTensor, OnnxGraph, OnnxModel, OnnxNode } from '../onnx/model.js';
import { type ModelFacts, type ModelLayer, type ModelProduct, type ModelResult, rne } from './model-layer.js';

interface Stored {
  readonly values: Float64Array;
  readonly dims: readonly number[];
  readonly scales: readonly number[];
  readonly zeros: readonly number[];
}

interface Activation {
  readonly scale: number;
  readonly zero: number;
  readonly range: readonly [number, number];
  readonly before: readonly string[];
}

/** Operators that pass values on, or move them: what is behind them is the same quantized value. */
const moves = new Set(['Identity', 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Dropout']);

export function onnxFacts(model: OnnxModel): ModelFacts {
  const reader = new LayerReader(model.graph);
  const layers = new Map<string, ModelLayer | string>();
  const quantizers = new Map<string, ModelResult>();
  const products = new Map<string, ModelProduct>();
  for (const node of model.graph.nodes) {
    const layer = reader.layer(node);
    if (layer !== undefined) layers.set(nameOf(node), layer);
    const quantizer = reader.quantizer(node);
    if (quantizer !== undefined) quantizers.set(nameOf(node), quantizer);
    const product = reader.product(node);
    if (product !== undefined) products.set(nameOf(node), product);
  }
  return { layers, quantizers, sums: new Map(), products };
}

function nameOf(node: OnnxNode): string {
  return node.name === '' ? (node.outputs.find((o) => o !== '') ?? '') : node.name;
}

class LayerReader {
  private readonly makers = new Map<string, OnnxNode>();
  private readonly readers = new Map<string, OnnxNode[]>();

  constructor(private readonly graph: OnnxGraph) {
    for (const node of graph.nodes) {
      for (const output of node.outputs) this.makers.set(output, node);
      for (const input of node.inputs) this.readers.set(input, [...(this.readers.get(input) ?? []), node]);
    }
  }

  layer(node: OnnxNode): ModelLayer | string | undefined {
    switch (node.opType) {
      case 'Conv':
        return this.qdq(node, (w) => w, 2);
      case 'Gemm':
        return this.qdq(node, (w) => (intOf(node, 'transB') === 1 ? w : transposed(w)), 2);
      case 'MatMul':
        return this.qdq(node, transposed, undefined);
      case 'QLinearConv':
        return this.qlinear(node, (w) => w, 8);
      case 'QLinearMatMul':
        return this.qlinear(node, transposed, undefined);
      default:
        return undefined;
    }
  }

  /** A product of integers whose activations are quantized at run time. */
  product(node: OnnxNode): ModelProduct | undefined {
    switch (node.opType) {
      case 'ConvInteger':
        return this.productOf(node, 3, (w) => w);
      case 'MatMulInteger':
      case 'DynamicQuantizeMatMul':
        return this.productOf(node, 3, transposed);
      case 'MatMulIntegerToFloat':
        return this.productOf(node, 5, transposed);
      default:
        return undefined;
    }
  }

  private productOf(node: OnnxNode, zeroAt: number, oriented: (w: Stored) => Stored | undefined) {
    const given = this.initializer(node.inputs[1]);
    if (given === undefined) return undefined;
    const zeros = [...(this.numbers(node.inputs[zeroAt])?.values ?? [0])];
    const w = oriented({ values: Float64Array.from(given.data, Number), dims: given.dims, scales: [], zeros });
    const found = w && centred(w, intOf(node, 'group') ?? 1);
    return typeof found === 'string' ? undefined : found;
  }

  quantizer(node: OnnxNode): ModelResult | undefined {
    if (node.opType !== 'QuantizeLinear' && node.opType !== 'DequantizeLinear') return undefined;
    const scale = this.numbers(node.inputs[1])?.values;
    if (scale?.length !== 1) return undefined;
    const zero = this.numbers(node.inputs[2])?.values[0] ?? 0;
    const [min, max] = this.rangeOf(node.inputs[2]);
    const maker = this.makers.get(node.inputs[0]);
    const limits = maker === undefined ? {} : this.limits(maker);
    const stored = (real: number) => rne(Math.fround(Math.fround(real) / scale[0])) + zero;
    const low = limits.low === undefined ? min : Math.max(min, stored(limits.low));
    const high = limits.high === undefined ? max : Math.min(max, stored(limits.high));
    return { scale: scale[0], zero, least: min, ...this.narrowed(node.outputs[0], low, high) };
  }

  /** What an activation leaves of the reals. */
  private limits(node: OnnxNode): { readonly low?: number; readonly high?: number } {
    if (node.opType === 'Relu') return { low: 0 };
    if (node.opType !== 'Clip') return {};
    const [low, high] = [this.limit(node, 1, 'min'), this.limit(node, 2, 'max')];
    return { ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
  }

  private qdq(node: OnnxNode, oriented: (w: Stored) => Stored | undefined, biasAt: number | undefined) {
    const x = this.activation(node.inputs[0]);
    const w = this.stored(node.inputs[1]);
    if (x === undefined || w === undefined) return undefined;
    const weights = oriented(w);
    if (weights === undefined) return 'weights of more than two dimensions';
    const bias = biasAt === undefined ? undefined : node.inputs[biasAt];
    const result = this.result(node.outputs[0]);
    if (typeof result === 'string') return result;
    const added = result.bias ?? (bias === '' ? undefined : bias);
    return this.made(node, x, weights, added, result.y);
  }

  private qlinear(node: OnnxNode, oriented: (w: Stored) => Stored | undefined, biasAt: number | undefined) {
    const [x, xs, xz, w, ws, wz, ys, yz] = node.inputs;
    const stored = this.integers(w, ws, wz, 0);
    const weights = stored && oriented(stored);
    const scales = [xs, ys].map((name) => this.numbers(name));
    if (weights === undefined || scales[0] === undefined || scales[1] === undefined) return 'constants not found';
    const bias = biasAt === undefined ? undefined : node.inputs[biasAt];
    const zero = this.numbers(yz)?.values[0] ?? 0;
    const [low, high] = this.rangeOf(yz);
    const y = { scale: scales[1].values[0], zero, least: low, ...this.narrowed(node.outputs[0], low, high) };
    const activation = {
      scale: scales[0].values[0],
      zero: this.numbers(xz)?.values[0] ?? 0,
      range: this.rangeOf(xz),
      before: this.before(x),
    };
    return this.made(node, activation, weights, bias === '' ? undefined : bias, y);
  }

  private made(
    node: OnnxNode,
    x: Activation,
    w: Stored,
    biasName: string | undefined,
    y: ModelResult | undefined,
  ): ModelLayer | string {
    const found = centred(w, intOf(node, 'group') ?? 1);
    if (typeof found === 'string') return found;
    const { oc } = found.shape;
    const weightScales = Array.from({ length: oc }, (_, o) => perChannel(w.scales, o));
    return {
      ...found,
      weightScales,
      bias: biasName === undefined ? new Float64Array(oc) : this.bias(biasName, oc, x.scale, weightScales),
      xScale: x.scale,
      xZero: x.zero,
      xRange: x.range,
      y,
      arithmetic: 'onnx',
      isPadded: isPadded(node),
      window: windowOf(node),
      before: x.before,
    };
  }

  /** Integers, or reals rounded to the scale of the products. */
  private bias(name: string, oc: number, xScale: number, weightScales: readonly number[]): Float64Array | undefined {
    const products = weightScales.map((s) => Math.fround(xScale * s));
    const stored = this.stored(name);
    const plain = this.initializer(name);
    if (stored !== undefined) {
      if (stored.values.length !== oc) return undefined;
      const scaleOf = (o: number) => stored.scales[stored.scales.length === 1 ? 0 : o];
      const fits = products.every((s, o) => Math.abs(scaleOf(o) - s) <= 1e-5 * s);
      return fits ? stored.values : stored.values.map((v, o) => rne((v * scaleOf(o)) / products[o]));
    }
    if (plain === undefined) return undefined;
    const data = Float64Array.from(plain.data, Number);
    if (data.length !== oc) return undefined;
    return plain.elementType === 'f32' ? data.map((v, o) => rne(v / products[o])) : data;
  }

  /** What stands behind a value: the scale and zero point it was stored with. */
  private activation(name: string): Activation | undefined {
    const maker = this.makers.get(name);
    if (maker === undefined) return undefined;
    if (moves.has(maker.opType)) return this.activation(maker.inputs[0]);
    if (maker.opType !== 'DequantizeLinear') return undefined;
    const scale = this.numbers(maker.inputs[1])?.values;
    if (scale?.length !== 1) return undefined;
    const zero = this.numbers(maker.inputs[2])?.values[0] ?? 0;
    return { scale: scale[0], zero, range: this.rangeOf(maker.inputs[2]), before: this.before(name) };
  }

  /** The nodes that made a value, back to the last one with weights or two inputs. */
  private before(name: string): readonly string[] {
    const maker = this.makers.get(name);
    if (maker === undefined) return [];
    const data = maker.inputs.filter((input) => input !== '' && !this.isConstant(input));
    const here = [nameOf(maker)];
    return data.length === 1 && this.layer(maker) === undefined ? [...here, ...this.before(data[0])] : here;
  }

  /** How the result is stored: through activations and constant additions to the quantization. */
  private result(name: string): { readonly y: ModelResult | undefined; readonly bias?: string } | string {
    let at = name;
    let bias: string | undefined;
    let [floor, ceiling] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (;;) {
      const readers = this.readers.get(at) ?? [];
      const [next] = readers;
      const isAsked = this.graph.outputs.some((o) => o.name === at);
      if (readers.length === 0 || (readers.length === 1 && next.opType === 'DequantizeLinear')) return { y: undefined };
      if (readers.length !== 1 || isAsked) return 'its result is read in several ways';
      const other = next.inputs.find((input) => input !== at);
      if (next.opType === 'Relu' || next.opType === 'Clip') {
        const { low = floor, high = ceiling } = this.limits(next);
        [floor, ceiling] = [Math.max(floor, low), Math.min(ceiling, high)];
      } else if (next.opType === 'Add' && bias === undefined && other !== undefined && this.isConstant(other))
        bias = other;
      else if (next.opType === 'QuantizeLinear') {
        const scale = this.numbers(next.inputs[1])?.values;
        if (scale?.length !== 1) return 'its result is not quantized per tensor';
        const zero = this.numbers(next.inputs[2])?.values[0] ?? 0;
        const [min, max] = this.rangeOf(next.inputs[2]);
        const stored = (real: number) => rne(Math.fround(Math.fround(real) / scale[0])) + zero;
        const low = Math.max(min, floor === Number.NEGATIVE_INFINITY ? min : stored(floor));
        const high = Math.min(max, ceiling === Number.POSITIVE_INFINITY ? max : stored(ceiling));
        const y = { scale: scale[0], zero, least: min, ...this.narrowed(next.outputs[0], low, high) };
        return bias === undefined ? { y } : { y, bias };
      } else if (!moves.has(next.opType)) return `${next.opType} stands between it and the quantization of its result`;
      at = next.outputs[0];
    }
  }

  /** An integer Clip behind a quantize: reduced range. */
  private narrowed(name: string, low: number, high: number): { readonly low: number; readonly high: number } {
    const readers = this.readers.get(name) ?? [];
    const [next] = readers;
    if (readers.length !== 1 || next.opType !== 'Clip') return { low, high };
    return {
      low: Math.max(low, this.limit(next, 1, 'min') ?? low),
      high: Math.min(high, this.limit(next, 2, 'max') ?? high),
    };
  }

  private limit(node: OnnxNode, input: number, attribute: string): number | undefined {
    const given = node.attributes.get(attribute);
    if (given?.kind === 'float') return given.value;
    const name = node.inputs[input];
    return name === undefined || name === '' ? undefined : this.numbers(name)?.values[0];
  }

  /** Stored values of the element that a zero point has; u8 where there is none. */
  private rangeOf(zeroPoint: string | undefined): readonly [number, number] {
    const element = this.initializer(zeroPoint)?.elementType;
    return element === 's8' ? [-128, 127] : element === 's16' ? [-32768, 32767] : [0, 255];
  }

  private isConstant(name: string): boolean {
    return this.initializer(name) !== undefined || this.stored(name) !== undefined;
  }

  /** Integers behind a DequantizeLinear; weights given as reals and quantized in the graph are quantized here. */
  private stored(name: string | undefined): Stored | undefined {
    const maker = name === undefined ? undefined : this.makers.get(name);
    if (maker === undefined) return undefined;
    if (maker.opType === 'Identity') return this.stored(maker.inputs[0]);
    if (maker.opType === 'Transpose' && this.makers.get(maker.inputs[0])?.opType === 'DequantizeLinear') {
      const inner = this.stored(maker.inputs[0]);
      return inner === undefined ? undefined : transposed(inner);
    }
    if (maker.opType !== 'DequantizeLinear') return undefined;
    return this.integers(maker.inputs[0], maker.inputs[1], maker.inputs[2], intOf(maker, 'axis') ?? 1);
  }

  private integers(name: string, scaleName: string, zeroName: string | undefined, axis: number): Stored | undefined {
    const scales = this.numbers(scaleName);
    if (scales === undefined) return undefined;
    const zeros = zeroName === undefined ? undefined : this.numbers(zeroName);
    const given = this.initializer(name);
    const made = this.makers.get(name);
    const quantized = made?.opType === 'QuantizeLinear' ? this.quantized(made) : undefined;
    const source =
      given === undefined ? quantized : { dims: given.dims, values: Float64Array.from(given.data, Number) };
    if (source === undefined) return undefined;
    if (scales.values.length > 1 && source.dims[axis < 0 ? axis + source.dims.length : axis] !== scales.values.length)
      return undefined;
    return { ...source, scales: [...scales.values], zeros: [...(zeros?.values ?? [0])] };
  }

  private quantized(node: OnnxNode): { dims: readonly number[]; values: Float64Array } | undefined {
    const real = this.initializer(node.inputs[0]);
    const scales = this.numbers(node.inputs[1])?.values;
    const zeros = this.numbers(node.inputs[2])?.values ?? new Float64Array(1);
    const range = this.rangeOf(node.inputs[2]);
    if (real === undefined || scales === undefined) return undefined;
    const axis = intOf(node, 'axis') ?? 1;
    const inner = real.dims.slice(axis + 1).reduce((a, b) => a * b, 1);
    const values = Float64Array.from(Array.from(real.data, Number), (v, i) => {
      const c = scales.length === 1 ? 0 : Math.floor(i / inner) % real.dims[axis];
      const q = rne(Math.fround(v / scales[c])) + (zeros[zeros.length === 1 ? 0 : c] ?? 0);
      return Math.max(range[0], Math.min(range[1], q));
    });
    return { dims: real.dims, values };
  }

  private initializer(name: string | undefined): NumericTensor | undefined {
    if (name === undefined) return undefined;
    const found = this.graph.initializers.get(name);
    if (found !== undefined) return found.elementType === 'string' ? undefined : found;
    const maker = this.makers.get(name);
    if (maker?.opType === 'Identity') return this.initializer(maker.inputs[0]);
    const value = maker?.opType === 'Constant' ? maker.attributes.get('value') : undefined;
    return value?.kind === 'tensor' && value.value.elementType !== 'string' ? value.value : undefined;
  }

  private numbers(name: string | undefined): { readonly values: Float64Array } | undefined {
    const found = this.initializer(name);
    return found === undefined ? undefined : { values: Float64Array.from(found.data, Number) };
  }
}

function intOf(node: OnnxNode, name: string): number | undefined {
  const found = node.attributes.get(name);
  return found?.kind === 'int' ? found.value : undefined;
}

const perChannel = <T>(list: readonly T[], o: number): T => list[list.length === 1 ? 0 : o];

/** Weights [oc, cg, kh, kw] as [oc, kh, kw, cg], zero points taken off, or why there are none. */
function centred(w: Stored, groups: number): ModelProduct | string {
  const [oc, cg, kh = 1, kw = 1, ...more] = w.dims;
  if (more.length > 0 || w.dims.length === 3) return `weights of ${w.dims.length} dimensions`;
  const cells = cg * kh * kw;
  const weights = new Float64Array(oc * cells);
  for (let o = 0; o < oc; o++)
    for (let i = 0; i < cells; i++) {
      const [c, t] = [Math.floor(i / (kh * kw)), i % (kh * kw)];
      weights[o * cells + t * cg + c] = w.values[o * cells + i] - (perChannel(w.zeros, o) ?? 0);
    }
  return { shape: { oc, kh, kw, cg, groups }, weights };
}

/** [k, oc] as [oc, k]. */
function transposed(w: Stored): Stored | undefined {
  const [k, oc, ...more] = w.dims;
  if (oc === undefined || more.length > 0) return undefined;
  return { ...w, dims: [oc, k], values: w.values.map((_, i) => w.values[(i % k) * oc + Math.floor(i / k)]) };
}

function isPadded(node: OnnxNode): boolean {
  const pads = node.attributes.get('pads');
  const auto = node.attributes.get('auto_pad');
  if (auto?.kind === 'string' && auto.value.startsWith('SAME')) return true;
  return pads?.kind === 'ints' && pads.value.some((p) => p !== 0);
}

function windowOf(node: OnnxNode): ModelLayer['window'] {
  const ints = (name: string): readonly number[] | undefined => {
    const found = node.attributes.get(name);
    return found?.kind === 'ints' ? found.value : undefined;
  };
  const auto = node.attributes.get('auto_pad');
  if (auto?.kind === 'string' && auto.value !== 'NOTSET') return undefined;
  const [sh = 1, sw = 1] = ints('strides') ?? [];
  const [dh = 1, dw = 1] = ints('dilations') ?? [];
  const [pad_top = 0, pad_left = 0] = ints('pads') ?? [];
  return { sh, sw, dh, dw, pad_top, pad_left };
}

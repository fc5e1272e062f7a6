/**
 * What an op's `import.ts` sees of one ONNX node. Invariant: an importer never touches protobuf, never reads an
 * attribute by hand, and either answers values for all outputs or fails with a diagnostic that names the node.
 */
import type { Code } from '../diagnostics/codes.js';
import { type Diagnostic, error } from '../diagnostics/diagnostic.js';
import { constant, inferShapes, make, makeNode, nodeProblems } from '../ir/build.js';
import type { AttrsOf, Const, OpKind, Origin, Value } from '../ir/graph.js';
import { ShapeError } from '../ir/op.js';
import {
  type Affine,
  allocate,
  byteSize,
  indexType,
  numbers,
  type QuantType,
  quantType,
  sameShape,
  sameType,
  type Tensor,
  type TensorType,
  unitAffine,
} from '../ir/type.js';
import { opDef } from '../ops/index.js';
import type { AttributeReader } from './attributes.js';
import type { NumericElement } from './element-types.js';
import { inputPart, type NumericTensor, nodePlace, type OnnxNode } from './model.js';

/** Ends the import of one node; the others go on, so that all problems are told at once. */
export class ImportFailure extends Error {
  constructor(readonly diagnostic: Diagnostic) {
    super(diagnostic.message);
  }
}

/** Answers one value per output of the node (missing trailing outputs mean: not supported if wanted). */
export type Importer = (cx: ImportContext) => Value | readonly Value[];
/** Operator name (`Conv`, `com.microsoft.QLinearAdd`) -> importer. */
export type Importers = Readonly<Record<string, Importer>>;

/** The IR type of an ONNX element: floats are `float`, 8- and 16-bit integers `quant` with scale 1, others `index`. */
export function typeOfElement(element: NumericElement, shape: readonly number[]): TensorType {
  switch (element) {
    case 'f32':
    case 'f64':
    case 'f16':
    case 'bf16':
      return { kind: 'float', element, shape };
    case 's32':
    case 's64':
    case 'u32':
    case 'u64':
    case 'bool':
      return indexType(element, shape);
    default:
      return quantType(element, shape, unitAffine);
  }
}

export function constantOf(tensor: NumericTensor): Const {
  return constant(tensor.name, { type: typeOfElement(tensor.elementType, tensor.dims), data: tensor.data });
}

export class ImportContext {
  constructor(
    readonly node: OnnxNode,
    /** Opset version of the node's domain. */
    readonly opset: number,
    readonly attrs: AttributeReader,
    private readonly values: readonly (Value | undefined)[],
    readonly rounding: 'onnx' | 'tflite',
  ) {}

  /** The same node on other inputs, read as an operator of another opset: one operator in terms of another. */
  on(values: readonly (Value | undefined)[], opset = this.opset): ImportContext {
    return new ImportContext(this.node, opset, this.attrs, values, this.rounding);
  }

  get origin(): Origin {
    const place = nodePlace(this.node);
    return { names: [place.node ?? this.node.opType] };
  }

  get inputCount(): number {
    return this.values.length;
  }

  /** A required input. */
  input(index: number): Value {
    const value = this.values[index];
    if (value === undefined)
      this.fail('Q0205', `input ${index} is missing`, undefined, 'the operator needs it; re-export the model');
    return value;
  }

  optional(index: number): Value | undefined {
    return this.values[index];
  }

  /** All inputs, none of which may be absent. */
  inputs(): Value[] {
    return this.values.map((_, i) => this.input(i));
  }

  /** A required input whose value must be known when compiling. */
  constant(index: number): Tensor {
    const value = this.input(index);
    if (value.kind !== 'const')
      this.fail(
        'Q0206',
        'must be a constant, but is computed at run time',
        inputPart(this.node, index),
        'fold it before exporting (constant folding), or export with static shapes',
      );
    return value.tensor;
  }

  optionalConstant(index: number): Tensor | undefined {
    return this.values[index] === undefined ? undefined : this.constant(index);
  }

  constantNumbers(index: number): number[] {
    return numbers(this.constant(index));
  }

  optionalNumbers(index: number): number[] | undefined {
    return this.values[index] === undefined ? undefined : this.constantNumbers(index);
  }

  /** A constant integer list such as axes or a shape. */
  constantInts(index: number): number[] {
    return numbers(this.constant(index));
  }

  optionalInts(index: number): number[] | undefined {
    return this.values[index] === undefined ? undefined : this.constantInts(index);
  }

  constantScalar(index: number): number {
    const list = numbers(this.constant(index));
    if (list.length !== 1) this.fail('Q0207', `holds ${list.length} elements, expected 1`, inputPart(this.node, index));
    return list[0];
  }

  /** A one-element constant of the element of `type`. */
  scalar(type: TensorType, value: number): Const {
    const scalarType = { ...type, shape: [] };
    const data = allocate(scalarType);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[0] = BigInt(value);
    else data[0] = value;
    return constant(String(value), { type: scalarType, data });
  }

  /** An axis in 0..rank-1 from one that may be negative. */
  axis(axis: number, rank: number): number {
    const at = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(at) || at < 0 || at >= Math.max(rank, 1))
      this.fail('Q0208', `axis ${axis} is outside a tensor of ${rank} dimensions`);
    return at;
  }

  /**
   * A node with one result, of the shape the op infers. Folded at once when every operand is a constant (but for a
   * dequantize, which would turn int8 weights into floats).
   * @param type result type; its shape is replaced by the inferred one.
   */
  make<K extends OpKind>(kind: K, attrs: AttrsOf<K>, operands: readonly Value[], type: TensorType): Value {
    return this.makeAll(kind, attrs, operands, [type])[0];
  }

  makeAll<K extends OpKind>(
    kind: K,
    attrs: AttrsOf<K>,
    operands: readonly Value[],
    types: readonly TensorType[],
  ): readonly Value[] {
    const shapes = this.shapes(kind, attrs, operands);
    const resultTypes = types.map((type, i) => ({ ...type, shape: shapes[i] }));
    for (const type of resultTypes) this.checkSize(type, operands);
    const problems = nodeProblems(kind, attrs, operands, resultTypes);
    if (problems.length > 0) this.fail('Q0209', problems.join('; '));
    if (kind !== 'dequantize' && operands.length > 0 && operands.every((v) => v.kind === 'const')) {
      const tensors = operands.map((v) => (v.kind === 'const' ? v.tensor : this.fail('Q0206', 'not constant')));
      const results = opDef(kind).evaluate({ ...attrs }, tensors, resultTypes);
      return results.map((tensor, i) => constant(this.node.outputs[i] ?? '', tensor));
    }
    if (resultTypes.length === 1) return [make(kind, attrs, operands, resultTypes[0], this.origin)];
    return makeNode(kind, attrs, operands, resultTypes, this.origin).results;
  }

  private shapes<K extends OpKind>(kind: K, attrs: AttrsOf<K>, operands: readonly Value[]) {
    return this.shaped(() => inferShapes(kind, attrs, operands));
  }

  /**
   * Refuses what would be too large, before anything is allocated: a value above 2 GiB, a constant that would be made of
   * (nearly) nothing above 1 GiB.
   */
  checkSize(type: TensorType, operands: readonly Value[] = []): void {
    const bytes = byteSize(type);
    const isConstant = operands.every((v) => v.kind === 'const');
    const limit = isConstant ? Math.max(2 ** 30, ...operands.map((v) => 4 * byteSize(v.type))) : 2 ** 31 - 1;
    if (bytes <= limit) return;
    const what = isConstant ? 'a computed constant' : 'a value';
    this.fail(
      'Q0116',
      `${what} of shape [${type.shape}] takes ${bytes} bytes, at most ${limit} are supported`,
      undefined,
      'check the shapes and repeats; a batch or sequence length may be wrong',
    );
  }

  /** What `infer` says about shapes; a contradiction it throws becomes a diagnostic. */
  shaped<T>(infer: () => T): T {
    try {
      return infer();
    } catch (cause) {
      if (cause instanceof ShapeError)
        this.fail('Q0210', cause.message, undefined, 'the shapes of the inputs contradict each other');
      throw cause;
    }
  }

  /**
   * The scale and zero point inputs of a quantized operator as an affine for a tensor of this shape.
   * Scales must be constant, finite and positive; zero points within the element.
   */
  affine(shape: readonly number[], scaleIndex: number, zeroIndex: number, axis: number, blockSize = 0): Affine {
    const scale = this.constant(scaleIndex);
    const zero = this.optionalConstant(zeroIndex);
    const scales = Float32Array.from(numbers(scale));
    const zeros = zero === undefined ? new Int32Array(scales.length) : Int32Array.from(numbers(zero));
    const part = inputPart(this.node, scaleIndex);
    for (const s of scales)
      if (!(s > 0) || !Number.isFinite(s))
        this.fail(
          'Q0301',
          `a scale is ${s}; scales are finite and greater than 0`,
          part,
          'a dead channel? re-quantize with a minimum range',
        );
    if (zeros.length !== scales.length)
      this.fail('Q0302', `${zeros.length} zero points for ${scales.length} scales`, inputPart(this.node, zeroIndex));
    const isScalar = scale.type.shape.length === 0 || (scale.type.shape.length === 1 && scales.length === 1);
    if (isScalar && (blockSize === 0 || scale.type.shape.length === 0))
      return { per: 'tensor', scale: scales[0], zeroPoint: zeros[0] };
    const at = this.axis(axis, shape.length);
    if (scale.type.shape.length === 1) {
      if (scales.length !== shape[at])
        this.fail(
          'Q0304',
          `${scales.length} scales for ${shape[at]} channels along axis ${at}`,
          part,
          "re-export with per-tensor weights, or check the quantizer's `axis`",
        );
      return { per: 'axis', axis: at, scales, zeroPoints: zeros };
    }
    const blocks = shape.map((dim, i) => (i === at ? Math.ceil(dim / blockSize) : dim));
    if (blockSize <= 0 || !sameShape(scale.type.shape, blocks))
      this.fail('Q0305', `a scale of shape [${scale.type.shape}] for a tensor of shape [${shape}]`, part);
    return { per: 'block', axis: at, block: blockSize, scales, zeroPoints: zeros };
  }

  /** The same stored integers read as `affine` says: constants are retyped, run-time values reinterpreted. */
  asQuant(value: Value, affine: Affine): Value & { readonly type: QuantType } {
    const { type } = value;
    const element =
      type.kind === 'index' && type.element === 's32' ? 's32' : type.kind === 'quant' ? type.element : undefined;
    if (element === undefined)
      this.fail(
        'Q0306',
        `${type.element} cannot be a quantized tensor`,
        undefined,
        'use int8, uint8, int16, uint16, int4 or int32',
      );
    const to = quantType(element, type.shape, affine, type.kind === 'quant' ? type.range : undefined);
    this.checkZeroPoints(to);
    return type.kind === 'quant' && sameType(type, to) ? narrow(value, type) : this.retyped(value, to);
  }

  private retyped(value: Value, to: QuantType): Value & { readonly type: QuantType } {
    if (value.kind === 'const') return narrow(constant(value.name, { type: to, data: value.tensor.data }), to);
    return narrow(make('reinterpret', {}, [value], to, this.origin), to);
  }

  private checkZeroPoints(type: QuantType): void {
    const [low, high] = elementLimits(type);
    const zeros = type.affine.per === 'tensor' ? [type.affine.zeroPoint] : type.affine.zeroPoints;
    for (const z of zeros)
      if (z < low || z > high) this.fail('Q0303', `zero point ${z} is outside ${low}..${high} of ${type.element}`);
  }

  fail(code: Code, message: string, part?: string, help?: string): never {
    throw new ImportFailure(error(code, message, nodePlace(this.node, part), help));
  }
}

function elementLimits(type: QuantType): readonly [number, number] {
  return quantType(type.element, type.shape, type.affine).range;
}

/** `value.type` is `type`: tells the type checker what the caller just established. */
function narrow<V extends Value>(value: V, type: QuantType): V & { readonly type: QuantType } {
  if (!hasType(value, type)) throw new TypeError('narrow: another type');
  return value;
}

function hasType<V extends Value>(value: V, type: QuantType): value is V & { readonly type: QuantType } {
  return sameType(value.type, type);
}

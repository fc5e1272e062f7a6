/**
 * What the importers of `operators/` see of one TFLite operator. Invariant: an importer never reads the file by hand, and
 * either answers values for all outputs, of the types the file declares, or fails with a diagnostic that names the operator.
 */
import type { Code } from '../diagnostics/codes.js';
import { type Diagnostic, error, type Place } from '../diagnostics/diagnostic.js';
import { constant, inferShapes, makeNode, nodeProblems } from '../ir/build.js';
import type { AttrsOf, Const, OpKind, Origin, Value } from '../ir/graph.js';
import { ShapeError } from '../ir/op.js';
import {
  type Affine,
  allocate,
  byteSize,
  elementRange,
  elements,
  floatType,
  indexType,
  perTensor,
  type QuantElement,
  type QuantType,
  quantType,
  type Shape,
  sameAffine,
  sameShape,
  type Tensor,
  type TensorType,
  unitAffine,
} from '../ir/type.js';
import { perAxis } from '../quant/affine.js';
import { absentValues, type FieldValues, MalformedFile } from './flat-file.js';
import { operatorName, type TfliteModel, type TfliteOperator, type TfliteTensor } from './model.js';
import { optionTables } from './schema.js';

/** Ends the import of one operator; the others go on, so that all problems are told at once. */
export class ImportFailure extends Error {
  constructor(readonly diagnostic: Diagnostic) {
    super(diagnostic.message);
  }
}

/** Whose arithmetic requantizes. */
export type Arithmetic = 'onnx' | 'tflite';

export interface OperatorImporter {
  /** Highest operator version whose meaning is this one. */
  readonly version: number;
  /** Answers one value per output. */
  import(cx: OperatorContext): Value | readonly Value[];
}
export type OperatorImporters = Readonly<Record<string, OperatorImporter>>;

const quantElements: Readonly<Record<string, QuantElement>> = {
  INT8: 's8',
  UINT8: 'u8',
  INT16: 's16',
  UINT16: 'u16',
};

/** The IR type a tensor declares. Throws `ImportFailure` for one that has none. */
export function typeOf(tensor: TfliteTensor): TensorType {
  const place = { part: `tensor "${tensor.name}"` };
  const fail = (code: Code, message: string, help: string): never => {
    throw new ImportFailure(error(code, message, place, help));
  };
  const { shape, element } = tensor;
  if (tensor.isSparse) fail('Q0707', 'it is sparse', 'convert the model with dense weights');
  if (tensor.isVariable) fail('Q0707', 'it is a variable', 'convert the model without state');
  switch (element) {
    case 'FLOAT32':
      return floatType(shape);
    case 'FLOAT64':
      return floatType(shape, 'f64');
    case 'INT64':
      return indexType('s64', shape);
    case 'BOOL':
      return indexType('bool', shape);
    case 'INT32':
      return indexType('s32', shape);
    default: {
      const known = quantElements[element];
      if (known === undefined)
        return fail('Q0707', `its elements are ${element}`, 'convert the model with int8, int16 or float32 tensors');
      return quantType(known, shape, affineOf(tensor, known, place));
    }
  }
}

function affineOf(tensor: TfliteTensor, element: QuantElement, place: Place): Affine {
  const { quantization, shape } = tensor;
  if (quantization === undefined) return unitAffine;
  const { scales, zeroPoints, axis } = quantization;
  const help = 'convert the model again with a representative data set';
  const fail = (message: string): never => {
    throw new ImportFailure(error('Q0712', message, place, help));
  };
  const wrong = scales.find((s) => !(s > 0) || !Number.isFinite(s));
  if (wrong !== undefined) fail(`its scale is ${wrong}, expected a positive number`);
  const zeros = zeroPoints.length === 0 ? scales.map(() => 0) : zeroPoints;
  if (zeros.length !== scales.length) fail(`it has ${scales.length} scales and ${zeros.length} zero points`);
  const [low, high] = elementRange[element];
  const outside = zeros.find((z) => z < low || z > high);
  if (outside !== undefined) fail(`its zero point is ${outside}, outside ${low}..${high}`);
  const shifted = element === 's16' ? zeros.find((z) => z !== 0) : undefined;
  if (shifted !== undefined)
    throw new ImportFailure(
      error('Q0731', `its zero point is ${shifted}, int16 needs 0`, place, 'quantize int16 activations symmetrically'),
    );
  if (scales.length === 1) return perTensor(scales[0], zeros[0]);
  if (shape[axis] === undefined || axis < 0 || scales.length !== shape[axis])
    fail(`it has ${scales.length} scales for dimension ${axis} of [${shape}]`);
  return perAxis(axis, scales, zeros);
}

/** The constant of a tensor that has one. */
export function constantOf(tensor: TfliteTensor, type: TensorType): Const | undefined {
  const { data } = tensor;
  if (data === undefined) return undefined;
  const made = allocate(type);
  new Uint8Array(made.buffer).set(data);
  return constant(tensor.name, { type, data: made });
}

export class OperatorContext {
  constructor(
    readonly operator: TfliteOperator,
    private readonly model: TfliteModel,
    private readonly values: readonly (Value | undefined)[],
    readonly arithmetic: Arithmetic,
  ) {}

  get place(): Place {
    return { node: operatorName(this.operator, this.model.tensors), operator: this.operator.name };
  }

  get origin(): Origin {
    return { names: [operatorName(this.operator, this.model.tensors)] };
  }

  fail(code: Code, message: string, part?: string, help?: string): never {
    throw new ImportFailure(error(code, message, { ...this.place, ...(part === undefined ? {} : { part }) }, help));
  }

  get inputCount(): number {
    return this.operator.inputs.length;
  }

  get outputCount(): number {
    return this.operator.outputs.length;
  }

  /** What a message calls an input. */
  inputPart(index: number): string {
    const tensor = this.model.tensors[this.operator.inputs[index] ?? -1];
    return `input ${index}${tensor === undefined ? '' : ` "${tensor.name}"`}`;
  }

  optional(index: number): Value | undefined {
    return this.values[index];
  }

  input(index: number): Value {
    return this.values[index] ?? this.fail('Q0717', `input ${index} is missing`, undefined, 'convert the model again');
  }

  /** An input of 8 bits, quantized per tensor. */
  quantized(index: number): { readonly value: Value; readonly type: QuantType } {
    const value = this.input(index);
    const { type } = value;
    if (type.kind !== 'quant' || type.affine.per !== 'tensor')
      this.fail('Q0708', `is ${type.element}, expected integers quantized per tensor`, this.inputPart(index));
    return { value, type };
  }

  constant(index: number): Tensor {
    const value = this.input(index);
    if (value.kind !== 'const')
      this.fail(
        'Q0716',
        'must be a constant',
        this.inputPart(index),
        'convert the model with static shapes and weights',
      );
    return value.tensor;
  }

  /** Is any input int16? Then the arithmetic is TFLite's, which no other rounding stands for. */
  get isWide(): boolean {
    const isWide = this.values.some((v) => v?.type.kind === 'quant' && v.type.element === 's16');
    if (isWide && this.arithmetic === 'onnx')
      this.fail('Q0734', 'its activations are int16', undefined, 'build without `--rounding onnx`');
    return isWide;
  }

  /** A constant list of integers such as axes. */
  ints(index: number): number[] {
    return Array.from(this.constant(index).data, Number);
  }

  /** The declared type of an output. */
  result(index = 0): TensorType {
    const tensor = this.model.tensors[this.operator.outputs[index] ?? -1];
    if (tensor === undefined) this.fail('Q0717', `output ${index} is missing`, undefined, 'convert the model again');
    return typeOf(tensor);
  }

  /** An output of integers quantized per tensor. */
  quantizedResult(index = 0): QuantType {
    const type = this.result(index);
    if (type.kind !== 'quant' || type.affine.per !== 'tensor')
      this.fail('Q0708', `output ${index} is ${type.element}, expected integers quantized per tensor`);
    return type;
  }

  /** The operator's options; the defaults if the file has none. */
  options<K extends keyof typeof optionTables>(name: K): FieldValues<(typeof optionTables)[K]['fields']> {
    const { union, fields } = optionTables[name];
    const { options, optionsType } = this.operator;
    if (options === undefined) return absentValues(fields);
    if (optionsType !== union)
      this.fail('Q0708', `its options are of kind ${optionsType}, expected ${union}`, undefined, 'convert it again');
    try {
      return options.values(fields);
    } catch (cause) {
      if (cause instanceof MalformedFile) this.fail('Q0703', cause.message, undefined, 'download or convert it again');
      throw cause;
    }
  }

  /** The scales a tensor of no quantized IR type (an int32 bias) has in the file. */
  scalesOf(index: number): readonly number[] | undefined {
    return this.model.tensors[this.operator.inputs[index] ?? -1]?.quantization?.scales;
  }

  /** An axis in 0..rank-1 from one that may be negative. */
  axis(axis: number, rank: number): number {
    const at = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(at) || at < 0 || at >= Math.max(rank, 1))
      this.fail('Q0708', `axis ${axis} is outside a tensor of ${rank} dimensions`);
    return at;
  }

  /** A node with one result; `type` but for its shape, which the op infers. */
  make<K extends OpKind>(kind: K, attrs: AttrsOf<K>, operands: readonly Value[], type: TensorType): Value {
    return this.makeAll(kind, attrs, operands, [type])[0];
  }

  makeAll<K extends OpKind>(
    kind: K,
    attrs: AttrsOf<K>,
    operands: readonly Value[],
    types: readonly TensorType[],
  ): readonly Value[] {
    const shapes = this.shaped(() => inferShapes(kind, attrs, operands));
    const resultTypes = types.map((type, i) => ({ ...type, shape: shapes[i] }));
    for (const type of resultTypes)
      if (byteSize(type) > 2 ** 31 - 1) this.fail('Q0709', `a value of shape [${type.shape}] takes more than 2 GiB`);
    const problems = nodeProblems(kind, attrs, operands, resultTypes);
    if (problems.length > 0) this.fail('Q0708', problems.join('; '));
    return makeNode(kind, attrs, operands, resultTypes, this.origin).results;
  }

  private shaped<T>(infer: () => T): T {
    try {
      return infer();
    } catch (cause) {
      if (cause instanceof ShapeError) this.fail('Q0709', cause.message, undefined, 'the shapes contradict each other');
      throw cause;
    }
  }

  /** The same bytes under the affine of `type`, for operators that copy stored integers. */
  retyped(value: Value, type: TensorType): Value {
    const own = value.type;
    if (own.element !== type.element)
      this.fail('Q0708', `is ${own.element}, its output ${type.element}`, this.inputPart(0));
    if (own.kind !== 'quant' || type.kind !== 'quant' || sameAffine(own.affine, type.affine)) return value;
    const other = quantType(type.element, own.shape, type.affine, own.range);
    if (value.kind === 'const') return constant(value.name, { type: other, data: value.tensor.data });
    return this.make('reinterpret', {}, [value], other);
  }

  /** Stored values limited to the range of `type`. */
  clampedTo(value: Value, type: QuantType): Value {
    const own = value.type;
    if (own.kind !== 'quant' || (own.range[0] >= type.range[0] && own.range[1] <= type.range[1])) return value;
    return this.make('clamp', { min: type.range[0], max: type.range[1] }, [value], type);
  }

  /** `value` in the dimensions `shape`. */
  reshaped(value: Value, shape: Shape): Value {
    if (sameShape(value.type.shape, shape)) return value;
    if (elements(shape) !== elements(value.type.shape))
      this.fail(
        'Q0709',
        `[${value.type.shape}] cannot become [${shape}]`,
        undefined,
        'the shapes contradict each other',
      );
    if (value.kind === 'const')
      return constant(value.name, { type: { ...value.type, shape }, data: value.tensor.data });
    return this.make('reshape', { shape }, [value], { ...value.type, shape });
  }
}

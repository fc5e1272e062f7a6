/**
 * Tensor types and tensor data. Invariant: quantization lives in the type, so an integer that means a real number
 * always says which one (`Affine`), and no operation carries scale or zero-point inputs.
 */

/** Static dimensions, outermost first. A symbolic dimension never reaches the IR. */
export type Shape = readonly number[];

/** real = scale * (stored - zeroPoint): for the whole tensor, per slice of `axis`, or per `block` slices of `axis`. */
export type Affine =
  | { readonly per: 'tensor'; readonly scale: number; readonly zeroPoint: number }
  | { readonly per: 'axis'; readonly axis: number; readonly scales: Float32Array; readonly zeroPoints: Int32Array }
  | {
      readonly per: 'block';
      readonly axis: number;
      readonly block: number;
      readonly scales: Float32Array;
      readonly zeroPoints: Int32Array;
    };

export type FloatElement = 'f32' | 'f64' | 'f16' | 'bf16';
export type IndexElement = 's64' | 's32' | 'bool' | 'u64' | 'u32';
export type QuantElement = 's8' | 'u8' | 's16' | 'u16' | 's32' | 's4' | 'u4';
export type Element = FloatElement | IndexElement | QuantElement;

export interface FloatType {
  readonly kind: 'float';
  readonly element: FloatElement;
  readonly shape: Shape;
}
export interface IndexType {
  readonly kind: 'index';
  readonly element: IndexElement;
  readonly shape: Shape;
}
export interface QuantType {
  readonly kind: 'quant';
  readonly element: QuantElement;
  readonly shape: Shape;
  readonly affine: Affine;
  /** Stored values that can occur, both ends included: 0..127 for a reduced-range u8 tensor. */
  readonly range: readonly [number, number];
}
export type TensorType = FloatType | IndexType | QuantType;

/** Row-major data. f16 and bf16 are held as f32 values already rounded; s4/u4 one value per byte; bool as 0/1 bytes. */
export type TensorData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

export interface Tensor {
  readonly type: TensorType;
  readonly data: TensorData;
}

/** Smallest and largest stored value of an integer element. */
export const elementRange: Readonly<Record<QuantElement, readonly [number, number]>> = {
  s8: [-128, 127],
  u8: [0, 255],
  s16: [-32768, 32767],
  u16: [0, 65535],
  s32: [-2147483648, 2147483647],
  s4: [-8, 7],
  u4: [0, 15],
};

/** Bytes of one element in memory (s4/u4 are unpacked: one per byte). */
export const elementBytes: Readonly<Record<Element, number>> = {
  s8: 1,
  u8: 1,
  s16: 2,
  u16: 2,
  s32: 4,
  u32: 4,
  s64: 8,
  u64: 8,
  bool: 1,
  s4: 1,
  u4: 1,
  f32: 4,
  f64: 8,
  f16: 4,
  bf16: 4,
};

const allocators: Readonly<Record<Element, (n: number) => TensorData>> = {
  s8: (n) => new Int8Array(n),
  u8: (n) => new Uint8Array(n),
  s16: (n) => new Int16Array(n),
  u16: (n) => new Uint16Array(n),
  s32: (n) => new Int32Array(n),
  u32: (n) => new Uint32Array(n),
  s64: (n) => new BigInt64Array(n),
  u64: (n) => new BigUint64Array(n),
  bool: (n) => new Uint8Array(n),
  s4: (n) => new Int8Array(n),
  u4: (n) => new Uint8Array(n),
  f32: (n) => new Float32Array(n),
  f64: (n) => new Float64Array(n),
  f16: (n) => new Float32Array(n),
  bf16: (n) => new Float32Array(n),
};

/** Number of elements of a shape; 1 for a scalar. */
export function elements(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

export function allocate(type: TensorType): TensorData {
  return allocators[type.element](elements(type.shape));
}

/** Zeroed storage of a type that is known not to be 64-bit. */
export function allocateNumbers(type: TensorType): NumberData {
  return numberData({ type, data: allocate(type) });
}

/** Row-major data of `from` picked by element index: element i of the answer is data[index[i]]. */
export function gatherData(data: TensorData, index: Int32Array): TensorData {
  if (data instanceof BigInt64Array) return BigInt64Array.from(index, (i) => data[i]);
  if (data instanceof BigUint64Array) return BigUint64Array.from(index, (i) => data[i]);
  const out = sameKind(data, index.length);
  for (let i = 0; i < index.length; i++) out[i] = data[index[i]];
  return out;
}

function sameKind(data: NumberData, length: number): NumberData {
  if (data instanceof Int8Array) return new Int8Array(length);
  if (data instanceof Uint8Array) return new Uint8Array(length);
  if (data instanceof Int16Array) return new Int16Array(length);
  if (data instanceof Uint16Array) return new Uint16Array(length);
  if (data instanceof Int32Array) return new Int32Array(length);
  if (data instanceof Uint32Array) return new Uint32Array(length);
  if (data instanceof Float32Array) return new Float32Array(length);
  return new Float64Array(length);
}

export function byteSize(type: TensorType): number {
  return elements(type.shape) * elementBytes[type.element];
}

export function floatType(shape: Shape, element: FloatElement = 'f32'): FloatType {
  return { kind: 'float', element, shape };
}

export function indexType(element: IndexElement, shape: Shape): IndexType {
  return { kind: 'index', element, shape };
}

export function perTensor(scale: number, zeroPoint: number): Affine {
  return { per: 'tensor', scale: Math.fround(scale), zeroPoint };
}

/** An integer without a scale: scale 1, zero point 0. */
export const unitAffine: Affine = perTensor(1, 0);

export function quantType(
  element: QuantElement,
  shape: Shape,
  affine: Affine,
  range: readonly [number, number] = elementRange[element],
): QuantType {
  return { kind: 'quant', element, shape, affine, range };
}

/** Quantized to 8 bits. */
export function isByte(type: TensorType): type is QuantType {
  return type.kind === 'quant' && (type.element === 's8' || type.element === 'u8');
}

/** The same with one scale. */
export function isPlainByte(type: TensorType): type is QuantType {
  return isByte(type) && type.affine.per === 'tensor';
}

export function withShape<T extends TensorType>(type: T, shape: Shape): T {
  return { ...type, shape };
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

export function sameAffine(a: Affine, b: Affine): boolean {
  if (a.per === 'tensor') return b.per === 'tensor' && Object.is(a.scale, b.scale) && a.zeroPoint === b.zeroPoint;
  if (b.per === 'tensor' || a.per !== b.per || a.axis !== b.axis) return false;
  if (a.per === 'block' && b.per === 'block' && a.block !== b.block) return false;
  return (
    a.scales.length === b.scales.length &&
    a.scales.every((s, i) => s === b.scales[i]) &&
    a.zeroPoints.every((z, i) => z === b.zeroPoints[i])
  );
}

export function sameType(a: TensorType, b: TensorType): boolean {
  if (a.kind !== b.kind || a.element !== b.element || !sameShape(a.shape, b.shape)) return false;
  if (a.kind !== 'quant' || b.kind !== 'quant') return true;
  return sameAffine(a.affine, b.affine) && a.range[0] === b.range[0] && a.range[1] === b.range[1];
}

/** Element values as JavaScript numbers; 64-bit integers beyond 2^53 are clamped to the nearest safe integer. */
export function numbers(tensor: Tensor): number[] {
  const out: number[] = [];
  for (const value of tensor.data) {
    if (typeof value === 'number') out.push(value);
    else out.push(Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value))));
  }
  return out;
}

/** Numeric view of data that is known not to be 64-bit; throws on 64-bit data, which is a bug of the caller. */
export type NumberData = Exclude<TensorData, BigInt64Array | BigUint64Array>;
export function numberData(tensor: Tensor): NumberData {
  const { data } = tensor;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    throw new TypeError(`64-bit data where ${tensor.type.element} was expected`);
  return data;
}

export function f32Data(tensor: Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new TypeError(`f32 data expected, found ${tensor.type.element}`);
  return tensor.data;
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

/** Where real values end whatever the inputs are: a Relu6 at 0 and 6. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export const UNBOUNDED: Bounds = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

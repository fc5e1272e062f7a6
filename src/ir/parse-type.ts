/** Reads a tensor type of the textual IR. */
import { type Cursor, ParseError } from './parse-cursor.js';
import {
  type Affine,
  byteSize,
  elementBytes,
  elementRange,
  perTensor,
  type QuantElement,
  type TensorType,
} from './type.js';

/** A text is not worth more; what a model file may declare is another matter. */
const MAX_BYTES = 2 ** 31;

const floats = ['f32', 'f64', 'f16', 'bf16'] as const;
const indices = ['s64', 's32', 'bool', 'u64', 'u32'] as const;

function isQuantElement(name: string): name is QuantElement {
  return Object.hasOwn(elementRange, name);
}

export function parseType(cursor: Cursor): TensorType {
  const element = cursor.name();
  if (!Object.hasOwn(elementBytes, element)) throw new ParseError(cursor.line, `"${element}" is not an element type`);
  cursor.take('[');
  const shape = list(cursor);
  const bytes = byteSize({ kind: 'float', element: 'f32', shape });
  if (!shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0) || bytes > MAX_BYTES)
    throw new ParseError(cursor.line, `[${shape}] is no shape, or one too large`);
  const float = floats.find((name) => name === element);
  if (float !== undefined) return { kind: 'float', element: float, shape };
  if (cursor.tryWord('q') && isQuantElement(element)) {
    const affine = parseAffine(cursor);
    if (!cursor.tryWord('in')) return { kind: 'quant', element, shape, affine, range: elementRange[element] };
    const low = cursor.number();
    cursor.take('..');
    return { kind: 'quant', element, shape, affine, range: [low, cursor.number()] };
  }
  const index = indices.find((name) => name === element);
  if (index === undefined) throw new ParseError(cursor.line, `${element} needs a quantization q(scale, zero)`);
  return { kind: 'index', element: index, shape };
}

function list(cursor: Cursor): number[] {
  const values: number[] = [];
  while (!cursor.tryTake(']')) {
    values.push(cursor.number());
    cursor.tryTake(',');
  }
  return values;
}

function parseAffine(cursor: Cursor): Affine {
  cursor.take('(');
  const per = cursor.tryWord('axis') ? 'axis' : cursor.tryWord('block') ? 'block' : 'tensor';
  if (per === 'tensor') {
    const scale = cursor.number();
    cursor.take(',');
    const zero = cursor.number();
    cursor.take(')');
    return perTensor(scale, zero);
  }
  const axis = cursor.number();
  const block = per === 'block' ? cursor.number() : 0;
  cursor.take(',');
  cursor.take('[');
  const scales = Float32Array.from(list(cursor));
  cursor.take(',');
  cursor.take('[');
  const zeroPoints = Int32Array.from(list(cursor));
  cursor.take(')');
  return per === 'axis' ? { per, axis, scales, zeroPoints } : { per, axis, block, scales, zeroPoints };
}

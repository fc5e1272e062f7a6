/** Operators that a constant pattern decides: triangles, one-hot rows, diagonals. */
import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { allocate, indexType, type TensorType, withShape } from '../../ir/type.js';
import { elementOfCode, nameOfCode } from '../../onnx/element-types.js';
import { type ImportContext, typeOfElement } from '../../onnx/importer.js';
import { numericInputs, plainIntegers } from '../arithmetic.js';
import { picked } from '../gather/import.js';
import { reshaped } from '../layout.js';

/** A constant triangle decides; what it leaves out is 0. */
export function triangle(cx: ImportContext): Value {
  const x = cx.input(0);
  const { shape } = x.type;
  if (shape.length < 2) cx.fail('Q0210', `x has ${shape.length} dimensions, expected at least 2`);
  const k = cx.optional(1) === undefined ? 0 : cx.constantScalar(1);
  const isUpper = cx.attrs.bool('upper', true);
  const [rows, columns] = shape.slice(-2);
  const inside = Uint8Array.from({ length: rows * columns }, (_, i) => {
    const above = (i % columns) - Math.floor(i / columns) - k;
    return (isUpper ? above >= 0 : above <= 0) ? 1 : 0;
  });
  const mask = constant('triangle', { type: indexType('bool', [rows, columns]), data: inside });
  const zero = x.type.kind === 'quant' && x.type.affine.per === 'tensor' ? x.type.affine.zeroPoint : 0;
  return cx.make('where', {}, [mask, x, cx.scalar(x.type, zero)], x.type);
}

/** on where an index is met along a new axis, off elsewhere; negative indices count from the end. */
export function oneHot(cx: ImportContext): Value {
  const [index] = numericInputs(cx, [cx.input(0)]);
  const depth = cx.constantScalar(1);
  const values = cx.input(2);
  const axis = cx.axis(cx.attrs.int('axis', -1), index.type.shape.length + 1);
  if (!(depth >= 1)) cx.fail('Q0210', `a depth of ${depth}`);
  if (values.type.shape.length !== 1 || values.type.shape[0] !== 2)
    cx.fail('Q0210', `values are [${values.type.shape}], expected [2]: off and on`);
  const column = index.type.shape.toSpliced(axis, 0, 1);
  const wide = reshaped(cx, index, column);
  const all = column.map((_, i) => (i === axis ? depth : 1));
  const numbersFrom = (first: number) => {
    const type = withShape(wide.type, all);
    const data = allocate(type);
    for (let i = 0; i < depth; i++)
      if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(first + i);
      else data[i] = first + i;
    return constant('', { type, data });
  };
  const meets = (first: number) =>
    cx.make('compare', { fn: 'equal' }, [wide, numbersFrom(first)], indexType('bool', []));
  const isUnsigned = wide.type.element.startsWith('u');
  const met = isUnsigned ? meets(0) : cx.make('binary', { fn: 'or' }, [meets(0), meets(-depth)], indexType('bool', []));
  const [off, on] = [0, 1].map((i) => picked(cx, values, 0, [i]));
  return cx.make('where', {}, [met, on, off], values.type);
}

function elementType(cx: ImportContext, code: number | undefined): TensorType {
  if (code === undefined) return plainIntegers(cx, cx.input(0)).type;
  const element = elementOfCode(code);
  if (element === undefined || element === 'string')
    return cx.fail('Q0218', `${nameOfCode(code)} is not supported`, 'attribute "dtype"', 'use a float or integer type');
  return typeOfElement(element, []);
}

/** Ones on a diagonal of a matrix of x's shape, whose numbers do not matter. */
export function eyeLike(cx: ImportContext): Value {
  const [rows, columns] = cx.input(0).type.shape;
  if (cx.input(0).type.shape.length !== 2) cx.fail('Q0210', 'x is a matrix');
  const k = cx.attrs.int('k', 0);
  const type = withShape(elementType(cx, cx.attrs.int('dtype', undefined)), [rows, columns]);
  const data = allocate(type);
  for (let r = 0; r < rows; r++)
    if (r + k >= 0 && r + k < columns)
      if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[r * columns + r + k] = 1n;
      else data[r * columns + r + k] = 1;
  return constant('', { type, data });
}

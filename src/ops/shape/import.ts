/** Operators that ask for shapes or make constants: nothing of them is left after import. */
import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { allocate, elements, floatType, indexType, type TensorType } from '../../ir/type.js';
import { constantOf, type ImportContext, type Importers, typeOfElement } from '../../onnx/importer.js';
import { fillData } from '../moves.js';

function integers(values: readonly number[], shape: readonly number[]): Value {
  return constant('', { type: indexType('s64', shape), data: BigInt64Array.from(values, (v) => BigInt(v)) });
}

/** As many steps as fit before the limit, the first at `start`. */
function range(cx: ImportContext, type: TensorType, [start, limit, delta]: readonly number[]): Value {
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!Number.isFinite(count)) cx.fail('Q0210', `a range from ${start} to ${limit} by ${delta} does not end`);
  const y = { ...type, shape: [count] };
  cx.checkSize(y);
  const data = allocate(y);
  for (let i = 0; i < count; i++) {
    const value = start + i * delta;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(value);
    else data[i] = value;
  }
  return constant('', { type: y, data });
}

function noStrings(cx: ImportContext): never {
  return cx.fail('Q0209', 'strings are not supported');
}

/** The one of Constant's attributes that the node gives. */
function constantValue(cx: ImportContext): Value {
  const floats = (values: readonly number[], shape: readonly number[]) =>
    constant('', { type: floatType(shape), data: Float32Array.from(values) });
  const given = ['value', 'value_float', 'value_floats', 'value_int', 'value_ints'].filter((n) => cx.attrs.has(n));
  if (given.length !== 1)
    cx.fail(
      'Q0218',
      `one numeric value is needed, ${given.length} are given`,
      undefined,
      'strings and sparse tensors are not supported',
    );
  switch (given[0]) {
    case 'value': {
      const tensor = cx.attrs.requiredTensor('value');
      return tensor.elementType === 'string' ? noStrings(cx) : constantOf({ ...tensor, name: '' });
    }
    case 'value_float':
      return floats([cx.attrs.requiredFloat('value_float')], []);
    case 'value_int':
      return integers([cx.attrs.requiredInt('value_int')], []);
    case 'value_floats': {
      const values = cx.attrs.requiredFloats('value_floats');
      return floats(values, [values.length]);
    }
    default: {
      const values = cx.attrs.requiredInts('value_ints');
      return integers(values, [values.length]);
    }
  }
}

export const importers: Importers = {
  Constant: constantValue,
  Shape(cx) {
    const { shape } = cx.input(0).type;
    if (cx.opset < 15) return integers(shape, [shape.length]);
    const bound = (at: number) => Math.max(0, Math.min(shape.length, at < 0 ? at + shape.length : at));
    const part = shape.slice(bound(cx.attrs.int('start', 0)), bound(cx.attrs.int('end', shape.length)));
    return integers(part, [part.length]);
  },
  Size: (cx) => integers([elements(cx.input(0).type.shape)], []),
  ConstantOfShape(cx) {
    const shape = cx.constantInts(0);
    if (shape.some((d) => d < 0)) cx.fail('Q0210', `[${shape}] is no shape`);
    const given = cx.attrs.tensor('value');
    const element = given?.elementType === 'string' ? noStrings(cx) : (given?.elementType ?? 'f32');
    if (given !== undefined && given.data.length !== 1)
      cx.fail('Q0207', `value holds ${given.data.length} elements, expected 1`, 'attribute "value"');
    const type = typeOfElement(element, shape);
    cx.checkSize(type);
    const data = allocate(type);
    const first = given?.data[0] ?? 0;
    const value = typeof first === 'string' ? noStrings(cx) : first;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(BigInt(value));
    else fillData(data, Number(value));
    return constant('', { type, data });
  },
  Range: (cx) => range(cx, cx.input(0).type, [cx.constantScalar(0), cx.constantScalar(1), cx.constantScalar(2)]),
};

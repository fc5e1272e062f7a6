/**
 * Element types of arithmetic operators. Invariants: half floats are computed in float32 and rounded once per operator;
 * stored integers take part as the integers they are, whatever scale they were given.
 */
import type { Value } from '../ir/graph.js';
import { elementRange, floatType, type TensorType, unitAffine, withShape } from '../ir/type.js';
import type { ImportContext } from '../onnx/importer.js';

/** `value` with the element of `type`. */
export function castTo(cx: ImportContext, value: Value, type: TensorType): Value {
  if (value.type.kind === type.kind && value.type.element === type.element) return value;
  return cx.make('cast', {}, [value], withShape(type, value.type.shape));
}

/** An integer tensor with a scale read as plain integers. */
export function plainIntegers(cx: ImportContext, value: Value): Value {
  return value.type.kind === 'quant' ? cx.asQuant(value, unitAffine) : value;
}

/** All inputs as plain numbers of one element; half floats as float32. */
export function numericInputs(cx: ImportContext, values: readonly Value[]): Value[] {
  const plain = values.map((value) => plainIntegers(cx, value));
  const odd = plain.find((value) => value.type.element !== plain[0].type.element);
  if (odd !== undefined)
    cx.fail(
      'Q0209',
      `inputs are ${plain[0].type.element} and ${odd.type.element}; ${cx.node.opType} needs one element type`,
      undefined,
      'insert a Cast, or export the model again',
    );
  return plain.map((value) => (value.type.element === 'f16' ? castTo(cx, value, floatType([])) : value));
}

/** A result in the element of `like`: rounded where that is a half float. */
export function resultLike(cx: ImportContext, value: Value, like: Value): Value {
  return like.type.element === 'f16' ? castTo(cx, value, floatType([], 'f16')) : value;
}

/** The operator on float32; the model's other element types end with an error. */
export function inFloat32(cx: ImportContext, x: Value, compute: (x: Value) => Value): Value {
  const [wide] = numericInputs(cx, [x]);
  if (wide.type.element !== 'f32')
    cx.fail(
      'Q0209',
      `${cx.node.opType} of ${x.type.element} is not supported`,
      undefined,
      'cast the input to float32, or export the model in float32',
    );
  return resultLike(cx, compute(wide), x);
}

/** The largest range of stored integers: what arithmetic on them may give. */
export function fullRange(type: TensorType): TensorType {
  return type.kind === 'quant' ? { ...type, range: elementRange[type.element] } : type;
}

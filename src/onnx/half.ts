/**
 * Half floats (float16, bfloat16). Invariant: every operator computes in float32 and its result is rounded once, so no op
 * but `cast` knows a half float.
 */
import { constant, make } from '../ir/build.js';
import type { Origin, Value } from '../ir/graph.js';
import { type FloatElement, floatType } from '../ir/type.js';
import { opDef } from '../ops/index.js';

type Half = Extract<FloatElement, 'f16' | 'bf16'>;

function halfOf(value: Value | undefined): Half | undefined {
  const element = value?.type.element;
  return element === 'f16' || element === 'bf16' ? element : undefined;
}

/** These decide about element types themselves. */
const aboutElements: ReadonlySet<string> = new Set([
  'Cast',
  'CastLike',
  'DequantizeLinear',
  'If',
  'Loop',
  'QuantizeLinear',
  'Scan',
]);

/** The half float an operator computes in, if it does; its results come back in it. */
export function halfFormat(opType: string, inputs: readonly (Value | undefined)[]): Half | undefined {
  if (aboutElements.has(opType)) return undefined;
  return inputs.map(halfOf).find((half) => half !== undefined);
}

export function widened(value: Value, origin: Origin): Value {
  return halfOf(value) === undefined ? value : castTo(value, 'f32', origin);
}

export function narrowed(value: Value, half: Half, origin: Origin): Value {
  return value.type.element === 'f32' ? castTo(value, half, origin) : value;
}

function castTo(value: Value, element: FloatElement, origin: Origin): Value {
  const type = floatType(value.type.shape, element);
  if (value.kind !== 'const') return make('cast', {}, [value], type, origin);
  const [tensor] = opDef('cast').evaluate({}, [value.tensor], [type]);
  return constant(value.name, tensor);
}

/** The types an ONNX attribute can have, and which field of an AttributeProto holds each. */
import type { AttributeKind } from './model.js';

export type AttributeField =
  | 'f'
  | 'i'
  | 's'
  | 't'
  | 'g'
  | 'floats'
  | 'ints'
  | 'strings'
  | 'tensors'
  | 'graphs'
  | 'sparseTensor'
  | 'sparseTensors'
  | 'tp'
  | 'typeProtos';

export interface AttributeType {
  readonly kind: AttributeKind;
  /** In the message, as onnx-proto spells it. */
  readonly field: AttributeField;
  readonly what: string;
  /** A scalar or a list may be left out when it is zero or empty; these may not. */
  readonly needsPayload?: boolean;
}
/** By the number of AttributeProto.AttributeType. */
export const attributeTypes: readonly (AttributeType | undefined)[] = [
  undefined,
  { kind: 'float', field: 'f', what: 'a float' },
  { kind: 'int', field: 'i', what: 'an int' },
  { kind: 'string', field: 's', what: 'a string' },
  { kind: 'tensor', field: 't', what: 'a tensor', needsPayload: true },
  { kind: 'graph', field: 'g', what: 'a graph', needsPayload: true },
  { kind: 'floats', field: 'floats', what: 'floats' },
  { kind: 'ints', field: 'ints', what: 'ints' },
  { kind: 'strings', field: 'strings', what: 'strings' },
  { kind: 'tensors', field: 'tensors', what: 'tensors' },
  { kind: 'graphs', field: 'graphs', what: 'graphs' },
  { kind: 'unsupported', field: 'sparseTensor', what: 'a sparse tensor', needsPayload: true },
  { kind: 'unsupported', field: 'sparseTensors', what: 'sparse tensors' },
  { kind: 'unsupported', field: 'tp', what: 'a type', needsPayload: true },
  { kind: 'unsupported', field: 'typeProtos', what: 'types' },
];

/** AttributeProto.AttributeType of a kind; 0 for those that have no single one. */
export function typeNumber(kind: AttributeKind): number {
  return kind === 'unsupported'
    ? 0
    : Math.max(
        0,
        attributeTypes.findIndex((type) => type?.kind === kind),
      );
}

/** Whether a decoded message has this field; with `filled`, whether it holds more than a zero or nothing. */
export function holds(
  message: Readonly<Partial<Record<AttributeField, unknown>>>,
  field: AttributeField,
  filled: boolean,
): boolean {
  const value = message[field];
  if (!Object.hasOwn(message, field) || value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (!filled) return true;
  if (value instanceof Uint8Array) return value.length > 0;
  if (typeof value === 'object' && 'low' in value && 'high' in value) return value.low !== 0 || value.high !== 0;
  return value !== 0;
}

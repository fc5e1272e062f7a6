/**
 * What an op is. Invariant: an op's meaning is written once, in `evaluate` (slow and obvious), and its shapes once,
 * in `inferShape`; everything else (kernels, passes) is judged against them.
 */
import type { Bounds, Shape, Tensor, TensorType } from './type.js';

/** Attribute kinds. An array of strings is an enumeration. */
export type AttrSpec = 'int' | 'ints' | 'float' | 'floats' | 'bool' | 'string' | readonly string[];
export type AttrValue = number | boolean | string | readonly number[];
export type AttrsOfSpec<S> = {
  readonly [N in keyof S]: S[N] extends 'int' | 'float'
    ? number
    : S[N] extends 'ints' | 'floats'
      ? readonly number[]
      : S[N] extends 'bool'
        ? boolean
        : S[N] extends 'string'
          ? string
          : S[N] extends readonly (infer E)[]
            ? E
            : never;
};

/** A violated rule of an op, in words that can follow the op's name. */
export type Problem = string;

export interface OpDef<K extends string, S extends Readonly<Record<string, AttrSpec>>, A = AttrsOfSpec<S>> {
  readonly kind: K;
  /** First sentence: what it computes. Then the formula, once. Feeds `qcc ops` and the README table. */
  readonly doc: string;
  readonly attrs: S;
  /** Operand names in order; a trailing `?` marks an optional last operand, a trailing `*` any number. */
  readonly operands: readonly string[];
  /** The only shape inference: result shapes from attributes and operand types. Throws `ShapeError`. */
  inferShape(attrs: A, operands: readonly TensorType[]): readonly Shape[];
  /** Everything else that must hold between attributes, operand types and result types. */
  check(attrs: A, operands: readonly TensorType[], results: readonly TensorType[]): readonly Problem[];
  /** The meaning. `operands` match their types; the answer matches `results`. */
  evaluate(attrs: A, operands: readonly Tensor[], results: readonly TensorType[]): readonly Tensor[];
  /** Where the results of floats end, from where the operands do. Without it they do not end. */
  bounds?(attrs: A, operands: readonly Bounds[]): Bounds;
  /** The result is the first operand's bytes, unchanged and in the same order: no step is needed. */
  readonly isView?: boolean;
}

/** Thrown by `inferShape` when operand shapes contradict each other; the message names the numbers. */
export class ShapeError extends Error {}

/** The erased form under which generic code (driver, printer, interpreter) sees every op. */
export type AnyOpDef = OpDef<string, Readonly<Record<string, AttrSpec>>, Readonly<Record<string, AttrValue>>>;

export function defineOp<const K extends string, const S extends Readonly<Record<string, AttrSpec>>>(
  def: OpDef<K, S>,
): OpDef<K, S> {
  return def;
}

/** Checks untyped attribute values (from a .qir file) against the op's spec. Returns problems, none if they fit. */
export function attrProblems(
  spec: Readonly<Record<string, AttrSpec>>,
  attrs: Readonly<Record<string, AttrValue>>,
): Problem[] {
  const problems: Problem[] = [];
  for (const name of Object.keys(attrs)) if (!(name in spec)) problems.push(`unknown attribute "${name}"`);
  for (const [name, kind] of Object.entries(spec)) {
    const value = attrs[name];
    const fits =
      value !== undefined &&
      (kind === 'int'
        ? Number.isInteger(value)
        : kind === 'float'
          ? typeof value === 'number'
          : kind === 'bool'
            ? typeof value === 'boolean'
            : kind === 'string'
              ? typeof value === 'string'
              : kind === 'ints' || kind === 'floats'
                ? Array.isArray(value)
                : typeof value === 'string' && kind.includes(value));
    if (!fits) problems.push(`attribute "${name}" must be ${Array.isArray(kind) ? kind.join(' or ') : kind}`);
  }
  return problems;
}

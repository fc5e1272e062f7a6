/**
 * The Graph: what to compute. Invariant: nodes are frozen and point at their operands, so a graph cannot hold a cycle
 * or dead code, and a rewrite shares every node it does not touch.
 */
import type { AttrsOf, OpKind } from '../ops/index.js';
import type { Tensor, TensorType } from './type.js';

export type { AttrsOf, OpKind } from '../ops/index.js';

/** Where a node comes from: names of model nodes, as the model spells them, merged by rewrites. */
export interface Origin {
  readonly names: readonly string[];
}

/** A graph input. */
export interface Param {
  readonly kind: 'param';
  readonly name: string;
  readonly type: TensorType;
}
/** A constant tensor. */
export interface Const {
  readonly kind: 'const';
  readonly name: string;
  readonly type: TensorType;
  readonly tensor: Tensor;
}
/** The `index`-th result of a node. */
export interface Result {
  readonly kind: 'result';
  readonly node: AnyNode;
  readonly index: number;
  readonly type: TensorType;
}
export type Value = Param | Const | Result;

export interface Node<K extends OpKind = OpKind> {
  readonly kind: K;
  readonly attrs: AttrsOf<K>;
  readonly operands: readonly Value[];
  readonly results: readonly Result[];
  readonly origin: Origin;
}
export type AnyNode = { [K in OpKind]: Node<K> }[OpKind];

export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
}
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Param[];
  readonly outputs: readonly GraphOutput[];
  /**
   * What the model calls its values, for those who have statistics by name; absent where nobody asked. Rewrites keep it: a
   * name stays on what replaces its value. A named value need not be computed any more.
   */
  readonly named?: ReadonlyMap<string, Value>;
}

export const noOrigin: Origin = { names: [] };

export function mergeOrigins(...origins: readonly Origin[]): Origin {
  return { names: [...new Set(origins.flatMap((o) => o.names))] };
}

/** Test cases of an op, kept beside it in `ops/<op>/samples.ts`: small, and one for every branch of its kernels. */
import { constant, makeNode } from './build.js';
import type { AttrsOf, OpKind, Value } from './graph.js';
import type { Tensor, TensorType } from './type.js';

export interface Sample {
  readonly name: string;
  /** Types of the graph inputs that `build` is given. */
  readonly inputs: readonly TensorType[];
  /** Results that become the graph outputs. */
  readonly build: (inputs: readonly Value[]) => readonly Value[];
}

/** A sample of one node: an operand that is a type is an input, one that is a tensor a constant. */
export interface NodeSample<K extends OpKind> {
  readonly name: string;
  readonly attrs: AttrsOf<K>;
  readonly operands: readonly (TensorType | Tensor)[];
  readonly results: readonly TensorType[];
}

export function nodeSamples<K extends OpKind>(kind: K, samples: readonly NodeSample<K>[]): readonly Sample[] {
  return samples.map(({ name, attrs, operands, results }) => ({
    name,
    inputs: operands.flatMap((operand) => ('data' in operand ? [] : [operand])),
    build(inputs) {
      const left = [...inputs];
      const values = operands.map((operand, i) => ('data' in operand ? constant(`c${i}`, operand) : left.shift()));
      const known = values.flatMap((value) => (value === undefined ? [] : [value]));
      return makeNode(kind, attrs, known, results, { names: [kind] }).results;
    },
  }));
}

/** Test cases of an op, kept beside it in `ops/<op>/samples.ts`: small, and one for every branch of its kernels. */
import type { Value } from './graph.js';
import type { TensorType } from './type.js';

export interface Sample {
  readonly name: string;
  /** Types of the graph inputs that `build` is given. */
  readonly inputs: readonly TensorType[];
  /** Results that become the graph outputs. */
  readonly build: (inputs: readonly Value[]) => readonly Value[];
}

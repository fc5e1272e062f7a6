/** What takes the place of a convolution's constants where a step before it computes them. */
import type { AnyNode } from '../../ir/graph.js';
import type { Kernel, Proof, View } from '../../program/program.js';

/** Constants of channels that a step before computes at run time. */
export interface RunTimeConstants {
  /** What the steps are of. */
  readonly node: AnyNode;
  /** Emits that step for the kernel that was chosen; `shift` is what the kernel takes off the activations. */
  readonly prepare: (kernel: Kernel, shift: number) => { readonly bias: View; readonly scale: View };
  /** `scale` holds pairs of QCC_ROUND_AFFINE. */
  readonly isAffine: boolean;
  readonly proofs: readonly Proof[];
}

/** How an op becomes kernel steps. Each op's `lower.ts` exports one `Lowering`. */
import type { AnyNode, Node, OpKind, Origin, Result, Value } from '../ir/graph.js';
import { typeText } from '../ir/print.js';
import type { Tensor } from '../ir/type.js';
import type { Packing } from '../program/packing.js';
import type { Arg, ChannelBounds, Kernel, Params, Proof, Step, View } from '../program/program.js';
import type { Choice, Request } from '../target/choose.js';

export interface LowerContext {
  /** The bytes of an operand. */
  view(value: Value): View;
  /** Where a result goes: an arena buffer, or the caller's output. */
  output(result: Result): View;
  constant(name: string, tensor: Tensor, packing?: Packing): View;
  /** Memory from one step of this op to its next one. */
  temporary(bytes: number): View;
  /** Undefined for 0 bytes. */
  scratch(bytes: number): View | undefined;
  /** The cheapest provable kernel of the target's ISAs. Throws a diagnostic if there is none. */
  choose(request: Request, node: AnyNode): Choice;
  /** Scratch bytes a kernel wants for these params. */
  scratchBytes(kernel: Kernel, params: Params): number;
  emit(step: Step): void;
}

/** Thrown for types an op computes with in constants only: the model's matter, told as Q0410 at its node. */
export class NoKernel extends Error {}

export type Lowering<K extends OpKind> = (node: Node<K>, cx: LowerContext) => void;

export interface StepParts {
  readonly choice: Choice;
  readonly params: Params;
  readonly data?: Params;
  readonly args: readonly Arg[];
  readonly macs?: number;
  readonly proofs?: readonly Proof[];
  readonly channels?: ChannelBounds;
  readonly inPlace?: string;
}

/** A step for `node`; shapes and quantization are told from its types. */
export function stepFor(
  node: { kind: OpKind; operands: readonly Value[]; results: readonly Result[]; origin: Origin },
  parts: StepParts,
): Step {
  const from = node.operands.map((v) => typeText(v.type, true));
  const to = node.results.map((r) => typeText(r.type, true));
  const strip = (text: string) => text.replace(/\].*$/, ']');
  return {
    kind: 'step',
    op: node.kind,
    kernel: parts.choice.kernel,
    params: parts.params,
    data: parts.data,
    args: parts.args,
    origin: node.origin,
    shapes: `${from.map(strip).join(' * ')} -> ${to.map(strip).join(', ')}`,
    quant: `${from[0]?.replace(/^[^\]]*\]\s*/, '') ?? ''} -> ${to[0].replace(/^[^\]]*\]\s*/, '')}`.trim(),
    hasFloats: [...node.operands.filter((v) => v.kind !== 'const'), ...node.results].some(
      (v) => v.type.kind === 'float',
    ),
    macs: parts.macs ?? 0,
    refused: parts.choice.refused,
    rivals: parts.choice.rivals,
    isTuned: parts.choice.isTuned,
    proofs: [...parts.choice.proofs, ...(parts.proofs ?? [])],
    channels: parts.channels,
    inPlace: parts.inPlace,
    band: undefined,
  };
}

export function reads(name: string, view: View | undefined): Arg {
  return { name, view, access: 'read' };
}
export function writes(name: string, view: View): Arg {
  return { name, view, access: 'write' };
}
export function scratches(name: string, view: View | undefined): Arg {
  return { name, view, access: 'scratch' };
}
export function f32(value: number): { readonly f32: number } {
  return { f32: value };
}
export function flag(value: boolean): number {
  return value ? 1 : 0;
}

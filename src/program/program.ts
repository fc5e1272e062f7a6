/**
 * The Program: which kernel works on which bytes. Invariant: a step names every byte range it touches through its
 * arguments; nothing else is read or written, so order and placement can be decided from the Program alone.
 */
import type { Origin, Result } from '../ir/graph.js';
import type { Element, Tensor, TensorType } from '../ir/type.js';
import type { Packing } from './packing.js';
import type { Region } from './regions.js';

/** A buffer of the caller: a model input or output. No kernel with read slack may touch it. */
export interface IoBuffer {
  readonly role: 'input' | 'output';
  readonly name: string;
  readonly type: TensorType;
  readonly bytes: number;
  /** The arena buffer that stands for it in the steps, where inputs and outputs are to lie in the arena. */
  readonly home?: ArenaBuffer;
}
/** A value between two steps, or memory one step uses while it runs. Lives in the arena. */
export interface ArenaBuffer {
  readonly role: 'value' | 'scratch';
  readonly name: string;
  readonly bytes: number;
  /** Power of two. */
  readonly align: number;
  /** The caller fills it before a run, so it holds data from the first step on; or reads it after, so it holds to the last. */
  readonly caller?: 'input' | 'output';
}
/** Read-only data; `pack-weights` turns `tensor` into the bytes the kernel wants. */
export interface ConstantBuffer {
  readonly role: 'constant';
  readonly name: string;
  readonly tensor: Tensor;
  readonly packing: Packing;
  readonly align: number;
}
export type Buffer = IoBuffer | ArenaBuffer | ConstantBuffer;

/** A byte range of a buffer. */
export interface View {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly bytes: number;
}

/** One pointer argument of a kernel. `view` undefined passes a null pointer. */
export interface Arg {
  /** The contract's name for it: `x`, `w`, `bias`, ... */
  readonly name: string;
  readonly view: View | undefined;
  readonly access: 'read' | 'write' | 'scratch';
}

/** A kernel's parameter struct, nested as the contract nests it; `{ f32: n }` is a float member. */
export type ParamValue = number | { readonly f32: number } | Params;
export interface Params {
  readonly [member: string]: ParamValue;
}

/** One line of a kernels.def. */
export interface Kernel {
  readonly family: string;
  readonly tile: string;
  readonly isa: string;
  readonly symbol: string;
  /** How the kernel wants its weights: an identifier that `parsePacking` reads. */
  readonly packing: string;
  /** Preconditions, all of which must be proved. */
  readonly needs: readonly string[];
  /** Bytes the kernel may read past the end of its activations and weights. */
  readonly slack: number;
  /** Scratch bytes: a C expression over `p`, see `evaluateScratch`. */
  readonly scratch: string;
  /** Multiply-accumulates (or elements) per cycle, in tenths, measured on the ISA's home machine. */
  readonly rate: number;
}

/** A kernel that could run a step, its preconditions proved. */
export interface Rival {
  readonly kernel: Kernel;
  /** Cycles: estimated, or measured by `qcc build --tune` (`Step.isTuned`). */
  readonly cost: number;
}

export interface Refusal {
  readonly kernel: string;
  readonly why: string;
}

/** A precondition and what proved it. */
export interface Proof {
  readonly claim: string;
  readonly evidence: string;
}

/** What the channels of a step with accumulators can hold, proved by interval analysis of its constants. */
export interface ChannelBounds {
  /** Smallest and largest stored activation, the padding value included. */
  readonly x: readonly [number, number];
  /** Of the whole sum, bias included. */
  readonly accumulator: { readonly low: Float64Array; readonly high: Float64Array };
  /** Of the requantized value, before a residual or a table; undefined where the result is no 8-bit value. */
  readonly result: { readonly low: Float64Array; readonly high: Float64Array } | undefined;
}

export interface Step {
  readonly kind: 'step';
  readonly op: string;
  readonly kernel: Kernel;
  /** The contract's `_params` struct: shapes and flags. Steps with equal kernel and params share one instance. */
  readonly params: Params;
  /** The contract's `_data` struct, if the family has one: numbers that differ between layers of one shape. */
  readonly data: Params | undefined;
  readonly args: readonly Arg[];
  readonly origin: Origin;
  /** `s8[1,56,56,24] * s8[24,3,3,24] -> s8[1,56,56,24]` */
  readonly shapes: string;
  /** `x q(0.02, -4) -> y q(0.1, 3)` */
  readonly quant: string;
  /** It reads or makes floats; constants (multipliers of channels) do not count. */
  readonly hasFloats: boolean;
  readonly macs: number;
  readonly refused: readonly Refusal[];
  /** All kernels that could run it, the chosen one too. */
  readonly rivals: readonly Rival[];
  /** The kernel was chosen by measured times. */
  readonly isTuned: boolean;
  readonly proofs: readonly Proof[];
  /** Undefined for steps without accumulators. */
  readonly channels: ChannelBounds | undefined;
  /** The output may share the bytes of this argument, which is dead after the step. */
  readonly inPlace: string | undefined;
  /** It computes some rows of its result only; undefined: all of it. */
  readonly band: Band | undefined;
}
export interface Band {
  readonly rows: number;
  readonly of: number;
}
/** `body` runs `count` times; between runs each listed buffer view moves on by `bytes`. */
export interface Repeat {
  readonly kind: 'repeat';
  readonly count: number;
  readonly advances: readonly { readonly buffer: Buffer; readonly bytes: number }[];
  readonly body: readonly Item[];
}
export type Item = Step | Repeat;

/**
 * How a step is shared out among parts that run at the same time: each gets some rows of the result. A row is whatever the
 * step can compute by itself: rows of an image, pixels, channels, elements.
 */
export interface Split {
  readonly rows: number;
  /** So many rows stay together. */
  readonly unit: number;
  /** Members of the params that differ from part to part. */
  readonly members: Readonly<Record<string, SplitMember>>;
  /** Arguments whose pointers move; the others are the same in all parts. */
  readonly args: Readonly<Record<string, SplitArg>>;
  /** How rows of the arguments that touch a window depend on rows of the result. */
  readonly window: RowWindow | undefined;
  /**
   * How often parts wait for each other within the step, as rows of one turn need those of the turn before: the kernel has a
   * form for parts, which does that and takes the rows as they are. Undefined: each part runs the kernel on its rows.
   */
  readonly meetings: number | undefined;
}
/**
 * `rows`: so many for each row of the part; `first`: so many more than rows before the part. Else what lies under the part's
 * window: rows of the image, of the padding above; `above` and `below`: rows of the part itself beside those of the image.
 */
export type SplitMember =
  | { readonly kind: 'rows'; readonly times: number }
  | { readonly kind: 'first'; readonly more: number }
  | { readonly kind: 'image' | 'padding' | 'above' | 'below' };
export interface SplitArg {
  /** What the pointer moves by for each row. */
  readonly rowBytes: number;
  /** What a part touches: the bytes of its own rows, those under its window, or any; `met`: in the order the kernel keeps. */
  readonly touches: 'own' | 'window' | 'any' | 'met';
}
/** Result row r needs rows [r * stride - pad, r * stride - pad + size) of an image, cut to its `rows`. */
export interface RowWindow {
  readonly rows: number;
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}

/**
 * A Program for several parts. Invariant: between two barriers no part touches bytes that another one writes, for any number
 * of parts up to `most`.
 */
export interface Parts {
  readonly most: number;
  /** Part 0 runs the other steps alone. */
  readonly splits: ReadonlyMap<Step, Split>;
  /** For each step the number of its group; all parts wait for each other where the next group begins. */
  readonly groups: ReadonlyMap<Step, number>;
  /** What the parts meet at. */
  readonly barrier: ArenaBuffer;
}

/** What a buffer holds once its last writer has run. */
export interface BufferValue {
  readonly buffer: ArenaBuffer | IoBuffer;
  readonly value: Result;
}

export interface Program {
  readonly name: string;
  readonly target: string;
  readonly inputs: readonly IoBuffer[];
  readonly outputs: readonly IoBuffer[];
  readonly body: readonly Item[];
  /** Graph values that are in memory at some time: what `qcc verify --steps` compares with the interpreter. */
  readonly values: readonly BufferValue[];
  /** Values of which some rows are there at a time, in these buffers in turn: from the first row to the last. */
  readonly windows: readonly BufferValue[];
  /** Undefined: one part runs all of it. */
  readonly parts: Parts | undefined;
}

/** A Program whose constants are bytes. */
export interface PackedProgram extends Program {
  readonly constants: ReadonlyMap<ConstantBuffer, PackedConstant>;
}
export interface PackedConstant {
  /** Element in which the bytes are written to C. */
  readonly element: Element;
  readonly bytes: Uint8Array;
}

/** A packed Program whose arena buffers have places. */
export interface PlacedProgram extends PackedProgram {
  readonly offsets: ReadonlyMap<ArenaBuffer, number>;
  readonly arenaBytes: number;
  readonly arenaAlign: number;
  /** No placement for this order of steps can be smaller. */
  readonly arenaLowerBound: number;
  /** Several memories that together are the arena, end to end; empty where it is one block. */
  readonly regions: readonly Region[];
}

/** All steps in order, with how often a run executes each. */
export function callsOf(items: readonly Item[], times = 1): readonly { readonly step: Step; readonly times: number }[] {
  return items.flatMap((item) =>
    item.kind === 'step' ? [{ step: item, times }] : callsOf(item.body, times * item.count),
  );
}

/** All steps in execution order, each once. */
export function stepsOf(items: readonly Item[]): Step[] {
  return items.flatMap((item) => (item.kind === 'step' ? [item] : stepsOf(item.body)));
}

/** The buffer that steps read or write for a model input or output. */
export function stepBuffer(io: IoBuffer): IoBuffer | ArenaBuffer {
  return io.home ?? io;
}

/** Inputs and outputs lie in the arena: a run takes nothing but its memory. */
export function isIoInArena({ inputs, outputs }: Pick<Program, 'inputs' | 'outputs'>): boolean {
  return [...inputs, ...outputs].some((io) => io.home !== undefined);
}

export function wholeView(buffer: Buffer): View {
  return { buffer, offset: 0, bytes: bufferBytes(buffer) };
}

export function bufferBytes(buffer: Buffer): number {
  return buffer.role === 'constant' ? buffer.tensor.data.byteLength : buffer.bytes;
}

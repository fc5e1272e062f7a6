/**
 * What a build with `--trace` tells its hook: every write of every step, in order, and the digest the interpreter has for
 * it. Invariant: digests come from the graph's meaning, never from a run of the kernels; rows that a window holds are
 * followed as the windows slide.
 */
import { createHash } from 'node:crypto';
import { evaluateGraph } from '../ir/evaluate.js';
import type { Graph, Value } from '../ir/graph.js';
import type { Sample } from '../ir/seeded.js';
import { bytesOf, computedBytes } from '../ir/stored.js';
import type { Tensor } from '../ir/type.js';
import {
  type Arg,
  type Buffer,
  bufferBytes,
  type Item,
  type Program,
  type Step,
  stepBuffer,
  stepsOf,
  type View,
} from '../program/program.js';
import { crc32 } from './selftest.js';

export interface TracedWrite {
  /** Index of the step, as `stepsOf` counts. */
  readonly step: number;
  readonly bytes: number;
  /**
   * CRC-32; undefined where the interpreter has no number: bytes between the kernels of one op, a value that several steps
   * make, before the last of them, and values with a NaN.
   */
  readonly digest: number | undefined;
}

/** The arguments that the hook is called with after a step. */
export function tracedArgs(step: Step): readonly Arg[] {
  return step.args.filter(({ access, view }) => access === 'write' && view !== undefined && view.bytes > 0);
}

/**
 * Tells builds apart: eight hexadecimal digits of model, target and steps. Two builds with equal digits make the same calls.
 */
export function traceId(program: Program, modelSha256: string): string {
  const steps = stepsOf(program.body).map((s) => [s.kernel.symbol, tracedArgs(s).map((a) => a.view?.bytes)]);
  const text = JSON.stringify([modelSha256, program.target, steps]);
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** @param graph after the last pass: what `program` computes bit for bit. */
export function tracedWrites(program: Program, graph: Graph, sample: Sample): readonly TracedWrite[] {
  const computed = new Map<Value, Tensor>();
  const inputs = new Map(graph.inputs.map(({ name }, i) => [name, sample[i]]));
  const outputs = evaluateGraph(graph, inputs, (value, tensor) => computed.set(value, tensor));
  const contents = new Map<Buffer, Uint8Array | undefined>();
  for (const { buffer, value } of program.values) contents.set(buffer, knownBytes(computed.get(value)));
  // Outputs that are no node's own result are copied.
  for (const output of program.outputs)
    if (!contents.has(stepBuffer(output)))
      contents.set(stepBuffer(output), knownBytes(outputs.get(output.name), bytesOf));
  const rows = new Map<Value, Rows>();
  const windows = new Map<Buffer, Rows>();
  for (const { buffer, value } of program.windows) {
    const window = rows.get(value) ?? { rows: knownBytes(computed.get(value)), next: 0 };
    rows.set(value, window);
    windows.set(buffer, window);
    contents.set(buffer, new Uint8Array(bufferBytes(buffer)));
  }
  const indexOf = new Map(stepsOf(program.body).map((step, i) => [step, i]));
  const writes: (TracedWrite & Range)[] = [];
  const run = (step: Step, moves: ReadonlyMap<Buffer, number>): void => {
    for (const { view } of tracedArgs(step)) {
      if (view === undefined) continue;
      const { buffer, bytes } = view;
      const from = view.offset + (moves.get(buffer) ?? 0);
      const held = contents.get(buffer);
      const window = windows.get(buffer);
      if (window !== undefined && held !== undefined) fill(window, held, step, moves.get(buffer) ?? 0, view);
      const isKnown = held !== undefined && (window === undefined || window.rows !== undefined);
      const digest = isKnown ? crc32(held.subarray(from, from + bytes)) : undefined;
      writes.push({ step: indexOf.get(step) ?? 0, bytes, digest, buffer, from });
    }
  };
  const visit = (item: Item, moves: ReadonlyMap<Buffer, number>): void => {
    if (item.kind === 'step') return run(item, moves);
    for (let turn = 0; turn < item.count; turn++) {
      const inner = new Map(moves);
      for (const { buffer, bytes } of item.advances) inner.set(buffer, (inner.get(buffer) ?? 0) + turn * bytes);
      for (const part of item.body) visit(part, inner);
    }
  };
  for (const item of program.body) visit(item, new Map());
  const open = unfinished(writes.filter(({ buffer }) => !windows.has(buffer)));
  return writes.map((write) => {
    const { step, bytes, digest } = write;
    return { step, bytes, digest: open.has(write) ? undefined : digest };
  });
}

interface Range {
  readonly buffer: Buffer;
  readonly from: number;
  readonly bytes: number;
}

/** Writes into bytes of which later ones write some again: a concatenation along the last axis, operand by operand. */
function unfinished<T extends Range>(writes: readonly T[]): ReadonlySet<T> {
  const later = new Map<Buffer, Range[]>();
  const found = new Set<T>();
  for (const write of writes.toReversed()) {
    const ranges = later.get(write.buffer) ?? [];
    later.set(write.buffer, ranges);
    if (ranges.some((r) => r.from < write.from + write.bytes && write.from < r.from + r.bytes)) found.add(write);
    ranges.push(write);
  }
  return found;
}

/** A value whose rows pass through windows. */
interface Rows {
  readonly rows: Uint8Array | undefined;
  next: number;
}

/** The next rows of the value arrive, or those that are kept move down. */
function fill(window: Rows, held: Uint8Array, step: Step, moved: number, { offset, bytes }: View): void {
  if (step.kernel.family === 'slide') {
    const from = moved + (step.args.find((a) => a.access === 'read')?.view?.offset ?? 0);
    held.copyWithin(moved + offset, from, from + bytes);
    return;
  }
  if (window.rows !== undefined) held.set(window.rows.subarray(window.next, window.next + bytes), moved + offset);
  window.next += bytes;
}

/** Which NaN a NaN is is not specified, so such a value has no digest. */
function knownBytes(
  tensor: Tensor | undefined,
  bytes: (tensor: Tensor) => Uint8Array = computedBytes,
): Uint8Array | undefined {
  if (tensor === undefined) return undefined;
  const { data } = tensor;
  if ((data instanceof Float32Array || data instanceof Float64Array) && data.some(Number.isNaN)) return undefined;
  return bytes(tensor);
}

/**
 * Parts of a run in several threads: what each may touch between two barriers, for every number of parts. No part may touch a
 * byte that another one writes at the same time. Rows are shared out anew here, from the numbers in the C.
 */
import type { CMove, CProgram, CStep } from './c-program.js';
import type { Findings } from './findings.js';
import type { ClaimedArg, ClaimedSplit, ClaimedStep, Manifest } from './manifest.js';

/** Cache lines that each part needs to meet the others. */
const LINES = 2;
const LINE = 64;

export function auditParts(
  manifest: Manifest,
  program: readonly CStep[],
  parts: CProgram['parts'],
  findings: Findings,
): void {
  const claimed = manifest.parts;
  if (claimed === undefined && parts === undefined) return;
  const barrier = manifest.buffers.find((b) => b.name === claimed?.barrier);
  if (
    claimed === undefined ||
    parts === undefined ||
    claimed.most !== parts.most ||
    barrier?.offset !== parts.barrier
  ) {
    findings.add('Q0646', 'the parts of a run in the C are not those of the manifest');
    return;
  }
  if (barrier.bytes < parts.most * LINES * LINE)
    findings.add('Q0645', `${barrier.bytes} bytes are too few for ${parts.most} parts to meet at`);
  const scratch = new Map(manifest.buffers.flatMap((b) => (b.role === 'scratch' ? [[b.name, b.bytes]] : [])));
  const pieceOf = ({ buffer }: ClaimedArg) => (buffer === undefined ? 0 : (scratch.get(buffer) ?? 0) / parts.most);
  for (const step of manifest.steps) {
    const emitted = program[step.index];
    if (emitted !== undefined && !isAsClaimed(step, emitted, pieceOf))
      findings.add('Q0646', 'the C shares this step out among parts in another way', step);
  }
  if (!auditClaims(manifest, pieceOf, findings)) return;
  for (const group of new Set(manifest.steps.map((s) => s.group)))
    for (let count = 1; count <= parts.most; count++) {
      const steps = manifest.steps.filter((s) => s.group === group);
      const found = clash(rangesOf(manifest, steps, count, pieceOf));
      if (found === undefined) continue;
      findings.add('Q0645', `with ${count} parts, what it touches is written by another part at the same time`, found);
      return;
    }
}

type Piece = (arg: ClaimedArg) => number;

function isAsClaimed(step: ClaimedStep, emitted: CStep, pieceOf: Piece): boolean {
  const { split } = step;
  if (emitted.group !== step.group || (emitted.share === undefined) !== (split === undefined)) return false;
  if (split === undefined) return emitted.moves.every((move) => move === undefined);
  const { rows, unit, window } = split;
  const wanted = window && [window.rows, window.size, window.stride, window.pad];
  const { share } = emitted;
  if (share?.meetsInside !== metOf(split).length > 0) return false;
  if (share?.rows !== rows || share.unit !== unit || share.window?.join() !== wanted?.join()) return false;
  return step.args.every((arg, i) => isSame(emitted.moves[i], moveOf(arg, split, pieceOf)));
}

function moveOf(arg: ClaimedArg, split: ClaimedSplit, pieceOf: Piece): CMove | undefined {
  if (arg.buffer === undefined) return undefined;
  if (arg.access === 'scratch') return { by: 'part', bytes: pieceOf(arg) };
  const how = split.args.get(arg.name);
  if (how?.touches === 'met') return undefined;
  return how && { by: how.touches === 'window' ? 'x' : 'r', bytes: how.rowBytes };
}

function isSame(a: CMove | undefined, b: CMove | undefined): boolean {
  return a?.by === b?.by && a?.bytes === b?.bytes;
}

/** Rows that make up the whole argument, and results whose rows are the part's own; else nothing below would say anything. */
function auditClaims({ steps }: Manifest, pieceOf: Piece, findings: Findings): boolean {
  for (const step of steps)
    for (const arg of step.args) {
      const { split } = step;
      if (split === undefined || arg.buffer === undefined) continue;
      const how = split.args.get(arg.name);
      const rows = how?.touches === 'window' ? split.window?.rows : split.rows;
      const isWhole =
        how === undefined || how.touches === 'any' || isMet(step, arg.name) || how.rowBytes * (rows ?? 0) === arg.bytes;
      const isOwn = arg.access !== 'write' || how?.touches === 'own' || isMet(step, arg.name);
      const isRoomy = arg.access !== 'scratch' || arg.bytes <= pieceOf(arg);
      if (split.unit > 0 && isWhole && isOwn && isRoomy) continue;
      findings.add('Q0645', `"${arg.name}" is not shared out among parts whole`, step);
      return false;
    }
  return true;
}

/** Cells of recurrent layers: only their kernels have a form whose parts meet inside, and all their results are made so. */
function isMet({ kernel, split, args }: ClaimedStep, name: string): boolean {
  const results = args.filter((a) => a.access === 'write').map((a) => a.name);
  return (
    /^qcc_(lstm|gru|rnn)_(f32|q8)__/.test(kernel) &&
    split !== undefined &&
    results.includes(name) &&
    metOf(split).toSorted().join() === results.toSorted().join()
  );
}

function metOf({ args }: ClaimedSplit): readonly string[] {
  return [...args].flatMap(([name, { touches }]) => (touches === 'met' ? [name] : []));
}

/** In the place of a part's number: all parts of a step that meet inside. */
const TOGETHER = -2;

interface Range {
  readonly part: number;
  readonly low: number;
  readonly high: number;
  readonly isWrite: boolean;
  readonly step: ClaimedStep | undefined;
  /** The arena, or a buffer of the caller. */
  readonly space: string;
}

function rangesOf(manifest: Manifest, steps: readonly ClaimedStep[], count: number, pieceOf: Piece): readonly Range[] {
  const buffers = new Map(manifest.buffers.map((b) => [b.name, b]));
  const barrier = buffers.get(manifest.parts?.barrier ?? '');
  const low = barrier?.offset ?? 0;
  const meeting = { part: -1, low, high: low + (barrier?.bytes ?? 0), isWrite: true, step: undefined, space: '' };
  return [
    meeting,
    ...steps.flatMap((step) =>
      step.args.flatMap((arg) => {
        const buffer = arg.buffer === undefined ? undefined : buffers.get(arg.buffer);
        if (buffer === undefined || buffer.role === 'constant') return [];
        const start = (buffer.offset ?? 0) + arg.offset;
        const space = buffer.offset === undefined ? buffer.name : '';
        return Array.from({ length: count }, (_, part): Range => {
          const [from, to] = touchedBy(step, arg, part, count, pieceOf(arg));
          const who = isMet(step, arg.name) ? TOGETHER : part;
          return { part: who, low: start + from, high: start + to, isWrite: arg.access !== 'read', step, space };
        });
      }),
    ),
  ].filter((r) => r.high > r.low);
}

/** Bytes of an argument. */
function touchedBy(step: ClaimedStep, arg: ClaimedArg, part: number, count: number, piece: number): [number, number] {
  const { split } = step;
  if (split === undefined) return part === 0 ? [0, arg.bytes] : [0, 0];
  const units = Math.ceil(split.rows / split.unit);
  const bound = (p: number) => Math.min(split.rows, Math.floor((units * p) / count) * split.unit);
  const [first, end] = [bound(part), bound(part + 1)];
  if (first >= end) return [0, 0];
  if (arg.access === 'scratch') return [part * piece, part * piece + arg.bytes];
  const how = split.args.get(arg.name);
  if (how === undefined || how.touches === 'any' || how.touches === 'met') return [0, arg.bytes];
  if (how.touches === 'own' || split.window === undefined) return [first * how.rowBytes, end * how.rowBytes];
  const { rows, size, stride, pad } = split.window;
  const top = Math.max(0, first * stride - pad);
  return [top * how.rowBytes, Math.min(rows, (end - 1) * stride - pad + size) * how.rowBytes];
}

/** The step of a range that another part writes into. */
function clash(ranges: readonly Range[]): ClaimedStep | undefined {
  let open: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.low - b.low)) {
    open = open.filter((o) => o.high > range.low);
    const other = open.find((o) => o.space === range.space && o.part !== range.part && (o.isWrite || range.isWrite));
    if (other !== undefined) return range.step ?? other.step;
    open.push(range);
  }
  return undefined;
}

/**
 * The arena, step by step: who wrote each byte last, the caller's inputs before all steps. A step may only read bytes of a buffer that this buffer's own steps
 * wrote; so no two buffers that are needed at once overlap, in loops too. Nothing of how places were chosen is used.
 */
import type { Findings } from './findings.js';
import type { ClaimedArg, ClaimedBuffer, ClaimedStep, Manifest } from './manifest.js';

interface Range {
  readonly arg: ClaimedArg;
  readonly buffer: ClaimedBuffer;
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

export function auditMemory(manifest: Manifest, findings: Findings): void {
  const places = new Map(manifest.buffers.map((buffer, i) => [buffer.name, { buffer, id: i + 1 }]));
  const owners = new Int32Array(manifest.arenaBytes);
  for (const { buffer, id } of places.values()) {
    if (buffer.role !== 'input' || buffer.offset === undefined) continue;
    const taken = owners.subarray(buffer.offset, buffer.offset + buffer.bytes);
    if (taken.some((owner) => owner !== 0)) findings.add('Q0645', `input "${buffer.name}" overlaps another`);
    taken.fill(id);
  }
  for (const { step, turn, advances } of executions(manifest)) {
    const ranges = step.args.flatMap((arg): Range[] => {
      const place = arg.buffer === undefined ? undefined : places.get(arg.buffer);
      if (place?.buffer.offset === undefined) return [];
      const from = place.buffer.offset + arg.offset + turn * (advances.get(place.buffer.name) ?? 0);
      return [{ arg, ...place, from, to: from + arg.bytes }];
    });
    const outside = ranges.find((r) => r.from < 0 || r.to > owners.length);
    if (outside !== undefined) {
      findings.add('Q0645', `"${outside.buffer.name}" leaves the arena at ${outside.to}`, step);
      return;
    }
    const reads = ranges.filter((r) => r.arg.access === 'read');
    const writes = ranges.filter((r) => r.arg.access !== 'read');
    for (const read of reads) {
      const wrong = owners.subarray(read.from, read.to).findIndex((owner) => owner !== read.id);
      if (wrong < 0) continue;
      const other = manifest.buffers[owners[read.from + wrong] - 1]?.name;
      const why =
        other === undefined ? 'read before anything is in it' : `overwritten by "${other}", which it overlaps`;
      findings.add('Q0645', `"${read.buffer.name}" is ${why}, at byte ${wrong} of "${read.arg.name}"`, step);
      return;
    }
    for (const write of writes) {
      const clash = ranges.find(
        (r) => r !== write && r.from < write.to && write.from < r.to && !mayShare(manifest, step, r, write),
      );
      if (clash !== undefined) {
        findings.add(
          'Q0645',
          `"${write.buffer.name}" and "${clash.buffer.name}" overlap while the step needs both`,
          step,
        );
        return;
      }
      owners.fill(write.id, write.from, write.to);
    }
  }
  for (const { buffer, id } of places.values()) {
    if (buffer.role !== 'output' || buffer.offset === undefined) continue;
    const wrong = owners.subarray(buffer.offset, buffer.offset + buffer.bytes).findIndex((owner) => owner !== id);
    if (wrong >= 0) findings.add('Q0645', `output "${buffer.name}" is not there at the end, at byte ${wrong}`);
  }
}

/** A result over the operand that the kernel says it may replace, or below rows that have been read. */
function mayShare(manifest: Manifest, step: ClaimedStep, read: Range, write: Range): boolean {
  if (read.arg.access !== 'read' || write.arg.access !== 'write') return false;
  // Rows that move down in their own window: a memmove.
  if (/^qcc_slide__/.test(step.kernel) && write.id === read.id && write.from < read.from) return true;
  if (read.arg.name === step.inPlace && write.from === read.from && write.to <= read.to) return true;
  const declared = manifest.overlaps.some((o) => o.lower === write.buffer.name && o.upper === read.buffer.name);
  return declared && write.from <= read.from;
}

interface Execution {
  readonly step: ClaimedStep;
  readonly turn: number;
  readonly advances: ReadonlyMap<string, number>;
}

/** Every run of every step, in order. */
function* executions({ steps, repeats }: Manifest): Generator<Execution> {
  const none = new Map<string, number>();
  for (let i = 0; i < steps.length; ) {
    const loop = repeats.find((r) => r.first === i);
    if (loop === undefined) {
      yield { step: steps[i++], turn: 0, advances: none };
      continue;
    }
    const body = steps.slice(i, i + loop.steps);
    for (let turn = 0; turn < loop.count; turn++)
      for (const step of body) yield { step, turn, advances: loop.advances };
    i += Math.max(1, loop.steps);
  }
}

/**
 * scale-channels: float steps between two 8-bit tensors that scale, shift by channel and limit become one step of integers.
 *
 * BEFORE  %1 = dequantize(%0)  %2 = binary(%1, @bias : f32[C]) {fn add}  %3 = quantize(%2)
 * AFTER   %3 = scale-channels(%0, @offsets : s32[C], @multiplier : s32[1]) {shift 20, low 0, high 255}
 *
 * Exact by enumeration: the interpreter says what each of the 256 bytes becomes in each channel, and a line is taken only if
 * it says the same. y = floor((x * m + c) / 2^s) asks of every byte that y * 2^s <= x * m + c < (y + 1) * 2^s, one-sided at the
 * limits; so a channel leaves an interval for c, whose length is a concave function of m, and one m has to leave all some.
 * Where none does, as behind a batch normalization, each channel has its own.
 */
import { constant, make } from '../src/ir/build.js';
import { mergeOrigins } from '../src/ir/graph.js';
import { isByte, islandOf, rebuildIsland, tableOf } from '../src/ir/island.js';
import type { Pass } from '../src/ir/pass.js';
import { rewriteGraph, rule } from '../src/ir/rewrite.js';
import { numberData, quantType, type Tensor, unitAffine, withShape } from '../src/ir/type.js';

/** Others are lines by chance only, and asking costs an evaluation at every byte. */
const linear: ReadonlySet<string> = new Set(['dequantize', 'binary', 'clamp']);
const BYTES = 256;
/** Fractional bits, the most first: what the sums leave room for. */
const SHIFTS = [20, 18, 16] as const;
/** No steeper than this: a byte's step is all that is left of a line then. */
const STEEPEST = 8;
const LIMIT = 2 ** 31;

interface Line {
  /** One for all channels, or one for each. */
  readonly multipliers: Int32Array;
  readonly shift: number;
  readonly low: number;
  readonly high: number;
  readonly offsets: Int32Array;
}

/** What the bytes from `first` on become in each channel, and the limits of all of it. */
interface Rows {
  readonly first: number;
  readonly rows: readonly Float64Array[];
  readonly low: number;
  readonly high: number;
}

/** For each channel the least c and the least that is too much, for one multiplier; the smallest distance of the two. */
function intervals({ first, rows, low, high }: Rows, m: number, unit: number) {
  let room = Number.POSITIVE_INFINITY;
  const ends = rows.map((row) => {
    let [from, to] = [-LIMIT, LIMIT];
    for (let i = 0; i < BYTES; i++) {
      const scaled = (first + i) * m;
      if (row[i] > low) from = Math.max(from, row[i] * unit - scaled);
      if (row[i] < high) to = Math.min(to, (row[i] + 1) * unit - scaled);
    }
    room = Math.min(room, to - from);
    return [from, to] as const;
  });
  return { ends, room };
}

/** Multipliers that the first and the last byte between the limits leave to each channel. */
function multipliers({ rows, low, high }: Rows, unit: number): readonly [number, number] {
  let [from, to] = [-STEEPEST * unit, STEEPEST * unit];
  const isBetween = (y: number) => y > low && y < high;
  for (const row of rows) {
    const [a, b] = [row.findIndex(isBetween), row.findLastIndex(isBetween)];
    if (a === b) continue;
    from = Math.max(from, Math.floor(((row[b] - row[a] - 1) * unit) / (b - a)));
    to = Math.min(to, Math.ceil(((row[b] - row[a] + 1) * unit) / (b - a)));
  }
  return [from, to];
}

/** The line with `shift` fractional bits that all rows lie on; undefined if there is none. */
function lineOf(table: Rows, shift: number): Line | undefined {
  const { low, high } = table;
  const unit = 2 ** shift;
  let [from, to] = multipliers(table, unit);
  while (from < to) {
    const m = Math.floor((from + to) / 2);
    const { room } = intervals(table, m, unit);
    if (room >= 1) [from, to] = [m, m];
    else if (room >= intervals(table, m + 1, unit).room) to = m;
    else from = m + 1;
  }
  const { ends, room } = intervals(table, from, unit);
  if (room < 1) return undefined;
  // Where limits leave one end open, as near to the other one as it may be.
  const offsets = ends.map(([a, b]) => (a === -LIMIT ? b - 1 : b === LIMIT ? a : Math.floor((a + b - 1) / 2)));
  const most = Math.max(...offsets.map((c) => Math.abs(c) + BYTES * Math.abs(from)));
  return most < LIMIT
    ? { multipliers: Int32Array.of(from), shift, low, high, offsets: Int32Array.from(offsets) }
    : undefined;
}

/** The same with a multiplier for each row. */
function linesOf({ rows, ...rest }: Rows, shift: number): Line | undefined {
  const lines: Line[] = [];
  for (const row of rows) {
    const line = lineOf({ ...rest, rows: [row] }, shift);
    if (line === undefined) return undefined;
    lines.push(line);
  }
  const { low, high } = rest;
  const [multipliers, offsets] = [lines.map((l) => l.multipliers[0]), lines.map((l) => l.offsets[0])];
  return { multipliers: Int32Array.from(multipliers), shift, low, high, offsets: Int32Array.from(offsets) };
}

/** @param table [channels, 256] in the order of the stored byte. */
function lineThrough(table: Tensor, isSigned: boolean): Line | undefined {
  const entries = numberData(table);
  const first = isSigned ? -BYTES / 2 : 0;
  const rows = Array.from({ length: entries.length / BYTES }, (_, c) =>
    Float64Array.from({ length: BYTES }, (_, i) => entries[BYTES * c + ((first + i) & (BYTES - 1))]),
  );
  const [low, high] = [Math.min, Math.max].map((end) => end(...rows.map((row) => end(...row))));
  if (low === high) return undefined;
  const alike = { first, rows, low, high };
  for (const lines of [lineOf, linesOf])
    for (const shift of SHIFTS) {
      const line = lines(alike, shift);
      if (line !== undefined) return line;
    }
  return undefined;
}

export const scaleChannels: Pass = {
  name: 'scale-channels',
  doc: 'Float steps between two 8-bit tensors that scale, shift by channel and limit become one step of integers, where the bytes are the same.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'exact',
  run(graph, cx) {
    const line = rule('line', 'quantize', (node) => {
      const [value] = node.operands;
      const [y] = node.results;
      const island = islandOf(value);
      if (island === undefined || !isByte(y) || island.channels === 1) return undefined;
      const { source, channels, nodes } = island;
      if (!nodes.every(({ kind }) => linear.has(kind))) return undefined;
      const entries = tableOf(source.type, y.type, channels, (x) =>
        make('quantize', {}, [rebuildIsland(island, value, x)], withShape(y.type, x.type.shape), node.origin),
      );
      const found = lineThrough(entries, source.type.element === 's8');
      if (found === undefined) return undefined;
      const { offsets, multipliers, ...attrs } = found;
      const words = (what: string, data: Int32Array) =>
        constant(`${node.origin.names[0] ?? node.kind}.${what}`, {
          type: quantType('s32', [data.length], unitAffine),
          data,
        });
      const origin = mergeOrigins(...nodes.filter((n) => n.kind !== 'dequantize').map((n) => n.origin), node.origin);
      return make(
        'scale-channels',
        attrs,
        [source, words('offsets', offsets), words('multipliers', multipliers)],
        y.type,
        origin,
      );
    });
    return rewriteGraph(graph, [line], cx.hit);
  },
};

/**
 * Reads what `host/trace.c` of a build wrote, out of a log that may hold anything else. Invariant: a wrong value is told from
 * damage, from lost lines and from another build's log; only lines that are whole are compared.
 */
import { type Diagnostic, error } from '../diagnostics/diagnostic.js';
import { crc32 } from '../emit/selftest.js';
import type { TracedWrite } from '../emit/trace.js';

const MARK = 'qcc-trace';

export interface TraceLog {
  /** Runs of which every line is there. */
  readonly complete: number;
  /** Writes compared in all runs, whole or not, and how many of them agree, by step. */
  readonly compared: ReadonlyMap<number, { readonly writes: number; readonly equal: number }>;
  /** The first write of a run that differs; of the run that comes first. */
  readonly first: { readonly run: number; readonly write: number; readonly digest: number } | undefined;
  /** Lines before the first whole run, and after the last. */
  readonly before: number;
  readonly after: number;
  readonly faults: readonly Diagnostic[];
}

interface Line {
  readonly number: number;
  readonly step: number;
  readonly bytes: number;
  readonly digest: number;
}

export function readTraceLog(
  text: string,
  build: { readonly name: string; readonly id: string },
  writes: readonly TracedWrite[],
): TraceLog {
  const { lines, faults } = linesOf(text, build);
  const compared = new Map<number, { writes: number; equal: number }>();
  let [complete, before, run, at] = [0, 0, 0, 0];
  let first: TraceLog['first'];
  const fits = (line: Line, write: number) => writes[write]?.step === line.step && writes[write].bytes === line.bytes;
  for (const line of lines) {
    if (!fits(line, at)) {
      const isStart = fits(line, 0);
      if (run > 0 && !isStart && faults.length === 0)
        faults.push(lost(line, writes[at], at === 0 ? undefined : writes[at - 1]));
      if (run > 0 && isStart) faults.push(cut(at, writes, `line ${line.number} begins another run`));
      if (!isStart) {
        if (run > 0) break;
        before++;
        continue;
      }
      at = 0;
    }
    if (at === 0) run++;
    const { digest, step } = writes[at];
    if (digest !== undefined) {
      const isEqual = digest === line.digest;
      const sum = compared.get(step) ?? { writes: 0, equal: 0 };
      compared.set(step, { writes: sum.writes + 1, equal: sum.equal + (isEqual ? 1 : 0) });
      if (!isEqual) first ??= { run, write: at, digest: line.digest };
    }
    at++;
    if (at < writes.length) continue;
    complete++;
    at = 0;
  }
  if (lines.length > 0 && run === 0)
    faults.push(
      error(
        'Q0723',
        `none of the ${lines.length} lines is the first of a run: step ${writes[0]?.step} comes first`,
        undefined,
        'begin the log before the program runs the model',
      ),
    );
  else if (at > 0 && complete === 0 && faults.length === 0) faults.push(cut(at, writes, 'the log ends there'));
  return { complete, compared, first, before, after: at, faults };
}

function linesOf(text: string, { name, id }: { readonly name: string; readonly id: string }) {
  const lines: Line[] = [];
  const faults: Diagnostic[] = [];
  const others = new Set<string>();
  const rows = text.split('\n');
  for (const [i, row] of rows.entries()) {
    const found = row.indexOf(MARK);
    if (found < 0) continue;
    const body = row.slice(found).replace(/\r$/, '');
    const parts = /^(qcc-trace (\w+) ([0-9a-f]{8}) (\d+) (\d+) ([0-9a-f]{8})) ([0-9a-f]{4})(?!\S)/.exec(body);
    if (parts === null || (crc32(new TextEncoder().encode(parts[1])) & 0xffff) !== Number.parseInt(parts[7], 16)) {
      // What was cut off in the middle of the last line is no damage.
      if (i === rows.length - 1) continue;
      const help = 'a slower baud rate, flow control, or nothing else that writes to the line at the same time';
      const said = { quote: [body.slice(0, 100)] };
      faults.push({
        ...error('Q0721', `line ${i + 1} is damaged: its own check does not fit`, undefined, help),
        ...said,
      });
    } else if (parts[2] !== name || parts[3] !== id) others.add(`${parts[2]} ${parts[3]}`);
    else
      lines.push({
        number: i + 1,
        step: Number(parts[4]),
        bytes: Number(parts[5]),
        digest: Number.parseInt(parts[6], 16),
      });
  }
  if (lines.length === 0 && others.size > 0)
    faults.push(
      error(
        'Q0722',
        `the log is of ${[...others].join(', ')}; this folder is ${name} ${id}`,
        undefined,
        'give the folder that the program on the device was built from',
      ),
    );
  if (lines.length === 0 && others.size === 0 && faults.length === 0)
    faults.push(
      error(
        'Q0720',
        `no line of a trace is in the log`,
        undefined,
        'build with --trace, compile host/trace.c with it, and keep what it writes',
      ),
    );
  return { lines, faults };
}

function lost(line: Line, wanted: TracedWrite | undefined, last: TracedWrite | undefined): Diagnostic {
  const after = last === undefined ? 'at the start of a run' : `after step ${last.step}`;
  return error(
    'Q0723',
    `lines are missing before line ${line.number}: step ${line.step} (${line.bytes} bytes) comes ${after}, step ${wanted?.step} (${wanted?.bytes} bytes) should`,
    undefined,
    'a larger buffer on the way, or a sink that waits',
  );
}

function cut(at: number, writes: readonly TracedWrite[], how: string): Diagnostic {
  return error(
    'Q0723',
    `a run stops after step ${writes[at - 1]?.step}, write ${at} of ${writes.length}: ${how}`,
    undefined,
    'the values up to there were compared; if the program stopped there, the next step is where to look',
  );
}

/**
 * Times programs against each other. Invariant: rivals take turns in short rounds, so that a machine that slows down or
 * speeds up does so for all of them, and are summed up by the same rule.
 */

/** Microseconds per run. */
export interface Times {
  readonly min_us: number;
  readonly median_us: number;
  readonly p99_us: number;
}

export interface Rival {
  /** Times of `runs` runs in a row. */
  measure(runs: number): Promise<Times>;
}

/** Time one rival gets per round, and the number of rounds. */
const ROUND_US = 40_000;
const ROUNDS = 9;
const LONG_ROUNDS = 4;
const MOST_RUNS = 2000;

/** What `--bench` of a built program prints. */
export function parseTimes(value: unknown): Times {
  const members = new Map<string, unknown>(Object.entries(value ?? {}));
  const [min_us, median_us, p99_us] = ['min_us', 'median_us', 'p99_us'].map((name) => members.get(name));
  if (typeof min_us !== 'number' || typeof median_us !== 'number' || typeof p99_us !== 'number')
    throw new Error('the program printed no times');
  return { min_us, median_us, p99_us };
}

/** The fewest rounds of which a median says anything. */
const FEWEST_ROUNDS = 2;

/**
 * The smallest minimum; the medians of the medians and of the 99th percentiles of all rounds.
 * @param seconds no round begins later, but for the fewest.
 */
export async function interleaved(
  rivals: readonly Rival[],
  seconds = Number.POSITIVE_INFINITY,
  said: (round: number, of: number) => void = () => {},
): Promise<readonly Times[]> {
  const end = performance.now() + seconds * 1e3;
  const runs: number[] = [];
  let slowest = 0;
  for (const rival of rivals) {
    const { min_us } = await rival.measure(2);
    slowest = Math.max(slowest, min_us);
    runs.push(Math.max(2, Math.min(MOST_RUNS, Math.ceil(ROUND_US / Math.max(min_us, 0.1)))));
  }
  const rounds = slowest > 5 * ROUND_US ? LONG_ROUNDS : ROUNDS;
  const times = rivals.map((): Times[] => []);
  for (let round = 0; round < rounds && (round < FEWEST_ROUNDS || performance.now() < end); round++) {
    said(round + 1, rounds);
    for (const [i, rival] of rivals.entries()) times[i].push(await rival.measure(runs[i]));
  }
  return times.map((all) => ({
    min_us: Math.min(...all.map((t) => t.min_us)),
    median_us: median(all.map((t) => t.median_us)),
    p99_us: median(all.map((t) => t.p99_us)),
  }));
}

/** Of single runs, as the built programs do it: the 99th percentile by nearest rank. */
export function timesOf(us: readonly number[]): Times {
  const sorted = us.toSorted((a, b) => a - b);
  return { min_us: sorted[0], median_us: median(sorted), p99_us: sorted[Math.ceil(sorted.length * 0.99) - 1] };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

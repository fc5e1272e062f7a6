/** Stack of one run, from the reports of -fstack-usage. Pure: texts in, numbers out. */

/** The address a call pushes, and alignment of the frame, on x86; others keep both in the frame, where reports count them. */
const PER_CALL = 16;
/** Functions of the compiler's own library, which no report lists: floats where the core has none, memory functions. */
export const LIBRARY = 96;

/** What reports do not say. */
export interface Unreported {
  /** A call pushes its return address. */
  readonly callsPush: boolean;
  /** The model's objects need functions of others: the compiler's library. */
  readonly callsLibrary: boolean;
  /** Bytes of registers that assembly of kernels pushes; it calls nothing meanwhile (test/architecture). */
  readonly pushed: number;
}

export interface Frame {
  readonly function: string;
  /** What a call of it takes, with the address it returns to. */
  readonly bytes: number;
}

export interface RunStack {
  /**
   * The deepest chain of calls: the run, one kernel instance (they do not call each other), every function that was not
   * inlined, and what no report lists.
   */
  readonly bytes: number;
  /** Largest first. */
  readonly frames: readonly Frame[];
}

/**
 * Undefined if a frame has no bound, or there is no run.
 * @param reports texts of .su files: "model.c:12:5:name.constprop.0	64	static" per line.
 * @param model C name: of `<model>_run`, and the beginning of what instances are called.
 */
export function runStack(reports: readonly string[], model: string, more: Unreported): RunStack | undefined {
  const perCall = more.callsPush ? PER_CALL : 0;
  let [own, deepest, others] = [0, 0, 0];
  const frames: Frame[] = [];
  // The self-test is the model's code a second time, and no part of a run.
  const ofRun = reports.filter((text) => !text.includes(`:${model}_selftest`));
  for (const line of ofRun.flatMap((text) => text.split('\n')).filter((l) => l !== '')) {
    const [place, count, kind] = line.split('\t');
    if (kind !== 'static' && kind !== 'dynamic,bounded') return undefined;
    const name = place.replace(/^.*:/, '').split('.')[0];
    const bytes = Number(count) + perCall;
    frames.push({ function: name, bytes });
    if (name === `${model}_run`) own = Math.max(own, bytes);
    else if (name.startsWith(`${model}_`)) deepest = Math.max(deepest, bytes);
    else others += bytes;
  }
  frames.sort((a, b) => b.bytes - a.bytes || (a.function < b.function ? -1 : 1));
  return own === 0
    ? undefined
    : { bytes: own + deepest + others + Math.max(more.callsLibrary ? LIBRARY : 0, more.pushed), frames };
}

/** Bytes of the registers in a list of push or pop: `r2-r11, lr`. */
export function bytesPushed(list: string): number {
  return list.split(',').reduce((sum, item) => {
    const range = /^\s*[rds](\d+)-[rds](\d+)\s*$/.exec(item);
    return sum + 4 * (range === null ? 1 : Number(range[2]) - Number(range[1]) + 1);
  }, 0);
}

/** The most that one statement of assembly in these C texts pushes; none pushes twice (test/architecture). */
export function assemblyPushes(texts: Iterable<string>): number {
  let most = 0;
  for (const text of texts)
    for (const [, list] of text.matchAll(/\bpush \{([^}]*)\}/g)) most = Math.max(most, bytesPushed(list));
  return most;
}

/** Stack of one run, from the reports of -fstack-usage. Pure: texts in, numbers out. */

/** The address a call pushes, and alignment of the frame. */
const PER_CALL = 16;
/**
 * Functions of the compiler's own library, which no report lists: floats where the core has none, memory functions. Registers that
 * assembly of a kernel pushes are in no report either: it calls nothing meanwhile and takes less (test/architecture).
 */
export const LIBRARY = 96;

export interface Frame {
  readonly function: string;
  /** What a call of it takes, with the address it returns to. */
  readonly bytes: number;
}

export interface RunStack {
  /**
   * The deepest chain of calls: the run, one kernel instance (they do not call each other), every function that was not
   * inlined, and the compiler's library.
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
export function runStack(reports: readonly string[], model: string): RunStack | undefined {
  let [own, deepest, others] = [0, 0, 0];
  const frames: Frame[] = [];
  // The self-test is the model's code a second time, and no part of a run.
  const ofRun = reports.filter((text) => !text.includes(`:${model}_selftest`));
  for (const line of ofRun.flatMap((text) => text.split('\n')).filter((l) => l !== '')) {
    const [place, count, kind] = line.split('\t');
    if (kind !== 'static' && kind !== 'dynamic,bounded') return undefined;
    const name = place.replace(/^.*:/, '').split('.')[0];
    const bytes = Number(count) + PER_CALL;
    frames.push({ function: name, bytes });
    if (name === `${model}_run`) own = Math.max(own, bytes);
    else if (name.startsWith(`${model}_`)) deepest = Math.max(deepest, bytes);
    else others += bytes;
  }
  frames.sort((a, b) => b.bytes - a.bytes || (a.function < b.function ? -1 : 1));
  return own === 0 ? undefined : { bytes: own + deepest + others + LIBRARY, frames };
}

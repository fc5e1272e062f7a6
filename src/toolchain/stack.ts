/** Stack of one run, from the reports of -fstack-usage. Pure: texts in, number out. */

/** The address a call pushes, and alignment of the frame. */
const PER_CALL = 16;

/**
 * The deepest chain of calls: the run, one kernel instance (they do not call each other), and every function that was not
 * inlined. Undefined if a frame has no bound.
 * @param reports texts of .su files: "model.c:12:5:name.constprop.0	64	static" per line.
 * @param run name of the function that runs the model; names of instances begin with `instances`.
 */
export function runStackBytes(reports: readonly string[], run: string, instances: string): number | undefined {
  let [own, deepest, others] = [0, 0, 0];
  for (const line of reports.flatMap((text) => text.split('\n')).filter((l) => l !== '')) {
    const [place, bytes, kind] = line.split('\t');
    if (kind !== 'static' && kind !== 'dynamic,bounded') return undefined;
    const name = place.replace(/^.*:/, '').split('.')[0];
    const frame = Number(bytes) + PER_CALL;
    if (name === run) own = Math.max(own, frame);
    else if (name.startsWith(instances)) deepest = Math.max(deepest, frame);
    else others += frame;
  }
  return own === 0 ? undefined : own + deepest + others;
}

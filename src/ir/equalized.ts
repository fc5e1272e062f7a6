/**
 * A float graph and its statistics with alike channels. Invariant: the graph computes the same floats, and the statistics are
 * those that calibration of it would have counted, in the bins of single channels. Values that are scaled now have names of
 * their own, `NAME_equalized`: under the old ones others would take them for what the model computes.
 */
import { scaledStats } from '../quant/channel-stats.js';
import type { Grid, RangeRule } from '../quant/range-choice.js';
import type { Ranges, TensorStats } from '../quant/ranges.js';
import { equalizingScales, type QuantizedParts } from './equalize.js';
import type { Graph, Value } from './graph.js';
import { layoutRoot } from './quantizable.js';
import { factorsOf, rescaled, ScaleClasses } from './scale-classes.js';
import type { Seen } from './seen.js';

export interface Equalized {
  readonly graph: Graph;
  readonly ranges: Ranges;
}

export function equalized(
  graph: Graph,
  ranges: Ranges,
  parts: QuantizedParts,
  grid: Grid,
  rules: readonly RangeRule[],
): Equalized {
  const { seen } = parts;
  const classes = new ScaleClasses(graph);
  const scales = equalizingScales({ classes, ...parts, grid, rules });
  if (scales.size === 0) return { graph, ranges };
  const after = rescaled(classes, scales);
  const statistics = new Map<string, TensorStats>(ranges);
  const renamed = new Map<string, string>();
  for (const [name, value] of graph.named ?? []) {
    const root = layoutRoot(value);
    const factors = factorsOf(classes, scales, root);
    if (factors === undefined) continue;
    const now = freeName(`${name}_equalized`, graph.named);
    renamed.set(name, now);
    const stats = ranges.get(name);
    statistics.delete(name);
    const channels = channelsAt(seen, classes, root);
    if (stats !== undefined && channels !== undefined) statistics.set(now, scaledStats(stats, channels, factors));
  }
  const named = new Map([...(after.named ?? [])].map(([name, value]) => [renamed.get(name) ?? name, value]));
  return { graph: { ...after, named }, ranges: statistics };
}

function channelsAt(seen: Seen, classes: ScaleClasses, root: Value) {
  const label = classes.of(root);
  return label === undefined ? undefined : seen.channels(root, label.axis);
}

function freeName(wanted: string, taken: ReadonlyMap<string, unknown> | undefined): string {
  let name = wanted;
  while (taken?.has(name)) name += '_';
  return name;
}

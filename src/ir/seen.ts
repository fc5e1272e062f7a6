/** Statistics of a graph's values. Invariant: a value is known by where its elements come from: a transpose changes none. */
import type { ChannelStats, Ranges, TensorStats } from '../quant/ranges.js';
import type { Graph, Value } from './graph.js';
import { layoutRoot } from './quantizable.js';
import { elements } from './type.js';

export class Seen {
  private readonly stats = new Map<Value, TensorStats>();
  private readonly values = new Map<Value, Value>();

  constructor(graph: Graph, ranges: Ranges) {
    for (const [name, value] of graph.named ?? []) {
      const found = ranges.get(name);
      const root = layoutRoot(value);
      if (found === undefined || this.stats.has(root)) continue;
      this.stats.set(root, found);
      this.values.set(root, value);
    }
  }

  /** What is known of each entry of dimension `axis`; undefined where calibration did not tell these entries apart. */
  channels(value: Value, axis: number): ChannelStats | undefined {
    const root = layoutRoot(value);
    const channels = this.stats.get(root)?.channels;
    const named = this.values.get(root);
    if (channels === undefined || named === undefined) return undefined;
    const [at, seen] = [axisAtRoot(value, axis), axisAtRoot(named, channels.axis)];
    return at !== undefined && at === seen && value.type.shape[axis] === channels.mean.length ? channels : undefined;
  }

  of(value: Value): TensorStats | undefined {
    return this.stats.get(layoutRoot(value));
  }
}

/** Which axis of the layout root an axis is; undefined where a reshape mixed it with others. */
function axisAtRoot(value: Value, axis: number): number | undefined {
  let [at, found]: [Value, number] = [value, axis];
  while (at.kind === 'result' && (at.node.kind === 'transpose' || at.node.kind === 'reshape')) {
    const [operand] = at.node.operands;
    if (at.node.kind === 'transpose') found = at.node.attrs.perm[found];
    else {
      const [from, to] = [operand.type.shape, at.type.shape];
      const before = elements(to.slice(0, found));
      const size = to[found];
      found = from.findIndex((d, i) => d === size && elements(from.slice(0, i)) === before);
      if (found < 0) return undefined;
    }
    at = operand;
  }
  return found;
}

/** Statistics of a small float model by the interpreter: what calibration would count. */
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph, Value } from '../../src/ir/graph.js';
import { elements, floatType, type Shape, type Tensor } from '../../src/ir/type.js';
import {
  type ChannelStats,
  channelHistogramOf,
  type Ranges,
  type TensorStats,
  tensorStats,
} from '../../src/quant/ranges.js';

/** `count` samples of every input, uniform over [low, high), the same in every run. */
export function randomSamples(graph: Graph, count: number, low: number, high: number): ReadonlyMap<string, Tensor>[] {
  let state = 12345;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  };
  return Array.from(
    { length: count },
    () =>
      new Map(
        graph.inputs.map(({ name, type }) => [
          name,
          { type: floatType(type.shape), data: Float32Array.from({ length: elements(type.shape) }, next) },
        ]),
      ),
  );
}

/**
 * @param graph imported with `keepNames`.
 * @param axisOf which axis of a tensor of this rank holds its channels; undefined: they are not told apart.
 */
export function interpretedRanges(
  graph: Graph,
  samples: readonly ReadonlyMap<string, Tensor>[],
  axisOf: (rank: number) => number | undefined = () => undefined,
): Ranges {
  const shapes = new Map<string, Shape>();
  const values = new Map<string, number[]>();
  const named = new Map<Value, string[]>();
  for (const [name, value] of graph.named ?? []) named.set(value, [...(named.get(value) ?? []), name]);
  const see = (value: Value, tensor: Tensor): void => {
    for (const name of named.get(value) ?? []) {
      const list = values.get(name) ?? [];
      shapes.set(name, value.type.shape);
      values.set(name, list);
      for (const v of tensor.data) list.push(Number(v));
    }
  };
  for (const sample of samples) {
    for (const input of graph.inputs) {
      const tensor = sample.get(input.name);
      if (tensor !== undefined) see(input, tensor);
    }
    evaluateGraph(graph, sample, see);
  }
  return new Map(
    [...values].map(([name, list]): [string, TensorStats] => {
      const shape = shapes.get(name) ?? [];
      const axis = axisOf(shape.length);
      const channels = axis === undefined ? undefined : channelStats(list, shape, axis);
      return [name, { ...tensorStats(list), channels }];
    }),
  );
}

function channelStats(values: readonly number[], shape: Shape, axis: number): ChannelStats | undefined {
  if (shape[axis] < 2) return undefined;
  const inner = elements(shape.slice(axis + 1));
  const each = Array.from({ length: shape[axis] }, (_, c) =>
    values.filter((_v, i) => Math.floor(i / inner) % shape[axis] === c),
  );
  const all = each.map(tensorStats);
  return {
    axis,
    min: Float32Array.from(all, (s) => s.min),
    max: Float32Array.from(all, (s) => s.max),
    mean: Float64Array.from(each, (c) => c.reduce((a, b) => a + b, 0) / c.length),
    zeros: Float64Array.from(all, (s) => s.zeros),
    histograms: each.map(channelHistogramOf),
  };
}

/** Statistics of a small float model by the interpreter: what calibration would count. */
import { evaluateGraph } from '../../src/ir/evaluate.js';
import type { Graph, Value } from '../../src/ir/graph.js';
import { elements, floatType, type Tensor } from '../../src/ir/type.js';
import { type Ranges, type TensorStats, tensorStats } from '../../src/quant/ranges.js';

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

/** @param graph imported with `keepNames`. */
export function interpretedRanges(graph: Graph, samples: readonly ReadonlyMap<string, Tensor>[]): Ranges {
  const values = new Map<string, number[]>();
  const named = new Map<Value, string[]>();
  for (const [name, value] of graph.named ?? []) named.set(value, [...(named.get(value) ?? []), name]);
  const see = (value: Value, tensor: Tensor): void => {
    for (const name of named.get(value) ?? []) {
      const list = values.get(name) ?? [];
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
  return new Map([...values].map(([name, list]): [string, TensorStats] => [name, tensorStats(list)]));
}

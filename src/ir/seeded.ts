/** Inputs nobody gave: seeded samples. Invariant: they depend on the model alone. */
import { roundToF16 } from '../quant/float16.js';
import type { Graph, Param, Value } from './graph.js';
import { allocate, type Tensor, type TensorType } from './type.js';
import { users } from './walk.js';

/** One value per input, in the graph's order. */
export type Sample = readonly Tensor[];

/** xorshift32, as the built programs use it: 32 bits each time. */
export function xorshift32(seed: number): () => number {
  let x = (2463534242 + Math.imul(seed, 2654435769)) >>> 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x;
  };
}

/**
 * `count` samples. An integer takes every value of its range. A float that the graph quantizes covers what the quantized
 * type can express and a tenth beyond at each end, so that saturation happens; another float lies in [-1, 1).
 */
export function seededSamples(graph: Graph, count: number): readonly Sample[] {
  const ranges = graph.inputs.map((input) => realRange(graph, input));
  return Array.from({ length: count }, (_, s) =>
    graph.inputs.map((input, i) => seeded(input.type, xorshift32(s * graph.inputs.length + i), ranges[i])),
  );
}

/** What a built program runs on without `--input`: twin of `qcc_host_seed` in runtime-c/host/tensor.c. */
export function programSample(graph: Graph): Sample {
  return graph.inputs.map(({ type }, index) => {
    const next = xorshift32(index);
    const data = allocate(type);
    // An integer without a range is 0, and 0 is what memory is made of.
    const [min, max] = type.kind === 'quant' ? type.range : [0, 0];
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) return { type, data };
    for (let i = 0; i < data.length; i++) {
      const x = next();
      data[i] = type.kind === 'float' ? rounded(((x >>> 8) - 2 ** 23) / 2 ** 23, type) : min + (x % (max - min + 1));
    }
    return { type, data };
  });
}

function seeded(type: TensorType, next: () => number, [low, high]: readonly [number, number]): Tensor {
  const data = allocate(type);
  const integers = type.kind === 'quant' ? type.range : type.element === 'bool' ? [0, 1] : [0, 0];
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return { type, data };
  const [min, max] = integers;
  for (let i = 0; i < data.length; i++) {
    const x = next();
    data[i] = type.kind === 'float' ? rounded(low + (x / 2 ** 32) * (high - low), type) : min + (x % (max - min + 1));
  }
  return { type, data };
}

/** Half floats are held as the numbers they can be. */
function rounded(value: number, { element }: TensorType): number {
  return element === 'f16' ? roundToF16(value) : value;
}

/** Of an input: what its quantize can express, found through operations that only move elements. */
function realRange(graph: Graph, input: Param): readonly [number, number] {
  const uses = users(graph);
  const queue: Value[] = [input];
  for (const value of queue)
    for (const node of uses.get(value) ?? []) {
      const [result] = node.results;
      if (node.kind === 'transpose' || node.kind === 'reshape') queue.push(result);
      const { type } = result;
      const quantizes =
        node.kind === 'quantize' || node.kind === 'quantize-transposed' || node.kind === 'quantize-away';
      if (!quantizes || type.kind !== 'quant' || type.affine.per !== 'tensor') continue;
      const { scale, zeroPoint } = type.affine;
      const ends = type.range.map((stored) => scale * (stored - zeroPoint));
      const margin = (ends[1] - ends[0]) / 10;
      return [ends[0] - margin, ends[1] + margin];
    }
  return [-1, 1];
}

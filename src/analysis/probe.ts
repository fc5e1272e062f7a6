/**
 * What quantization adds, as a graph: the float model, the quantized one and every layer quantized alone, all on the same
 * inputs, and for each layer the energy of what it makes and of two differences from it. qcc compiles it like any model,
 * so that samples go through at native speed, and the numbers are the same on every machine.
 *
 * Invariant: the quantized part is the graph that is written and deployed; nothing in it is simulated.
 */
import type { QuantizeSettings } from '../../passes/quantize.js';
import { make } from '../ir/build.js';
import { type Graph, type Node, noOrigin, type Value } from '../ir/graph.js';
import { layoutRoot } from '../ir/quantizable.js';
import { elements, floatType, sameShape } from '../ir/type.js';
import { users } from '../ir/walk.js';
import { quantizedOnly } from '../quantizer.js';
import type { Layer } from './layers.js';

export interface Probe {
  /** Outputs: `energies`, then for each output of the model its float and its quantized values. */
  readonly graph: Graph;
  /** Where in `energies` the numbers of a layer are; undefined for what was not measured. */
  readonly places: ReadonlyMap<Layer, Places>;
}

export interface Places {
  /** Sum of squares of what the float layer makes. */
  readonly signal: number;
  /** Of the difference in the quantized model: of this layer and all before it. */
  readonly cumulative: number;
  /** Of the difference with this layer quantized alone; undefined for layers that stay float. */
  readonly alone: number | undefined;
}

export interface ProbeInput {
  readonly float: Graph;
  readonly quantized: Graph;
  readonly settings: QuantizeSettings;
  readonly layers: readonly Layer[];
}

export function probeOf({ float, quantized, settings, layers }: ProbeInput): Probe {
  const energies: Value[] = [];
  const place = (value: Value): number => energies.push(energy(value)) - 1;
  const places = new Map<Layer, Places>();
  const inWhole = new Readings(quantized);
  for (const layer of layers) {
    if (layer.tensor === undefined) continue;
    const now = inWhole.of(layer.tensor);
    if (!isComparable(now, layer.output)) continue;
    const signal = place(layer.output);
    const cumulative = place(difference(now, layer.output));
    const alone = layer.canChange
      ? new Readings(quantizedOnly(float, settings, new Set(layer.names))).of(layer.tensor)
      : undefined;
    places.set(layer, {
      signal,
      cumulative,
      alone: isComparable(alone, layer.output) ? place(difference(alone, layer.output)) : undefined,
    });
  }
  const outputs = float.outputs.flatMap(({ value }, i) => [
    { name: `float_${i}`, value },
    { name: `quantized_${i}`, value: quantized.outputs[i].value },
  ]);
  const list = energies.length === 0 ? [] : [{ name: 'energies', value: joined(energies) }];
  return { graph: { name: 'probe', inputs: float.inputs, outputs: [...list, ...outputs] }, places };
}

/** Whether it holds what `with_` does, in float32. */
export function isComparable(value: Value | undefined, with_: Value): value is Value {
  return value !== undefined && value.type.element === 'f32' && sameShape(value.type.shape, with_.type.shape);
}

/** What readers of a tensor of the model get in a quantized graph. */
export class Readings {
  private readonly readers: ReturnType<typeof users>;

  constructor(private readonly graph: Graph) {
    this.readers = users(graph);
  }

  of(tensor: string): Value | undefined {
    const stored = this.stored(tensor);
    const meant = stored === undefined ? undefined : this.readers.get(stored.results[0]);
    return meant?.find((node) => node.kind === 'dequantize')?.results[0] ?? this.made(tensor);
  }

  /** The tensor before it is rounded. */
  made(tensor: string): Value | undefined {
    const value = this.graph.named?.get(tensor);
    return value === undefined ? undefined : layoutRoot(value);
  }

  /** What rounds it; past a clamp that ends int16 values. */
  stored(tensor: string): Node<'quantize'> | undefined {
    const root = this.made(tensor);
    const readers = root === undefined ? [] : (this.readers.get(root) ?? []);
    const bounded = readers.flatMap((node) => (node.kind === 'clamp' ? (this.readers.get(node.results[0]) ?? []) : []));
    return [...readers, ...bounded].find((node): node is Node<'quantize'> => node.kind === 'quantize');
  }
}

function difference(a: Value, b: Value): Value {
  return make('binary', { fn: 'sub' }, [a, b], floatType(b.type.shape), noOrigin);
}

/** Sum of squares, [1]. Rows first, so that float32 sums stay short. */
function energy(value: Value): Value {
  const sum = (x: Value, fn: 'sum-square' | 'sum', axes: readonly number[]): Value =>
    make('reduce', { fn, axes }, [x], floatType(x.type.shape.map((d, i) => (axes.includes(i) ? 1 : d))), noOrigin);
  const { shape } = value.type;
  const size = elements(shape);
  const row = rowLength(size);
  const rows = reshaped(value, [size / row, row]);
  const total = sum(sum(rows, 'sum-square', [1]), 'sum', [0]);
  return reshaped(total, [1]);
}

function reshaped(value: Value, shape: readonly number[]): Value {
  return make('reshape', { shape }, [value], floatType(shape), noOrigin);
}

/** The divisor nearest to the square root from below, or the whole where there is none of use. */
function rowLength(size: number): number {
  for (let row = Math.floor(Math.sqrt(size)); row > 8; row--) if (size % row === 0) return row;
  return size;
}

function joined(values: readonly Value[]): Value {
  return values.length === 1 ? values[0] : make('concat', { axis: 0 }, values, floatType([values.length]), noOrigin);
}

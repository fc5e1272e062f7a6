/**
 * A model in which every layer has switches: 8 bits, int16 activations or float, chosen at run time. One compiled program then
 * judges any mixed precision, without a build for each.
 *
 * Invariant: with all switches on it computes what the quantized model does, scales and roundings included, but for sums of
 * products: float32 here, integers there. With some of them off it does so up to what the quantizer decides by its
 * neighbours, such as scaling channels alike; so the model that is chosen is measured again.
 */
import type { QuantizeSettings } from '../../passes/quantize.js';
import { make, param, withOperands } from '../ir/build.js';
import { type Graph, noOrigin, type Param, type Value } from '../ir/graph.js';
import { indexType } from '../ir/type.js';
import { quantizedOnly, quantizedWith } from '../quantizer.js';
import type { Layer } from './layers.js';
import { isComparable, Readings } from './probe.js';

export interface Switchboard {
  /** The inputs of the model, then one bool for each switch. */
  readonly graph: Graph;
  /** In the order of their inputs. */
  readonly switches: readonly Switch[];
}

/**
 * `bytes`, `words`: the layer reads 8 bits, or 16; neither: floats. `rounds`: what it makes is rounded to 8 bits, whoever reads it,
 * `stores`: to 16, because some reader wants those.
 */
export interface Switch {
  readonly layer: Layer;
  readonly turns: 'bytes' | 'words' | 'rounds' | 'stores';
}

export function switchboardOf(float: Graph, settings: QuantizeSettings, layers: readonly Layer[]): Switchboard {
  const switches: Switch[] = [];
  const params: Param[] = [];
  /** Values of the float model -> what stands for them here. */
  const now = new Map<Value, Value>();
  /** The same for a graph with some layer quantized: a move that it shares with others may have made new nodes of those. */
  const nowIn = (quantized: Readings): ReadonlyMap<Value, Value> => {
    const all = new Map(now);
    for (const [tensor, value] of done) {
      const same = quantized.made(tensor);
      if (same !== undefined) all.set(same, value);
    }
    return all;
  };
  const done = new Map<string, Value>();
  const canWiden = layers.filter((layer) => layer.canWiden).flatMap((layer) => layer.names);
  const wide = new Readings(quantizedWith(float, { ...settings, wide: new Set(canWiden) }));
  for (const layer of layers) {
    const onFloats = rebuilt(layer.output, now);
    now.set(layer.output, onFloats);
    const { tensor } = layer;
    if (!layer.canChange || tensor === undefined) continue;
    const rank = layer.output.type.shape.length;
    const names = new Set(layer.names);
    let value = onFloats;
    const switched = (turns: Switch['turns'], on: Value): void => {
      const chosen = param(`switch_${switches.length}`, indexType('bool', new Array<number>(rank).fill(1)));
      value = make('where', {}, [chosen, on, value], layer.output.type, noOrigin);
      switches.push({ layer, turns });
      params.push(chosen);
    };
    const bytes = new Readings(quantizedOnly(float, { ...settings, wide: new Set() }, names));
    const made = bytes.made(tensor);
    if (!isComparable(made, layer.output)) continue;
    switched('bytes', rebuilt(made, nowIn(bytes)));
    if (layer.canWiden) {
      const words = new Readings(quantizedOnly(float, { ...settings, wide: names }, names));
      const widened = words.made(tensor);
      if (isComparable(widened, layer.output)) switched('words', rebuilt(widened, nowIn(words)));
    }
    for (const [turns, quantized] of [['rounds', bytes] as const, ['stores', wide] as const]) {
      const type = quantized.stored(tensor)?.results[0].type;
      if (type === undefined || (turns === 'stores' && type.element !== 's16')) continue;
      const q = make('quantize', {}, [value], { ...type, shape: layer.output.type.shape }, noOrigin);
      switched(turns, make('dequantize', {}, [q], layer.output.type, noOrigin));
    }
    now.set(layer.output, value);
    done.set(tensor, value);
  }
  const outputs = float.outputs.map(({ name, value }) => ({ name, value: rebuilt(value, now) }));
  return { graph: { name: 'switchboard', inputs: [...float.inputs, ...params], outputs }, switches };
}

/** The same value on what stands for its operands; remembers nothing, so that two versions of a layer can differ. */
function rebuilt(value: Value, now: ReadonlyMap<Value, Value>): Value {
  const made = new Map<Value, Value>(now);
  const stack: Value[] = [value];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    if (made.has(top) || top.kind !== 'result') {
      stack.pop();
      continue;
    }
    const missing = top.node.operands.filter((operand) => operand.kind === 'result' && !made.has(operand));
    if (missing.length > 0) {
      stack.push(...missing);
      continue;
    }
    const node = withOperands(
      top.node,
      top.node.operands.map((operand) => made.get(operand) ?? operand),
    );
    for (const [i, result] of top.node.results.entries()) made.set(result, node.results[i]);
    stack.pop();
  }
  return made.get(value) ?? value;
}

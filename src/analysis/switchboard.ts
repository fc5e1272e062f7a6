/**
 * A model in which every layer has a switch: 8 bits or float, chosen at run time. One compiled program then judges any mixed
 * precision, without a build for each.
 *
 * Invariant: with all switches on it computes what the quantized model does, scales and roundings included, but for sums of
 * products: float32 here, integers there. With some of them off it does so up to what the quantizer decides by its
 * neighbours, such as scaling channels alike; so the model that is chosen is measured again.
 */
import type { QuantizeSettings } from '../../passes/quantize.js';
import { make, param, withOperands } from '../ir/build.js';
import { type Graph, noOrigin, type Param, type Value } from '../ir/graph.js';
import { indexType } from '../ir/type.js';
import { quantizedOnly } from '../quantizer.js';
import type { Layer } from './layers.js';
import { isComparable, Readings } from './probe.js';

export interface Switchboard {
  /** The inputs of the model, then one bool for each switch: 8 bits. */
  readonly graph: Graph;
  /** In the order of their inputs. */
  readonly switches: readonly Layer[];
}

export function switchboardOf(float: Graph, settings: QuantizeSettings, layers: readonly Layer[]): Switchboard {
  const switches: Layer[] = [];
  const params: Param[] = [];
  /** Values of the float model -> what stands for them here. */
  const now = new Map<Value, Value>();
  for (const layer of layers) {
    const onFloats = rebuilt(layer.output, now);
    now.set(layer.output, onFloats);
    if (!layer.canChange || layer.tensor === undefined) continue;
    const alone = new Readings(quantizedOnly(float, settings, new Set(layer.names))).of(layer.tensor);
    if (!isComparable(alone, layer.output)) continue;
    const rank = layer.output.type.shape.length;
    const chosen = param(`switch_${switches.length}`, indexType('bool', new Array<number>(rank).fill(1)));
    const onIntegers = rebuilt(alone, now);
    now.set(layer.output, make('where', {}, [chosen, onIntegers, onFloats], layer.output.type, noOrigin));
    switches.push(layer);
    params.push(chosen);
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

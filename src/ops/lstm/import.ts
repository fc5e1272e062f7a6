import type { Value } from '../../ir/graph.js';
import { floatType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { fullyConnected } from '../conv2d/fully-connected-import.js';
import { dynamicallyQuantized } from '../dynamic-import.js';
import {
  dynamicGates,
  initialState,
  joined,
  type Layout,
  layoutOf,
  part,
  quantizedRows,
  shapedInput,
  stateWeights,
  sum,
} from '../recurrent-import.js';

const GATES = 4;

/** The two biases of a direction, added; undefined where the node has none. */
function biasOf(cx: ImportContext, { hidden, directions }: Layout, direction: number): Value | undefined {
  if (cx.optional(3) === undefined) return undefined;
  const rows = GATES * hidden;
  const given = shapedInput(cx, 3, [directions.length, 2 * rows]);
  return sum(cx, part(cx, given, direction, [0, rows]), part(cx, given, direction, [rows, 2 * rows]));
}

/** The cells of all directions on their gates [seq, batch, 4 hidden] and weights [4 hidden, hidden]. */
function cells(
  cx: ImportContext,
  layout: Layout,
  gates: (direction: number) => Value,
  weights: (direction: number) => Value,
): readonly Value[] {
  const { seq, batch, hidden, directions } = layout;
  const results = directions.map((reverse, d) => {
    const states = [initialState(cx, layout, 5, d), initialState(cx, layout, 6, d)];
    const peephole =
      cx.optional(7) === undefined ? [] : [part(cx, shapedInput(cx, 7, [directions.length, 3 * hidden]), d)];
    const operands = [gates(d), stateWeights(cx, weights(d)), ...states, ...peephole];
    const types = [floatType([seq, batch, hidden]), floatType([batch, hidden]), floatType([batch, hidden])];
    return cx.makeAll('lstm', { reverse }, operands, types);
  });
  const column = (i: number) => results.map((r) => r[i]);
  return joined(cx, layout, column(0), [column(1), column(2)]);
}

function layoutOfLstm(cx: ImportContext): Layout {
  if (cx.attrs.int('input_forget', 0) !== 0)
    cx.fail('Q0218', 'input_forget is not supported', 'attribute "input_forget"', 'use an LSTM with a forget gate');
  return layoutOf(cx, () => ['Sigmoid', 'Tanh', 'Tanh']);
}

export const importers: Importers = {
  LSTM(cx) {
    const layout = layoutOfLstm(cx);
    const { x, hidden, directions } = layout;
    const w = shapedInput(cx, 1, [directions.length, GATES * hidden, x.type.shape[2]]);
    const r = shapedInput(cx, 2, [directions.length, GATES * hidden, hidden]);
    return cells(
      cx,
      layout,
      (d) => fullyConnected(cx, x, part(cx, w, d), biasOf(cx, layout, d), floatType),
      (d) => part(cx, r, d),
    );
  },
  'com.microsoft.DynamicQuantizeLSTM'(cx) {
    const layout = layoutOfLstm(cx);
    const { x, hidden, directions } = layout;
    shapedInput(cx, 1, [directions.length, x.type.shape[2], GATES * hidden]);
    shapedInput(cx, 2, [directions.length, hidden, GATES * hidden]);
    const quantized = dynamicallyQuantized(cx, x);
    return cells(
      cx,
      layout,
      (d) => dynamicGates(cx, quantized, quantizedRows(cx, 1, 8, 9, d), biasOf(cx, layout, d)),
      (d) => quantizedRows(cx, 2, 10, 11, d),
    );
  },
};

import type { Value } from '../../ir/graph.js';
import { floatType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { fullyConnected } from '../conv2d/fully-connected-import.js';
import {
  constantZeros,
  initialState,
  joined,
  layoutOf,
  part,
  shapedInput,
  stateWeights,
  sum,
} from '../recurrent-import.js';

const GATES = 3;

export const importers: Importers = {
  GRU(cx) {
    const layout = layoutOf(cx, () => ['Sigmoid', 'Tanh']);
    const isAfter = cx.attrs.int('linear_before_reset', 0) !== 0;
    const { x, seq, batch, hidden, directions } = layout;
    const rows = GATES * hidden;
    const w = shapedInput(cx, 1, [directions.length, rows, x.type.shape[2]]);
    const r = shapedInput(cx, 2, [directions.length, rows, hidden]);
    const b = cx.optional(3) === undefined ? undefined : shapedInput(cx, 3, [directions.length, 2 * rows]);
    const results = directions.map((reverse, d) => {
      const { input, candidate } = biases(cx, b, d, hidden, isAfter);
      const gates = fullyConnected(cx, x, part(cx, w, d), input, floatType);
      const weights = [part(cx, r, d, [0, 2 * hidden]), part(cx, r, d, [2 * hidden, rows])];
      const state = initialState(cx, layout, 5, d);
      const operands = [gates, ...weights.map((v) => stateWeights(cx, v)), state, ...candidate];
      return cx.makeAll('gru', { reverse }, operands, [floatType([seq, batch, hidden]), floatType([batch, hidden])]);
    });
    const column = (i: number) => results.map((list) => list[i]);
    return joined(cx, layout, column(0), [column(1)]);
  },
};

/** What is added to the products with the input, and, with linear_before_reset, to the state's share of the candidate. */
function biases(
  cx: ImportContext,
  b: Value | undefined,
  direction: number,
  hidden: number,
  isAfter: boolean,
): { readonly input: Value | undefined; readonly candidate: readonly Value[] } {
  const rows = GATES * hidden;
  if (b === undefined) return { input: undefined, candidate: isAfter ? [constantZeros([hidden])] : [] };
  const piece = (from: number, to: number) => part(cx, b, direction, [from, to]);
  if (!isAfter) return { input: sum(cx, piece(0, rows), piece(rows, 2 * rows)), candidate: [] };
  const opened = sum(cx, piece(0, 2 * hidden), piece(rows, rows + 2 * hidden));
  const input = cx.make('concat', { axis: 0 }, [opened, piece(2 * hidden, rows)], floatType([]));
  return { input, candidate: [piece(rows + 2 * hidden, 2 * rows)] };
}

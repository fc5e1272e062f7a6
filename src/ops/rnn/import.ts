import { floatType } from '../../ir/type.js';
import type { Importers } from '../../onnx/importer.js';
import { fullyConnected } from '../conv2d/fully-connected-import.js';
import { initialState, joined, layoutOf, part, shapedInput, stateWeights, sum } from '../recurrent-import.js';

const functions = ['tanh', 'relu', 'sigmoid'] as const;

export const importers: Importers = {
  RNN(cx) {
    const names = cx.attrs.strings('activations', []).map((name) => name.toLowerCase());
    const fnOf = (direction: number) => functions.find((fn) => fn === names[direction]) ?? 'tanh';
    const layout = layoutOf(cx, (direction) => [fnOf(direction)]);
    const { x, seq, batch, hidden, directions } = layout;
    const w = shapedInput(cx, 1, [directions.length, hidden, x.type.shape[2]]);
    const r = shapedInput(cx, 2, [directions.length, hidden, hidden]);
    const b = cx.optional(3) === undefined ? undefined : shapedInput(cx, 3, [directions.length, 2 * hidden]);
    const results = directions.map((reverse, d) => {
      const bias = b && sum(cx, part(cx, b, d, [0, hidden]), part(cx, b, d, [hidden, 2 * hidden]));
      const gates = fullyConnected(cx, x, part(cx, w, d), bias, floatType);
      const operands = [gates, stateWeights(cx, part(cx, r, d)), initialState(cx, layout, 5, d)];
      const types = [floatType([seq, batch, hidden]), floatType([batch, hidden])];
      return cx.makeAll('rnn', { reverse, fn: fnOf(d) }, operands, types);
    });
    const column = (i: number) => results.map((list) => list[i]);
    return joined(cx, layout, column(0), [column(1)]);
  },
};

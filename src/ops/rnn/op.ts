import { defineOp, ShapeError } from '../../ir/op.js';
import { f32Data } from '../../ir/type.js';
import { gateSigmoid, gateTanh } from '../../quant/gates.js';
import { expectShape, stateProducts, timeSteps } from '../recurrent.js';

/** One direction of a plain recurrent layer; the products with the input are a convolution before it. */
export const rnn = defineOp({
  kind: 'rnn',
  doc:
    'A plain recurrent layer over time, backwards with `reverse`. `gates` [seq, batch, hidden] holds the products of the input and ' +
    "the biases; h' = fn(gates + h * r), tanh and sigmoid by quant/gates.ts, relu v < 0 ? 0 : v. Weights r [hidden, 1, 1, hidden]. Answers h at " +
    'every step and the last h.',
  attrs: { reverse: 'bool', fn: ['tanh', 'relu', 'sigmoid'] },
  operands: ['gates', 'r', 'h'],
  inferShape(_, [gates, r, h]) {
    const [seq, batch, hidden] = gates.shape;
    if (gates.shape.length !== 3) throw new ShapeError(`gates are [seq, batch, hidden], not [${gates.shape}]`);
    expectShape('r', r.shape, [hidden, 1, 1, hidden]);
    expectShape('h', h.shape, [batch, hidden]);
    return [[seq, batch, hidden], h.shape];
  },
  check: (_, operands, results) =>
    [...operands, ...results].every((t) => t.element === 'f32') ? [] : ['gates, weights and states are f32'],
  evaluate({ reverse, fn }, [gates, r, h0], [yType, hType]) {
    const [seq, batch, hidden] = yType.shape;
    const gs = f32Data(gates);
    let h = Float32Array.from(f32Data(h0));
    const y = new Float32Array(seq * batch * hidden);
    for (const t of timeSteps(seq, reverse)) {
      const sums = stateProducts(h, r).map((v, at) => gs[t * batch * hidden + at] + v);
      h = sums.map((v) => (fn === 'tanh' ? gateTanh(v) : fn === 'sigmoid' ? gateSigmoid(v) : v < 0 ? 0 : v));
      y.set(h, t * batch * hidden);
    }
    return [
      { type: yType, data: y },
      { type: hType, data: h },
    ];
  },
});

import { defineOp, ShapeError } from '../../ir/op.js';
import { f32Data } from '../../ir/type.js';
import { fma32 } from '../../quant/fma.js';
import { gateSigmoid, gateTanh } from '../../quant/gates.js';
import { expectShape, stateProducts, timeSteps, weightProblems } from '../recurrent.js';

/** One direction of a gated recurrent unit; the products with the input are a convolution before it. */
export const gru = defineOp({
  kind: 'gru',
  doc:
    'A gated recurrent unit over time, backwards with `reverse`. `gates` [seq, batch, 3 hidden] holds the products of the input ' +
    'and the biases in the order z, r, n; z = sigmoid(gates_z + h * r_z), r = sigmoid(gates_r + h * r_r), n = tanh(gates_n + ' +
    "(r h) * r_n), or, with a bias, tanh(fma(r, h * r_n + bias, gates_n)) (linear_before_reset); h' = fma(z, h - n, n). Weights " +
    'r_zr [2 hidden, 1, 1, hidden] and r_n [hidden, 1, 1, hidden]: f32, or s8 with zero point 0: then what they multiply is ' +
    'quantized to u8 by its own range. sigmoid and tanh: quant/gates.ts. Answers h at every step and the last h.',
  attrs: { reverse: 'bool' },
  operands: ['gates', 'r_zr', 'r_n', 'h', 'bias?'],
  inferShape(_, [gates, rzr, rn, h, bias]) {
    const [seq, batch, rows] = gates.shape;
    const hidden = rows / 3;
    if (gates.shape.length !== 3 || !Number.isInteger(hidden))
      throw new ShapeError(`gates are [seq, batch, 3 hidden], not [${gates.shape}]`);
    expectShape('r_zr', rzr.shape, [2 * hidden, 1, 1, hidden]);
    expectShape('r_n', rn.shape, [hidden, 1, 1, hidden]);
    expectShape('h', h.shape, [batch, hidden]);
    if (bias !== undefined) expectShape('bias', bias.shape, [hidden]);
    return [[seq, batch, hidden], h.shape];
  },
  check(_, [gates, rzr, rn, h, bias], results) {
    const floats = [gates, h, ...(bias === undefined ? [] : [bias]), ...results];
    const problems = floats.every((t) => t.element === 'f32') ? [] : ['gates and states are f32'];
    if (rzr.kind !== rn.kind) problems.push('r_zr and r_n are both f32 or both s8');
    return [...problems, ...weightProblems(rzr), ...weightProblems(rn)];
  },
  evaluate({ reverse }, [gates, rzr, rn, h0, bias], [yType, hType]) {
    const [seq, batch, hidden] = yType.shape;
    const gs = f32Data(gates);
    const bs = bias === undefined ? undefined : f32Data(bias);
    let h = Float32Array.from(f32Data(h0));
    const y = new Float32Array(seq * batch * hidden);
    for (const t of timeSteps(seq, reverse)) {
      const old = h;
      const products = stateProducts(old, rzr);
      const gate = (at: number, which: number) =>
        gs[(t * batch + Math.floor(at / hidden)) * 3 * hidden + which * hidden + (at % hidden)];
      const opened = (at: number, which: number) =>
        gateSigmoid(
          Math.fround(
            gate(at, which) + products[Math.floor(at / hidden) * 2 * hidden + which * hidden + (at % hidden)],
          ),
        );
      const kept = bs === undefined ? old.map((v, at) => opened(at, 1) * v) : old;
      const candidates = stateProducts(kept, rn);
      h = old.map((v, at) => {
        const product = candidates[at];
        const sum =
          bs === undefined
            ? Math.fround(gate(at, 2) + product)
            : fma32(opened(at, 1), Math.fround(product + bs[at % hidden]), gate(at, 2));
        const n = gateTanh(sum);
        return fma32(opened(at, 0), Math.fround(v - n), n);
      });
      y.set(h, t * batch * hidden);
    }
    return [
      { type: yType, data: y },
      { type: hType, data: h },
    ];
  },
});

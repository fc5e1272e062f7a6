import { defineOp, ShapeError } from '../../ir/op.js';
import { f32Data } from '../../ir/type.js';
import { fma32 } from '../../quant/fma.js';
import { gateSigmoid, gateTanh } from '../../quant/gates.js';
import { expectShape, stateProducts, timeSteps, weightProblems } from '../recurrent.js';

/** One direction of a long short-term memory; the products with the input are a convolution before it. */
export const lstm = defineOp({
  kind: 'lstm',
  doc:
    'A long short-term memory over time, backwards with `reverse`. `gates` [seq, batch, 4 hidden] holds the products of the ' +
    'input and all biases in the order i, o, f, c; with v = gates + h * r: i = sigmoid(v_i + p_i c), f = sigmoid(v_f + p_f c), ' +
    "c' = fma(f, c, i * tanh(v_c)), o = sigmoid(v_o + p_o c'), h' = o * tanh(c'). Weights r [4 hidden, 1, 1, hidden]: f32, or s8 " +
    'with zero point 0: then h is quantized to u8 by its own range at each step, and h * r = f32(exact sum) * f32(scale of h * ' +
    'scale of r). sigmoid and tanh: quant/gates.ts. Answers h at every step, the last h, the last c.',
  attrs: { reverse: 'bool' },
  operands: ['gates', 'r', 'h', 'c', 'peephole?'],
  inferShape(_, [gates, r, h, c, peephole]) {
    const [seq, batch, rows] = gates.shape;
    const hidden = rows / 4;
    if (gates.shape.length !== 3 || !Number.isInteger(hidden))
      throw new ShapeError(`gates are [seq, batch, 4 hidden], not [${gates.shape}]`);
    expectShape('r', r.shape, [rows, 1, 1, hidden]);
    expectShape('h', h.shape, [batch, hidden]);
    expectShape('c', c.shape, [batch, hidden]);
    if (peephole !== undefined) expectShape('peephole', peephole.shape, [3 * hidden]);
    return [[seq, batch, hidden], h.shape, c.shape];
  },
  check(_, [gates, r, h, c, peephole], results) {
    const floats = [gates, h, c, ...(peephole === undefined ? [] : [peephole]), ...results];
    return [...(floats.every((t) => t.element === 'f32') ? [] : ['gates and states are f32']), ...weightProblems(r)];
  },
  evaluate({ reverse }, [gates, r, h0, c0, peephole], [yType, hType, cType]) {
    const [seq, batch, hidden] = yType.shape;
    const rows = 4 * hidden;
    const gs = f32Data(gates);
    const ps = peephole === undefined ? undefined : f32Data(peephole);
    let h = Float32Array.from(f32Data(h0));
    const c = Float32Array.from(f32Data(c0));
    const y = new Float32Array(seq * batch * hidden);
    for (const t of timeSteps(seq, reverse)) {
      const products = stateProducts(h, r);
      h = new Float32Array(h.length);
      for (let b = 0; b < batch; b++)
        for (let j = 0; j < hidden; j++) {
          const at = b * hidden + j;
          const value = (gate: number) =>
            Math.fround(gs[(t * batch + b) * rows + gate * hidden + j] + products[b * rows + gate * hidden + j]);
          const seen = (gate: number, part: number, cell: number) =>
            ps === undefined ? value(gate) : fma32(ps[part * hidden + j], cell, value(gate));
          const i = gateSigmoid(seen(0, 0, c[at]));
          const f = gateSigmoid(seen(2, 2, c[at]));
          c[at] = fma32(f, c[at], Math.fround(i * gateTanh(value(3))));
          h[at] = gateSigmoid(seen(1, 1, c[at])) * gateTanh(c[at]);
        }
      y.set(h, t * batch * hidden);
    }
    return [
      { type: yType, data: y },
      { type: hType, data: h },
      { type: cType, data: c },
    ];
  },
});

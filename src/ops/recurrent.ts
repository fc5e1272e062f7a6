/**
 * What LSTM, GRU and RNN share: the products of the hidden state with its weights. Invariant: a float sum has the order of every
 * dot product here (8 interleaved sums by fma); with s8 weights the state is quantized by its own range first, and the
 * integer sum is exact.
 */
import { ShapeError } from '../ir/op.js';
import { f32Data, numberData, type Shape, sameShape, type Tensor, type TensorType } from '../ir/type.js';
import { scaleAt } from '../quant/affine.js';
import { quantizeDynamically } from '../quant/dynamic.js';
import { fma32 } from '../quant/fma.js';
import { LANES, sumLanes } from '../quant/lanes.js';

/** Products of a state [batch, hidden] with weights [rows, 1, 1, hidden]: f32 [batch, rows]. */
export function stateProducts(state: Float32Array, r: Tensor): Float32Array {
  const [rows, , , hidden] = r.type.shape;
  const batch = state.length / hidden;
  const out = new Float32Array(batch * rows);
  if (r.type.kind === 'quant') {
    const { affine } = r.type;
    const ws = numberData(r);
    const { stored, scale, zero } = quantizeDynamically(state);
    for (let b = 0; b < batch; b++)
      for (let o = 0; o < rows; o++) {
        let sum = 0;
        for (let k = 0; k < hidden; k++) sum += (stored[b * hidden + k] - zero) * ws[o * hidden + k];
        out[b * rows + o] = Math.fround(sum) * Math.fround(scale * scaleAt(affine, o));
      }
    return out;
  }
  const ws = f32Data(r);
  const lanes = new Float32Array(LANES);
  for (let b = 0; b < batch; b++)
    for (let o = 0; o < rows; o++) {
      lanes.fill(0);
      for (let k = 0; k < hidden; k++)
        lanes[k % LANES] = fma32(state[b * hidden + k], ws[o * hidden + k], lanes[k % LANES]);
      out[b * rows + o] = sumLanes(lanes);
    }
  return out;
}

/** Where each step of time is in memory, in the order in which the cell sees them. */
export function timeSteps(length: number, reverse: boolean): readonly number[] {
  return Array.from({ length }, (_, s) => (reverse ? length - 1 - s : s));
}

/** Throws a ShapeError if an operand has another shape than this. */
export function expectShape(name: string, got: Shape, want: Shape): void {
  if (!sameShape(got, want)) throw new ShapeError(`${name} is [${got}], expected [${want}]`);
}

/** What is wrong with the weights of a state. */
export function weightProblems(r: TensorType): readonly string[] {
  if (r.kind === 'float') return r.element === 'f32' ? [] : ['weights are f32 or s8'];
  if (r.kind !== 'quant' || r.element !== 's8') return ['weights are f32 or s8'];
  const { affine } = r;
  if (affine.per === 'block' || (affine.per === 'axis' && affine.axis !== 0))
    return ['weights are quantized per tensor or along axis 0'];
  const isSymmetric = affine.per === 'tensor' ? affine.zeroPoint === 0 : affine.zeroPoints.every((z) => z === 0);
  return isSymmetric ? [] : ['the zero point of the weights is 0'];
}

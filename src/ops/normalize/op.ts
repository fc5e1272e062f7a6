import { defineOp, ShapeError } from '../../ir/op.js';
import { elements, f32Data, type Shape, stridesOf } from '../../ir/type.js';
import { fma32 } from '../../quant/fma.js';
import { LANES, laneSum, sumLanes } from '../../quant/lanes.js';
import { broadcastIndex, broadcastShape } from '../broadcast.js';

/** Normalisation of slices: LayerNormalization, InstanceNormalization, GroupNormalization, RMSNormalization. */
export const normalize = defineOp({
  kind: 'normalize',
  doc:
    'Normalises every slice along `axes`, then scales: d = x - mean if `centred`, else x; ' +
    'inv = 1 / sqrt(mean of d * d + epsilon); y = (d * inv) * scale, or fma(d * inv, scale, bias). Sums over a slice in row-major ' +
    'order in 8 interleaved lanes, squares by fma; scale and bias broadcast to x. `spelled`: as models do that spell it out in ' +
    'operators, each of which rounds: squares are products that are added, y = d / sqrt(mean of d * d + epsilon) * scale + bias.',
  attrs: { axes: 'ints', centred: 'bool', spelled: 'bool', epsilon: 'float' },
  operands: ['x', 'scale', 'bias?'],
  inferShape(a, [x, scale, bias]) {
    if (a.axes.some((axis) => axis < 0 || axis >= x.shape.length))
      throw new ShapeError(`axes [${a.axes}] are outside ${x.shape.length} dimensions`);
    for (const operand of bias === undefined ? [scale] : [scale, bias])
      if (elements(broadcastShape(x.shape, operand.shape)) !== elements(x.shape))
        throw new ShapeError(`[${operand.shape}] does not broadcast to [${x.shape}]`);
    return [x.shape];
  },
  check(a, operands, [y]) {
    const problems = [...operands, y].every((t) => t.element === 'f32') ? [] : ['all are f32'];
    if (a.axes.some((axis, i) => i > 0 && axis <= a.axes[i - 1])) problems.push(`axes [${a.axes}] do not ascend`);
    return problems;
  },
  evaluate(a, [x, scale, bias], [y]) {
    const xs = f32Data(x);
    const out = new Float32Array(xs.length);
    const scaleAt = broadcastIndex(scale.type.shape, y.shape);
    const biasAt = bias === undefined ? scaleAt : broadcastIndex(bias.type.shape, y.shape);
    for (const slice of slicesOf(y.shape, a.axes)) {
      const count = slice.length;
      const mean = a.centred ? Math.fround(laneSum(count, (j) => xs[slice[j]]) / count) : 0;
      const d = Float32Array.from(slice, (at) => (a.centred ? xs[at] - mean : xs[at]));
      const lanes = new Float32Array(LANES);
      for (let j = 0; j < count; j++) {
        const lane = lanes[j % LANES];
        lanes[j % LANES] = a.spelled ? lane + Math.fround(d[j] * d[j]) : fma32(d[j], d[j], lane);
      }
      const variance = Math.fround(sumLanes(lanes) / count);
      const deviation = Math.fround(Math.sqrt(Math.fround(variance + Math.fround(a.epsilon))));
      const inv = Math.fround(1 / deviation);
      for (const [j, at] of slice.entries()) {
        const unit = Math.fround(a.spelled ? d[j] / deviation : d[j] * inv);
        const s = f32Data(scale)[scaleAt[at]];
        if (bias === undefined) out[at] = unit * s;
        else {
          const b = f32Data(bias)[biasAt[at]];
          out[at] = a.spelled ? Math.fround(unit * s) + b : fma32(unit, s, b);
        }
      }
    }
    return [{ type: y, data: out }];
  },
});

/** The elements of every slice along `axes`, both in row-major order. */
function slicesOf(shape: Shape, axes: readonly number[]): number[][] {
  const strides = stridesOf(shape);
  const slices = new Map<number, number[]>();
  for (let at = 0; at < elements(shape); at++) {
    const start = axes.reduce(
      (rest, axis) => rest - (Math.floor(at / strides[axis]) % shape[axis]) * strides[axis],
      at,
    );
    const slice = slices.get(start);
    if (slice === undefined) slices.set(start, [at]);
    else slice.push(at);
  }
  return [...slices.values()];
}

import { elements, type Tensor } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { verdict } from '../../target/choose.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { windowParams } from '../pool-lower.js';
import { averageMultiplier } from './op.js';

/** Average pooling; the 8-bit form has one multiplier for each count of window positions that can occur. */
export const lower: Lowering<'average-pool'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  const { attrs } = node;
  const cells = attrs.kernel[0] * attrs.kernel[1];
  const work = elements(y.shape) * cells;
  const params = { ...windowParams(attrs, x.type.shape, y.shape), count_include_pad: flag(attrs.count_include_pad) };
  if (x.type.kind !== 'quant' || y.kind !== 'quant') {
    const choice = cx.choose(plainRequest('average_pool_f32', work, [cx.view(x)]), node);
    cx.emit(
      stepFor(node, {
        choice,
        params,
        args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
        macs: work,
      }),
    );
    return;
  }
  const isUndilated = attrs.dilations.every((d) => d === 1);
  const choice = cx.choose(
    {
      family: 'average_pool_q8',
      prove: (word) =>
        word === 'UNIT_DILATION' ? verdict(isUndilated, 'dilation 1', 'the window is dilated') : undefined,
      work: () => work,
      reads: [cx.view(x)],
    },
    node,
  );
  const [sx, sy] = [scaleAt(x.type.affine, 0), scaleAt(y.affine, 0)];
  const multipliers: Tensor = {
    type: { kind: 'float', element: 'f32', shape: [cells + 1] },
    data: Float32Array.from({ length: cells + 1 }, (_, k) => (k === 0 ? 0 : averageMultiplier(sx, sy, k))),
  };
  cx.emit(
    stepFor(node, {
      choice,
      params: { ...params, x_signed: flag(x.type.element === 's8'), y_signed: flag(y.element === 's8') },
      data: {
        x_zero: zeroPointAt(x.type.affine, 0),
        y_zero: zeroPointAt(y.affine, 0),
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [
        reads('x', cx.view(x)),
        reads('mult', cx.constant('average multipliers', multipliers)),
        writes('y', cx.output(node.results[0])),
      ],
      macs: work,
    }),
  );
};

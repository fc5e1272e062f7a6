import { elements, type Tensor } from '../../ir/type.js';
import type { Params } from '../../program/program.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { plainRequest } from '../any.js';
import { elementCodes } from '../element-codes.js';
import { f32, flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { proveWindow } from '../pool-lower.js';
import { windowParams } from '../window.js';
import { averageMultiplier, isWholeImage } from './op.js';

/** Average pooling; on 8 bits a window that is the whole image and any other are two families. */
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
  const isWide = x.type.element === 's16';
  const isWhole = isWide || isWholeImage(attrs, x.type.shape);
  const choice = cx.choose(
    {
      family: isWide ? 'average_pool_q16' : isWhole ? 'average_pool_q8' : 'window_mean_q8',
      prove: (word) => proveWindow(attrs, word),
      work: () => work,
      reads: [cx.view(x)],
    },
    node,
  );
  const [sx, sy] = [scaleAt(x.type.affine, 0), scaleAt(y.affine, 0)];
  const signs: Params = isWide
    ? { y_element: elementCodes[y.element] }
    : { x_signed: flag(x.type.element === 's8'), y_signed: flag(y.element === 's8') };
  const stored = {
    ...(isWide ? {} : { x_zero: zeroPointAt(x.type.affine, 0) }),
    y_zero: zeroPointAt(y.affine, 0),
    y_min: y.range[0],
    y_max: y.range[1],
  };
  const result = writes('y', cx.output(node.results[0]));
  if (!isWhole) {
    const data = { x_scale: f32(sx), y_scale: f32(sy), ...stored };
    const args = [reads('x', cx.view(x)), result];
    cx.emit(stepFor(node, { choice, params: { ...params, ...signs }, data, args, macs: work }));
    return;
  }
  const multipliers: Tensor = {
    type: { kind: 'float', element: 'f32', shape: [cells + 1] },
    data: Float32Array.from({ length: cells + 1 }, (_, k) => (k === 0 ? 0 : averageMultiplier(sx, sy, k))),
  };
  cx.emit(
    stepFor(node, {
      choice,
      params: { ...params, ...signs },
      data: stored,
      args: [reads('x', cx.view(x)), reads('mult', cx.constant('average multipliers', multipliers)), result],
      macs: work,
    }),
  );
};

import { elements, type Tensor } from '../../ir/type.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { verdict } from '../../target/choose.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { averageMultiplier } from './op.js';

/** 8-bit average pooling; one multiplier for each count of window positions that can occur. */
export const lower: Lowering<'average-pool'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('float pooling has its own lowering');
  const { attrs } = node;
  const cells = attrs.kernel[0] * attrs.kernel[1];
  const work = elements(y.shape) * cells;
  const choice = cx.choose(
    {
      family: 'average_pool_q8',
      prove: (word) =>
        word === 'UNIT_DILATION'
          ? verdict(
              attrs.dilations.every((d) => d === 1),
              'dilation 1',
              'dilated',
            )
          : undefined,
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
  const [n, h, w, c] = x.type.shape;
  cx.emit(
    stepFor(node, {
      choice,
      params: {
        n,
        h,
        w,
        c,
        oh: y.shape[1],
        ow: y.shape[2],
        kh: attrs.kernel[0],
        kw: attrs.kernel[1],
        sh: attrs.strides[0],
        sw: attrs.strides[1],
        dh: attrs.dilations[0],
        dw: attrs.dilations[1],
        pad_top: attrs.pads[0],
        pad_left: attrs.pads[1],
        count_include_pad: flag(attrs.count_include_pad),
        x_signed: flag(x.type.element === 's8'),
        y_signed: flag(y.element === 's8'),
      },
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

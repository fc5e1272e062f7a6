import { InternalError } from '../../ir/build.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { lowerWide } from '../wide-convolution-lower.js';
import { windowParams } from '../window.js';

/** A convolution of floats or s16; those of 8 bits have become conv2d-requant. */
export const lower: Lowering<'conv2d'> = (node, cx) => {
  const [x, w, bias] = node.operands;
  const y = node.results[0].type;
  if (x.type.kind === 'quant' && x.type.element === 's16') return lowerWide(node, x.type, cx);
  if (x.type.kind !== 'float') throw new InternalError('a quantized conv2d reaches lowering');
  const [n] = x.type.shape;
  const [oc, kh, kw, cg] = w.type.shape;
  const [, oh, ow] = y.shape;
  const { attrs } = node;
  const macs = n * oh * ow * oc * kh * kw * cg;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('conv2d_f32', macs, [cx.view(x)]), node),
      params: {
        ...windowParams({ ...attrs, kernel: [kh, kw] }, x.type.shape, y.shape, { oc }),
        groups: attrs.groups,
        has_bias: flag(bias !== undefined),
      },
      args: [
        reads('x', cx.view(x)),
        reads('w', cx.view(w)),
        reads('bias', bias === undefined ? undefined : cx.view(bias)),
        writes('y', cx.output(node.results[0])),
      ],
      macs,
    }),
  );
};

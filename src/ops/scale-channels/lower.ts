import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'scale-channels'> = (node, cx) => {
  const [x, offset, multiplier] = node.operands;
  const count = elements(x.type.shape);
  const channels = elements(offset.type.shape);
  const { shift, low, high } = node.attrs;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('scale_channels', count, [cx.view(x)]), node),
      params: {
        pixels: count / channels,
        channels,
        per_channel: flag(elements(multiplier.type.shape) > 1),
        x_signed: flag(x.type.element === 's8'),
        y_signed: flag(node.results[0].type.element === 's8'),
      },
      data: { shift, low, high },
      args: [
        reads('x', cx.view(x)),
        reads('offset', cx.view(offset)),
        reads('multiplier', cx.view(multiplier)),
        writes('y', cx.output(node.results[0])),
      ],
      inPlace: 'x',
    }),
  );
};

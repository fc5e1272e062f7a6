import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { gridSample } from './op.js';

export const lower: Lowering<'grid-sample'> = (node, cx) => {
  const [x, grid] = node.operands;
  const [n, h, w, c] = x.type.shape;
  const { shape } = node.results[0].type;
  const { mode, padding, corners } = node.attrs;
  const taps = { nearest: 1, linear: 4, cubic: 16 };
  const params = {
    ...{ n, h, w, c, oh: shape[1], ow: shape[2] },
    mode: gridSample.attrs.mode.indexOf(mode),
    padding: gridSample.attrs.padding.indexOf(padding),
    corners: flag(corners),
  };
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('grid_sample_f32', taps[mode] * elements(shape), [cx.view(x)]), node),
      params,
      args: [reads('x', cx.view(x)), reads('grid', cx.view(grid)), writes('y', cx.output(node.results[0]))],
    }),
  );
};

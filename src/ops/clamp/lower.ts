import { elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { f32, type Lowering, NoKernel, reads, stepFor, writes } from '../lowering.js';

export const lower: Lowering<'clamp'> = (node, cx) => {
  const [x] = node.operands;
  if (x.type.element !== 'f32') throw new NoKernel(`no kernel limits ${x.type.element} values`);
  const count = elements(x.type.shape);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('clamp_f32', count, [cx.view(x)]), node),
      params: { count },
      data: { min: f32(Math.fround(node.attrs.min)), max: f32(Math.fround(node.attrs.max)) },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
      inPlace: 'x',
    }),
  );
};

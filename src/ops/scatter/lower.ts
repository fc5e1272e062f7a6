import { elementBytes, elements } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';
import { scatter } from './op.js';

/** Entries written over are bytes of any element; joined ones are numbers. */
export const lower: Lowering<'scatter'> = (node, cx) => {
  const [x, index, updates] = node.operands;
  const { fn } = node.attrs;
  const { element, shape } = x.type;
  const count = elements(index.type.shape);
  const run = count === 0 ? 1 : elements(updates.type.shape) / count;
  const dim = elements(shape) / run;
  const family = fn === 'none' ? 'scatter' : `scatter_${element}`;
  const params = fn === 'none' ? { run: run * elementBytes[element] } : { fn: scatter.attrs.fn.indexOf(fn) - 1, run };
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest(family, elements(shape) + count * run, [cx.view(x)]), node),
      params: { dim, count, ...params },
      args: [
        reads('x', cx.view(x)),
        reads('index', cx.view(index)),
        reads('updates', cx.view(updates)),
        writes('y', cx.output(node.results[0])),
      ],
      inPlace: 'x',
    }),
  );
};

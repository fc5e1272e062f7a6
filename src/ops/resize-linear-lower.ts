/** What both lowerings of bilinear interpolation share: sizes, and where rows, columns and weights lie. */
import type { Node } from '../ir/graph.js';
import { elements } from '../ir/type.js';
import type { Params, Step } from '../program/program.js';
import { plainRequest } from './any.js';
import { type LowerContext, reads, stepFor, writes } from './lowering.js';

export function emitInterpolation(
  node: Node<'resize-linear'> | Node<'resize-linear-fixed'>,
  cx: LowerContext,
  family: string,
  more: { readonly params?: Params; readonly data?: Step['data'] },
): void {
  const [x, row, rowWeight, col, colWeight] = node.operands;
  const [n, h, w, c] = x.type.shape;
  const { shape } = node.results[0].type;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest(family, 4 * elements(shape), [cx.view(x)]), node),
      params: { n, h, w, c, oh: shape[1], ow: shape[2], ...more.params },
      ...(more.data === undefined ? {} : { data: more.data }),
      args: [
        reads('x', cx.view(x)),
        reads('row', cx.view(row)),
        reads('row_weight', cx.view(rowWeight)),
        reads('col', cx.view(col)),
        reads('col_weight', cx.view(colWeight)),
        writes('y', cx.output(node.results[0])),
      ],
    }),
  );
}

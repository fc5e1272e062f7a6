/** Blocks of channels as blocks of pixels and back: a reshape, a transpose, a reshape, all on NHWC. */
import type { Value } from '../../ir/graph.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { reshaped, toNchw, toNhwc, transposed } from '../layout.js';

function blockSize(cx: ImportContext, x: Value): number {
  const b = cx.attrs.requiredInt('blocksize');
  if (b < 1) cx.attrs.invalid('blocksize', `is ${b}, it is at least 1`);
  if (x.type.shape.length !== 4) cx.fail('Q0215', `x has ${x.type.shape.length} dimensions, 4 are needed`);
  return Math.max(1, b);
}

export const importers: Importers = {
  DepthToSpace(cx) {
    const x = cx.input(0);
    const b = blockSize(cx, x);
    const mode = cx.attrs.oneOf('mode', ['DCR', 'CRD'], 'DCR');
    const [n, c, h, w] = x.type.shape;
    const depth = c / (b * b);
    if (!Number.isInteger(depth)) cx.fail('Q0210', `${c} channels do not make blocks of ${b} x ${b}`);
    const y =
      mode === 'DCR'
        ? transposed(cx, reshaped(cx, toNhwc(cx, x), [n, h, w, b, b, depth]), [0, 1, 3, 2, 4, 5])
        : transposed(cx, reshaped(cx, toNhwc(cx, x), [n, h, w, depth, b, b]), [0, 1, 4, 2, 5, 3]);
    return toNchw(cx, reshaped(cx, y, [n, h * b, w * b, depth]), 4);
  },
  SpaceToDepth(cx) {
    const x = cx.input(0);
    const b = blockSize(cx, x);
    const [n, c, h, w] = x.type.shape;
    if (h % b !== 0 || w % b !== 0) cx.fail('Q0210', `[${h},${w}] is not made of blocks of ${b} x ${b}`);
    const split = reshaped(cx, toNhwc(cx, x), [n, h / b, b, w / b, b, c]);
    const y = transposed(cx, split, [0, 1, 3, 2, 4, 5]);
    return toNchw(cx, reshaped(cx, y, [n, h / b, w / b, b * b * c]), 4);
  },
};

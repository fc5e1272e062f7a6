import type { Importers } from '../../onnx/importer.js';
import { transposed } from '../layout.js';

export const importers: Importers = {
  Transpose(cx) {
    const x = cx.input(0);
    const reversed = x.type.shape.map((_, i) => x.type.shape.length - 1 - i);
    return transposed(cx, x, cx.attrs.ints('perm', reversed));
  },
};

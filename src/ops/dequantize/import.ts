import { floatType } from '../../ir/type.js';
import type { Importers } from '../../onnx/importer.js';

export const importers: Importers = {
  DequantizeLinear(cx) {
    const x = cx.input(0);
    const axis = cx.attrs.int('axis', 1);
    const block = cx.attrs.int('block_size', 0);
    cx.attrs.int('output_dtype', 0);
    const quant = cx.asQuant(x, cx.affine(x.type.shape, 1, 2, axis, block));
    return cx.make('dequantize', {}, [quant], floatType(x.type.shape));
  },
  'com.microsoft.DequantizeLinear': (cx) => importers.DequantizeLinear(cx),
};

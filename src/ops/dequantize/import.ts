import { floatType } from '../../ir/type.js';
import { elementOfCode, nameOfCode } from '../../onnx/element-types.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';

/** The element of the result: `output_dtype`, else that of the scale. Computed in float32 and rounded once. */
function resultElement(cx: ImportContext): 'f32' | 'f16' | 'bf16' {
  const code = cx.attrs.int('output_dtype', 0);
  const element = code === 0 ? cx.input(1).type.element : elementOfCode(code);
  if (element === 'f32' || element === 'f16' || element === 'bf16') return element;
  return cx.fail(
    'Q0307',
    `dequantization to ${element ?? nameOfCode(code)} is not supported`,
    'attribute "output_dtype"',
    'use float32, float16 or bfloat16',
  );
}

export const importers: Importers = {
  DequantizeLinear(cx) {
    const x = cx.input(0);
    const axis = cx.attrs.int('axis', 1);
    const block = cx.attrs.int('block_size', 0);
    const element = resultElement(cx);
    const quant = cx.asQuant(x, cx.affine(x.type.shape, 1, 2, axis, block));
    const y = cx.make('dequantize', {}, [quant], floatType(x.type.shape));
    return element === 'f32' ? y : cx.make('cast', {}, [y], floatType(x.type.shape, element));
  },
  'com.microsoft.DequantizeLinear': (cx) => importers.DequantizeLinear(cx),
};

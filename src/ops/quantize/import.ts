import type { Code } from '../../diagnostics/codes.js';
import { elementRange, type QuantElement, quantType } from '../../ir/type.js';
import { elementOfCode } from '../../onnx/element-types.js';
import type { Importers } from '../../onnx/importer.js';

function isQuantElement(name: string | undefined): name is QuantElement {
  return name !== undefined && Object.hasOwn(elementRange, name);
}

const unsupported: Code = 'Q0307';

export const importers: Importers = {
  QuantizeLinear(cx) {
    let x = cx.input(0);
    const zero = cx.optional(2);
    const code = cx.attrs.int('output_dtype', 0);
    const axis = cx.attrs.int('axis', 1);
    const block = cx.attrs.int('block_size', 0);
    cx.attrs.int('saturate', 1);
    const precision = cx.attrs.int('precision', 0);
    if (precision !== 0 && precision !== 1)
      cx.fail(unsupported, `precision ${precision} is not float32`, 'attribute "precision"');
    const element: string | undefined =
      zero !== undefined ? zero.type.element : code !== 0 ? elementOfCode(code) : 'u8';
    if (!isQuantElement(element))
      return cx.fail(
        unsupported,
        `quantization to ${element ?? `type ${code}`} is not supported`,
        undefined,
        'use int8, uint8, int16, uint16 or int4',
      );
    if (x.type.kind !== 'float') {
      if (x.type.element !== 's32') cx.fail(unsupported, `cannot quantize ${x.type.element}`);
      x = cx.make('cast', {}, [x], { kind: 'float', element: 'f32', shape: x.type.shape });
    }
    const affine = cx.affine(x.type.shape, 1, 2, axis, block);
    return cx.make('quantize', {}, [x], quantType(element, x.type.shape, affine));
  },
  'com.microsoft.QuantizeLinear': (cx) => importers.QuantizeLinear(cx),
};

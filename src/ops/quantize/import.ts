import type { Value } from '../../ir/graph.js';
import { floatType, type QuantElement, quantType } from '../../ir/type.js';
import { elementOfCode, nameOfCode } from '../../onnx/element-types.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';

const elements: readonly QuantElement[] = ['s8', 'u8', 's16', 'u16', 's4', 'u4'];

/** The element of the result: that of the zero point, else `output_dtype`, else uint8. */
function resultElement(cx: ImportContext): QuantElement {
  const zero = cx.optional(2)?.type.element;
  const code = cx.attrs.int('output_dtype', 0);
  const wanted = code === 0 ? undefined : (elementOfCode(code) ?? nameOfCode(code));
  if (zero !== undefined && wanted !== undefined && zero !== wanted)
    cx.fail(
      'Q0209',
      `output_dtype says ${wanted}, the zero point is ${zero}`,
      'attribute "output_dtype"',
      'leave out one of them',
    );
  const name = zero ?? wanted ?? 'u8';
  const element = elements.find((e) => e === name);
  if (element !== undefined) return element;
  return cx.fail(
    'Q0307',
    `quantization to ${name} is not supported`,
    undefined,
    'use int8, uint8, int16, uint16 or int4',
  );
}

/** x as float32: half floats are widened, int32 is rounded. */
function realInput(cx: ImportContext): Value {
  const x = cx.input(0);
  if (x.type.element === 'f32') return x;
  if (x.type.kind !== 'float' && x.type.element !== 's32')
    cx.fail('Q0307', `cannot quantize ${x.type.element}`, undefined, 'insert a Cast to float32');
  return cx.make('cast', {}, [x], floatType(x.type.shape));
}

export const importers: Importers = {
  QuantizeLinear(cx) {
    const x = realInput(cx);
    const axis = cx.attrs.int('axis', 1);
    const block = cx.attrs.int('block_size', 0);
    // It speaks of float8 only: integers always saturate.
    cx.attrs.irrelevant('saturate');
    const precision = cx.attrs.int('precision', 0);
    if (precision !== 0 && precision !== 1)
      cx.fail('Q0307', `precision ${nameOfCode(precision)} is not float32`, 'attribute "precision"');
    const element = resultElement(cx);
    const affine = cx.affine(x.type.shape, 1, 2, axis, block);
    return cx.make('quantize', {}, [x], quantType(element, x.type.shape, affine));
  },
  'com.microsoft.QuantizeLinear': (cx) => importers.QuantizeLinear(cx),
};

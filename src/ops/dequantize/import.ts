import type { Value } from '../../ir/graph.js';
import { elementBytes, elements, floatType } from '../../ir/type.js';
import { elementOfCode, nameOfCode } from '../../onnx/element-types.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { inputPart } from '../../onnx/model.js';
import { castTo, plainIntegers } from '../arithmetic.js';
import { reshaped } from '../layout.js';

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

/** (x - zero point) * scale with a scale of run time, as one that a DynamicQuantizeLinear answered. */
function atRunTime(cx: ImportContext, x: Value, scale: Value): Value {
  const zero = cx.optional(2);
  if (elements(scale.type.shape) !== 1 || scale.type.element !== 'f32' || elementBytes[x.type.element] > 2)
    cx.fail(
      'Q0206',
      `a scale of shape [${scale.type.shape}] is computed at run time`,
      inputPart(cx.node, 1),
      'one for an 8- or 16-bit tensor is supported; fold the others before exporting',
    );
  const real = (value: Value) => castTo(cx, plainIntegers(cx, value), floatType([]));
  const shifted =
    zero === undefined
      ? real(x)
      : cx.make('binary', { fn: 'sub' }, [real(x), reshaped(cx, real(zero), [])], floatType([]));
  return cx.make('binary', { fn: 'mul' }, [shifted, reshaped(cx, scale, [])], floatType([]));
}

export const importers: Importers = {
  DequantizeLinear(cx) {
    const x = cx.input(0);
    const axis = cx.attrs.int('axis', 1);
    const block = cx.attrs.int('block_size', 0);
    const element = resultElement(cx);
    const scale = cx.input(1);
    if (scale.kind !== 'const') return atRunTime(cx, x, scale);
    const quant = cx.asQuant(x, cx.affine(x.type.shape, 1, 2, axis, block));
    const y = cx.make('dequantize', {}, [quant], floatType(x.type.shape));
    return element === 'f32' ? y : cx.make('cast', {}, [y], floatType(x.type.shape, element));
  },
  'com.microsoft.DequantizeLinear': (cx) => importers.DequantizeLinear(cx),
};

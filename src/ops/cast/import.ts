import type { Value } from '../../ir/graph.js';
import { elementOfCode, type NumericElement, nameOfCode } from '../../onnx/element-types.js';
import { type ImportContext, type Importers, typeOfElement } from '../../onnx/importer.js';
import { castTo, plainIntegers } from '../arithmetic.js';

function toElement(cx: ImportContext, x: Value, element: NumericElement): Value {
  const y = castTo(cx, plainIntegers(cx, x), typeOfElement(element, x.type.shape));
  return element === 'bf16' ? cx.make('unary', { fn: 'bfloat16' }, [y], y.type) : y;
}

export const importers: Importers = {
  Cast(cx) {
    const code = cx.attrs.requiredInt('to');
    // Both say how float8 values are made, which are refused here.
    cx.attrs.irrelevant('saturate', 'round_mode');
    const element = elementOfCode(code);
    if (element === undefined || element === 'string')
      return cx.fail(
        'Q0218',
        `a cast to ${nameOfCode(code)} is not supported`,
        'attribute "to"',
        'use float32, float64, float16, bfloat16, bool or an integer type',
      );
    return toElement(cx, cx.input(0), element);
  },
  CastLike(cx) {
    cx.attrs.irrelevant('saturate', 'round_mode');
    const x = plainIntegers(cx, cx.input(0));
    return castTo(cx, x, plainIntegers(cx, cx.input(1)).type);
  },
};

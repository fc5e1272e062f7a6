import { elementOfCode, nameOfCode } from '../../onnx/element-types.js';
import { type Importers, typeOfElement } from '../../onnx/importer.js';
import { castTo, plainIntegers } from '../arithmetic.js';

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
    return castTo(cx, plainIntegers(cx, cx.input(0)), typeOfElement(element, []));
  },
  CastLike(cx) {
    cx.attrs.irrelevant('saturate', 'round_mode');
    return castTo(cx, plainIntegers(cx, cx.input(0)), plainIntegers(cx, cx.input(1)).type);
  },
};

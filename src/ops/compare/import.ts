import type { Value } from '../../ir/graph.js';
import { indexType } from '../../ir/type.js';
import type { ImportContext, Importer, Importers } from '../../onnx/importer.js';
import { numericInputs } from '../arithmetic.js';

type Comparison = 'equal' | 'less' | 'less-or-equal';

function comparison(cx: ImportContext, fn: Comparison, a: Value, b: Value): Value {
  return cx.make('compare', { fn }, [a, b], indexType('bool', []));
}

/** @param swapped a > b is b < a. */
function comparisonOf(fn: Comparison, swapped = false): Importer {
  return (cx) => {
    const [a, b] = numericInputs(cx, [cx.input(0), cx.input(1)]);
    return swapped ? comparison(cx, fn, b, a) : comparison(cx, fn, a, b);
  };
}

function logical(fn: 'and' | 'or' | 'xor'): Importer {
  return (cx) => cx.make('binary', { fn }, [cx.input(0), cx.input(1)], indexType('bool', []));
}

function inverted(cx: ImportContext, x: Value): Value {
  return cx.make('binary', { fn: 'xor' }, [x, cx.scalar(indexType('bool', []), 1)], indexType('bool', []));
}

export const importers: Importers = {
  Equal: comparisonOf('equal'),
  Less: comparisonOf('less'),
  LessOrEqual: comparisonOf('less-or-equal'),
  Greater: comparisonOf('less', true),
  GreaterOrEqual: comparisonOf('less-or-equal', true),
  And: logical('and'),
  Or: logical('or'),
  Xor: logical('xor'),
  Not: (cx) => inverted(cx, cx.input(0)),
  IsNaN: (cx) => {
    const [x] = numericInputs(cx, [cx.input(0)]);
    return inverted(cx, comparison(cx, 'equal', x, x));
  },
  IsInf(cx) {
    const [x] = numericInputs(cx, [cx.input(0)]);
    const limits = [
      ...(cx.attrs.bool('detect_positive', true) ? [Number.POSITIVE_INFINITY] : []),
      ...(cx.attrs.bool('detect_negative', true) ? [Number.NEGATIVE_INFINITY] : []),
    ];
    const found = limits.map((limit) => comparison(cx, 'equal', x, cx.scalar(x.type, limit)));
    if (found.length === 0) return comparison(cx, 'less', x, x);
    return found.reduce((a, b) => cx.make('binary', { fn: 'or' }, [a, b], indexType('bool', [])));
  },
};

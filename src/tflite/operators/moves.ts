/** Operators that move elements and compute nothing. */
import type { Value } from '../../ir/graph.js';
import type { OperatorContext, OperatorImporters } from '../importer.js';

/** RESHAPE: the declared shape of the output is the one meant, whatever -1 the file says. */
function reshape(cx: OperatorContext): Value {
  const y = cx.result();
  const x = cx.retyped(cx.input(0), y);
  return cx.reshaped(x, y.shape);
}

export const moves: OperatorImporters = {
  RESHAPE: { version: 1, import: reshape },
};

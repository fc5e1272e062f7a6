/** ADD, SUB. */
import type { Value } from '../../ir/graph.js';
import type { OperatorContext, OperatorImporters } from '../importer.js';
import { activated, clampedFloat } from './activation.js';

function sum(subtract: boolean): (cx: OperatorContext) => Value {
  return (cx) => {
    const { activation } = subtract ? cx.options('sub') : cx.options('add');
    const [a, b] = [cx.input(0), cx.input(1)];
    if (cx.result().kind === 'float') {
      const y = cx.make('binary', { fn: subtract ? 'sub' : 'add' }, [a, b], cx.result());
      return clampedFloat(cx, activation, y);
    }
    const y = activated(cx, activation, cx.quantizedResult());
    return cx.make('add-fixed', { subtract }, [cx.quantized(0).value, cx.quantized(1).value], y);
  };
}

export const elementwise: OperatorImporters = {
  ADD: { version: 3, import: sum(false) },
  SUB: { version: 3, import: sum(true) },
};

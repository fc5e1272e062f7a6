/** ADD, SUB, MUL, MEAN. */
import type { Value } from '../../ir/graph.js';
import { elements, type QuantType, sameShape } from '../../ir/type.js';
import { scaleAt } from '../../quant/affine.js';
import type { OperatorContext, OperatorImporters } from '../importer.js';
import { activated, clampedFloat } from './activation.js';
import { checkWide } from './wide.js';

function isPower({ affine }: QuantType): boolean {
  return Number.isInteger(Math.log2(scaleAt(affine, 0)));
}

function sum(subtract: boolean): (cx: OperatorContext) => Value {
  return (cx) => {
    const { activation, pot_scale_int16: mayShift } = subtract ? cx.options('sub') : cx.options('add');
    const [a, b] = [cx.input(0), cx.input(1)];
    if (cx.result().kind === 'float') {
      const y = cx.make('binary', { fn: subtract ? 'sub' : 'add' }, [a, b], cx.result());
      return clampedFloat(cx, activation, y);
    }
    const y = activated(cx, activation, cx.quantizedResult());
    const operands = [cx.quantized(0), cx.quantized(1)];
    const powers = cx.isWide && mayShift && [...operands.map((o) => o.type), y].every(isPower);
    if (powers && !sameShape(a.type.shape, b.type.shape))
      cx.fail(
        'Q0730',
        'int16 operands of scales that are powers of two have different shapes',
        undefined,
        'convert it again',
      );
    const values = operands.map((o) => o.value);
    return cx.make('add-fixed', { subtract, powers }, values, y);
  };
}

function product(cx: OperatorContext): Value {
  const { activation } = cx.options('mul');
  if (cx.result().kind === 'float') {
    const y = cx.make('binary', { fn: 'mul' }, [cx.input(0), cx.input(1)], cx.result());
    return clampedFloat(cx, activation, y);
  }
  const y = activated(cx, activation, cx.quantizedResult());
  checkWide(cx);
  return cx.make('mul-fixed', {}, [cx.quantized(0).value, cx.quantized(1).value], y);
}

/** MEAN over neighbouring axes. */
function mean(cx: OperatorContext): Value {
  const x = cx.input(0);
  const y = cx.result();
  const { shape } = x.type;
  const axes = [...new Set(cx.ints(1).map((axis) => cx.axis(axis, shape.length)))].sort((a, b) => a - b);
  const [first] = axes;
  if (first === undefined || axes.some((axis, i) => axis !== first + i))
    cx.fail(
      'Q0708',
      `the axes [${axes}] are not neighbours`,
      cx.inputPart(1),
      'convert the model with a mean over height and width',
    );
  const last = first + axes.length;
  const sizes = [shape.slice(0, first), shape.slice(first, last), shape.slice(last)].map(elements);
  if (y.kind === 'float') {
    const sum = cx.make('reduce', { fn: 'mean', axes }, [x], y);
    return cx.reshaped(sum, y.shape);
  }
  checkWide(cx);
  return cx.reshaped(cx.make('mean-fixed', {}, [cx.reshaped(x, sizes)], cx.quantizedResult()), y.shape);
}

export const elementwise: OperatorImporters = {
  ADD: { version: 3, import: sum(false) },
  MEAN: { version: 3, import: mean },
  MUL: { version: 4, import: product },
  SUB: { version: 3, import: sum(true) },
};

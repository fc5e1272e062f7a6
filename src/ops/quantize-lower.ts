/** What the lowerings of quantize, dequantize and requantize share. */
import type { AnyNode } from '../ir/graph.js';
import { type Affine, elements, floatType, type QuantType, type Tensor } from '../ir/type.js';
import type { Params, View } from '../program/program.js';
import { scaleAt, scaleCount, zeroPointAt } from '../quant/affine.js';
import { plainRequest } from './any.js';
import { elementCodes } from './element-codes.js';
import { f32, flag, type LowerContext, reads, stepFor, writes } from './lowering.js';

/** f32 -> 8 bits, or s16 for the family of that name, with one scale. @param layout the sizes and strides of the contract. @param family whose rounding. */
export function emitQuantizeByte(
  node: AnyNode,
  y: QuantType,
  layout: Params,
  cx: LowerContext,
  family: 'quantize' | 'quantize_away_q8' | 'quantize_away_s16' = 'quantize',
): void {
  const [x] = node.operands;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest(family, elements(y.shape), [cx.view(x)]), node),
      params: { ...layout, y_signed: flag(y.element === 's8') },
      data: {
        scale: f32(scaleAt(y.affine, 0)),
        zero: zeroPointAt(y.affine, 0),
        y_min: y.range[0],
        y_max: y.range[1],
      },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
}

/** Between s16 with one scale and floats, or any two stored types with one; `from` holds the values of `x`, which is their type unless they are f32. */
export function emitConvert(
  node: AnyNode,
  x: QuantType | undefined,
  y: QuantType | undefined,
  from: View,
  to: View,
  cx: LowerContext,
): void {
  const count = elements(node.results[0].type.shape);
  const one = { scale: 1, zero: 0 };
  const [sx, sy] = [x, y].map((type) =>
    type === undefined ? one : { scale: scaleAt(type.affine, 0), zero: zeroPointAt(type.affine, 0) },
  );
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('convert_q16', count, [from]), node),
      params: { count, x_element: elementCodes[x?.element ?? 'f32'], y_element: elementCodes[y?.element ?? 'f32'] },
      data: {
        x_scale: f32(sx.scale),
        x_zero: sx.zero,
        y_scale: f32(sy.scale),
        y_zero: sy.zero,
        y_min: y?.range[0] ?? 0,
        y_max: y?.range[1] ?? 0,
      },
      args: [reads('x', from), writes('y', to)],
    }),
  );
}

/** s16 with one scale. */
export function isPlainWide(type: QuantType): boolean {
  return type.affine.per === 'tensor' && type.element === 's16';
}

/** f32 at `from` -> stored integers at `to`, with any element and any kind of scales. */
export function emitQuantizeAny(node: AnyNode, y: QuantType, from: View, to: View, cx: LowerContext): void {
  const { scales, zeros } = constantsOf(y.affine, cx);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('quantize_any', elements(y.shape), [from]), node),
      params: paramsOf(y),
      data: { y_min: y.range[0], y_max: y.range[1] },
      args: [reads('x', from), reads('scales', scales), reads('zeros', zeros), writes('y', to)],
    }),
  );
}

/** Stored integers at `from` -> f32 at `to`. */
export function emitDequantizeAny(node: AnyNode, x: QuantType, from: View, to: View, cx: LowerContext): void {
  const { scales, zeros } = constantsOf(x.affine, cx);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('dequantize_any', elements(x.shape), [from]), node),
      params: paramsOf(x),
      args: [reads('x', from), reads('scales', scales), reads('zeros', zeros), writes('y', to)],
    }),
  );
}

function paramsOf(type: QuantType): Record<string, number> {
  const element = elementCodes[type.element];
  const { affine, shape } = type;
  if (affine.per === 'tensor') return { outer: 1, axis: 1, inner: elements(shape), block: 0, element };
  return {
    outer: elements(shape.slice(0, affine.axis)),
    axis: shape[affine.axis],
    inner: elements(shape.slice(affine.axis + 1)),
    block: affine.per === 'block' ? affine.block : 0,
    element,
  };
}

function constantsOf(affine: Affine, cx: LowerContext): { readonly scales: View; readonly zeros: View } {
  const length = scaleCount(affine);
  const scales: Tensor = {
    type: floatType([length]),
    data: Float32Array.from({ length }, (_, i) => scaleAt(affine, i)),
  };
  const zeros: Tensor = {
    type: { kind: 'index', element: 's32', shape: [length] },
    data: Int32Array.from({ length }, (_, i) => zeroPointAt(affine, i)),
  };
  return { scales: cx.constant('scales', scales), zeros: cx.constant('zero points', zeros) };
}

/**
 * QLinear operators, written as what they mean: their float operator between dequantize and quantize. `absorb-qdq` then
 * finds the integer form, so that every dialect ends in the same one.
 */
import type { Value } from '../ir/graph.js';
import { type Affine, floatType, numbers, quantType, type Shape } from '../ir/type.js';
import type { ImportContext, Importer } from '../onnx/importer.js';
import { inputPart } from '../onnx/model.js';

/** Input `at`, dequantized by its scale and zero point, by default the two inputs behind it. */
export function dequantized(cx: ImportContext, at: number, scale = at + 1, zero = at + 2, axis = 1): Value {
  const x = cx.input(at);
  const stored = cx.asQuant(x, cx.affine(x.type.shape, scale, zero, axis));
  return cx.make('dequantize', {}, [stored], floatType(x.type.shape));
}

/** `y` quantized per tensor. The zero point tells the element; without one it is that of input `like`. */
export function quantized(cx: ImportContext, y: Value, scale: number, zero: number, like: number): Value {
  const { element } = (cx.optional(zero) ?? cx.input(like)).type;
  if (element !== 's8' && element !== 'u8')
    cx.fail('Q0307', `a result of ${element} is not supported`, undefined, 'use int8 or uint8');
  const affine = cx.affine([], scale, zero, 0);
  return cx.make('quantize', {}, [y], quantType(element, y.type.shape, affine));
}

/** The operator (x, x_scale, x_zero_point, y_scale, y_zero_point) whose float form is `float`. */
export function quantizedForm(float: Importer, opset?: (cx: ImportContext) => number): Importer {
  return (cx) => {
    const answer = float(cx.on([dequantized(cx, 0)], opset?.(cx)));
    const [y] = 'kind' in answer ? [answer] : answer;
    return quantized(cx, y, 3, 4, 0);
  };
}

/** The operator (a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point) of two tensors. */
export function quantizedPair(float: (cx: ImportContext, a: Value, b: Value) => Value): Importer {
  return (cx) => quantized(cx, float(cx, dequantized(cx, 0), dequantized(cx, 3)), 6, 7, 0);
}

/** Zero points of an integer operator as an affine of scale 1; they may be left out. */
export function unitScales(cx: ImportContext, shape: Shape, zeroIndex: number, axis: number): Affine {
  const given = cx.optionalConstant(zeroIndex);
  const zeros = given === undefined ? [0] : numbers(given);
  if (zeros.every((z) => z === zeros[0])) return { per: 'tensor', scale: 1, zeroPoint: zeros[0] ?? 0 };
  if (zeros.length !== shape[axis])
    cx.fail(
      'Q0302',
      `${zeros.length} zero points for ${shape[axis]} channels along axis ${axis}`,
      inputPart(cx.node, zeroIndex),
      'the operator takes one, or one for each column',
    );
  const scales = new Float32Array(zeros.length).fill(1);
  return { per: 'axis', axis, scales, zeroPoints: Int32Array.from(zeros) };
}

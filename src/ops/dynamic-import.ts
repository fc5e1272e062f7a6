/**
 * Integer products whose activation has a scale and zero point of run time. The product is computed on the stored values;
 * what the zero point would have taken from it, zero * sum(w), is taken away afterwards, exactly, in int32.
 */
import { constant } from '../ir/build.js';
import type { Value } from '../ir/graph.js';
import {
  elements,
  floatType,
  indexType,
  numberData,
  quantType,
  type Shape,
  stridesOf,
  type Tensor,
  unitAffine,
  withShape,
} from '../ir/type.js';
import type { ImportContext } from '../onnx/importer.js';
import { inputPart } from '../onnx/model.js';
import { forEachElement, zeroPointAt } from '../quant/affine.js';
import { reshaped } from './layout.js';

export interface DynamicActivation {
  readonly q: Value;
  /** f32 [] */
  readonly scale: Value;
  /** u8 [] */
  readonly zero: Value;
}

/** x quantized to u8 by its own range. */
export function dynamicallyQuantized(cx: ImportContext, x: Value): DynamicActivation {
  if (x.type.element !== 'f32')
    cx.fail('Q0209', `x is ${x.type.element}, expected float32`, inputPart(cx.node, 0), 'insert a Cast to float32');
  const byte = (shape: Shape) => quantType('u8', shape, unitAffine);
  const [q, scale, zero] = cx.makeAll(
    'dynamic-quantize',
    { per: 'run' },
    [x],
    [byte(x.type.shape), floatType([]), byte([])],
  );
  return { q, scale, zero };
}

/** acc - zero * sums, for a zero point known at run time only. @param sums s32, broadcasts to acc. */
export function recentred(cx: ImportContext, acc: Value, zero: Value, sums: Value): Value {
  if (elements(zero.type.shape) !== 1)
    cx.fail('Q0308', `zero points of shape [${zero.type.shape}] at run time are not supported`, undefined, 'use one');
  const wide = cx.make('cast', {}, [reshaped(cx, zero, [])], indexType('s32', []));
  const taken = cx.make('binary', { fn: 'mul' }, [wide, sums], indexType('s32', []));
  return cx.make('binary', { fn: 'sub' }, [acc, taken], acc.type);
}

/** Sums of the stored weights less their zero points over all dimensions but those `kept`. */
export function weightSums(cx: ImportContext, w: Value, index: number, kept: readonly number[]): Value {
  const { type } = w;
  if (w.kind !== 'const' || type.kind !== 'quant')
    cx.fail(
      'Q0206',
      'must be a constant, as the other operand has a zero point of run time',
      inputPart(cx.node, index),
      'export with constant weights',
    );
  const stored = numberData(w.tensor);
  const shape = kept.map((d) => type.shape[d]);
  const [from, to] = [stridesOf(type.shape), stridesOf(shape)];
  const sums = new Int32Array(elements(shape));
  forEachElement(type.affine, type.shape, (i, s) => {
    const at = kept.reduce((sum, d, k) => sum + (Math.floor(i / from[d]) % shape[k]) * to[k], 0);
    sums[at] += stored[i] - zeroPointAt(type.affine, s);
  });
  return constant(`${w.name}.sums`, { type: indexType('s32', shape), data: sums });
}

/** f32(acc) * scale of x * scale of w. */
export function rescaled(cx: ImportContext, acc: Value, xScale: Value, wScale: Value): Value {
  const real = cx.make('cast', {}, [acc], floatType([]));
  const flat = (v: Value, n: number) => reshaped(cx, v, n === 1 ? [] : [n]);
  const scale = cx.make(
    'binary',
    { fn: 'mul' },
    [flat(xScale, 1), flat(wScale, elements(wScale.type.shape))],
    floatType([]),
  );
  return cx.make('binary', { fn: 'mul' }, [real, scale], floatType([]));
}

/** A tensor of ones with this shape: what a padded convolution adds up where its window lies inside. */
export function ones(shape: Shape): Tensor {
  const type = withShape(quantType('u8', [], unitAffine), shape);
  return { type, data: new Uint8Array(elements(shape)).fill(1) };
}

import type { Value } from '../../ir/graph.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { fullRange, numericInputs } from '../arithmetic.js';
import { reshaped } from '../layout.js';

/** Limits known when compiling; undefined: none. */
function clampTo(cx: ImportContext, min: number | undefined, max: number | undefined): Value {
  const x = cx.input(0);
  if (x.type.element === 's8' || x.type.element === 'u8') return clampStored(cx, x, min, max);
  if (x.type.element === 'f32') {
    const high = max ?? Number.POSITIVE_INFINITY;
    // ONNX: when min is above max, every value becomes max.
    const attrs = { min: Math.min(min ?? Number.NEGATIVE_INFINITY, high), max: high };
    return cx.make('clamp', attrs, [x], x.type);
  }
  const [plain] = numericInputs(cx, [x]);
  const limit = (value: number | undefined) => (value === undefined ? undefined : cx.scalar(plain.type, value));
  return limited(cx, plain, limit(min), limit(max));
}

/** Stored bytes: the range says what can occur. */
function clampStored(cx: ImportContext, x: Value, min: number | undefined, max: number | undefined): Value {
  if (x.type.kind !== 'quant') throw new TypeError('bytes are quantized');
  const [low, high] = x.type.range;
  const top = Math.max(low, Math.min(high, max ?? high));
  const bottom = Math.min(top, Math.max(low, min ?? low));
  return cx.make('clamp', { min: bottom, max: top }, [x], { ...x.type, range: [bottom, top] });
}

function limited(cx: ImportContext, x: Value, min: Value | undefined, max: Value | undefined): Value {
  const type = fullRange(x.type);
  const low = min === undefined ? x : cx.make('binary', { fn: 'max' }, [x, min], type);
  return max === undefined ? low : cx.make('binary', { fn: 'min' }, [low, max], type);
}

function clip(cx: ImportContext): Value {
  if (cx.opset < 11) return clampTo(cx, cx.attrs.float('min', undefined), cx.attrs.float('max', undefined));
  const limits = [cx.optional(1), cx.optional(2)];
  for (const value of limits)
    if (value?.type.shape.some((d) => d !== 1))
      cx.fail('Q0207', `a limit has shape [${value.type.shape}], expected one number`);
  const is64 = cx.input(0).type.element === 's64' || cx.input(0).type.element === 'u64';
  if (!is64 && limits.every((v) => v === undefined || v.kind === 'const')) {
    const [min, max] = limits.map((v, i) => (v === undefined ? undefined : cx.constantScalar(i + 1)));
    return clampTo(cx, min, max);
  }
  const [x, ...given] = numericInputs(cx, [cx.input(0), ...limits.flatMap((v) => v ?? [])]);
  const [min, max] = limits.map((v) => (v === undefined ? undefined : reshaped(cx, given.shift() ?? v, [])));
  return limited(cx, x, min, max);
}

export const importers: Importers = {
  Relu: (cx) => clampTo(cx, 0, undefined),
  Clip: clip,
};

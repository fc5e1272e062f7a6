import { elementRange } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';

function clampTo(cx: ImportContext, min: number, max: number) {
  const x = cx.input(0);
  if (x.type.kind === 'index') {
    const op = cx.make('binary', { fn: 'max' }, [x, scalarLike(cx, min)], x.type);
    return cx.make('binary', { fn: 'min' }, [op, scalarLike(cx, max)], x.type);
  }
  if (x.type.kind === 'quant') {
    const [low, high] = x.type.range;
    const range = [Math.max(low, Math.min(high, min)), Math.min(high, Math.max(low, max))] as const;
    return cx.make('clamp', { min: range[0], max: range[1] }, [x], { ...x.type, range });
  }
  return cx.make('clamp', { min, max }, [x], x.type);
}

function scalarLike(cx: ImportContext, value: number) {
  const { type } = cx.input(0);
  return cx.scalar(type, value);
}

export const importers: Importers = {
  Relu: (cx) => clampTo(cx, 0, Number.POSITIVE_INFINITY),
  Clip(cx) {
    const { type } = cx.input(0);
    const [low, high] =
      type.kind === 'quant' ? elementRange[type.element] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    if (cx.opset < 11) return clampTo(cx, cx.attrs.float('min', low), cx.attrs.float('max', high));
    const min = cx.optional(1) === undefined ? low : cx.constantScalar(1);
    const max = cx.optional(2) === undefined ? high : cx.constantScalar(2);
    // ONNX: when min is above max, every value becomes max.
    return clampTo(cx, Math.min(min, max), max);
  },
};

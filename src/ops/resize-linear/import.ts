import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { elements, floatType, indexType } from '../../ir/type.js';
import type { ImportContext, Importers } from '../../onnx/importer.js';
import { inputPart } from '../../onnx/model.js';
import { castTo, fullRange, plainIntegers } from '../arithmetic.js';
import { repeated } from '../expand/import.js';
import { picked } from '../gather/import.js';
import { reshaped, toNchw, toNhwc } from '../layout.js';
import {
  type CoordinateMode,
  coordinateModes,
  linearTable,
  type NearestMode,
  nearestModes,
  nearestPlaces,
  type ResizedAxis,
} from './coordinate-import.js';
import { cubic } from './cubic-import.js';

interface Plan {
  readonly mode: 'nearest' | 'linear';
  readonly coordinates: CoordinateMode;
  readonly rounding: NearestMode;
  /** What lies outside of the region of tf_crop_and_resize. */
  readonly outside: number;
  /** The dimensions that change. */
  readonly axes: readonly ResizedAxis[];
}

/** Rows and columns of an image are resized on NHWC, where its neighbours are; `axes` are those of NHWC then. */
function resized(cx: ImportContext, x: Value, plan: Plan): Value {
  const rank = x.type.shape.length;
  const isImage = (rank === 3 || rank === 4) && plan.axes.every(({ axis }) => axis >= 2);
  const on = plan.mode === 'nearest' ? nearest : linear;
  if (!isImage) return on(cx, x, plan);
  const axes = plan.axes.map((a) => ({ ...a, axis: rank === 3 ? 2 : a.axis - 1 }));
  return toNchw(cx, on(cx, toNhwc(cx, x), { ...plan, axes }), rank);
}

/** One dimension after the other, the innermost first: the outer ones then copy longer runs. */
function nearest(cx: ImportContext, x: Value, plan: Plan): Value {
  let y = x;
  for (const axis of plan.axes.toSorted((a, b) => b.axis - a.axis)) {
    const places = nearestPlaces(axis, plan.coordinates, plan.rounding).map(
      (p) => p ?? cx.fail('Q0218', 'nearest outside of the region of tf_crop_and_resize is not supported'),
    );
    const times = axis.to / axis.from;
    const isRepeat = Number.isInteger(times) && places.every((p, i) => p === Math.floor(i / times));
    y = isRepeat ? repeated(cx, y, axis.axis, 1, times) : picked(cx, y, axis.axis, places);
  }
  return y;
}

/** Stored 8-bit integers are interpolated as the numbers they are and cut off, not rounded: ONNX Runtime's cast. */
function linear(cx: ImportContext, x: Value, plan: Plan): Value {
  if (x.type.element !== 'u8' && x.type.element !== 's8') return interpolated(cx, x, plan);
  const plain = plainIntegers(cx, x);
  const y = castTo(cx, interpolated(cx, castTo(cx, plain, floatType([])), plan), fullRange(plain.type));
  return x.type.kind === 'quant' ? cx.asQuant(y, x.type.affine) : y;
}

/** One or two neighbouring dimensions, as rows and columns of images of what lies behind them. */
function interpolated(cx: ImportContext, x: Value, plan: Plan): Value {
  const { shape } = x.type;
  const [row, col] = plan.axes.length === 1 ? oneAxis(plan.axes[0]) : plan.axes;
  if (plan.axes.length > 2 || (plan.axes.length === 2 && col.axis !== row.axis + 1))
    cx.fail(
      'Q0218',
      `linear interpolation of dimensions ${plan.axes.map((a) => a.axis).join(', ')} is not supported`,
      undefined,
      'one or two neighbouring dimensions are',
    );
  const last = plan.axes[plan.axes.length - 1].axis;
  const image = [elements(shape.slice(0, row.axis)), row.from, col.from, elements(shape.slice(last + 1))];
  const tables = [row, col].flatMap((axis) => {
    const { index, weights } = linearTable(axis, plan.coordinates);
    return [
      constant('', { type: indexType('s32', [axis.to, 2]), data: index }),
      constant('', { type: floatType([axis.to, 2]), data: weights }),
    ];
  });
  const y = cx.make('resize-linear', { outside: plan.outside }, [reshaped(cx, x, image), ...tables], x.type);
  const to = new Map(plan.axes.map((a) => [a.axis, a.to]));
  return reshaped(
    cx,
    y,
    shape.map((d, i) => to.get(i) ?? d),
  );
}

/** A second dimension of size 1 that does not change. */
function oneAxis(axis: ResizedAxis): [ResizedAxis, ResizedAxis] {
  return [axis, { axis: axis.axis + 1, from: 1, to: 1, scale: 1, roi: [0, 1] }];
}

function axisBy(shape: readonly number[], axis: number, scale: number): ResizedAxis {
  const from = shape[axis];
  const single = Math.fround(scale);
  return { axis, from, to: Math.floor(Math.fround(single * from)), scale: single, roi: [0, 1] };
}

function axisTo(shape: readonly number[], axis: number, to: number): ResizedAxis {
  return { axis, from: shape[axis], to, scale: Math.fround(to / shape[axis]), roi: [0, 1] };
}

function checkedScales(cx: ImportContext, scales: readonly number[], count: number, part: string): readonly number[] {
  if (scales.length !== count) cx.fail('Q0210', `${scales.length} scales for ${count} dimensions`, part);
  const bad = scales.find((s) => !(s > 0) || !Number.isFinite(s));
  if (bad !== undefined) cx.fail('Q0210', `a scale is ${bad}; scales are greater than 0`, part);
  return scales;
}

/** What ONNX Runtime copies, even by scales that move the coordinates a little. */
function keepsSize(axes: readonly ResizedAxis[]): boolean {
  return axes.every((a) => a.to === a.from);
}

/** Upsample, and Resize of opset 10: one scale per dimension, corners on corners. */
function byScales(cx: ImportContext, scales: readonly number[], part: string): Value {
  const x = cx.input(0);
  const { shape } = x.type;
  const mode = cx.attrs.oneOf('mode', ['nearest', 'linear', 'bilinear'], 'nearest');
  const axes = checkedScales(cx, scales, shape.length, part).map((s, axis) => axisBy(shape, axis, s));
  if (keepsSize(axes)) return x;
  return resized(cx, x, {
    mode: mode === 'nearest' ? 'nearest' : 'linear',
    coordinates: 'asymmetric',
    rounding: 'simple',
    outside: 0,
    axes: axes.filter((a) => a.scale !== 1),
  });
}

type Policy = 'stretch' | 'not_larger' | 'not_smaller';

function axesTo(shape: readonly number[], axes: readonly number[], sizes: readonly number[], policy: Policy) {
  if (policy === 'stretch') return axes.map((axis, i) => axisTo(shape, axis, sizes[i]));
  const scales = axes.map((axis, i) => Math.fround(sizes[i] / shape[axis]));
  const scale = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales);
  return axes.map((axis): ResizedAxis => {
    const from = shape[axis];
    return { axis, from, to: Math.floor(scale * from + 0.5), scale, roi: [0, 1] };
  });
}

/** The resized dimensions from `scales` or `sizes`, one of which is given. */
function axesOf(cx: ImportContext, shape: readonly number[]): readonly ResizedAxis[] {
  const given = cx.opset < 18 ? undefined : cx.attrs.ints('axes', undefined);
  const axes = (given ?? shape.map((_, d) => d)).map((a) => cx.axis(a, shape.length));
  const policy =
    cx.opset < 18
      ? 'stretch'
      : cx.attrs.oneOf('keep_aspect_ratio_policy', ['stretch', 'not_larger', 'not_smaller'], 'stretch');
  const scales = cx.optionalNumbers(2) ?? [];
  const sizes = cx.optionalInts(3) ?? [];
  if (scales.length > 0 === sizes.length > 0)
    cx.fail('Q0205', 'one of scales and sizes is needed', inputPart(cx.node, 2));
  if (scales.length > 0)
    return checkedScales(cx, scales, axes.length, inputPart(cx.node, 2)).map((s, i) => axisBy(shape, axes[i], s));
  if (sizes.length !== axes.length || sizes.some((s) => s < 0))
    cx.fail('Q0210', `sizes [${sizes}] for ${axes.length} dimensions`, inputPart(cx.node, 3));
  return axesTo(shape, axes, sizes, policy);
}

function resize(cx: ImportContext): Value {
  const x = cx.input(0);
  const { shape } = x.type;
  const mode = cx.attrs.oneOf('mode', ['nearest', 'linear', 'cubic'], 'nearest');
  const coordinates = cx.attrs.oneOf('coordinate_transformation_mode', coordinateModes, 'half_pixel');
  if (coordinates === 'half_pixel_symmetric' && cx.opset < 19)
    cx.attrs.invalid('coordinate_transformation_mode', 'is "half_pixel_symmetric", which opset 19 brings');
  const rounding = cx.attrs.oneOf('nearest_mode', nearestModes, 'round_prefer_floor');
  const outside = cx.attrs.float('extrapolation_value', 0);
  const isCubic = mode === 'cubic';
  const curve = { a: cx.attrs.float('cubic_coeff_a', -0.75), excludes: cx.attrs.bool('exclude_outside', false) };
  if (curve.excludes && !isCubic) cx.attrs.invalid('exclude_outside', 'is 1, which only cubic allows');
  if (isCubic && coordinates === 'tf_crop_and_resize')
    cx.fail(
      'Q0218',
      'cubic interpolation of a region is not supported',
      'attribute "mode"',
      'export with mode "linear"',
    );
  if (cx.opset >= 18 && cx.attrs.int('antialias', 0) !== 0)
    cx.fail('Q0218', 'antialias is not supported', 'attribute "antialias"', 'export without antialiasing');
  const all = axesOf(cx, shape);
  const roi = coordinates === 'tf_crop_and_resize' ? cx.optionalNumbers(1) : undefined;
  if (coordinates === 'tf_crop_and_resize' && roi?.length !== 2 * all.length)
    cx.fail('Q0210', `${roi?.length ?? 0} numbers of a region for ${all.length} dimensions`, inputPart(cx.node, 1));
  if (roi === undefined && keepsSize(all)) return x;
  const axes = all.map((a, i): ResizedAxis => (roi === undefined ? a : { ...a, roi: [roi[i], roi[all.length + i]] }));
  const changed = axes.filter((a) => a.to !== a.from || a.scale !== 1 || a.roi[0] !== 0 || a.roi[1] !== 1);
  if (changed.some((a) => a.from === 0)) cx.fail('Q0210', `[${shape}] is empty`);
  const sorted = changed.toSorted((a, b) => a.axis - b.axis);
  if (isCubic) return sorted.reduce((y, axis) => cubic(cx, y, axis, coordinates, curve), x);
  return sorted.length === 0 ? x : resized(cx, x, { mode, coordinates, rounding, outside, axes: sorted });
}

export const importers: Importers = {
  Resize(cx) {
    return cx.opset < 11 ? byScales(cx, cx.constantNumbers(1), inputPart(cx.node, 1)) : resize(cx);
  },
  Upsample(cx) {
    if (cx.opset >= 10)
      cx.fail('Q0201', 'Upsample is no operator of opset 10 or later', undefined, 'export it as Resize');
    const isAttribute = cx.opset < 9;
    const scales = isAttribute ? cx.attrs.requiredFloats('scales') : cx.constantNumbers(1);
    return byScales(cx, scales, isAttribute ? 'attribute "scales"' : inputPart(cx.node, 1));
  },
};

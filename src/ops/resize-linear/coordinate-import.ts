/**
 * Where an output index of Resize lies in the input. Invariant: float32, operation for operation as ONNX Runtime, so that
 * nearest picks the same elements and linear the same weights.
 */
const f = Math.fround;

export const coordinateModes = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_half_pixel_for_nn',
  'tf_crop_and_resize',
] as const;
export type CoordinateMode = (typeof coordinateModes)[number];

/** `simple`: before opset 11, towards zero when growing, up when shrinking. */
export const nearestModes = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const;
export type NearestMode = (typeof nearestModes)[number] | 'simple';

/** One resized dimension. */
export interface ResizedAxis {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  /** float32 */
  readonly scale: number;
  /** Start and end of the part of the input that is looked at, from 0 to 1. */
  readonly roi: readonly [number, number];
}

function halfPixel(i: number, scale: number): number {
  return f(f(f(i + 0.5) / scale) - 0.5);
}

const coordinates: Readonly<Record<CoordinateMode, (i: number, axis: ResizedAxis) => number>> = {
  half_pixel: (i, { scale }) => halfPixel(i, scale),
  half_pixel_symmetric(i, { scale, from, to }) {
    const adjustment = f(to / f(scale * from));
    const offset = f(f(from / 2) * f(1 - adjustment));
    return f(f(offset + f(f(i + 0.5) / scale)) - 0.5);
  },
  pytorch_half_pixel: (i, { scale, to }) => (to > 1 ? halfPixel(i, scale) : 0),
  align_corners: (i, { from, to }) => (to === 1 ? 0 : f(f(i * (from - 1)) / (to - 1))),
  asymmetric: (i, { scale }) => f(i / scale),
  tf_half_pixel_for_nn: (i, { scale }) => f(f(i + 0.5) / scale),
  tf_crop_and_resize(i, { from, to, roi: [start, end] }) {
    if (to === 1) return f(f(0.5 * f(start + end)) * (from - 1));
    return f(f(start * (from - 1)) + f(f(f(i * f(end - start)) * (from - 1)) / (to - 1)));
  },
};

/** A coordinate; undefined where it falls out of what tf_crop_and_resize may read. */
function coordinate(i: number, axis: ResizedAxis, mode: CoordinateMode): number | undefined {
  const at = coordinates[mode](i, axis);
  return mode === 'tf_crop_and_resize' && (at < 0 || at > axis.from - 1) ? undefined : at;
}

function rounded(at: number, axis: ResizedAxis, mode: NearestMode): number {
  switch (mode) {
    case 'floor':
      return Math.floor(at);
    case 'ceil':
      return Math.ceil(at);
    case 'simple':
      return axis.scale < 1 ? Math.ceil(at) : Math.trunc(at);
    case 'round_prefer_floor':
      return Math.ceil(at - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(at + 0.5);
  }
}

/** The input index of each output index; undefined outside. */
export function nearestPlaces(axis: ResizedAxis, mode: CoordinateMode, rounding: NearestMode): (number | undefined)[] {
  return Array.from({ length: axis.to }, (_, i) => {
    const at = coordinate(i, axis, mode);
    return at === undefined ? undefined : Math.max(0, Math.min(axis.from - 1, rounded(at, axis, rounding)));
  });
}

export interface LinearTable {
  /** Two neighbours of each output index; -1 outside. */
  readonly index: Int32Array;
  readonly weights: Float32Array;
}

/** ONNX Runtime gives an index that meets no fraction half of the same element twice. */
export function linearTable(axis: ResizedAxis, mode: CoordinateMode): LinearTable {
  const index = new Int32Array(2 * axis.to).fill(-1);
  const weights = new Float32Array(2 * axis.to);
  for (let i = 0; i < axis.to; i++) {
    const found = axis.scale === 1 ? i : coordinate(i, axis, mode);
    if (found === undefined) continue;
    const at = Math.max(0, Math.min(axis.from - 1, found));
    const first = Math.trunc(at);
    const second = Math.min(first + 1, axis.from - 1);
    index.set([first, second], 2 * i);
    weights.set(first === second ? [0.5, 0.5] : [Math.abs(f(at - second)), Math.abs(f(at - first))], 2 * i);
  }
  return { index, weights };
}

/** Four input indices, at most two of them outside on either side, and their weights for each output index. */
export function cubicTable(axis: ResizedAxis, mode: CoordinateMode, a: number) {
  return Array.from({ length: axis.to }, (_, i) => {
    const at = coordinates[mode](i, axis);
    const first = Math.floor(at);
    const s = f(at - first);
    const near = (t: number) => f(f(f(f(f(f(a + 2) * t) - f(a + 3)) * t) * t) + 1);
    const far = (t: number) => f(f(f(f(f(f(f(a * t) - f(5 * a)) * t) + f(8 * a)) * t)) - f(4 * a));
    return { first: first - 1, weights: [far(f(s + 1)), near(s), near(f(1 - s)), far(f(2 - s))] };
  });
}

/** RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR of images [n,h,w,c]. */
import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { floatType, indexType } from '../../ir/type.js';
import { WEIGHT_BITS } from '../../ops/resize-linear-fixed/op.js';
import { roundAway } from '../../quant/fixed-point.js';
import type { OperatorContext, OperatorImporters } from '../importer.js';

/** The input pixel of each output pixel of one dimension, in float32 as TFLite computes it. */
function nearestPixels(from: number, to: number, alignCorners: boolean, halfPixels: boolean): Int32Array {
  const f = Math.fround;
  const scale = alignCorners && to > 1 ? f(f(from - 1) / f(to - 1)) : f(from / to);
  return Int32Array.from({ length: to }, (_, i) => {
    const at = f(f(i + (halfPixels ? 0.5 : 0)) * scale);
    return Math.max(0, Math.min(from - 1, alignCorners ? roundAway(at) : Math.floor(at)));
  });
}

/** Rows and columns of the result. */
function newSize(cx: OperatorContext, x: Value): readonly number[] {
  const size = cx.ints(1);
  if (x.type.shape.length !== 4 || size.length !== 2) cx.fail('Q0709', 'x has 4 dimensions and the new size 2 numbers');
  if (![...size, x.type.shape[1], x.type.shape[2]].every((n) => n >= 1 && n < 2 ** 20))
    cx.fail('Q0709', `[${x.type.shape}] cannot become ${size.join(' x ')}`);
  return size;
}

function resizeNearest(cx: OperatorContext): Value {
  const o = cx.options('resizeNearest');
  const y = cx.result();
  let x = cx.retyped(cx.input(0), y);
  const size = newSize(cx, x);
  for (const axis of [1, 2]) {
    const data = nearestPixels(x.type.shape[axis], size[axis - 1], o.align_corners, o.half_pixel_centers);
    const index = constant('pixels', { type: indexType('s32', [data.length]), data });
    x = cx.make('gather', { axis }, [x, index], y);
  }
  return x;
}

interface Centers {
  readonly align_corners: boolean;
  readonly half_pixel_centers: boolean;
}

interface Neighbours {
  /** Two input places for each output place, and their weights. */
  readonly places: Int32Array;
  readonly weights: number[];
}

/** Where the places of one dimension lie between those of the input, in units of 2^-10, as TFLite's integer kernel computes it. */
function fixedNeighbours(from: number, to: number, o: Centers): Neighbours {
  const one = 2 ** WEIGHT_BITS;
  const isAligned = o.align_corners && to > 1;
  const scale = isAligned
    ? Math.floor((one * (from - 1) + Math.floor((to - 1) / 2)) / (to - 1))
    : Math.floor((one * from + Math.floor(to / 2)) / to);
  const at = (i: number) => i * scale + (o.half_pixel_centers ? Math.floor(scale / 2) - one / 2 : 0);
  return neighbours(from, to, (i) => {
    const place = at(i);
    return { place, low: Math.trunc(place / one), high: Math.trunc((place + one - 1) / one), one };
  });
}

/** The same in float32, as TFLite's float kernel computes it. */
function floatNeighbours(from: number, to: number, o: Centers): Neighbours {
  const f = Math.fround;
  const scale = o.align_corners && to > 1 ? f(f(from - 1) / f(to - 1)) : f(from / to);
  return neighbours(from, to, (i) => {
    const place = o.half_pixel_centers ? f(f(f(i + 0.5) * scale) - 0.5) : f(i * scale);
    return { place, low: Math.floor(place), high: Math.ceil(place), one: 1 };
  });
}

interface Place {
  /** Where the output place lies, in units of which `one` are a pixel. */
  readonly place: number;
  readonly low: number;
  readonly high: number;
  readonly one: number;
}

function neighbours(from: number, to: number, placeOf: (i: number) => Place): Neighbours {
  const places = new Int32Array(2 * to);
  const weights: number[] = [];
  for (let i = 0; i < to; i++) {
    const { place, low, high, one } = placeOf(i);
    const lower = Math.max(low, 0);
    // A scale that was rounded up leads past the last pixel.
    places.set([Math.min(lower, from - 1), Math.min(Math.max(high, 0), from - 1)], 2 * i);
    weights.push(one - (place - one * lower), place - one * lower);
  }
  return { places, weights };
}

function resizeBilinear(cx: OperatorContext): Value {
  const o = cx.options('resizeBilinear');
  const y = cx.result();
  const x = cx.retyped(cx.input(0), y);
  const isFloat = y.kind === 'float';
  const tables = newSize(cx, x).flatMap((to, d) => {
    const { places, weights } = (isFloat ? floatNeighbours : fixedNeighbours)(x.type.shape[d + 1], to, o);
    const pairs = indexType('s32', [to, 2]);
    return [
      constant('places', { type: pairs, data: places }),
      isFloat
        ? constant('weights', { type: floatType([to, 2]), data: Float32Array.from(weights) })
        : constant('weights', { type: pairs, data: Int32Array.from(weights) }),
    ];
  });
  if (isFloat) return cx.make('resize-linear', { outside: 0 }, [x, ...tables], y);
  return cx.make('resize-linear-fixed', {}, [x, ...tables], y);
}

export const resizes: OperatorImporters = {
  RESIZE_BILINEAR: { version: 4, import: resizeBilinear },
  RESIZE_NEAREST_NEIGHBOR: { version: 4, import: resizeNearest },
};

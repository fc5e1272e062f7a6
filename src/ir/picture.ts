/** Which shapes are those of a picture. Invariant: whoever reads pixels, data or models, asks here. */
import type { Shape } from './type.js';

/** How a tensor holds an image. */
export interface Picture {
  readonly layout: 'nchw' | 'nhwc' | 'flat';
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** How much a dimension looks like colours: three, one, four with transparency, or not at all. */
const colour = (d: number): number => (d === 3 ? 3 : d === 1 ? 2 : d === 4 ? 1 : 0);

/** Undefined where the shape is none of an image; a batch axis of 1 may come first. */
export function pictureOf(shape: Shape): Picture | undefined {
  const [a, b, c] = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape.length === 3 ? shape : [];
  if (a === undefined || Math.max(colour(a), colour(c)) === 0) return undefined;
  return colour(a) >= colour(c)
    ? { layout: 'nchw', channels: a, height: b, width: c }
    : { layout: 'nhwc', channels: c, height: a, width: b };
}

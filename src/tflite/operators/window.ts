/** TFLite's padding words as numbers. */
import type { OperatorContext } from '../importer.js';
import { paddings } from '../schema.js';

/** Pixels before and after one dimension: SAME makes ceil(size / stride) outputs, the smaller half in front. */
function around(size: number, kernel: number, stride: number, dilation: number): readonly [number, number] {
  const wanted = Math.ceil(size / stride);
  const total = Math.max(0, (wanted - 1) * stride + (kernel - 1) * dilation + 1 - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

export interface WindowOptions {
  readonly padding: number;
  readonly stride_h: number;
  readonly stride_w: number;
  readonly dilation_h: number;
  readonly dilation_w: number;
}

/** Attributes of a window over the image [n,h,w,c]. Strides and dilations of 0 or less are refused. */
export function windowOf(cx: OperatorContext, o: WindowOptions, image: readonly number[], kernel: readonly number[]) {
  const strides = [o.stride_h, o.stride_w];
  const dilations = [o.dilation_h, o.dilation_w];
  if (![...strides, ...dilations, ...kernel].every((v) => v >= 1 && v < 2 ** 24))
    cx.fail('Q0708', `strides ${strides}, dilations ${dilations}, kernel ${kernel} must be at least 1`);
  const name = paddings[o.padding];
  if (name === undefined) cx.fail('Q0708', `padding ${o.padding} is neither SAME nor VALID`);
  const sides = [0, 1].map((i) =>
    name === 'VALID' ? ([0, 0] as const) : around(image[i + 1], kernel[i], strides[i], dilations[i]),
  );
  return { strides, dilations, pads: [sides[0][0], sides[1][0], sides[0][1], sides[1][1]] };
}

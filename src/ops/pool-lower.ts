/** What the lowerings of max-pool and average-pool share. */
import type { Shape } from '../ir/type.js';
import type { Window } from './window.js';

export function windowParams(window: Window, x: Shape, y: Shape): Record<string, number> {
  const [n, h, w, c] = x;
  return {
    n,
    h,
    w,
    c,
    oh: y[1],
    ow: y[2],
    kh: window.kernel[0],
    kw: window.kernel[1],
    sh: window.strides[0],
    sw: window.strides[1],
    dh: window.dilations[0],
    dw: window.dilations[1],
    pad_top: window.pads[0],
    pad_left: window.pads[1],
  };
}

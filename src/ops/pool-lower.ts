/** What the lowerings of max-pool and average-pool share. */
import type { Shape } from '../ir/type.js';
import { type Verdict, verdict } from '../target/choose.js';
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

/** Words of the preconditions of average pools; undefined for others. */
export function proveWindow(window: Window, word: string): Verdict | undefined {
  const taps = window.kernel[0] * window.kernel[1];
  if (word === 'AT_MOST_256_TAPS') return verdict(taps <= 256, `${taps} taps`, `${taps} taps`);
  if (word !== 'UNIT_DILATION') return undefined;
  return verdict(
    window.dilations.every((d) => d === 1),
    'dilation 1',
    'the window is dilated',
  );
}

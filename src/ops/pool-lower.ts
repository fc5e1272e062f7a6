/** What the lowerings of max-pool and average-pool share. */
import { type Verdict, verdict } from '../target/choose.js';
import type { Window } from './window.js';

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

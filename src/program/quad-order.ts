/**
 * An order of input channels in which as many steps as possible are plain ones of `octs.ts`: 4 neighbours, in 16 output channels, of
 * which two and two fit 16 bits. Where pairs that fit all output channels cannot be had (`channel-pairs.ts`), most fit many of them.
 * Simulated annealing (Kirkpatrick, Gelatt and Vecchi, Science 220, 1983) over exchanges of two channels.
 */
import { xorshift32 } from '../ir/seeded.js';
import type { Tensor } from '../ir/type.js';
import { elements, numberData } from '../ir/type.js';
import { PLAIN_MOST } from './octs.js';
import { bits } from './quad-pairs.js';

const PANEL = 16;
const QUAD = 4;
/** Panels are bits of a word: of more, the shares of any two orders differ less than this is worth. */
const MOST_PANELS = 32;
const MOST_CHANNELS = 512;
/** Exchanges tried, for each channel. */
const TRIES = 2000;
/** Temperatures of the first and the last exchange, in steps. */
const [HOT, COLD] = [0.8, 0.02];
/** Steps that have to become plain, of all: an order that gains less is not worth that channels move. */
const WORTH = 0.1;

/**
 * @param w pointwise s8 weights [oc, 1, 1, c].
 * @returns of each place the channel; undefined where no order is worth it.
 */
export function quadOrder(w: Tensor): readonly number[] | undefined {
  const [oc, kh, kw, c] = w.type.shape;
  const panels = Math.ceil(oc / PANEL);
  if (kh * kw !== 1 || panels > MOST_PANELS || c % QUAD !== 0 || c > MOST_CHANNELS) return undefined;
  const fits = panelsThatFit(w);
  const order = Array.from({ length: c }, (_, i) => i);
  const plainOf = (quad: number): number => {
    const [a, b, d, e] = order.slice(quad * QUAD, (quad + 1) * QUAD);
    return bits(fits[a * c + b] & fits[d * c + e]);
  };
  const random = xorshift32(1);
  let gained = 0;
  const tries = TRIES * c;
  for (let n = 0; n < tries; n++) {
    const [i, j] = [random() % c, random() % c];
    const [one, other] = [Math.floor(i / QUAD), Math.floor(j / QUAD)];
    if (one === other) continue;
    const before = plainOf(one) + plainOf(other);
    [order[i], order[j]] = [order[j], order[i]];
    const gain = plainOf(one) + plainOf(other) - before;
    const chance = Math.exp(gain / (HOT + ((COLD - HOT) * n) / tries));
    if (gain >= 0 || random() < chance * 2 ** 32) gained += gain;
    else [order[i], order[j]] = [order[j], order[i]];
  }
  return gained < (WORTH * elements(w.type.shape)) / (PANEL * QUAD) ? undefined : order;
}

/** Of any two channels, the panels in which they fit: bits. */
function panelsThatFit(w: Tensor): Int32Array {
  const [oc, , , c] = w.type.shape;
  const values = numberData(w);
  const fits = new Int32Array(c * c).fill(-1 >>> (32 - Math.ceil(oc / PANEL)));
  for (let o = 0; o < oc; o++) {
    const unfit = ~(1 << Math.floor(o / PANEL));
    for (let i = 0; i < c; i++)
      for (let j = 0; j < i; j++) {
        const [a, b] = [values[o * c + i], values[o * c + j]];
        if (a > 0 !== b > 0 || Math.abs(a + b) <= PLAIN_MOST) continue;
        fits[i * c + j] &= unfit;
        fits[j * c + i] &= unfit;
      }
  }
  return fits;
}

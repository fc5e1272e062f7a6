/**
 * Weights back from the packing nr16_octs_s8, written from its description (isa/x86-avx2/conv2d_octs.h): panels of steps in an order of
 * their own, and which of them are added in 16 bits.
 */
import type { WeightShape } from './unpack.js';

export interface UnpackedOcts {
  /** [oc, kh, kw, cg] */
  readonly weights: Float64Array;
  /** The largest sum of weights of one sign that plain steps add in 16 bits. */
  readonly largestPlain: number;
  /** The largest sum of magnitudes that signed steps do. */
  readonly largestSigned: number;
}

const CHUNK = 128;

/** A string says what is wrong. */
export function unpackOcts(stored: ArrayLike<number>, { oc, kh, kw, cg, groups }: WeightShape): UnpackedOcts | string {
  const k = kh * kw * cg;
  const steps = Math.ceil(k / 4);
  const chunks = Math.ceil(steps / CHUNK);
  const perGroup = oc / groups;
  const panels = Math.ceil(perGroup / 16);
  const head = Math.ceil((3 * chunks + steps) / 64) * 64;
  const panelBytes = head + 64 * steps;
  if (stored.length < groups * panels * panelBytes)
    return `${stored.length} bytes of weights, ${groups * panels * panelBytes} are needed`;
  const weights = new Float64Array(oc * k);
  let [largestPlain, largestSigned] = [0, 0];
  for (let panel = 0; panel < groups * panels; panel++) {
    const start = panel * panelBytes;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const inChunk = Math.min(CHUNK, steps - chunk * CHUNK);
      const [plainOcts, plain, signedOcts] = [0, 1, 2].map((i) => stored[start + 3 * chunk + i] & 255);
      const ends = [2 * plainOcts, 2 * plainOcts + plain, 2 * plainOcts + plain + 2 * signedOcts];
      if (ends[2] > inChunk) return `${ends[2]} steps are counted, there are ${inChunk}`;
      const seen = new Set<number>();
      for (let s = 0; s < inChunk; s++) {
        const at = chunk * CHUNK + s;
        const step = stored[start + 3 * chunks + at] & 255;
        if (step >= inChunk || seen.has(step)) return `step ${step} of ${inChunk} is there twice, or not at all`;
        seen.add(step);
        // The second step of an oct is added to the first.
        const isOct = s < ends[0] || (s >= ends[1] && s < ends[2]);
        const isSecond = isOct && (s < ends[0] ? s : s - ends[1]) % 2 === 1;
        for (let c = 0; c < 16; c++) {
          const inGroup = (panel % panels) * 16 + c;
          const o = Math.floor(panel / panels) * perGroup + inGroup;
          for (let i = 0; i < 4; i++) {
            const value = stored[start + head + 64 * at + 4 * c + i];
            const input = 4 * (chunk * CHUNK + step) + i;
            if (inGroup < perGroup && input < k) weights[o * k + input] = value;
            else if (value !== 0) return `padding holds ${value}, not 0`;
          }
          for (let pair = 0; pair < 2; pair++) {
            const from = start + head + 64 * at + 4 * c + 2 * pair;
            const added = [from, from + 1, ...(isSecond ? [from - 64, from - 63] : [])].map((place) => stored[place]);
            const sum = (of: (w: number) => number): number => added.reduce((total, w) => total + of(w), 0);
            if (s < ends[1])
              largestPlain = Math.max(
                largestPlain,
                sum((w) => Math.max(w, 0)),
                sum((w) => Math.max(-w, 0)),
              );
            else largestSigned = Math.max(largestSigned, sum(Math.abs));
          }
        }
      }
    }
  }
  return { weights, largestPlain, largestSigned };
}

/**
 * Weights back from the packing nr16_quads_s8, written from its description (isa/x86-avx2/conv2d_quads.h): orders of inputs,
 * moves, extra steps, and the pairs that share 16 bits.
 */
import type { WeightShape } from './unpack.js';

export interface UnpackedQuads {
  /** [oc, kh, kw, cg] */
  readonly weights: Float64Array;
  /** The largest sum of the positive, or of the negative, weights of a pair. */
  readonly largestPair: number;
}

class Malformed extends Error {}

/** A string says what is wrong. */
export function unpackQuads(stored: ArrayLike<number>, shape: WeightShape): UnpackedQuads | string {
  try {
    return unpacked(stored, shape);
  } catch (cause) {
    if (cause instanceof Malformed) return cause.message;
    throw cause;
  }
}

function unpacked(stored: ArrayLike<number>, { oc, kh, kw, cg, groups }: WeightShape): UnpackedQuads {
  const k = kh * kw * cg;
  const blocks = Math.ceil(k / 16);
  const perGroup = oc / groups;
  const weights = new Float64Array(oc * k);
  let largestPair = 0;
  const word = (from: number): number => {
    if (from + 4 > stored.length) throw new Malformed(`${stored.length} bytes of weights end too early`);
    return [0, 1, 2, 3].reduce((value, i) => value | ((stored[from + i] & 255) << (8 * i)), 0);
  };
  const [together, stride] = [word(4), word(8)];
  if (together < 1) throw new Malformed(`${together} panels share an order`);
  if (stride < 64) throw new Malformed(`groups of panels are ${stride} bytes apart`);
  for (let o = 0, start = 0; o < oc; start += stride) {
    const left = perGroup - (o % perGroup);
    const channels = Math.min(left, 16 * together);
    if (word(start + 4) !== together || word(start + 8) !== stride)
      throw new Malformed('groups of panels differ in how they begin');
    const extras = word(start);
    if (extras < 0 || extras > 2 * blocks)
      throw new Malformed(`${extras} extra steps, there is room for ${2 * blocks}`);
    const idle = word(start + 12);
    if (idle < 0 || idle > 3) throw new Malformed(`${idle} steps of the last 16 inputs are left out`);
    const moves = word(start + 16);
    if (moves < 0 || moves > 4 * (4 * blocks + extras)) throw new Malformed(`${moves} inputs are moved`);
    const inputs = inputsOf(stored, start + 64, { blocks, extras, idle, moves }, word);
    const at = start + 64 + Math.ceil((16 * blocks + 8 * moves) / 64) * 64;
    const panels = Math.ceil(channels / 16);
    const end = at + panels * inputs.length * 16;
    if (end > stored.length || (o + channels < oc && end > start + stride))
      throw new Malformed('weights of a panel are missing');
    for (let c = 0; c < panels * 16; c++)
      for (let s = 0; s < inputs.length; s += 2) {
        const panel = at + Math.floor(c / 16) * inputs.length * 16;
        const from = panel + Math.floor(s / 4) * 64 + (c % 16) * 4 + (s % 4);
        const pair = [stored[from], stored[from + 1]];
        const positive = pair.reduce((sum, w) => sum + Math.max(w, 0), 0);
        const negative = pair.reduce((sum, w) => sum + Math.max(-w, 0), 0);
        largestPair = Math.max(largestPair, positive, negative);
        for (const [i, w] of pair.entries()) {
          const input = inputs[s + i];
          if (c < channels && input >= 0 && input < k) weights[(o + c) * k + input] += w;
          else if (w !== 0) throw new Malformed(`padding holds ${w}, not 0`);
        }
      }
    o += channels;
  }
  return { weights, largestPair };
}

interface Counts {
  readonly blocks: number;
  readonly extras: number;
  readonly idle: number;
  readonly moves: number;
}

/** Which input each slot of each step multiplies; -1: what lies there is not defined. */
function inputsOf(
  stored: ArrayLike<number>,
  from: number,
  { blocks, extras, idle, moves }: Counts,
  word: (from: number) => number,
): readonly number[] {
  const inputs: number[] = [];
  for (let i = 0; i < 16 * blocks - 4 * idle; i++) {
    const index = stored[from + i];
    if (index < 0 || index > 15) throw new Malformed(`index ${index} of 16 inputs`);
    inputs.push(16 * Math.floor(i / 16) + index);
  }
  for (let i = 0; i < 4 * extras; i++) inputs.push(-1);
  for (let m = 0; m < moves; m++) {
    const entry = from + 16 * blocks + 8 * m;
    const [place, input] = [word(entry), word(entry + 4)];
    if (place < 0 || place >= inputs.length) throw new Malformed(`input ${input} is moved to ${place}`);
    if (input < 0 || input >= 16 * blocks) throw new Malformed(`input ${input} is moved`);
    inputs[place] = input;
  }
  return inputs;
}

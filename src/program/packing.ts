/**
 * Weight layouts kernels ask for, by name, and the functions that make them. Invariant: packing permutes, widens and
 * pads with zeros; it never changes a value, so a packed weight multiplies exactly what the graph's weight does
 * (but for `winograd4_nr16`, panels of exactly transformed weights: winograd.ts, and `nr16_quads_s8`, where the sum of a
 * weight's places does: quads.ts).
 *
 * Names (last field of a kernels.def packing): `plain`; `rows` (of a matrix, padded to multiples of 8 values, two 4-bit ones
 * to a byte); `ohwi_s8`, `ohwi_s16` (conv weights as they are);
 * `hwc_s8`, `hwc_s16` (depthwise: [kh,kw,c]); `nr16_kr2_s16` (panels of NR output channels; inside a panel, steps of
 * KR consecutive k of the flattened [kh,kw,c] axis, channel-major inside a step; K and OC zero-padded to the tile).
 *
 * `nr16n_kr4_s8`: the last panel of a group is as narrow as what channels are left.
 * `nr16g_kr2_s16`: panels go on from group to group, k is within a channel's own.
 * `nr16_kr4_s8z`: s8 less a zero point of the channel (`zeroPoints` below) where s8 does not hold the weights; each panel begins
 * with those of its channels, s32: weight = stored - zero point.
 * `nr16_quads_s8`: panels in orders, and with extra steps, of their own: quads.ts.
 * `nr16_octs_s8`: panels whose steps of four inputs have an order of their own: octs.ts.
 * `columns4_s8`: of images with one channel, for each output channel steps of four taps of a column, or of what rows are left
 * over (`columnSteps` below).
 *
 * A suffix says how the kernel multiplies. `_xs8`: s8 by s8, reading u8 activations as x - 128. `_xu8`: u8 by s8, reading s8
 * activations as x + 128. Its bias has what that takes away (adds) taken care of in advance (`biasForPacking`).
 */
import {
  byteSize,
  type Element,
  elementBytes,
  elements,
  numberData,
  type Shape,
  type Tensor,
  type TensorType,
} from '../ir/type.js';
import { octBytes, packedOcts } from './octs.js';
import { packedQuads, quadBytes, quadPlan } from './quads.js';
import { winogradPanels } from './winograd.js';

export type Packing =
  | { readonly kind: 'plain' }
  | { readonly kind: 'rows' }
  | { readonly kind: 'ohwi'; readonly element: 's8' | 's16'; readonly x: Activations }
  | { readonly kind: 'winograd'; readonly nr: number; readonly element: 's16'; readonly x: 'stored' }
  | { readonly kind: 'hwc'; readonly element: 's8' | 's16' | 'f32'; readonly x: Activations }
  | {
      readonly kind: 'quads';
      readonly nr: 16;
      readonly element: 's8';
      readonly groups: number;
      readonly x: Activations;
    }
  | {
      readonly kind: 'octs';
      readonly nr: 16;
      readonly element: 's8';
      readonly groups: number;
      readonly x: Activations;
    }
  | { readonly kind: 'columns'; readonly element: 's8'; readonly x: Activations }
  | {
      readonly kind: 'panels';
      readonly nr: number;
      readonly kr: number;
      /** Which comes first within a step: the output channel, or k (`nr<N>_kr<K>k`). */
      readonly first: 'channel' | 'k';
      readonly element: 's8' | 's16' | 'f32';
      /** The last panel of a group has no place for channels that do not exist (`nr<N>n`). */
      readonly isNarrow: boolean;
      /** Panels begin with the zero points of their channels. */
      readonly hasZeros: boolean;
      readonly groups: number;
      readonly x: Activations;
    };

/** What the kernel multiplies: stored values as they are, always s8 (`_xs8`) or always u8 (`_xu8`). */
export type Activations = 'stored' | 's8' | 'u8';

/** Reads a packing name; undefined if it is none. `groups` is the convolution's. */
export function parsePacking(name: string, groups = 1): Packing | undefined {
  if (name === 'plain' || name === 'rows') return { kind: name };
  const suffix = /_x([su]8)$/.exec(name)?.[1];
  const x = suffix === 's8' || suffix === 'u8' ? suffix : 'stored';
  const layout = x === 'stored' ? name : name.slice(0, -'_xs8'.length);
  const simple = /^(ohwi|hwc)_(s8|s16|f32)$/.exec(layout);
  if (simple?.[1] === 'ohwi' && (simple[2] === 's8' || simple[2] === 's16'))
    return { kind: 'ohwi', element: simple[2], x };
  if (simple?.[1] === 'hwc' && (simple[2] === 's8' || simple[2] === 's16' || simple[2] === 'f32'))
    return { kind: 'hwc', element: simple[2], x };
  const winograd = /^winograd4_nr(\d+)$/.exec(layout);
  if (winograd) return { kind: 'winograd', nr: Number(winograd[1]), element: 's16', x: 'stored' };
  if (layout === 'columns4_s8') return { kind: 'columns', element: 's8', x };
  if (layout === 'nr16_quads_s8') return { kind: 'quads', nr: 16, element: 's8', groups, x };
  if (layout === 'nr16_octs_s8') return { kind: 'octs', nr: 16, element: 's8', groups, x };
  const panels = /^nr(\d+)([gn]?)_kr(\d+)(k?)_(s8|s16|f32)(z?)$/.exec(layout);
  const element = panels?.[5];
  if (panels && (element === 's8' || element === 's16' || element === 'f32'))
    return {
      kind: 'panels',
      nr: Number(panels[1]),
      kr: Number(panels[3]),
      first: panels[4] === 'k' ? 'k' : 'channel',
      element,
      isNarrow: panels[2] === 'n',
      hasZeros: panels[6] === 'z',
      groups: panels[2] === 'g' ? 1 : groups,
      x,
    };
  return undefined;
}

/**
 * The bias of a kernel that reads activations of `element` as its packing says: bias[o] + 128 * sum of w[o] where u8 is read
 * as x - 128, bias[o] - 128 * sum of w[o] where s8 is read as x + 128. Sums wrap like the kernel's s32 additions, so that
 * the accumulator is the same. @param w stored weights [oc, ...]; @param bias s32[oc].
 */
export function biasForPacking(w: Tensor, bias: Tensor, packing: Packing, element: Element): Tensor {
  const shift = activationShift(packing, element);
  if (shift === 0) return bias;
  const ws = numberData(w);
  const data = Int32Array.from(numberData(bias));
  const cells = ws.length / data.length;
  for (let i = 0; i < ws.length; i++) data[Math.floor(i / cells)] += shift * ws[i];
  return { type: bias.type, data };
}

/** What a kernel of this packing takes off the activations before it multiplies them. */
export function activationShift(packing: Packing, element: Element): number {
  const x = 'x' in packing ? packing.x : 'stored';
  return x === 'stored' || x === element ? 0 : x === 's8' ? 128 : -128;
}

/** Packed bytes, little-endian, and the element they are made of. Conv weights are [oc, kh, kw, c/groups]. */
export function packTensor(tensor: Tensor, packing: Packing): { element: Element; bytes: Uint8Array } {
  switch (packing.kind) {
    case 'plain':
      return { element: tensor.type.element, bytes: littleEndian(tensor.type.element, [...tensor.data]) };
    case 'rows':
      return { element: 'u8', bytes: paddedRows(tensor) };
    case 'ohwi':
      return { element: packing.element, bytes: littleEndian(packing.element, numberData(tensor)) };
    case 'hwc': {
      const [oc, kh, kw] = tensor.type.shape;
      const w = numberData(tensor);
      const out = new Float64Array(w.length);
      for (let o = 0; o < oc; o++) for (let t = 0; t < kh * kw; t++) out[t * oc + o] = w[o * kh * kw + t];
      return { element: packing.element, bytes: littleEndian(packing.element, out) };
    }
    case 'winograd':
      return { element: packing.element, bytes: littleEndian(packing.element, winogradPanels(tensor, packing.nr)) };
    case 'quads':
      return { element: packing.element, bytes: packedQuads(tensor, packing.groups) };
    case 'octs':
      return { element: packing.element, bytes: packedOcts(tensor, packing.groups) };
    case 'columns':
      return { element: packing.element, bytes: littleEndian(packing.element, columns(tensor)) };
    case 'panels':
      if (packing.hasZeros) return { element: packing.element, bytes: panelsWithZeros(tensor, packing) };
      return {
        element: packing.element,
        bytes: littleEndian(packing.element, panels(numberData(tensor), tensor.type.shape, packing)),
      };
  }
}

/** Bytes that `packTensor` makes of weights [oc, kh, kw, c/groups]. */
export function packedBytes(tensor: Tensor, packing: Packing): number {
  return packing.kind === 'quads' ? quadBytes(quadPlan(tensor, packing.groups)) : bytesOfShape(tensor.type, packing);
}

/** The same where the numbers make no difference. */
export function bytesOfShape(type: TensorType, packing: Exclude<Packing, { kind: 'quads' }>): number {
  if (packing.kind === 'plain') return byteSize(type);
  const { shape } = type;
  if (packing.kind === 'rows') return shape[0] * rowBytes(type);
  const size = elementBytes[packing.element];
  const [oc, , , c] = shape;
  switch (packing.kind) {
    case 'octs':
      return octBytes(shape, packing.groups);
    case 'ohwi':
    case 'hwc':
      return elements(shape) * size;
    case 'winograd':
      return Math.ceil(oc / packing.nr) * packing.nr * 36 * Math.ceil(c / 2) * 2 * size;
    case 'columns':
      return oc * columnSteps(shape).length * 4;
    case 'panels': {
      const panelCount = packing.groups * Math.ceil(oc / packing.groups / packing.nr);
      const head = packing.hasZeros ? 4 : 0;
      const channels = packing.isNarrow ? oc : panelCount * packing.nr;
      return channels * (Math.ceil(elements(shape) / oc / packing.kr) * packing.kr * size + head);
    }
  }
}

function bitsOf({ element }: TensorType): 4 | 8 {
  return element === 's4' || element === 'u4' ? 4 : 8;
}

function rowBytes(type: TensorType): number {
  return Math.ceil(type.shape[1] / 8) * bitsOf(type);
}

/** The lower half of a byte is the value of even index. */
function paddedRows(tensor: Tensor): Uint8Array {
  const { type } = tensor;
  const [rows, columns] = type.shape;
  const values = numberData(tensor);
  const bytes = new Uint8Array(rows * rowBytes(type));
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < columns; i++) {
      const value = values[r * columns + i];
      const at = r * rowBytes(type);
      if (bitsOf(type) === 8) bytes[at + i] = value & 255;
      else bytes[at + (i >> 1)] |= (value & 15) << (i % 2 === 0 ? 0 : 4);
    }
  return bytes;
}

/**
 * Of each output channel, the number nearest to 0 which, added to its weights, makes them fit s8; undefined where a channel's
 * weights lie further apart than that.
 */
export function zeroPoints(tensor: Tensor): Int32Array | undefined {
  const w = numberData(tensor);
  const zeros = new Int32Array(tensor.type.shape[0]);
  const cells = w.length / zeros.length;
  for (let o = 0; o < zeros.length; o++) {
    let [low, high] = [0, 0];
    for (let i = o * cells; i < (o + 1) * cells; i++) {
      if (w[i] < low) low = w[i];
      if (w[i] > high) high = w[i];
    }
    if (high - low > 255) return undefined;
    zeros[o] = low < -128 ? -128 - low : Math.min(0, 127 - high);
  }
  return zeros;
}

/**
 * The taps of each step of windows with one channel, as places in [kh,kw]; undefined where a step has fewer than four. A step
 * takes one column of four rows; of a last row alone four columns, of two rows two, of three rows one.
 */
function columnSteps([, kh, kw]: Shape): readonly (readonly (number | undefined)[])[] {
  return Array.from({ length: Math.ceil(kh / 4) }, (_, quad) => {
    const rows = Math.min(4, kh - 4 * quad);
    const across = rows === 1 ? 4 : rows === 2 ? 2 : 1;
    return Array.from({ length: Math.ceil(kw / across) }, (_, step) =>
      [0, 1, 2, 3].map((i) => {
        const kx = step * across + Math.floor(i / rows);
        return i < rows * across && kx < kw ? (4 * quad + (i % rows)) * kw + kx : undefined;
      }),
    );
  }).flat();
}

function columns({ type, data }: Tensor): Float64Array {
  const { shape } = type;
  const taps = columnSteps(shape).flat();
  const cells = elements(shape) / shape[0];
  return Float64Array.from({ length: shape[0] * taps.length }, (_, at) => {
    const tap = taps[at % taps.length];
    return tap === undefined ? 0 : Number(data[Math.floor(at / taps.length) * cells + tap]);
  });
}

type Panels = Extract<Packing, { kind: 'panels' }>;

function panelsWithZeros(tensor: Tensor, packing: Panels): Uint8Array {
  const zeros = zeroPoints(tensor);
  if (zeros === undefined) throw new TypeError('weights that no zero point makes fit s8');
  const cells = elements(tensor.type.shape) / zeros.length;
  const near = Int8Array.from(numberData(tensor), (v, i) => v + zeros[Math.floor(i / cells)]);
  const stored = littleEndian('s8', panels(near, tensor.type.shape, packing));
  const oc = zeros.length / packing.groups;
  const perGroup = Math.ceil(oc / packing.nr);
  const bytesOf = stored.length / (packing.groups * perGroup);
  const head = 4 * packing.nr;
  const out = new Uint8Array(packing.groups * perGroup * (head + bytesOf));
  const view = new DataView(out.buffer);
  for (let p = 0; p < packing.groups * perGroup; p++) {
    const at = p * (head + bytesOf);
    const first = (p % perGroup) * packing.nr;
    for (let n = 0; n < packing.nr && first + n < oc; n++)
      view.setInt32(at + 4 * n, zeros[Math.floor(p / perGroup) * oc + first + n], true);
    out.set(stored.subarray(p * bytesOf, (p + 1) * bytesOf), at + head);
  }
  return out;
}

function panels(
  w: ArrayLike<number>,
  shape: Shape,
  packing: Pick<Panels, 'nr' | 'kr' | 'first' | 'isNarrow' | 'groups'>,
): Float64Array {
  const oc = shape[0] / packing.groups;
  const k = elements(shape) / shape[0];
  const { nr, kr } = packing;
  const panelCount = Math.ceil(oc / nr);
  const steps = Math.ceil(k / kr);
  const out = new Float64Array(packing.groups * steps * kr * (packing.isNarrow ? oc : panelCount * nr));
  let at = 0;
  for (let g = 0; g < packing.groups; g++)
    for (let p = 0; p < panelCount; p++)
      for (let s = 0; s < steps; s++) {
        const wide = packing.isNarrow ? Math.min(nr, oc - p * nr) : nr;
        for (let place = 0; place < wide * kr; place++, at++) {
          const [n, i] =
            packing.first === 'k' ? [place % wide, Math.floor(place / wide)] : [Math.floor(place / kr), place % kr];
          const o = p * nr + n;
          const kk = s * kr + i;
          if (o < oc && kk < k) out[at] = w[(g * oc + o) * k + kk];
        }
      }
  return out;
}

function littleEndian(element: Element, values: ArrayLike<number | bigint>): Uint8Array {
  const size = elementBytes[element];
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) writeElement(view, i * size, element, values[i]);
  return bytes;
}

function writeElement(view: DataView, at: number, element: Element, value: number | bigint): void {
  switch (element) {
    case 's64':
      return view.setBigInt64(at, BigInt(value), true);
    case 'u64':
      return view.setBigUint64(at, BigInt(value), true);
    case 'f32':
    case 'f16':
    case 'bf16':
      return view.setFloat32(at, Number(value), true);
    case 'f64':
      return view.setFloat64(at, Number(value), true);
    case 's32':
      return view.setInt32(at, Number(value), true);
    case 'u32':
      return view.setUint32(at, Number(value), true);
    case 's16':
      return view.setInt16(at, Number(value), true);
    case 'u16':
      return view.setUint16(at, Number(value), true);
    default:
      return view.setUint8(at, Number(value) & 255);
  }
}

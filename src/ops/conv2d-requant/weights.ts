/** Weights of a quantized convolution as its kernels multiply them. */
import {
  elementRange,
  elements,
  numberData,
  type QuantType,
  quantType,
  type Tensor,
  unitAffine,
} from '../../ir/type.js';
import { type Packing, zeroPoints } from '../../program/packing.js';
import { quadRange } from '../../program/quads.js';
import { zeroPointAt } from '../../quant/affine.js';
import { type Verdict, verdict } from '../../target/choose.js';

/** w - zw in the smallest element that holds it. w is [oc, ...], quantized per tensor or along axis 0. */
export function centredWeights(w: Tensor, type: QuantType): Tensor {
  const stored = numberData(w);
  const cells = elements(type.shape) / type.shape[0];
  const values = Int32Array.from(stored, (v, i) => v - zeroPointAt(type.affine, Math.floor(i / cells)));
  let low = 0;
  let high = 0;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const element = low >= -128 && high <= 127 ? 's8' : 's16';
  const data = element === 's8' ? Int8Array.from(values) : Int16Array.from(values);
  return { type: quantType(element, type.shape, unitAffine, [low, high]), data };
}

/** Whether a packing can hold weights of which `low` is the least and `high` the largest. */
export function weightsFit(packing: Packing, w: Tensor, low: number, high: number): Verdict {
  if (packing.kind === 'panels' && packing.hasZeros)
    return verdict(
      zeroPoints(w) !== undefined,
      'weights fit s8, less a zero point for each channel',
      'the weights of a channel lie more than 255 apart',
    );
  const [least, most, of] = heldBy(packing);
  return verdict(low >= least && high <= most, 'weights fit', `weights ${low}..${high} do not fit ${of}`);
}

function heldBy(packing: Packing): readonly [number, number, string] {
  if (packing.kind === 'quads') return [...quadRange, 'two s8'];
  // Winograd's transformed weights are s16 where the weights themselves are s8.
  const element = packing.kind === 'winograd' ? 's8' : 'element' in packing ? packing.element : 'f32';
  return element === 'f32' ? [0, 0, element] : [...elementRange[element], element];
}

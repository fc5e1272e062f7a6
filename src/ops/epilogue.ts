/** The epilogue of a kernel that only scales its accumulators: no residual, no table. */
import { type Diagnostic, error, type Place } from '../diagnostics/diagnostic.js';
import { elementRange, floatType, type Tensor, type TensorType } from '../ir/type.js';
import type { Params } from '../program/program.js';
import { scaleAt, zeroPointAt } from '../quant/affine.js';
import { multiplier } from '../quant/requantize.js';
import { f32, flag } from './lowering.js';

const OUT_Q8 = 0;
const OUT_S32 = 1;
const OUT_F32 = 2;
const ROUND_ONNX = 0;

/** Scale that turns an accumulator of products at sx * sw into the stored (or float) result. */
export function outputMultiplier(y: TensorType, sx: number, sw: number): number {
  if (y.kind === 'float') return Math.fround(sx * sw);
  if (y.kind === 'index' || y.element === 's32') return 1;
  return multiplier(sx, sw, scaleAt(y.affine, 0));
}

/** Says which output channel's multiplier float32 cannot hold; undefined if it holds all. */
export function multiplierProblem(multipliers: Float32Array, place: Place): Diagnostic | undefined {
  const beyond = multipliers.findIndex((m) => !Number.isFinite(m));
  if (beyond < 0) return undefined;
  return error(
    'Q0312',
    `x_scale * w_scale / y_scale of output channel ${beyond} is beyond float32`,
    place,
    're-quantize this layer: one of its scales is wrong by many orders of magnitude',
  );
}

/** f32[oc] multipliers of the accumulators' channels, or what is wrong with them. */
export function floatMultipliers(
  y: TensorType,
  sx: number,
  wScale: (channel: number) => number,
  oc: number,
  place: Place,
): Tensor | Diagnostic {
  const data = Float32Array.from({ length: oc }, (_, o) => outputMultiplier(y, sx, wScale(o)));
  return multiplierProblem(data, place) ?? { type: floatType([oc]), data };
}

export interface PlainEpilogue {
  /** The contract's `struct qcc_epilogue_kind` and `struct qcc_epilogue_data`. */
  readonly kind: Params;
  readonly data: Params;
  readonly hasMultiplier: boolean;
}

/** @param product largest |acc * multiplier| that can occur. */
export function plainEpilogue(y: TensorType, product: number): PlainEpilogue {
  const stored = y.kind === 'quant' && (y.element === 's8' || y.element === 'u8') ? y : undefined;
  const out = stored !== undefined ? OUT_Q8 : y.kind === 'float' ? OUT_F32 : OUT_S32;
  const [low, high] = stored?.range ?? elementRange.u8;
  const full = elementRange[stored?.element ?? 'u8'];
  return {
    kind: {
      out,
      rounding: ROUND_ONNX,
      proved: flag(product < 2147483392),
      y_signed: flag(stored?.element === 's8'),
      full_range: flag(low === full[0] && high === full[1]),
      has_add: 0,
      add_first: 0,
      r_signed: 0,
      z_signed: 0,
      z_full_range: 0,
      has_lookup: 0,
    },
    data: {
      y_zero: stored === undefined ? 0 : zeroPointAt(stored.affine, 0),
      y_min: low,
      y_max: high,
      add_a: f32(0),
      add_b: f32(0),
      add_fixed: f32(0),
      z_min: 0,
      z_max: 0,
    },
    hasMultiplier: out !== OUT_S32,
  };
}

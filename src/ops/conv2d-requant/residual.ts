/** The sum that an epilogue makes of the requantized value and the residual, on stored values. */
import { perTensor, type QuantType, quantType, type TensorType } from '../../ir/type.js';
import { fma32 } from '../../quant/fma.js';
import { roundHalfEven } from '../../quant/requantize.js';
import { storedSum } from '../add-fixed/op.js';

export interface ResidualAttrs {
  readonly add: 'none' | 'first' | 'second' | 'fixed';
  readonly mid_element: 's8' | 'u8' | 's16';
  readonly mid_zero: number;
  readonly add_a: number;
  readonly add_b: number;
  readonly add_fixed: number;
  readonly sum_min: number;
  readonly sum_max: number;
}

/** Of the requantized value that a fixed-point sum takes. */
export function middleType({ mid_element, mid_zero, add_a }: ResidualAttrs, { shape }: TensorType): QuantType {
  return quantType(mid_element, shape, perTensor(add_a, mid_zero));
}

/** @param r type of the residual; @param y of the sum. */
export function residualSum(attrs: ResidualAttrs, r: TensorType, y: TensorType): (v: number, r: number) => number {
  if (attrs.add === 'fixed') {
    if (r.kind !== 'quant' || y.kind !== 'quant') throw new TypeError('quantized only');
    return storedSum({ subtract: false, powers: false }, middleType(attrs, y), r, y);
  }
  return (value, residual) => {
    const [p, q] = attrs.add === 'first' ? [value, residual] : [residual, value];
    const sum = roundHalfEven(fma32(p, attrs.add_a, fma32(q, attrs.add_b, attrs.add_fixed)));
    return Math.max(attrs.sum_min, Math.min(attrs.sum_max, sum));
  };
}

import { defineOp } from '../../ir/op.js';
import { allocate, type Tensor, type TensorType } from '../../ir/type.js';
import { roundToBf16, roundToF16 } from '../../quant/float16.js';
import { integerToF32, truncateToInteger, wrapInteger } from '../../quant/integer.js';

function converted(value: number | bigint, from: TensorType, to: TensorType): number | bigint {
  if (to.element === 'bool') return Number(value) === 0 ? 0 : 1;
  if (to.element === 'f16') return roundToF16(Number(value));
  if (to.element === 'bf16') return roundToBf16(Number(value));
  if (to.element === 'f32' && typeof value === 'bigint') return integerToF32(value);
  if (to.kind === 'float') return Number(value);
  const whole = from.kind === 'float' ? truncateToInteger(Number(value), to.element) : BigInt(value);
  return wrapInteger(whole, to.element);
}

/** Another element type. */
export const cast = defineOp({
  kind: 'cast',
  doc:
    'Another element type. Floats round to nearest, ties to even. Floats to integers truncate towards zero and keep the low ' +
    'bits; what exceeds 32 bits (64 for u32, s64, u64) is the smallest integer, as in ONNX Runtime on x86. Integers to ' +
    'integers keep the low bits. Anything to bool is x != 0. Quantized tensors count as stored integers.',
  attrs: {},
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: () => [],
  evaluate(_, [x], [y]): readonly Tensor[] {
    const out = allocate(y);
    for (let i = 0; i < x.data.length; i++) {
      const value = converted(x.data[i], x.type, y);
      if (out instanceof BigInt64Array || out instanceof BigUint64Array) out[i] = BigInt(value);
      else out[i] = Number(value);
    }
    return [{ type: y, data: out }];
  },
});

import { defineOp } from '../../ir/op.js';
import { allocateNumbers, elements, isByte, numberData } from '../../ir/type.js';

/** A step's sums stay below it, whatever byte comes. */
const LIMIT = 2 ** 31;

/** Bytes that are scaled and shifted by channel: what a bias or a batch normalization between two quantizations is. */
export const scaleChannels = defineOp({
  kind: 'scale-channels',
  doc:
    'A line of the stored byte for each channel, in integers: y[.., c] = clamp((x[.., c] * multiplier[c] + offset[c]) >> shift, ' +
    'low, high), where >> rounds down; one multiplier may be that of all channels.',
  attrs: { shift: 'int', low: 'int', high: 'int' },
  operands: ['x', 'offset', 'multiplier'],
  inferShape: (_, [x]) => [x.shape],
  check({ shift, low, high }, [x, offset, multiplier], [y]) {
    const isStored = [x, y].every((t) => t.kind === 'quant' && isByte(t) && t.affine.per === 'tensor');
    if (!isStored || x.kind !== 'quant' || y.kind !== 'quant') return ['x and y have 8 bits, quantized per tensor'];
    const isInside = y.range[0] <= low && low <= high && high <= y.range[1];
    return [
      ...(isInside ? [] : [`${low}..${high} are not values of y`]),
      ...(shift >= 0 && shift < 31 ? [] : ['shift too large']),
      ...(offset.element === 's32' && offset.shape.length === 1 && offset.shape[0] === x.shape.at(-1)
        ? []
        : ['one s32 offset for each channel of x']),
      ...(multiplier.element === 's32' && [1, x.shape.at(-1)].includes(elements(multiplier.shape))
        ? []
        : ['one s32 multiplier, or one for each channel of x']),
    ];
  },
  evaluate({ shift, low, high }, [x, offset, multiplier], [y]) {
    const [xs, offsets, factors, out] = [numberData(x), numberData(offset), numberData(multiplier), allocateNumbers(y)];
    for (let i = 0; i < xs.length; i++) {
      const sum = xs[i] * factors[i % factors.length] + offsets[i % offsets.length];
      if (Math.abs(sum) >= LIMIT) throw new RangeError(`${sum} does not fit 32 bits`);
      out[i] = Math.max(low, Math.min(high, Math.floor(sum / 2 ** shift)));
    }
    return [{ type: y, data: out }];
  },
});

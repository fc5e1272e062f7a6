import { defineOp } from '../../ir/op.js';
import { allocateNumbers, isByte, numberData } from '../../ir/type.js';

/** A step's sums stay below it, whatever byte comes. */
const LIMIT = 2 ** 31;

/** Bytes that are scaled alike and shifted by channel: what a bias between two quantizations is. */
export const scaleChannels = defineOp({
  kind: 'scale-channels',
  doc:
    'A line of the stored byte for each channel, in integers: y[.., c] = clamp((x[.., c] * multiplier + offset[c]) >> shift, low, ' +
    'high), where >> rounds down.',
  attrs: { multiplier: 'int', shift: 'int', low: 'int', high: 'int' },
  operands: ['x', 'offset'],
  inferShape: (_, [x]) => [x.shape],
  check({ multiplier, shift, low, high }, [x, offset], [y]) {
    const isStored = [x, y].every((t) => t.kind === 'quant' && isByte(t) && t.affine.per === 'tensor');
    if (!isStored || x.kind !== 'quant' || y.kind !== 'quant') return ['x and y have 8 bits, quantized per tensor'];
    const isInside = y.range[0] <= low && low <= high && high <= y.range[1];
    return [
      ...(isInside ? [] : [`${low}..${high} are not values of y`]),
      ...(Math.abs(multiplier) * 256 < LIMIT && shift >= 0 && shift < 31 ? [] : ['multiplier or shift too large']),
      ...(offset.element === 's32' && offset.shape.length === 1 && offset.shape[0] === x.shape.at(-1)
        ? []
        : ['one s32 offset for each channel of x']),
    ];
  },
  evaluate({ multiplier, shift, low, high }, [x, offset], [y]) {
    const [xs, offsets, out] = [numberData(x), numberData(offset), allocateNumbers(y)];
    for (let i = 0; i < xs.length; i++) {
      const sum = xs[i] * multiplier + offsets[i % offsets.length];
      if (Math.abs(sum) >= LIMIT) throw new RangeError(`${sum} does not fit 32 bits`);
      out[i] = Math.max(low, Math.min(high, Math.floor(sum / 2 ** shift)));
    }
    return [{ type: y, data: out }];
  },
});

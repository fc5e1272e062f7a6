import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData } from '../../ir/type.js';

/** Pixels through tables: preprocessing and the first quantization with it, or what follows a product with a bias. */
export const lookupChannels = defineOp({
  kind: 'lookup-channels',
  doc:
    'A function of 8 stored bits for each channel: y[.., c] = table[c][x[.., from(c)] & 255]; with `swaps` channels 0 and 2 ' +
    'change places (BGR of RGB), else from(c) = c.',
  attrs: { swaps: 'bool' },
  operands: ['x', 'table'],
  inferShape: (_, [x]) => [x.shape],
  check(a, [x, table], [y]) {
    const channels = x.shape.at(-1) ?? 0;
    const [rows, columns] = table.shape;
    return [
      ...(x.kind === 'quant' && (x.element === 'u8' || x.element === 's8') ? [] : ['x is s8 or u8']),
      ...(table.shape.length === 2 && rows === channels && columns === 256
        ? []
        : [`the table is [${table.shape}], not [${channels},256]`]),
      ...(table.element === y.element && ['f32', 's8', 'u8'].includes(y.element)
        ? []
        : [`the table holds ${table.element}, y is ${y.element}`]),
      ...(a.swaps && channels < 3 ? ['fewer than three channels do not change places'] : []),
    ];
  },
  evaluate(a, [x, table], [y]) {
    const [xs, entries, out] = [numberData(x), numberData(table), allocateNumbers(y)];
    const channels = table.type.shape[0];
    for (let i = 0; i < xs.length; i++) {
      const c = i % channels;
      out[i] = entries[256 * c + (xs[a.swaps && c < 3 ? i - c + 2 - c : i] & 255)];
    }
    return [{ type: y, data: out }];
  },
});

import { defineOp } from '../../ir/op.js';
import { allocateNumbers, numberData } from '../../ir/type.js';

/** Any function of an 8-bit tensor. */
export const lookup = defineOp({
  kind: 'lookup',
  doc: 'Any function of 8 stored bits as a 256-entry table: y = table[x & 255], the table indexed by the stored byte.',
  attrs: {},
  operands: ['x', 'table'],
  inferShape: (_, [x]) => [x.shape],
  check(_, [x, table], [y]) {
    if (x.kind !== 'quant' || (x.element !== 's8' && x.element !== 'u8')) return ['x is s8 or u8'];
    if (table.shape.length !== 1 || table.shape[0] !== 256) return ['the table has 256 entries'];
    return table.element === y.element ? [] : [`the table holds ${table.element}, y is ${y.element}`];
  },
  evaluate(_, [x, table], [y]) {
    const xs = numberData(x);
    const ts = numberData(table);
    const out = allocateNumbers(y);
    for (let i = 0; i < xs.length; i++) out[i] = ts[xs[i] & 255];
    return [{ type: y, data: out }];
  },
});

import { defineOp } from '../../ir/op.js';
import { allocate, numbers } from '../../ir/type.js';

/** Another element type. */
export const cast = defineOp({
  kind: 'cast',
  doc: 'Another element type: floats to integers truncate towards zero, integers to floats round to nearest even, anything to bool is x != 0.',
  attrs: {},
  operands: ['x'],
  inferShape: (_, [x]) => [x.shape],
  check: () => [],
  evaluate(_, [x], [y]) {
    const out = allocate(y);
    const xs = numbers(x);
    for (let i = 0; i < xs.length; i++) {
      const v = y.kind === 'float' ? xs[i] : y.element === 'bool' ? Number(xs[i] !== 0) : Math.trunc(xs[i]);
      if (out instanceof BigInt64Array || out instanceof BigUint64Array) out[i] = BigInt(v);
      else out[i] = v;
    }
    return [{ type: y, data: out }];
  },
});

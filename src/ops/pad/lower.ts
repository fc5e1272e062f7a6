import { InternalError } from '../../ir/build.js';
import { allocate, elementBytes, elements } from '../../ir/type.js';
import { plainRequest, six } from '../any.js';
import { type Lowering, reads, stepFor, writes } from '../lowering.js';
import { fillData } from '../moves.js';

const KERNEL_DIMS = 6;

/** A dimension nobody pads is part of the one before it. */
function merged(shape: readonly number[], before: readonly number[], after: readonly number[]) {
  const out: { d: number; before: number; after: number }[] = [];
  for (const [i, d] of shape.entries()) {
    const last = out.at(-1);
    if (last === undefined || before[i] > 0 || after[i] > 0) out.push({ d, before: before[i], after: after[i] });
    else out[out.length - 1] = { d: last.d * d, before: last.before * d, after: last.after * d };
  }
  return out;
}

export const lower: Lowering<'pad'> = (node, cx) => {
  const [x] = node.operands;
  const y = node.results[0].type;
  const { before, after, value } = node.attrs;
  const dims = merged(x.type.shape, before, after);
  if (dims.length > KERNEL_DIMS) throw new InternalError(`a pad of ${dims.length} dimensions reaches lowering`);
  // The value's bytes as two words, whatever the element.
  const bytes = new DataView(new ArrayBuffer(8));
  const one = allocate({ ...y, shape: [1] });
  fillData(one, value);
  new Uint8Array(bytes.buffer).set(new Uint8Array(one.buffer));
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('pad', elements(y.shape), [cx.view(x)]), node),
      params: {
        size: elementBytes[y.element],
        ...six(
          'd',
          dims.map((d) => d.d),
          1,
        ),
        ...six(
          'before',
          dims.map((d) => d.before),
          0,
        ),
        ...six(
          'after',
          dims.map((d) => d.after),
          0,
        ),
      },
      data: { low: bytes.getInt32(0, true), high: bytes.getInt32(4, true) },
      args: [reads('x', cx.view(x)), writes('y', cx.output(node.results[0]))],
    }),
  );
};

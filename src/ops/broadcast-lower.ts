/** Broadcasting operands as the loops of a kernel. */
import type { Value } from '../ir/graph.js';
import { elements, type Shape } from '../ir/type.js';
import type { Params } from '../program/program.js';
import { type Request, verdict } from '../target/choose.js';
import { broadcastStrides } from './broadcast.js';
import { loopParams, loopsOver } from './loops.js';
import type { LowerContext } from './lowering.js';

const LOOPS = 6;

/** Sizes d0..d5 and, for each operand, strides named after it; dimensions that advance alike are one loop. */
export function broadcastRequest(
  family: string,
  shape: Shape,
  operands: Readonly<Record<string, Value>>,
  cx: LowerContext,
): { readonly request: Request; readonly params: Params } {
  const values = Object.values(operands);
  const loops = loopsOver(
    shape,
    shape.map((_, i) => i),
    values.map((v) => broadcastStrides(v.type.shape, shape)),
  );
  const fits = loops.length <= LOOPS;
  return {
    request: {
      family,
      prove: () => undefined,
      accepts: () => verdict(fits, '', `${loops.length} loops after merging dimensions, at most ${LOOPS}`),
      work: () => elements(shape),
      reads: values.map((v) => cx.view(v)),
    },
    params: loopParams(fits ? loops : [], LOOPS, 'd', Object.keys(operands)),
  };
}

import { elements, stridesOf } from '../../ir/type.js';
import { verdict } from '../../target/choose.js';
import { broadcastStrides } from '../broadcast.js';
import { loopParams, loopsOver } from '../loops.js';
import { f32, flag, type Lowering, reads, stepFor, writes } from '../lowering.js';

const LOOPS = 3;

export const lower: Lowering<'normalize'> = (node, cx) => {
  const [x, scale, bias] = node.operands;
  const { shape } = x.type;
  const { axes, centred, spelled, epsilon } = node.attrs;
  const strides = [
    stridesOf(shape),
    broadcastStrides(scale.type.shape, shape),
    broadcastStrides((bias ?? scale).type.shape, shape),
  ];
  const kept = loopsOver(
    shape,
    shape.map((_, i) => i).filter((i) => !axes.includes(i)),
    strides,
  );
  const slice = loopsOver(shape, axes, strides);
  const fits = kept.length <= LOOPS && slice.length <= LOOPS;
  cx.emit(
    stepFor(node, {
      choice: cx.choose(
        {
          family: 'normalize_f32',
          prove: (word) =>
            word === 'CONTIGUOUS'
              ? verdict(
                  slice.length <= 1 && (slice[0]?.strides[0] ?? 1) === 1,
                  'slices are contiguous',
                  'slices have gaps',
                )
              : undefined,
          accepts: () =>
            verdict(fits, '', `${kept.length} outer and ${slice.length} inner loops, at most ${LOOPS} each`),
          work: () => elements(shape),
          reads: [cx.view(x)],
        },
        node,
      ),
      params: {
        ...loopParams(fits ? kept : [], LOOPS, 'k', ['ks', 'ka', 'kb']),
        ...loopParams(fits ? slice : [], LOOPS, 'r', ['rs', 'ra', 'rb']),
        centred: flag(centred),
        spelled: flag(spelled),
        has_bias: flag(bias !== undefined),
      },
      data: { epsilon: f32(Math.fround(epsilon)) },
      args: [
        reads('x', cx.view(x)),
        reads('scale', cx.view(scale)),
        reads('bias', bias === undefined ? undefined : cx.view(bias)),
        writes('y', cx.output(node.results[0])),
      ],
      inPlace: 'x',
    }),
  );
};

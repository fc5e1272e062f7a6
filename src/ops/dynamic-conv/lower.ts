import { constant, makeNode } from '../../ir/build.js';
import { elementRange, floatType, indexType, type Tensor } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { tileChannels } from '../conv2d-requant/constants.js';
import { lowerConvolution } from '../conv2d-requant/lower.js';
import { flag, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { runTimeBounds, weightSums } from './bounds.js';

/** A step that makes bias and multipliers of the scale and zero point at hand, then a convolution that reads them. */
export const lower: Lowering<'dynamic-conv'> = (node, cx) => {
  const [x, w, zero, scale, wScale, bias] = node.operands;
  if (w.kind !== 'const') throw new TypeError('weights are constant');
  const oc = w.type.shape[0];
  const name = node.origin.names[0] ?? 'dynamic-conv';
  const { low, high } = runTimeBounds(w.tensor, elementRange[x.type.element === 's8' ? 's8' : 'u8']);
  const folded = makeNode(
    'conv2d-requant',
    {
      ...node.attrs,
      pads: [0, 0, 0, 0],
      rounding: 'onnx',
      add: 'none',
      lookup: false,
      mid_element: 'u8',
      mid_zero: 0,
      mid_min: 0,
      mid_max: 255,
      add_a: 0,
      add_b: 0,
      add_fixed: 0,
      sum_element: 'u8',
      sum_min: 0,
      sum_max: 255,
    },
    [x, w, ...placeholders(oc)],
    [node.results[0].type],
    node.origin,
  );
  const sums: Tensor = { type: indexType('s32', [oc]), data: weightSums(w.tensor) };
  const words = bias === undefined ? 1 : 2;
  lowerConvolution(folded, cx, {
    node,
    isAffine: bias !== undefined,
    proofs: [{ claim: 'ACCUMULATOR_FITS_S32', evidence: `every partial sum lies in ${low}..${high}` }],
    prepare(kernel, shift) {
      const nr = tileChannels(kernel);
      const padded = Math.ceil(oc / nr) * nr;
      const made = { bias: cx.temporary(4 * padded), scale: cx.temporary(4 * words * padded) };
      cx.emit(
        stepFor(node, {
          choice: cx.choose(plainRequest('dynamic_scale', oc, []), node),
          params: {
            oc,
            padded,
            shift,
            zero_signed: flag(zero.type.element === 's8'),
            per_channel: flag(wScale.type.shape.length === 1 && wScale.type.shape[0] > 1),
            has_add: flag(bias !== undefined),
          },
          args: [
            reads('x_scale', cx.view(scale)),
            reads('zero', cx.view(zero)),
            reads('sums', cx.constant(`${name} sums`, sums)),
            reads('w_scale', cx.view(wScale)),
            reads('add', bias === undefined ? undefined : cx.view(bias)),
            writes('bias', made.bias),
            writes('scale', made.scale),
          ],
        }),
      );
      return made;
    },
  });
};

/** Bias and multiplier of a folded convolution, which the numbers of run time take the place of. */
function placeholders(oc: number) {
  return [
    constant('bias', { type: indexType('s32', [oc]), data: new Int32Array(oc) }),
    constant('multiplier', { type: floatType([oc]), data: new Float32Array(oc) }),
  ] as const;
}

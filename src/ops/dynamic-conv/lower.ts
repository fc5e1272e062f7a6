import { constant, makeNode } from '../../ir/build.js';
import type { Node } from '../../ir/graph.js';
import { elementRange, elements, f32Data, floatType, indexType, type Tensor } from '../../ir/type.js';
import { plainRequest } from '../any.js';
import { padded, tileChannels } from '../conv2d-requant/constants.js';
import { chosenConvolution, lowerConvolution } from '../conv2d-requant/lower.js';
import { flag, type LowerContext, type Lowering, NoKernel, reads, scratches, stepFor, writes } from '../lowering.js';
import { runTimeBounds } from './bounds.js';
import { dynamicConv, isMatrixProduct, weightSums } from './op.js';

/**
 * A matrix product is one step. Of another convolution a step makes bias and multipliers of the scale and zero point at hand,
 * then the convolution reads them.
 */
export const lower: Lowering<'dynamic-conv'> = (node, cx) => {
  const [x, w] = node.operands;
  if (w.kind !== 'const') throw new TypeError('weights are constant');
  const { low, high } = runTimeBounds(w.tensor, elementRange[x.type.element === 's8' ? 's8' : 'u8']);
  const proofs = [{ claim: 'ACCUMULATOR_FITS_S32', evidence: `every partial sum lies in ${low}..${high}` }];
  const sums: Tensor = { type: indexType('s32', [w.type.shape[0]]), data: weightSums(w.tensor) };
  // Kernels of conv2d_q8 split weights of 9 bits into two of 8, those of rows do not.
  const isPlain = node.attrs.activation === 'none' && node.operands[3].type.shape.length === 0;
  const isOneStep = isMatrixProduct(node.attrs, w.type.shape) && !(isPlain && w.type.element === 's16');
  const numbers = isOneStep ? channelNumbers(node) : undefined;
  if (numbers !== undefined) lowerProduct(node, cx, { proofs, sums, numbers });
  else lowerWithConstants(node, cx, { proofs, sums });
};

interface Known {
  readonly proofs: readonly { readonly claim: string; readonly evidence: string }[];
  readonly sums: Tensor;
}

function nameOf(node: Node<'dynamic-conv'>): string {
  return node.origin.names[0] ?? 'dynamic-conv';
}

/** f32 [oc,2]: scale of the weights, what is added; undefined where they are not known before the run. */
function channelNumbers({ operands: [, w, , , wScale, bias] }: Node<'dynamic-conv'>): Tensor | undefined {
  if (wScale.kind !== 'const' || (bias !== undefined && bias.kind !== 'const')) return undefined;
  const oc = w.type.shape[0];
  const scales = f32Data(wScale.tensor);
  const added = bias === undefined ? undefined : f32Data(bias.tensor);
  const data = new Float32Array(2 * oc);
  for (let o = 0; o < oc; o++) {
    data[2 * o] = scales[scales.length === 1 ? 0 : o];
    data[2 * o + 1] = added === undefined ? -0 : added[o];
  }
  return { type: floatType([oc, 2]), data };
}

function lowerProduct(node: Node<'dynamic-conv'>, cx: LowerContext, known: Known & { readonly numbers: Tensor }): void {
  const [x, , zero, scale] = node.operands;
  const [y] = node.results;
  const { choice, packing, facts, w } = chosenConvolution(folded(node), cx, node, 'dynamic_matmul');
  const name = nameOf(node);
  const [n, k] = [y.type.shape[3], x.type.shape[3]];
  const params = {
    rows: elements(y.type.shape) / n,
    k,
    n,
    x_signed: flag(x.type.element === 's8'),
    per_row: flag(elements(scale.type.shape) > 1),
    activation: dynamicConv.attrs.activation.indexOf(node.attrs.activation),
  };
  cx.emit(
    stepFor(node, {
      choice,
      params,
      args: [
        reads('x', cx.view(x)),
        reads('w', cx.constant(`${name} weights`, w, packing)),
        reads('sums', cx.constant(`${name} sums`, padded(known.sums, choice.kernel))),
        reads('scale', cx.constant(`${name} scales`, padded(known.numbers, choice.kernel))),
        reads('x_scale', cx.view(scale)),
        reads('zero', cx.view(zero)),
        writes('y', cx.output(y)),
        scratches('scratch', cx.scratch(cx.scratchBytes(choice.kernel, params))),
      ],
      macs: facts.macs,
      proofs: known.proofs,
    }),
  );
}

function lowerWithConstants(node: Node<'dynamic-conv'>, cx: LowerContext, { proofs, sums }: Known): void {
  const [, w, zero, scale, wScale, bias] = node.operands;
  if (node.attrs.activation !== 'none' || scale.type.shape.length > 0)
    throw new NoKernel(
      'no kernel takes a scale for each row, or an activation, of weights whose scales are not constant',
    );
  const oc = w.type.shape[0];
  const words = bias === undefined ? 1 : 2;
  lowerConvolution(folded(node), cx, {
    node,
    isAffine: bias !== undefined,
    proofs,
    prepare(kernel, shift) {
      const nr = tileChannels(kernel);
      const all = Math.ceil(oc / nr) * nr;
      const made = { bias: cx.temporary(4 * all), scale: cx.temporary(4 * words * all) };
      cx.emit(
        stepFor(node, {
          choice: cx.choose(plainRequest('dynamic_scale', oc, []), node),
          params: {
            oc,
            padded: all,
            shift,
            zero_signed: flag(zero.type.element === 's8'),
            per_channel: flag(wScale.type.shape.length === 1 && wScale.type.shape[0] > 1),
            has_add: flag(bias !== undefined),
          },
          args: [
            reads('x_scale', cx.view(scale)),
            reads('zero', cx.view(zero)),
            reads('sums', cx.constant(`${nameOf(node)} sums`, sums)),
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
}

/** The same as a folded convolution, whose constants the numbers of run time take the place of. */
function folded(node: Node<'dynamic-conv'>): Node<'conv2d-requant'> {
  const { strides, dilations, groups } = node.attrs;
  const [x, w] = node.operands;
  const oc = w.type.shape[0];
  return makeNode(
    'conv2d-requant',
    {
      strides,
      dilations,
      groups,
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
    [
      x,
      w,
      constant('bias', { type: indexType('s32', [oc]), data: new Int32Array(oc) }),
      constant('multiplier', { type: floatType([oc]), data: new Float32Array(oc) }),
    ],
    [node.results[0].type],
    node.origin,
  );
}

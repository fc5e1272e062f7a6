import { error, QccError } from '../../diagnostics/diagnostic.js';
import type { Node } from '../../ir/graph.js';
import { elementRange, elements, type QuantType, type Tensor } from '../../ir/type.js';
import { parsePacking } from '../../program/packing.js';
import type { Params } from '../../program/program.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { refuted, verdict } from '../../target/choose.js';
import { plainRequest } from '../any.js';
import { accumulatorBounds, largestProduct } from '../conv2d-requant/bounds.js';
import { centredWeights } from '../conv2d-requant/weights.js';
import { multiplierProblem, outputMultiplier, plainEpilogue } from '../epilogue.js';
import { flag, type LowerContext, type Lowering, reads, stepFor, writes } from '../lowering.js';
import { windowParams } from '../window.js';

export const lower: Lowering<'conv2d-transpose'> = (node, cx) => {
  const [x, w, bias] = node.operands;
  if (x.type.kind === 'quant' && w.type.kind === 'quant') return quantized(node, x.type, w.type, cx);
  cx.emit(
    stepFor(node, {
      choice: cx.choose(plainRequest('conv2d_transpose_f32', macs(node), [cx.view(x)]), node),
      params: { ...sizes(node), has_bias: flag(bias !== undefined) },
      args: [
        reads('x', cx.view(x)),
        reads('w', cx.view(w)),
        reads('bias', bias === undefined ? undefined : cx.view(bias)),
        writes('y', cx.output(node.results[0])),
      ],
      macs: macs(node),
    }),
  );
};

/** Every pixel of x meets every tap. */
function macs(node: Node<'conv2d-transpose'>): number {
  const [n, h, w] = node.operands[0].type.shape;
  return n * h * w * elements(node.operands[1].type.shape);
}

function sizes(node: Node<'conv2d-transpose'>): Params {
  const { attrs } = node;
  const [oc, kh, kw] = node.operands[1].type.shape;
  const [x] = node.operands;
  const window = { ...attrs, kernel: [kh, kw] };
  return { ...windowParams(window, x.type.shape, node.results[0].type.shape, { oc }), groups: attrs.groups };
}

function quantized(node: Node<'conv2d-transpose'>, x: QuantType, w: QuantType, cx: LowerContext): void {
  const [xValue, wValue, biasValue] = node.operands;
  const place = { node: node.origin.names[0] ?? 'conv2d-transpose' };
  if (node.attrs.rounding !== 'onnx') throw new TypeError(`split-transposed-conv leaves none with TFLite's rounding`);
  if (wValue.kind !== 'const' || (biasValue !== undefined && biasValue.kind !== 'const'))
    throw new QccError([error('Q0311', 'the weights are computed at run time', place, 'export with constant weights')]);
  const y = node.results[0].type;
  const oc = w.shape[0];
  const weights = centredWeights(wValue.tensor, w);
  const bias: Tensor = biasValue?.tensor ?? {
    type: { kind: 'index', element: 's32', shape: [oc] },
    data: new Int32Array(oc),
  };
  const zero = zeroPointAt(x.affine, 0);
  const bounds = accumulatorBounds(weights, Array.from(bias.data, Number), x.range[0] - zero, x.range[1] - zero);
  const low = bounds.partialLow.reduce((p, v) => Math.min(p, v), 0);
  const high = bounds.partialHigh.reduce((p, v) => Math.max(p, v), 0);
  if (low < elementRange.s32[0] || high > elementRange.s32[1])
    throw new QccError([
      error(
        'Q0310',
        `an accumulator can reach ${low}..${high}, beyond int32`,
        place,
        'its bias is out of range for its scale: re-quantize with a minimum weight scale',
      ),
    ]);
  const mult = Float32Array.from({ length: oc }, (_, o) =>
    outputMultiplier(y, scaleAt(x.affine, 0), scaleAt(w.affine, o)),
  );
  const beyond = multiplierProblem(mult, place);
  if (beyond !== undefined) throw new QccError([beyond]);
  // Taps that fall between pixels are left out, so a partial sum may be the whole one.
  const reach = { ...bounds, low: bounds.partialLow, high: bounds.partialHigh };
  const epilogue = plainEpilogue(y, largestProduct(reach, mult));
  const choice = cx.choose(
    {
      family: 'conv2d_transpose_q8',
      prove: () => undefined,
      accepts(kernel) {
        const packing = parsePacking(kernel.packing);
        if (packing?.kind !== 'ohwi') return refuted(`packing ${kernel.packing} is not for this family`);
        const fits = packing.element === 's16' || weights.type.element === 's8';
        return verdict(fits, 'weights fit', `weights of ${weights.type.element} do not fit ${packing.element}`);
      },
      work: () => macs(node),
      reads: [cx.view(xValue)],
    },
    node,
  );
  const packing = parsePacking(choice.kernel.packing);
  cx.emit(
    stepFor(node, {
      choice,
      params: { ...sizes(node), x_signed: flag(x.element === 's8'), kind: epilogue.kind },
      data: { x_zero: zero, e: epilogue.data },
      args: [
        reads('x', cx.view(xValue)),
        reads('w', cx.constant(`${place.node} weights`, weights, packing)),
        reads('bias', cx.constant(`${place.node} bias`, bias)),
        reads(
          'scale',
          epilogue.hasMultiplier
            ? cx.constant(`${place.node} multiplier`, {
                type: { kind: 'float', element: 'f32', shape: [oc] },
                data: mult,
              })
            : undefined,
        ),
        writes('y', cx.output(node.results[0])),
      ],
      macs: macs(node),
      proofs: [{ claim: 'ACCUMULATOR_FITS_S32', evidence: `every partial sum lies in ${low}..${high}` }],
    }),
  );
}

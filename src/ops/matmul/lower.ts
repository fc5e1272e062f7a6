import { error, QccError } from '../../diagnostics/diagnostic.js';
import type { Node } from '../../ir/graph.js';
import { elementRange, elements, type QuantType, type Shape } from '../../ir/type.js';
import type { Params } from '../../program/program.js';
import { scaleAt, zeroPointAt } from '../../quant/affine.js';
import { type Request, verdict } from '../../target/choose.js';
import { broadcastStrides } from '../broadcast.js';
import { multiplierProblem, outputMultiplier, plainEpilogue } from '../epilogue.js';
import { type Loop, loopParams, loopsOver } from '../loops.js';
import { flag, type LowerContext, type Lowering, reads, scratches, stepFor, writes } from '../lowering.js';
import { matrixSizes } from './op.js';

const LOOPS = 3;

export const lower: Lowering<'matmul'> = (node, cx) => {
  const [a, b] = node.operands;
  if (a.type.kind === 'quant' && b.type.kind === 'quant') quantized(node, a.type, b.type, cx);
  else plain(node, cx);
};

function plain(node: Node<'matmul'>, cx: LowerContext): void {
  const [a, b] = node.operands;
  const choice = cx.choose(request(node, 'matmul_f32', cx), node);
  const params = sizes(node);
  cx.emit(
    stepFor(node, {
      choice,
      params,
      args: [
        reads('a', cx.view(a)),
        reads('b', cx.view(b)),
        writes('y', cx.output(node.results[0])),
        scratches('scratch', cx.scratch(cx.scratchBytes(choice.kernel, params))),
      ],
      macs: macs(node),
    }),
  );
}

function macs(node: Node<'matmul'>): number {
  const { k } = matrixSizes(node.attrs, node.operands[0].type.shape, node.operands[1].type.shape);
  return elements(node.results[0].type.shape) * k;
}

/** Loops over the batch; without their last loop where it only adds rows to the same b. */
function batchLoops(node: Node<'matmul'>): { readonly loops: readonly Loop[]; readonly rows: number } {
  const [a, b] = node.operands.map((v) => v.type.shape);
  const s = matrixSizes(node.attrs, a, b);
  const batch = node.results[0].type.shape.slice(0, -2);
  const strides = (shape: Shape, matrix: number) =>
    broadcastStrides(shape.slice(0, -2), batch).map((stride) => stride * matrix);
  const axes = batch.map((_, i) => i);
  const loops = loopsOver(batch, axes, [strides(a, s.m * s.k), strides(b, s.k * s.n)]);
  const last = loops.at(-1);
  if (last !== undefined && !node.attrs.transpose_a && last.strides[0] === s.m * s.k && last.strides[1] === 0)
    return { loops: loops.slice(0, -1), rows: s.m * last.size };
  return { loops, rows: s.m };
}

function sizes(node: Node<'matmul'>): Params {
  const [a, b] = node.operands.map((v) => v.type.shape);
  const { n, k, a_m, a_k, b_k, b_n } = matrixSizes(node.attrs, a, b);
  const { loops, rows } = batchLoops(node);
  return { ...loopParams(loops.slice(0, LOOPS), LOOPS, 'g', ['ga', 'gb']), m: rows, n, k, a_m, a_k, b_k, b_n };
}

function request(node: Node<'matmul'>, family: string, cx: LowerContext): Request {
  const { loops } = batchLoops(node);
  const { transpose_a, transpose_b } = node.attrs;
  return {
    family,
    prove(word) {
      switch (word) {
        case 'A_ROWS':
          return verdict(!transpose_a, 'rows of a are contiguous', 'a is stored transposed');
        case 'B_ROWS':
          return verdict(!transpose_b, 'rows of b are contiguous', 'b is stored transposed');
        case 'B_COLUMNS':
          return verdict(transpose_b, 'columns of b are contiguous', 'b is not stored transposed');
        case 'OUT_Q8':
          return verdict(node.results[0].type.kind === 'quant', '8-bit result', 'the result has more than 8 bits');
        default:
          return undefined;
      }
    },
    accepts: () => verdict(loops.length <= LOOPS, '', `${loops.length} batch loops, at most ${LOOPS}`),
    work: () => macs(node),
    reads: node.operands.map((v) => cx.view(v)),
  };
}

/** Largest |value - zero| of a tensor's stored values. */
function reach(type: QuantType, zero: number): number {
  return Math.max(type.range[1] - zero, zero - type.range[0]);
}

function quantized(node: Node<'matmul'>, a: QuantType, b: QuantType, cx: LowerContext): void {
  const y = node.results[0].type;
  const { n, k } = matrixSizes(node.attrs, a.shape, b.shape);
  const columns = Array.from({ length: n }, (_, i) => i);
  const aZero = zeroPointAt(a.affine, 0);
  const zeros = Int32Array.from(columns, (i) => zeroPointAt(b.affine, i));
  const mult = Float32Array.from(columns, (i) => outputMultiplier(y, scaleAt(a.affine, 0), scaleAt(b.affine, i)));
  const place = { node: node.origin.names[0] ?? 'matmul' };
  const beyond = multiplierProblem(mult, place);
  if (beyond !== undefined) throw new QccError([beyond]);
  const largest = columns.map((i) => k * reach(a, aZero) * reach(b, zeros[i]));
  const bound = largest.reduce((p, v) => Math.max(p, v), 0);
  if (bound > elementRange.s32[1])
    throw new QccError([
      error(
        'Q0310',
        `a sum of ${k} products can reach ${bound}, beyond int32`,
        place,
        `split the product: at most ${Math.floor((elementRange.s32[1] * k) / bound)} rows of B fit`,
      ),
    ]);
  const scaled = largest.reduce((p, v, i) => Math.max(p, v * Math.abs(mult[i])), 0);
  const isPerColumn = zeros.some((z) => z !== zeros[0]);
  const epilogue = plainEpilogue(y, scaled);
  const params: Params = {
    ...sizes(node),
    a_signed: flag(a.element === 's8'),
    b_signed: flag(b.element === 's8'),
    b_zero_per_column: flag(isPerColumn),
    kind: epilogue.kind,
  };
  const name = node.origin.names[0] ?? 'matmul';
  const choice = cx.choose(request(node, 'matmul_q8', cx), node);
  cx.emit(
    stepFor(node, {
      choice,
      params,
      data: {
        a_zero: aZero,
        b_zero: isPerColumn ? 0 : (zeros[0] ?? 0),
        e: epilogue.data,
      },
      args: [
        reads('a', cx.view(node.operands[0])),
        reads('b', cx.view(node.operands[1])),
        reads(
          'b_zeros',
          isPerColumn
            ? cx.constant(`${name} zero points`, {
                type: { kind: 'index', element: 's32', shape: [n] },
                data: zeros,
              })
            : undefined,
        ),
        reads(
          'mult',
          !epilogue.hasMultiplier
            ? undefined
            : cx.constant(`${name} multiplier`, {
                type: { kind: 'float', element: 'f32', shape: [n] },
                data: mult,
              }),
        ),
        writes('y', cx.output(node.results[0])),
        scratches('scratch', cx.scratch(cx.scratchBytes(choice.kernel, params))),
      ],
      macs: macs(node),
      proofs: [
        { claim: 'ACCUMULATOR_FITS_S32', evidence: `no sum of ${k} products exceeds ${bound}` },
        ...(y.kind === 'quant'
          ? [{ claim: 'REQUANTIZATION', evidence: `largest |acc * m| is ${Math.ceil(scaled)}` }]
          : []),
      ],
    }),
  );
}

import { defineOp } from '../../ir/op.js';
import { allocateNumbers, isByte, numberData, sameShape } from '../../ir/type.js';
import { zeroPointAt } from '../../quant/affine.js';
import { foldedRequantizer, roundings } from '../../quant/rounding.js';
import { accumulate, conv2d } from '../conv2d/op.js';
import { isWide } from '../window.js';
import { residualSum } from './residual.js';

/**
 * A quantized convolution with its scales spelled out: what `fold-scales` makes of a `conv2d`. x has 8 bits, or is s16. The bias holds the zero
 * point terms, so positions outside the image read the zero point of x.
 */
export const conv2dRequant = defineOp({
  kind: 'conv2d-requant',
  doc:
    'Quantized convolution with folded scales: acc = bias + sum X*w over stored values (outside the image X is the zero ' +
    'point of x), then y = clamp(rne(f32(acc) * multiplier[o]) + zy); under the other roundings `multiplier` is s32[oc,2], a ' +
    '31-bit multiplier and a shift (`src/quant/fixed-point.ts`). `add`: the residual r joins in the epilogue, ' +
    'y = clamp(rne(fma(a, add_a, fma(b, add_b, add_fixed)))) with (a, b) = (v, r) for "first", (r, v) for "second", where v is ' +
    'the requantized value clamped to [mid_min, mid_max] with zero point mid_zero; "fixed": the `add-fixed` of v, whose scale is ' +
    'add_a, and r. `lookup`: y = table[v]. A float result is f32(acc) * multiplier, an s32 one acc.',
  attrs: {
    strides: 'ints',
    dilations: 'ints',
    pads: 'ints',
    groups: 'int',
    rounding: roundings,
    add: ['none', 'first', 'second', 'fixed'],
    lookup: 'bool',
    mid_element: ['s8', 'u8', 's16'],
    mid_zero: 'int',
    mid_min: 'int',
    mid_max: 'int',
    add_a: 'float',
    add_b: 'float',
    add_fixed: 'float',
    sum_element: ['s8', 'u8'],
    sum_min: 'int',
    sum_max: 'int',
  },
  operands: ['x', 'w', 'bias', 'multiplier', 'residual_or_table*'],
  inferShape(a, [x, w, bias]) {
    return conv2d.inferShape(a, [x, w, bias]);
  },
  check(a, [x, w, bias, multiplier, ...rest], [y]) {
    const problems: string[] = [];
    const oc = w.shape[0];
    if (x.kind !== 'quant' || x.affine.per !== 'tensor') problems.push('x is quantized per tensor');
    if (w.kind !== 'quant' || w.affine.per !== 'tensor' || w.affine.zeroPoint !== 0 || w.affine.scale !== 1)
      problems.push('w is stored values: scale 1, zero point 0');
    if (bias.element !== 's32') problems.push('bias is s32');
    const [element, ...shape] = a.rounding === 'onnx' ? (['f32', oc] as const) : (['s32', oc, 2] as const);
    if (multiplier.element !== element || !sameShape(multiplier.shape, shape))
      problems.push(`multiplier is ${element}[${shape}]`);
    if (a.rounding !== 'onnx' && !isByte(y)) problems.push('a fixed-point rule makes 8 bits');
    const extra = (a.add === 'none' ? 0 : 1) + (a.lookup ? 1 : 0);
    if (rest.length !== extra) problems.push(`has ${rest.length} extra operands, its epilogue needs ${extra}`);
    if (a.add === 'fixed' && (a.lookup || ![y, ...rest].every((t) => t.kind === 'quant' && t.affine.per === 'tensor')))
      problems.push('a fixed-point sum is quantized per tensor, and has no table');
    if (extra > 0 && ![y, ...rest].every(isByte)) problems.push('a fused epilogue stores and reads 8 bits');
    if (y.element === 's16' && (a.mid_element !== 's16' || a.mid_zero !== 0)) problems.push('s16 has no zero point');
    if (x.element === 's16' && (!isWide(x) || a.rounding !== 'onnx'))
      problems.push('an s16 x has no zero point, and rounds as onnx does');
    return problems;
  },
  evaluate(a, operands, [y]) {
    const [x, w, bias, mult] = operands;
    if (x.type.kind !== 'quant') throw new TypeError('x is quantized');
    const zero = zeroPointAt(x.type.affine, 0);
    const window = {
      kernel: [w.type.shape[1], w.type.shape[2]],
      strides: a.strides,
      dilations: a.dilations,
      pads: a.pads,
    };
    // The interpreter undoes the folding: sum (X - zero) * w + (bias + zero * sum w) is the same integer.
    const cells = w.type.shape[1] * w.type.shape[2] * w.type.shape[3];
    const ws = numberData(w);
    const unfolded = Array.from(numberData(bias), (b, o) => {
      let sum = 0;
      for (let i = 0; i < cells; i++) sum += ws[o * cells + i];
      return b + zero * sum;
    });
    const acc = accumulate(window, a.groups, x, zero, w, () => 0, unfolded, y.shape);
    const oc = y.shape[3];
    const m = numberData(mult);
    const out = allocateNumbers(y);
    if (y.kind === 'float') {
      for (let i = 0; i < acc.length; i++) out[i] = Math.fround(Math.fround(acc[i]) * m[i % oc]);
      return [{ type: y, data: out }];
    }
    if (y.kind === 'index' || y.element === 's32') {
      for (let i = 0; i < acc.length; i++) out[i] = acc[i];
      return [{ type: y, data: out }];
    }
    const to = { zero: a.mid_zero, low: a.mid_min, high: a.mid_max };
    const store = Array.from({ length: oc }, (_, o) => foldedRequantizer(a.rounding, m, o, to));
    const residual = a.add === 'none' ? undefined : numberData(operands[4]);
    const sum = residual === undefined ? undefined : residualSum(a, operands[4].type, y);
    const table = a.lookup ? numberData(operands[operands.length - 1]) : undefined;
    for (let i = 0; i < acc.length; i++) {
      let v = store[i % oc](acc[i]);
      if (residual !== undefined && sum !== undefined) v = sum(v, residual[i]);
      out[i] = table === undefined ? v : table[v & 255];
    }
    return [{ type: y, data: out }];
  },
});

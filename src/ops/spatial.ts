/** ONNX's spatial attributes (auto_pad, pads, strides, dilations, kernel_shape), made explicit and two-dimensional. */
import type { Value } from '../ir/graph.js';
import { elements } from '../ir/type.js';
import type { ImportContext } from '../onnx/importer.js';
import { reshaped, transposed } from './layout.js';
import type { Window } from './window.js';

export interface Spatial {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** [top, left, bottom, right] */
  readonly pads: readonly number[];
}

type AutoPad = 'NOTSET' | 'SAME_UPPER' | 'SAME_LOWER' | 'VALID';

/** The attributes as the node gives them, one entry per spatial dimension. */
export interface WindowAttributes {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Starts, then ends. */
  readonly pads: readonly number[];
  readonly autoPad: AutoPad;
}

/** Reads and checks the window of a convolution or pool over `input`. */
export function windowAttributes(
  cx: ImportContext,
  input: readonly number[],
  kernelFromWeights?: readonly number[],
): WindowAttributes {
  const rank = input.length;
  const declared = cx.attrs.ints('kernel_shape', kernelFromWeights === undefined ? undefined : [...kernelFromWeights]);
  const kernel = declared ?? cx.fail('Q0216', 'kernel_shape is missing', 'attribute "kernel_shape"');
  if (kernelFromWeights !== undefined && kernel.some((k, i) => k !== kernelFromWeights[i]))
    cx.fail('Q0216', `kernel_shape is [${kernel}], the weights are [${kernelFromWeights}]`, 'attribute "kernel_shape"');
  const strides = cx.attrs.ints('strides', new Array<number>(rank).fill(1));
  const dilations = cx.attrs.ints('dilations', new Array<number>(rank).fill(1));
  const autoPad = cx.attrs.oneOf('auto_pad', ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'], 'NOTSET');
  const pads = cx.attrs.ints('pads', new Array<number>(2 * rank).fill(0));
  for (const [name, list, length] of [
    ['kernel_shape', kernel, rank],
    ['strides', strides, rank],
    ['dilations', dilations, rank],
    ['pads', pads, 2 * rank],
  ] as const)
    if (list.length !== length) cx.fail('Q0216', `${list.length} entries, ${length} expected`, `attribute "${name}"`);
  for (const [name, list] of [
    ['kernel_shape', kernel],
    ['strides', strides],
    ['dilations', dilations],
  ] as const)
    if (list.some((v) => v < 1)) cx.fail('Q0216', `[${list}] must be at least 1`, `attribute "${name}"`);
  if (pads.some((p) => p < 0))
    cx.fail('Q0216', `[${pads}]: negative padding is not supported`, 'attribute "pads"', 'slice the input instead');
  return { kernel, strides, dilations, pads, autoPad };
}

/** The window of a convolution or pool over 1 or 2 spatial dimensions, in two dimensions and with explicit pads. */
export function spatialAttributes(
  cx: ImportContext,
  input: readonly number[],
  kernelFromWeights?: readonly number[],
): Spatial {
  const { autoPad, ...window } = windowAttributes(cx, input, kernelFromWeights);
  const { kernel, strides, dilations } = window;
  const pads = explicitPads(autoPad, window.pads, input, kernel, strides, dilations);
  if (input.length === 1)
    return {
      kernel: [1, kernel[0]],
      strides: [1, strides[0]],
      dilations: [1, dilations[0]],
      pads: [0, pads[0], 0, pads[1]],
    };
  return { kernel, strides, dilations, pads };
}

/** SAME pads so that the output has ceil(input / stride) positions; the odd one goes to the end (UPPER) or start (LOWER). */
export function explicitPads(
  autoPad: AutoPad,
  given: readonly number[],
  input: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): number[] {
  if (autoPad === 'NOTSET') return [...given];
  const begin: number[] = [];
  const end: number[] = [];
  for (let i = 0; i < input.length; i++) {
    const out = Math.ceil(input[i] / strides[i]);
    const span = dilations[i] * (kernel[i] - 1) + 1;
    const total = autoPad === 'VALID' ? 0 : Math.max(0, (out - 1) * strides[i] + span - input[i]);
    const small = Math.floor(total / 2);
    begin.push(autoPad === 'SAME_LOWER' ? total - small : small);
    end.push(total - begin[i]);
  }
  return [...begin, ...end];
}

/** ceil_mode: the bottom and right pads grown so that a last, partial window fits; it must start inside the input. */
export function ceilPads(x: readonly number[], window: Spatial): number[] {
  const pads = [...window.pads];
  for (const axis of [0, 1]) {
    const extent = x[1 + axis] + window.pads[axis] + window.pads[axis + 2];
    const span = window.dilations[axis] * (window.kernel[axis] - 1) + 1;
    const stride = window.strides[axis];
    let out = Math.ceil((extent - span) / stride) + 1;
    if ((out - 1) * stride >= x[1 + axis] + window.pads[axis]) out--;
    pads[axis + 2] += Math.max(0, (out - 1) * stride + span - extent);
  }
  return pads;
}

/** A pool whose window is the whole image, of any number of dimensions. @param pool makes the pool of an NHWC image. */
export function globalPool(cx: ImportContext, x: Value, pool: (window: Window, image: Value) => Value): Value {
  const [n, c, ...spatial] = x.type.shape;
  if (spatial.length < 1) cx.fail('Q0215', `x has ${x.type.shape.length} dimensions, at least 3 are expected`);
  const [h, w] = [elements(spatial.slice(0, -1)), spatial[spatial.length - 1]];
  const flat = spatial.length === 2 ? x : reshaped(cx, x, [n, c, h, w]);
  const image = transposed(cx, flat, [0, 2, 3, 1]);
  const y = pool({ kernel: [h, w], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] }, image);
  const back = transposed(cx, y, [0, 3, 1, 2]);
  return spatial.length === 2 ? back : reshaped(cx, back, [n, c, ...spatial.map(() => 1)]);
}

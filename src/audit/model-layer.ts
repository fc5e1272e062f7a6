/** A weighted quantized layer as the model file has it: what the constants of its step are derived from. */
import type { WeightShape } from './unpack.js';

export interface ModelLayer {
  readonly shape: WeightShape;
  /** Zero points taken off, [oc, kh, kw, cg]. */
  readonly weights: Float64Array;
  readonly weightScales: readonly number[];
  /** Integers at the scale of the products; undefined where it cannot be told without running the compiler. */
  readonly bias: Float64Array | undefined;
  readonly xScale: number;
  readonly xZero: number;
  /** Stored values the element of x has. */
  readonly xRange: readonly [number, number];
  /** Undefined where the result is not quantized. */
  readonly y: ModelResult | undefined;
  /**
   * How a sum becomes a stored value: by float32 (ONNX), by TFLite's multiplier in fixed point, rounded twice, or by a double, ties
   * away from zero (LiteRT's fully connected layers), or by 15 bits of the multiplier, ties up (its 64-bit sums of int16).
   */
  readonly arithmetic: 'onnx' | 'tflite' | 'double' | 'wide';
  /** Some window may reach outside of the image. */
  readonly isPadded: boolean;
  /** Strides, dilations, and padding at the top and left; undefined where the model does not spell it out. */
  readonly window: Readonly<Record<'sh' | 'sw' | 'dh' | 'dw' | 'pad_top' | 'pad_left', number>> | undefined;
  /** Names of model nodes between the value it reads and the one it writes that may carry claims, nearest first. */
  readonly before: readonly string[];
}

/** What the model says of a product before its activations are quantized. */
export type ModelProduct = Pick<ModelLayer, 'shape' | 'weights'>;

export interface ModelResult {
  readonly scale: number;
  readonly zero: number;
  /** Smallest stored value of the element. */
  readonly least: number;
  /** Stored values that can occur after the activation. */
  readonly low: number;
  readonly high: number;
}

/** TFLite's sum (difference) of two tensors of bytes. */
export interface ModelSum {
  readonly a: SumOperand;
  readonly b: SumOperand;
  readonly y: ModelResult;
  readonly subtract: boolean;
}

export type SumOperand = Pick<ModelResult, 'scale' | 'zero' | 'least'>;

/** What a model file says, by the names of its nodes. */
export interface ModelFacts {
  readonly layers: ModelLayers;
  /** Quantizations and dequantizations, and the stored values that can occur. */
  readonly quantizers: ReadonlyMap<string, ModelResult>;
  readonly sums: ReadonlyMap<string, ModelSum>;
  /** Products of integers whose activations are quantized at run time. */
  readonly products: ReadonlyMap<string, ModelProduct>;
}

/** Layers by the names of their model nodes, or why one cannot be read. */
export type ModelLayers = ReadonlyMap<string, ModelLayer | string>;

/** What stands under the names of model nodes, each once. */
export function ofNodes<T>(all: ReadonlyMap<string, T>, names: readonly string[]): readonly T[] {
  return [...new Set(names)].flatMap((name) => {
    const found = all.get(name);
    return found === undefined ? [] : [found];
  });
}

/** Nearest integer, ties away from zero; never -0. */
export function roundAway(value: number): number {
  const size = Math.floor(Math.abs(value));
  const rounded = Math.abs(value) - size >= 0.5 ? size + 1 : size;
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}

/** Nearest integer, ties to even. */
export function rne(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

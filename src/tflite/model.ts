/**
 * A decoded TFLite model as plain read-only data. Invariant: what `decodeTflite` returns is well formed: every index is in
 * range, shapes are non-negative and small, constants have the bytes their shapes ask for.
 */
import type { FlatTable } from './flat-file.js';
import type { ElementName } from './schema.js';

export interface TfliteQuantization {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
}

export interface TfliteTensor {
  readonly index: number;
  /** As the file spells it; `tensor 7` if it has no name. */
  readonly name: string;
  readonly element: ElementName;
  readonly shape: readonly number[];
  readonly quantization: TfliteQuantization | undefined;
  /** Little-endian bytes of a constant. */
  readonly data: Uint8Array | undefined;
  readonly isVariable: boolean;
  readonly isSparse: boolean;
}

export interface TfliteOperator {
  readonly index: number;
  /** `CONV_2D`; the custom code of a custom operator. */
  readonly name: string;
  readonly isCustom: boolean;
  readonly version: number;
  /** Tensor indices; -1 for an absent optional input. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Number of the options' table in the union, and the table. */
  readonly optionsType: number;
  readonly options: FlatTable | undefined;
}

export interface TfliteModel {
  readonly description: string;
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** The name a message gives an operator: the first tensor it makes. */
export function operatorName(operator: TfliteOperator, tensors: readonly TfliteTensor[]): string {
  return tensors[operator.outputs[0] ?? -1]?.name ?? `operator ${operator.index}`;
}

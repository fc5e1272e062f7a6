/** What `quantize` and `build --calibrate` make of samples and an effort: ranges, and how every layer is quantized. */
import type { ModelSource } from '../compiler.js';
import { decodeModel } from '../onnx/decode.js';
import { type Quantization, type Quantized, quantizeModel } from '../quantizer.js';
import type { Target } from '../target/target.js';
import { type MixedOptions, mixedFor } from './mixed.js';
import type { Mixed } from './mixed-precision.js';
import { type Calibration, calibrationFor, type RangeOptions } from './ranges.js';
import { checkRepeatable, reconstructing } from './reconstruct.js';

export interface Calibrated extends Calibration {
  /** With the layers that -Q2 gives 16 bits or leaves in float, and what -Q3 rounds weights by. */
  readonly quantization: Quantization;
  /** Of -Q2. */
  readonly mixed: Mixed | undefined;
  /** The quantized model, where it had to be made on the way. */
  readonly made: Quantized | undefined;
}

/**
 * @param from samples, or a .qstats file.
 * @param fields what the quantizer is told besides: nothing here depends on the version it writes into the model.
 */
export async function calibrated(
  options: RangeOptions & MixedOptions,
  from: string,
  source: ModelSource,
  asked: Quantization,
  target: Target,
  fields: { readonly dims: ReadonlyMap<string, number>; readonly version: string },
): Promise<Calibrated> {
  checkRepeatable(options.effort, from);
  const seen = await calibrationFor(from, source, options);
  const known = await reconstructing(source, { ...seen, ...fields, quantization: asked }, from, options);
  const plain = { ...seen, quantization: known, mixed: undefined, made: undefined };
  if (options.effort !== 2) return plain;
  const { model } = decodeModel(source.model, source.externalData);
  const choosing = (chosen: Partial<Quantization>): Quantized =>
    quantizeModel(model, { ...seen, ...fields, quantization: { ...known, ...chosen } });
  const found = await mixedFor(options, choosing({}), target, choosing);
  if (found === undefined) return plain;
  const { keepFloat = asked.keepFloat, wide } = found.made.settings ?? {};
  const quantization = { ...known, keepFloat, ...(wide === undefined ? {} : { wide }) };
  return { ...seen, quantization, mixed: found, made: found.made };
}

/** What the command line says about quantizing, for `quantize` and `build --calibrate`. */
import { loadAssets } from '../assets.js';
import { lanesByCost } from '../program/lanes.js';
import { BLOCK, defaultQuantization, forTensorrt, type Quantization, type WithoutData } from '../quantizer.js';
import type { Target } from '../target/target.js';
import { integerOnlyOn } from './edges.js';
import { usage } from './usage.js';

/** `--mode`, `--weights` and `--activations`. */
export interface ModeOptions {
  readonly mode: 'auto' | 'static' | 'dynamic' | 'weights';
  readonly weights?: 's8' | 's4' | undefined;
  readonly activations?: 'per-run' | 'per-row' | undefined;
}

/** How to quantize without data; undefined: with it, or (`auto`) not at all. Throws where the options do not fit together. */
export function withoutDataOf(
  { mode, weights, activations }: ModeOptions,
  calibrate: string | undefined,
): WithoutData | undefined {
  if (weights !== undefined && mode !== 'weights') throw usage(`--weights ${weights} is for --mode weights`);
  if (activations !== undefined && mode !== 'dynamic')
    throw usage(`--activations ${activations} is for --mode dynamic`);
  if (mode === 'static' && calibrate === undefined)
    throw usage('--mode static needs data: --calibrate DATA, or --calibrate FILE.qstats of qcc calibrate');
  if (mode === 'auto' || mode === 'static') return undefined;
  if (calibrate !== undefined)
    throw usage(`--mode ${mode} takes no ranges: leave out --calibrate`, '--mode static, or auto, uses them');
  return mode === 'dynamic'
    ? { mode, per: activations === 'per-row' ? 'row' : 'run' }
    : { mode, bits: weights === 's4' ? 4 : 8, block: BLOCK };
}

/** Throws a usage error for `--samples` where no samples are taken. */
export function checkSampling({ samples }: { readonly samples: number | undefined }, from: string | undefined): void {
  if (samples === undefined) return;
  if (from === undefined) throw usage('--samples takes some of the samples of --calibrate, and there is none');
  if (from.endsWith('.qstats'))
    throw usage(
      `--samples: ${from} holds what was gathered of its samples, all together`,
      'give --samples to qcc calibrate, which makes such files',
    );
}

export interface QuantizationOptions {
  readonly effort: number;
  /** Undefined: what the target asks for. */
  readonly integerOnly?: boolean | undefined;
  readonly exact: 'auto' | 'pair' | 'quad' | 'wide';
  readonly portable: boolean;
  readonly for: 'tensorrt' | undefined;
}

export function quantizationFor(options: QuantizationOptions, target: Target): Quantization {
  const integerOnly = integerOnlyOn(target, options.integerOnly);
  return {
    ...defaultQuantization,
    effort: options.effort === 0 ? 0 : options.effort === 3 ? 3 : 1,
    integerOnly,
    integerOutputs: integerOnly,
    lanes: lanesFor(options, target),
    ...(options.for === 'tensorrt' ? forTensorrt : {}),
  };
}

/** `auto`: pairs in the layers that take more than 5 % longer without, on this target. Portable weights suit all targets. */
function lanesFor({ exact, portable }: QuantizationOptions, target: Target): Quantization['lanes'] {
  if (exact === 'quad') return 4;
  if (exact === 'pair' || portable) return 2;
  if (exact === 'wide') return 1;
  return lanesByCost(loadAssets().kernels.get(target.isas[0].name) ?? []);
}

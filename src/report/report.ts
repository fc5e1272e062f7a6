/**
 * What `--report` writes: the fields of the JSON, which are a contract (they may be added to, never renamed), and what the
 * page is made of. Null: not known, and `why` beside it says why. Times are in microseconds, ratios of signal to noise in
 * decibels; 200 dB stand for "no difference at all".
 */
export interface Report {
  readonly qcc: string;
  readonly format: 1;
  readonly command: 'quantize' | 'build';
  readonly model: string;
  readonly target: string;
  /** Null: the model came with its quantization. */
  readonly quantization: ReportQuantization | null;
  readonly noise: ReportNoise;
  readonly size: ReportSize;
  readonly time: ReportTime;
  readonly layers: readonly ReportLayer[];
  readonly tensors: readonly ReportTensor[];
  /** What to do next, most useful first. */
  readonly advice: readonly ReportAdvice[];
}

export interface ReportQuantization {
  readonly mode: 'static' | 'dynamic' | 'weights';
  readonly effort: number;
  /** Layers that compute on integers, and all. */
  readonly quantized_layers: number;
  readonly layers: number;
  /** What -Q2 chose; null for other levels. */
  readonly mixed: ReportMixed | null;
  /** What -Q3 did to the weights of each layer, and why; empty for other levels. */
  readonly roundings: readonly string[];
}

export interface ReportMixed {
  /** Names, in the order they were chosen. */
  readonly float_layers: readonly string[];
  /** Share of the multiply-accumulates that are float ones. */
  readonly float_macs: number;
  /** Names of those that read int16, and their share. */
  readonly int16_layers: readonly string[];
  readonly int16_macs: number;
  /** Of the worst output, and with all layers on 8 bits. */
  readonly sqnr_db: number | null;
  readonly sqnr_before_db: number | null;
  readonly top1_agree: number | null;
  readonly top1_agree_before: number | null;
  /** Of a run, by the cost model: this mix, all on 8 bits, all in float, all on int16 where they can. */
  readonly cycles: number;
  readonly cycles_before: number;
  readonly cycles_float: number;
  readonly cycles_int16: number;
  /** The changes in the order of the search, each with where the model stood then. */
  readonly front: readonly ReportFrontPoint[];
  /** Whether it is as good as was asked for. */
  readonly reached: boolean;
}

export interface ReportFrontPoint {
  readonly layer: string;
  readonly to: 's16' | 'f32';
  readonly sqnr_db: number | null;
  readonly top1_agree: number | null;
  readonly cycles: number;
  /** Why it was its turn: the share of the noise it took off the outputs when it was tried, and the cycles it adds. */
  readonly noise_removed: number;
  readonly added_cycles: number;
  /** False: in the end the goal held without it, or the layer got more. */
  readonly kept: boolean;
}

export interface ReportNoise {
  /** Samples that went through the float model, the quantized one and every layer alone. */
  readonly samples: number;
  /** Why none did. */
  readonly why: string | null;
  readonly outputs: readonly { readonly name: string; readonly sqnr_db: number | null }[];
  /** Share of these samples whose largest output is where the float model has it. */
  readonly top1_agree: number | null;
}

export interface ReportSize {
  readonly weights_bytes: number;
  readonly float_weights_bytes: number | null;
  /** Bytes that the steps read and write in a run. */
  readonly traffic_bytes: number;
  readonly float_traffic_bytes: number | null;
}

export interface ReportTime {
  /** Sum of the smallest time of each step. */
  readonly us: number | null;
  readonly float_us: number | null;
  /** Of it, steps of no layer: inputs and outputs that change their form. */
  readonly conversions_us: number | null;
  readonly why: string | null;
}

export interface ReportLayer {
  readonly index: number;
  /** As the model spells it. */
  readonly name: string;
  readonly ops: readonly string[];
  readonly quantized: boolean;
  /** Of the activations it reads: 8, 16, or 32 for floats; null: not known, the model came with its quantization. */
  readonly bits: 8 | 16 | 32 | null;
  /** Why it computes on floats. */
  readonly why: string | null;
  /** The layer in whose kernel this one is computed. */
  readonly fused_into: string | null;
  /** The tensor it makes, see `tensors`. */
  readonly tensor: string | null;
  readonly macs: number;
  /** Of what it makes, with this layer quantized and no other. */
  readonly sqnr_alone_db: number | null;
  /** Of what it makes in the quantized model: of all layers up to here together. */
  readonly sqnr_db: number | null;
  /** Share of the values of its tensor that the range cuts. */
  readonly saturated: number | null;
  readonly weights_bytes: number;
  readonly float_weights_bytes: number | null;
  readonly moved_bytes: number;
  readonly float_moved_bytes: number | null;
  readonly us: number | null;
  readonly float_us: number | null;
  readonly kernels: readonly string[];
  /** What was proved of its weights, so that the kernel is exact. */
  readonly proofs: readonly { readonly claim: string; readonly evidence: string }[];
  readonly refused: readonly { readonly kernel: string; readonly why: string }[];
}

export interface ReportTensor {
  readonly name: string;
  /** u8, s8, s16 */
  readonly element: string;
  readonly scale: number;
  readonly zero_point: number;
  /** What calibration saw. */
  readonly seen: readonly [number, number];
  /** What the stored values can mean; beyond it values are cut. */
  readonly range: readonly [number, number];
  readonly saturated: number;
  /** Values seen between `from` and `to` in bins of one width. */
  readonly histogram: { readonly from: number; readonly to: number; readonly counts: readonly number[] };
}

export interface ReportAdvice {
  readonly text: string;
  /** To be typed as it is. */
  readonly command: string | null;
}

/** What to do next. Invariant: every piece of advice follows from numbers of this report, and a command runs as it stands. */
import type { Report, ReportAdvice } from './report.js';

/** Noise that classifiers rarely notice: a thousandth of the signal's energy is 30 dB. */
export const GOOD_DB = 25;
export const GOOD_AGREEMENT = 0.98;
/** Share of values beyond the range from which on cutting is likely to hurt. */
const MUCH_CUT = 0.002;

export interface Named {
  readonly model: string;
  readonly calibrate: string | undefined;
  /** The quantized model, where one was written. */
  readonly output?: string | undefined;
  /** What the command line said that the next one needs: of the model, of reading samples, of choosing them. */
  readonly options?: readonly string[];
  readonly dataOptions?: readonly string[];
  readonly sampling?: readonly string[];
}

export function isLossy(report: Report): boolean {
  return isNoisy(report) || (report.noise.top1_agree ?? 1) < GOOD_AGREEMENT;
}

function isNoisy({ noise }: Report): boolean {
  return noise.outputs.some(({ sqnr_db }) => sqnr_db !== null && sqnr_db < GOOD_DB);
}

export function adviceFor(report: Report, named: Named): readonly ReportAdvice[] {
  const { quantization } = report;
  if (quantization === null) return ofBuild(report, named);
  const found = quantization.mode === 'static' ? ofStatic(report, named) : [];
  const judged = [named.output ?? 'OUT.onnx', ...(named.dataOptions ?? [])];
  const against = [...judged, '--data', 'VALIDATION', '--against', named.model, '--max-drop', '1%'];
  // Outputs that are no scores have no best class.
  const hasScores = report.noise.why !== null || report.noise.top1_agree !== null;
  const judge = hasScores
    ? {
        text: 'Judge it on labelled samples that calibration has not seen; folders that are classes need no --labels.',
        command: command('eval', [...against, '--labels', 'LABELS'], named),
      }
    : {
        text: 'Judge it on samples that calibration has not seen, by a program of yours that prints how good the outputs are.',
        command: command('eval', [...against, '--metric-cmd', 'METRIC {}'], named),
      };
  return [...found, judge];
}

function ofStatic(report: Report, named: Named): readonly ReportAdvice[] {
  const { noise, quantization } = report;
  const output = named.output ?? 'OUT.onnx';
  const reading = [...(named.dataOptions ?? []), ...(named.sampling ?? [])];
  const again = (...more: readonly string[]): string =>
    command(
      'quantize',
      [named.model, '--calibrate', named.calibrate ?? 'DATA', ...reading, ...more, '-o', output],
      named,
    );
  if (noise.why !== null) {
    const data = command(
      'quantize',
      [named.model, '--calibrate', 'DATA', ...reading, '-o', output, '--report', 'r.html'],
      named,
    );
    return [{ text: `The noise of layers was not measured: ${noise.why}.`, command: data }];
  }
  if (!isLossy(report)) return [];
  const advice: ReportAdvice[] = [];
  const measured = report.layers.filter((layer) => layer.quantized && layer.sqnr_alone_db !== null);
  const worst = measured.toSorted((a, b) => (a.sqnr_alone_db ?? 0) - (b.sqnr_alone_db ?? 0)).slice(0, 3);
  const names = worst.map(({ name, sqnr_alone_db }) => `${name} (${sqnr_alone_db?.toFixed(1)} dB)`).join(', ');
  if (worst.length > 0 && (quantization?.effort ?? 0) < 2)
    advice.push({
      text: `The noisiest layers alone are ${names}: give those 16 bits, or leave them in float, that cost most.`,
      command: again('-Q2', ...(isNoisy(report) ? [] : ['--max-drop', '1%'])),
    });
  const cut = report.tensors
    .filter(({ saturated }) => saturated > MUCH_CUT)
    .toSorted((a, b) => b.saturated - a.saturated);
  if (cut.length > 0 && quantization?.effort !== 0)
    advice.push({
      text: `The range of ${cut[0].name} cuts ${(100 * cut[0].saturated).toFixed(2)} % of its values: try ranges that cut nothing.`,
      command: again('-Q0'),
    });
  advice.push({
    text: 'More, and more different, samples make better ranges; what is left needs training with quantization (QAT).',
    command: null,
  });
  return advice;
}

function ofBuild(report: Report, named: Named): readonly ReportAdvice[] {
  const slow = report.layers.filter(
    (layer) =>
      layer.refused.some(({ why }) => /PAIR_SUM_FITS_S16/.test(why)) &&
      !layer.proofs.some(({ claim }) => claim === 'QUADS_FIT_S16' || claim === 'OCTS_FIT_S16'),
  );
  const advice: ReportAdvice[] = [];
  if (slow.length > 0)
    advice.push({
      text: `${slow.length} ${slow.length === 1 ? 'layer has' : 'layers have'} weights that are too large for the fastest kernels of this instruction set; quantized with --exact pair, the float model's are not.`,
      command: command('quantize', ['FLOAT.onnx', '--calibrate', 'DATA', '--exact', 'pair', '-o', 'OUT.onnx'], named),
    });
  advice.push({
    text: 'Compare it with its meaning, step by step.',
    command: command('verify', [named.model, '--steps'], named),
  });
  return advice;
}

function command(name: string, args: readonly string[], { options = [] }: Named): string {
  return ['qcc', name, ...args, ...options].map(quoted).join(' ');
}

/** As a POSIX shell reads it. */
export function quoted(word: string): string {
  return /^[\w./:=,%@+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

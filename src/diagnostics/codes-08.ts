/** Codes Q0801 to Q0839: calibration, data sources, evaluation. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes08 = {
  Q0801: {
    title: 'not a file of statistics',
    explanation:
      'A .qstats file holds what calibration has seen: a line of JSON about the model and the samples, then one per tensor ' +
      'and half of the samples. The file is something else, of another version, or was changed.\n\n' +
      'Example: qcc calibrate merge part-1.qstats model.onnx -o all.qstats\n\n' +
      'Way out: qcc calibrate MODEL SRC -o FILE.qstats makes one.',
  },
  Q0808: {
    title: 'a value that is not finite',
    explanation:
      'While calibrating, a sample or a tensor that the float model computes from it held NaN or infinity. No range can ' +
      'be made of those, so calibration stops and names the sample and the first such tensor.\n\n' +
      'Example: a .npy file with missing values, or pixels in 0..255 for a model that expects 0..1 and takes an exponential.\n\n' +
      'Way out: mend or remove the sample; check --preprocess.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

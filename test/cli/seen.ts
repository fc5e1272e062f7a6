/** Statistics of one sample of one input "x", as `qcc calibrate` would have gathered them. */
import { emptyStatistics, type Statistics } from '../../src/quant/statistics.js';

export function statisticsOf(preprocess: string, min: number, max: number): Statistics {
  const subject = { modelSha256: '0'.repeat(64), modelName: 'm.onnx', inputs: ['x [1,3,8,8]'], preprocess };
  const histogram = { exponent: 0, first: 0, counts: Float64Array.of(192) };
  const seen = { count: 192, zeros: 0, min, max, histogram, channels: undefined };
  return { ...emptyStatistics(subject), samples: ['0'], halves: [new Map([['x', seen]]), new Map()] };
}

/** The report in a few lines, for a terminal. */
import { isLossy } from './advice.js';
import { bytesText, dbText, ratioText, shareText, usText } from './format.js';
import type { Report } from './report.js';

const MOST_FLOATS = 5;

/** Rows of a name and a text. */
export function summaryRows(report: Report, files: readonly string[]): readonly (readonly [string, string])[] {
  const { noise, size, time, layers } = report;
  const rows: [string, string][] = [];
  if (noise.why !== null) rows.push(['noise', `not measured: ${noise.why}`]);
  else {
    const outputs = noise.outputs.map(({ sqnr_db }) => dbText(sqnr_db)).join(', ');
    const agree = noise.top1_agree === null ? '' : `, the float model's answer in ${shareText(noise.top1_agree)}`;
    rows.push(['noise', `signal to noise ${outputs}${agree}, on ${noise.samples} samples`]);
    const worst = layers
      .filter((layer) => layer.quantized && layer.sqnr_alone_db !== null)
      .toSorted((a, b) => (a.sqnr_alone_db ?? 0) - (b.sqnr_alone_db ?? 0))
      .slice(0, 3);
    if (worst.length > 0)
      rows.push(['noisiest', worst.map(({ name, sqnr_alone_db }) => `"${name}" ${dbText(sqnr_alone_db)}`).join(', ')]);
  }
  const float = size.float_weights_bytes;
  rows.push([
    'size',
    `weights ${bytesText(size.weights_bytes)}${float === null ? '' : `, ${ratioText(float, size.weights_bytes, 'smaller than float')}`}`,
  ]);
  if (time.us === null) rows.push(['time', `not measured: ${time.why ?? ''}`]);
  else
    rows.push([
      'time',
      `${usText(time.us)} a run${time.float_us === null ? '' : `, ${ratioText(time.float_us, time.us, `than float's ${usText(time.float_us)}`)}`}`.replace(
        '× than',
        '× faster than',
      ),
    ]);
  // What is computed inside another layer's kernel is told there.
  const floats = layers.filter((layer) => !layer.quantized && layer.why !== null && layer.fused_into === null);
  for (const { name, why } of floats.slice(0, MOST_FLOATS)) rows.push(['float', `"${name}": ${why}`]);
  if (floats.length > MOST_FLOATS) rows.push(['float', `and ${floats.length - MOST_FLOATS} more, see the report`]);
  if (isLossy(report))
    for (const { text, command } of report.advice.slice(0, 1))
      rows.push(['next', command === null ? text : `${text} ${command}`]);
  for (const file of files) rows.push(['report', file]);
  return rows;
}

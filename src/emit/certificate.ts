/**
 * The part of `manifest.json` that makes it a certificate: per channel what accumulators and results can reach, the digest
 * of every file, and a seal over the text itself. `qcc audit` derives all of it again, with code of its own (`src/audit/`).
 */
import { createHash } from 'node:crypto';
import type { Step } from '../program/program.js';

/** One entry per layer with accumulators: `layers` holds its first step and that one's index. A member that is the same for all channels is written once. */
export function layerCertificates(layers: ReadonlyMap<Step, number>) {
  return [...layers].flatMap(([{ channels }, step]) => {
    if (channels === undefined) return [];
    const { x, accumulator, result } = channels;
    return [
      {
        step,
        x,
        acc_low: onceIfEqual(accumulator.low),
        acc_high: onceIfEqual(accumulator.high),
        ...(result === undefined ? {} : { y_low: onceIfEqual(result.low), y_high: onceIfEqual(result.high) }),
      },
    ];
  });
}

function onceIfEqual(values: ArrayLike<number>): number | readonly number[] {
  const list = Array.from(values);
  return list.length > 0 && list.every((v) => v === list[0]) ? list[0] : list;
}

export function digestsOf(files: ReadonlyMap<string, string | Uint8Array>): Record<string, string> {
  return Object.fromEntries([...files].map(([path, content]) => [path, sha256(content)]));
}

/** The value as JSON, arrays of numbers on one line, and as its last member the digest of all text before that. */
export function sealed(value: object): string {
  const text = JSON.stringify(value, null, 1)
    .replace(
      /\[\n\s+(-?[\d.e+]+(?:,\n\s+-?[\d.e+]+)*)\n\s*\]/g,
      (_, numbers: string) => `[${numbers.replace(/\s+/g, '')}]`,
    )
    .replace(/\n\}$/, '');
  return `${text},\n "seal": "${sha256(text)}"\n}\n`;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

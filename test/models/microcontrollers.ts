/**
 * What the MLPerf Tiny models cost on microcontrollers: instructions of the emulator, bytes of flash and RAM. `npm run
 * bench:firmware` measures them anew and writes microcontrollers.json, which microcontrollers.test.ts holds the compiler to.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { qcc, shared } from '../cli/command.js';

export interface Cost {
  readonly model: string;
  readonly target: string;
  readonly instructions: number;
  readonly flash_bytes: number;
  readonly arena_bytes: number;
  /** Of the deepest run, as the compiler reports it. */
  readonly stack_bytes: number;
}

export const members = ['instructions', 'flash_bytes', 'arena_bytes', 'stack_bytes'] as const;
const file = fileURLToPath(new URL('microcontrollers.json', import.meta.url));

export function recorded(): readonly Cost[] {
  const costs: readonly Cost[] = JSON.parse(readFileSync(file, 'utf8'));
  return costs;
}

/** Throws if the model cannot be built or run. */
export function measured(model: string, target: string): Cost {
  const run = qcc(['bench', `${shared}models/mlperf-tiny/${model}.tflite`, '--target', target, '--json']);
  if (run.status !== 0) throw new Error(run.stderr);
  const answer = JSON.parse(run.stdout);
  const { flash_bytes, arena_bytes, stack_bytes } = answer;
  return { model, target, instructions: answer.qcc.instructions, flash_bytes, arena_bytes, stack_bytes };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(
    file,
    `${JSON.stringify(
      recorded().map((c) => measured(c.model, c.target)),
      undefined,
      2,
    )}\n`,
  );

/** The gate of `qcc bench`: today's numbers against those of an earlier `qcc bench --json`. */
import { existsSync, readFileSync } from 'node:fs';
import { type Diagnostic, error, QccError } from '../diagnostics/diagnostic.js';
import { threadsText } from './facts.js';
import { usage } from './session.js';

export interface Baseline {
  readonly model: string;
  readonly target: string;
  /** Undefined in answers that do not say. */
  readonly threads: number | undefined;
  /** The smallest time of a run in microseconds, or its instructions. */
  readonly unit: 'min_us' | 'instructions';
  readonly value: number;
}

/** `5%` or `0.05`. */
export function parseShare(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim());
  if (match === null) throw usage(`${option} ${text}: expected a share such as 5%`);
  return Number(match[1]) / (match[2] === '%' ? 100 : 1);
}

/** Throws `QccError` Q0604 for a file that cannot be read, Q0612 for one that is no answer of `qcc bench --json`. */
export function readBaseline(path: string): Baseline {
  if (!existsSync(path)) throw new QccError([error('Q0604', `${path} does not exist`)]);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    value = undefined;
  }
  const found = parseBaseline(value);
  if (found !== undefined) return found;
  throw new QccError([error('Q0612', `${path} is no answer of qcc bench --json`)]);
}

export function parseBaseline(value: unknown): Baseline | undefined {
  if (typeof value !== 'object' || value === null || !('qcc' in value) || !('model' in value) || !('target' in value))
    return undefined;
  const { qcc, model, target } = value;
  if (typeof qcc !== 'object' || qcc === null || typeof model !== 'string' || typeof target !== 'string')
    return undefined;
  const threads = 'threads' in value && typeof value.threads === 'number' ? value.threads : undefined;
  for (const unit of ['min_us', 'instructions'] as const) {
    const number = new Map<string, unknown>(Object.entries(qcc)).get(unit);
    if (typeof number === 'number' && number > 0) return { model, target, threads, unit, value: number };
  }
  return undefined;
}

/** Throws `QccError` Q0612 for unlike things: to be asked before anything is measured. */
export function checkComparable(now: Omit<Baseline, 'value'>, before: Baseline): void {
  const sameThreads = before.threads === undefined || now.threads === undefined || before.threads === now.threads;
  if (now.model === before.model && now.target === before.target && now.unit === before.unit && sameThreads) return;
  const said = ({ model, target, threads, unit }: typeof now) =>
    `${model} for ${target}${sameThreads || threads === undefined ? '' : ` on ${threadsText(threads)}`} in ${unit}`;
  throw new QccError([error('Q0612', `the baseline is of ${said(before)}, this is ${said(now)}`)]);
}

/** The fault, if `now` is more than `allowed` (a share) above `before`. */
export function regression(now: Baseline, before: Baseline, allowed: number): Diagnostic | undefined {
  const growth = now.value / before.value - 1;
  if (growth <= allowed) return undefined;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return error(
    'Q0611',
    `${now.value} ${now.unit} against ${before.value} in the baseline: ${percent(growth)} more, ${percent(allowed)} are allowed`,
  );
}

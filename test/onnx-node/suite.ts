/** All cases, judged, and counted by operator. */
import { loadAssets } from '../../src/assets.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { allCases, type Case } from './cases.js';
import { interpretCase, type Outcome } from './interpret.js';
import { compareNative, type NativeCase } from './native.js';

export interface Judged {
  readonly testCase: Case;
  readonly outcome: Outcome;
}

export function interpretAll(filters: readonly string[] = []): Judged[] {
  return allCases(filters).map((testCase) => ({ testCase, outcome: interpretCase(testCase) }));
}

/** Failures of the compiled code on one target, told by case. */
export async function nativeFailures(
  judged: readonly Judged[],
  targetName: string,
  cFlags?: readonly string[],
): Promise<string[]> {
  const passed: NativeCase[] = [];
  for (const { testCase, outcome } of judged)
    if (outcome.status === 'passed') passed.push({ name: testCase.name, ...outcome });
  const target = findTarget(loadTargets(), targetName);
  const answers = await compareNative(passed, target, loadAssets(), cFlags);
  return answers.flatMap((why, i) => (why === undefined ? [] : [`${passed[i].name}: ${why}`]));
}

/** What must not be: a wrong answer anywhere, a refusal of a required case. */
export function failures(judged: readonly Judged[]): string[] {
  return judged.flatMap(({ testCase, outcome }) =>
    outcome.status === 'failed' || (outcome.status === 'refused' && testCase.isRequired)
      ? [`${testCase.name} (${testCase.operator}): ${outcome.status}: ${outcome.why}`]
      : [],
  );
}

export interface Count {
  readonly cases: number;
  readonly passed: number;
}
export type Counts = Readonly<Record<string, Count>>;

/** Cases by operator, sorted by name. */
export function countsOf(judged: readonly Judged[]): Counts {
  const counts = new Map<string, Count>();
  for (const { testCase, outcome } of judged) {
    const { cases, passed } = counts.get(testCase.operator) ?? { cases: 0, passed: 0 };
    counts.set(testCase.operator, { cases: cases + 1, passed: passed + (outcome.status === 'passed' ? 1 : 0) });
  }
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What -Q2 and -Q3 chose in words, for the terminal and the page. */
import { countText, dbText, shareText } from './format.js';
import type { ReportMixed } from './report.js';

/** The steps of the search, one a line: what a layer was given, why it was its turn, and where the model stood then. */
export function frontRows({ front, cycles_before }: ReportMixed): readonly (readonly [string, string])[] {
  return front.map(({ layer, to, sqnr_db, top1_agree, cycles, noise_removed, added_cycles, kept }, i) => {
    const isRaised = front.slice(i + 1).some((later) => later.layer === layer && later.to === 'f32');
    const end = kept ? '' : isRaised ? ', float later' : ', taken back: not needed';
    const agree = top1_agree === null ? '' : `, ${shareText(top1_agree)} of the answers`;
    const why = `${shareText(noise_removed)} of the noise for ${countText(added_cycles)} cycles`;
    const stood = `${dbText(sqnr_db)}${agree} at ${(cycles / Math.max(1, cycles_before)).toFixed(2)}x the cycles`;
    return [to, `"${layer}": ${why}; ${stood}${end}`];
  });
}

/** How many layers -Q3 rounds for their output, and those that it does not. */
export function roundingRows(roundings: readonly string[]): readonly (readonly [string, string])[] {
  if (roundings.length === 0) return [];
  const refused = roundings.filter((text) => text.includes(': weights rounded to nearest: '));
  const kept = roundings.length - refused.length;
  const count = `${kept} of ${roundings.length} layers have weights rounded for their output, judged on held-out samples`;
  return [['rounding', count], ...refused.map((text) => ['', text] as const)];
}

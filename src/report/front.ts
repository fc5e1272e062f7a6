/** The search of -Q2 in words, for the terminal and the page. */
import { countText, dbText, shareText } from './format.js';
import type { ReportMixed } from './report.js';

/** The steps of the search, one a line: what a layer was given, why it was its turn, and where the model stood then. */
export function frontRows({ front, cycles_before }: ReportMixed): readonly (readonly [string, string])[] {
  return front.map(({ layer, to, sqnr_db, top1_agree, cycles, noise_removed, added_cycles, kept }) => {
    const agree = top1_agree === null ? '' : `, ${shareText(top1_agree)} of the answers`;
    const why = `${shareText(noise_removed)} of the noise for ${countText(added_cycles)} cycles`;
    const stood = `${dbText(sqnr_db)}${agree} at ${(cycles / Math.max(1, cycles_before)).toFixed(2)}x the cycles`;
    return [to, `"${layer}": ${why}; ${stood}${kept ? '' : ', taken back: not needed'}`];
  });
}

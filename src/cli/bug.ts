/** A crash of qcc itself: exit code 70, a bundle to report, and where it lies. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { error } from '../diagnostics/diagnostic.js';
import { PassError } from '../ir/pass.js';
import { printGraph } from '../ir/print.js';
import { version } from '../version.js';
import { show, terminal } from './session.js';

export async function reportBug(failure: unknown, argv: readonly string[]): Promise<number> {
  const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  const folder = mkdtempSync(join(tmpdir(), 'qcc-bug-'));
  writeFileSync(
    join(folder, 'report.txt'),
    `qcc ${version()} on node ${process.version}\narguments: ${argv.join(' ')}\n\n${text}\n`,
  );
  if (failure instanceof PassError)
    writeFileSync(join(folder, `before-${failure.pass}.qir`), printGraph(failure.before));
  const message = failure instanceof Error ? failure.message : String(failure);
  await show([error('Q0901', message, undefined, `please report it with ${folder}`)], undefined, terminal);
  return 70;
}

/** Standard output that ends or fails. Invariant: a reader that has enough (`| head -1`) changes no exit code; a full disk does. */
import { error } from '../diagnostics/diagnostic.js';
import { saidBySystem } from '../diagnostics/system.js';
import { show, terminal } from './session.js';

export function watchStreams(): void {
  process.stdout.on('error', (cause: unknown) => {
    if (isReaderGone(cause)) return;
    const said = error('Q0604', `standard output cannot be written: ${saidBySystem(cause)}`);
    // What was to be printed is lost: whatever the command goes on to find, it must not end as if all were well.
    void show([said], undefined, terminal).finally(() => process.exit(1));
  });
  process.stderr.on('error', () => {});
}

function isReaderGone(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EPIPE';
}

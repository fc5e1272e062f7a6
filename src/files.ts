import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
export function writeTree(dir: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

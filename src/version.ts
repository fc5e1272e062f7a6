/** The version of this installation, without reading its other assets. */
import { existsSync, readFileSync } from 'node:fs';

export function version(): string {
  for (const up of ['../package.json', '../../package.json']) {
    const url = new URL(up, import.meta.url);
    if (!existsSync(url)) continue;
    const parsed: unknown = JSON.parse(readFileSync(url, 'utf8'));
    if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string')
      return parsed.version;
  }
  throw new Error('package.json of qcc was not found');
}

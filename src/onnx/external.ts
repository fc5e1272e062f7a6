/**
 * Tensor data kept in files beside the model. Invariant: no location read from a model reaches a file outside the
 * model's own folder, neither by its spelling nor through a symbolic link, and nothing is allocated before the file is
 * known to be long enough. `externalReader` is for the rim; the rest is pure.
 */
import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

export interface ExternalFailure {
  readonly reason: 'missing' | 'too short' | 'outside' | 'unreadable';
  /** In words that can follow the location. */
  readonly message: string;
}

/** Bytes `offset` to `offset + length` of the file at `location`, which is spelled as in the model. */
export type ExternalData = (location: string, offset: number, length: number) => Uint8Array | ExternalFailure;

export type SafeLocation = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly why: string };

/** Judges a location by its spelling alone. `path` is relative, with `/` separators. */
export function safeLocation(location: string): SafeLocation {
  const refuse = (why: string): SafeLocation => ({ ok: false, why });
  if (location === '') return refuse('is empty');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are refused
  if (/[\u0000-\u001f\u007f]/.test(location)) return refuse('holds a control character');
  if (location.length > 1024) return refuse(`is ${location.length} characters long`);
  if (location.includes('\\')) return refuse('holds a backslash');
  if (location.startsWith('/')) return refuse('is an absolute path');
  if (/^[A-Za-z]+:/.test(location)) return refuse('names a drive or a URL');
  const segments = location.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) return refuse('leaves its folder through ".."');
  if (segments.length === 0) return refuse('names no file');
  return { ok: true, path: segments.join('/') };
}

/**
 * Reads external data from the folder of `modelPath`. A link may point anywhere inside that folder or, where the model
 * itself is a link (as in a download cache), inside the folder of the file it points at.
 */
export function externalReader(modelPath: string): ExternalData {
  const folder = dirname(modelPath);
  return (location, offset, length) => {
    const safe = safeLocation(location);
    if (!safe.ok) return { reason: 'outside', message: safe.why };
    try {
      const path = realpathSync(join(folder, safe.path));
      const roots = [realpathSync(folder), dirname(realpathSync(modelPath))];
      if (!roots.some((root) => path.startsWith(root.endsWith(sep) ? root : root + sep)))
        return { reason: 'outside', message: 'is a link to a file outside the folder of the model' };
      return readRange(path, offset, length);
    } catch (caught) {
      const code = errorCode(caught);
      if (code === 'ENOENT' || code === 'ENOTDIR') return { reason: 'missing', message: 'does not exist' };
      return { reason: 'unreadable', message: `cannot be read (${code})` };
    }
  };
}

function readRange(path: string, offset: number, length: number): Uint8Array | ExternalFailure {
  // Asked before opening: opening a pipe would wait for a writer.
  const stat = statSync(path);
  if (!stat.isFile()) return { reason: 'unreadable', message: 'is not a regular file' };
  if (stat.size < offset + length)
    return {
      reason: 'too short',
      message: `is ${stat.size} bytes long, bytes ${offset} to ${offset + length} are needed`,
    };
  const bytes = new Uint8Array(length);
  const file = openSync(path, 'r');
  try {
    for (let done = 0; done < length; ) {
      const got = readSync(file, bytes, done, Math.min(length - done, 1 << 30), offset + done);
      if (got === 0)
        return { reason: 'too short', message: `ends at byte ${offset + done}, ${offset + length} are needed` };
      done += got;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

function errorCode(caught: unknown): string {
  if (caught instanceof Error && 'code' in caught && typeof caught.code === 'string') return caught.code;
  return 'unknown error';
}

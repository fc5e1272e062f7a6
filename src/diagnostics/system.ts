/** What the operating system said no to, in words: an errno and a system call are no answer to who typed a path. */
import { error, QccError } from './diagnostic.js';

const words: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a file is where a folder should be'],
  ['EEXIST', 'it is there already'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space is left on the device'],
  ['EDQUOT', 'the quota is used up'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EMFILE', 'too many files are open'],
]);

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

/** @param cause what a call of `node:fs` threw. */
export function saidBySystem(cause: unknown): string {
  return words.get(codeOf(cause) ?? '') ?? (cause instanceof Error ? cause.message : String(cause));
}

/** Q0604 of an error that a file system gave; undefined for any other, which is a bug. */
export function refusedBySystem(cause: unknown): QccError | undefined {
  if (!(cause instanceof Error) || !words.has(codeOf(cause) ?? '')) return undefined;
  const path = 'path' in cause && typeof cause.path === 'string' ? cause.path : undefined;
  if (path === undefined) return undefined;
  return new QccError([error('Q0604', `${path} cannot be read or written: ${saidBySystem(cause)}`)]);
}

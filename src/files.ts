/**
 * Writes files and build folders. Invariant: every file is complete or it is not there, nothing that qcc did not make is touched,
 * and an unchanged file keeps its time, so that `make` has nothing to do.
 */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { error, QccError } from './diagnostics/diagnostic.js';
import { saidBySystem } from './diagnostics/system.js';

const MANIFEST = 'manifest.json';
/** Folders that a killed qcc can leave behind; they do not make a folder somebody else's. */
const TEMPORARY = /^\.qcc-(tmp|build)-/;

/** Writes one file: all of it, or nothing and `QccError` Q0604. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(dirname(path), '.qcc-tmp-'));
    const file = join(folder, 'file');
    writeFileSync(file, content);
    renameSync(file, path);
  } catch (cause) {
    const noFolder = statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true;
    const said = noFolder ? `there is no folder ${dirname(path)}` : saidBySystem(cause);
    throw new QccError([error('Q0604', `${path} cannot be written: ${said}`)]);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

export interface WrittenTree {
  /** Paths below the folder, in the order given. */
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  /** Files of the build before this one that are no longer made. */
  readonly removed: readonly string[];
}

/**
 * Writes `files` (paths with `/` below `dir`) and removes what the `manifest.json` already there lists and `files` no
 * longer has. Throws `QccError`: Q0603 for a folder with content and no manifest of ours, Q0604 when the system refuses;
 * what the call had made in a new folder is then gone again.
 */
export function writeTree(dir: string, files: ReadonlyMap<string, string | Uint8Array>): WrittenTree {
  const outside = [...files.keys()].find((path) => !staysInside(path));
  if (outside !== undefined) throw new Error(`"${outside}" is not a path below the build folder`);
  const made: string[] = [];
  try {
    const previous = previousFiles(dir);
    makeFolders(dir, made);
    return replaceFiles(dir, files, previous, made);
  } catch (cause) {
    for (const path of made.reverse()) removeQuietly(path);
    if (cause instanceof QccError) throw cause;
    throw new QccError([error('Q0604', `${dir} cannot be written: ${saidBySystem(cause)}`)]);
  }
}

function replaceFiles(
  dir: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  previous: readonly string[] | undefined,
  made: string[],
): WrittenTree {
  const unchanged = [...files].filter(([path, content]) => holds(join(dir, path), content)).map(([path]) => path);
  const written = [...files.keys()].filter((path) => !unchanged.includes(path));
  const removed = (previous ?? []).filter((path) => !files.has(path) && isOwnFile(dir, path));
  if (written.length > 0) {
    const staging = mkdtempSync(join(dir, '.qcc-tmp-'));
    try {
      for (const [i, path] of written.entries()) writeFileSync(join(staging, String(i)), files.get(path) ?? '');
      for (const path of written) prepare(dir, path, made);
      for (const path of inSafeOrder(written, previous !== undefined)) {
        const place = join(dir, path);
        const isNew = kindOf(place) === 'none';
        renameSync(join(staging, String(written.indexOf(path))), place);
        if (isNew) made.push(place);
      }
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }
  for (const path of removed) {
    rmSync(join(dir, path), { force: true });
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) removeQuietly(join(dir, folder));
  }
  return { written, unchanged, removed };
}

/**
 * A build that is killed half-way must be repairable by the next: in a new folder the manifest goes first (the folder is
 * ours), in an old one last (the old manifest still lists what is there).
 */
function inSafeOrder(paths: readonly string[], isOld: boolean): string[] {
  const others = paths.filter((path) => path !== MANIFEST);
  if (others.length === paths.length) return others;
  return isOld ? [...others, MANIFEST] : [MANIFEST, ...others];
}

/** Files of the build that is there; undefined for a new or empty folder. */
function previousFiles(dir: string): readonly string[] | undefined {
  const entries = entriesOf(dir);
  if (entries === undefined || entries.every((name) => TEMPORARY.test(name))) return undefined;
  const listed = entries.includes(MANIFEST) ? manifestFiles(join(dir, MANIFEST)) : undefined;
  if (listed !== undefined) return listed;
  throw new QccError([
    error(
      'Q0603',
      `${dir} is not empty and holds no manifest.json of qcc; nothing in it was changed`,
      undefined,
      'choose another folder with -o, or remove this one',
    ),
  ]);
}

function entriesOf(dir: string): readonly string[] | undefined {
  try {
    return readdirSync(dir);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

function manifestFiles(path: string): readonly string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('qcc' in value) || typeof value.qcc !== 'string')
    return undefined;
  if (!('files' in value) || !Array.isArray(value.files)) return undefined;
  return value.files.filter((file: unknown): file is string => typeof file === 'string');
}

/** A manifest is a file like any other: what it lists may lead nowhere else. */
function staysInside(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !/[\\:\0]/.test(path);
}

function isOwnFile(dir: string, path: string): boolean {
  if (!staysInside(path) || kindOf(join(dir, path)) !== 'file') return false;
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder))
    if (kindOf(join(dir, folder)) !== 'folder') return false;
  return true;
}

/** Whether the file holds exactly this. */
function holds(path: string, content: string | Uint8Array): boolean {
  if (kindOf(path) !== 'file') return false;
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return lstatSync(path).size === bytes.length && readFileSync(path).equals(bytes);
}

/** Makes the folders of a file. A link in their place would let the file land outside. */
function prepare(dir: string, path: string, made: string[]): void {
  const parts = path.split('/').slice(0, -1);
  for (const [i] of parts.entries()) {
    const folder = join(dir, ...parts.slice(0, i + 1));
    const kind = kindOf(folder);
    if (kind === 'none') {
      mkdirSync(folder);
      made.push(folder);
    } else if (kind !== 'folder') throw new Error(`${folder} is in the way`);
  }
  if (kindOf(join(dir, path)) === 'folder') throw new Error(`${join(dir, path)} is a folder`);
}

function makeFolders(dir: string, made: string[]): void {
  const missing: string[] = [];
  for (let folder = dir; entriesOf(folder) === undefined; folder = dirname(folder)) {
    missing.unshift(folder);
    if (dirname(folder) === folder) break;
  }
  // One by one: node's own recursion does not end where the system says ENOENT to every attempt, as /proc does.
  for (const folder of missing) {
    mkdirSync(folder);
    made.push(folder);
  }
}

function kindOf(path: string): 'none' | 'file' | 'folder' | 'other' {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'none';
  return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
}

/** A file, or a folder if it is empty. */
function removeQuietly(path: string): void {
  try {
    if (kindOf(path) === 'folder') rmdirSync(path);
    else rmSync(path, { force: true });
  } catch {
    // Not empty, or no longer ours to remove.
  }
}

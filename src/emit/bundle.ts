/**
 * Which runtime-c files a program needs. Invariant: the copies include each other by relative path only, so that a
 * build needs no include directories and two models, even from different qcc versions, never see each other's files.
 */
import type { Kernel } from '../program/program.js';

/** Texts of runtime-c by path below it: `include/qcc/base.h`, `isa/scalar/add_q8.h`, `host/main.c`. */
export type RuntimeFiles = ReadonlyMap<string, string>;

export interface Bundle {
  /** Output path (`qcc/base.h`, `qcc/isa/scalar/add_q8.h`) -> text, in an order where includes come first. */
  readonly files: ReadonlyMap<string, string>;
  /** The headers the model's source includes, in a stable order. */
  readonly roots: readonly string[];
}

const INCLUDE = /^[ \t]*#[ \t]*include[ \t]+"([^"]+)"[^\n]*$/gm;

function outputPath(path: string): string {
  return path.startsWith('include/qcc/') ? path.slice('include/'.length) : `qcc/${path}`;
}

function resolveInclude(files: RuntimeFiles, from: string, wanted: string): string {
  const folder = from.slice(0, from.lastIndexOf('/'));
  for (const base of [`${folder}/`, 'include/', 'isa/', '']) {
    const path = normalized(`${base}${wanted}`);
    if (files.has(path)) return path;
  }
  throw new Error(`runtime-c/${from} includes "${wanted}", which is not there`);
}

function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function relative(from: string, to: string): string {
  const a = from.split('/').slice(0, -1);
  const b = to.split('/');
  let same = 0;
  while (same < a.length && same < b.length - 1 && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
}

/**
 * The header that defines a kernel: the one that spells its symbol, else (macros make symbols) the one whose macro for the
 * family gets the tile's name, else its family's.
 */
export function kernelFile(files: RuntimeFiles, kernel: Kernel): string {
  const headers = [...files].filter(([path]) => path.startsWith(`isa/${kernel.isa}/`) && path.endsWith('.h'));
  const definition = new RegExp(`\\b${kernel.symbol}\\b`);
  const spelled = headers.find(([, text]) => definition.test(text));
  const use = new RegExp(`^\\w+\\(${kernel.tile}\\b`, 'm');
  const made = headers.find(([, text]) => text.includes(`qcc_${kernel.family}__##`) && use.test(text));
  const found = spelled ?? made;
  if (found !== undefined) return found[0];
  const ofFamily = `isa/${kernel.isa}/${kernel.family}.h`;
  if (files.has(ofFamily)) return ofFamily;
  throw new Error(`no header of isa/${kernel.isa} defines ${kernel.symbol}`);
}

/** @param extra runtime-c paths the model's source needs besides its kernels. */
export function bundle(files: RuntimeFiles, kernels: readonly Kernel[], extra: readonly string[]): Bundle {
  const out = new Map<string, string>();
  const visit = (path: string): void => {
    const target = outputPath(path);
    if (out.has(target)) return;
    const text = files.get(path);
    if (text === undefined) throw new Error(`runtime-c/${path} is missing`);
    const rewritten = text.replace(INCLUDE, (line, wanted: string) => {
      const found = resolveInclude(files, path, wanted);
      visit(found);
      return line.replace(wanted, relative(target, outputPath(found)));
    });
    out.set(target, rewritten);
  };
  const roots = [...new Set([...extra, ...kernels.map((k) => kernelFile(files, k))])].sort();
  for (const root of roots) visit(root);
  return { files: out, roots: roots.map(outputPath) };
}

/** The bundle as one text, includes of its own files dropped. */
export function joined(b: Bundle): string {
  return [...b.files.values()].map((text) => text.replace(INCLUDE, '')).join('\n');
}

/** Output path of the header that states the contract of a family. */
export function contractHeader(files: RuntimeFiles, family: string): string {
  const declares = new RegExp(`\\bqcc_${family}_fn\\s*\\(`);
  for (const [path, text] of files) if (path.startsWith('include/qcc/') && declares.test(text)) return outputPath(path);
  throw new Error(`no contract header declares qcc_${family}_fn`);
}

/** Family -> name of the structs its contract's function type takes: pools, for one, share a pair. */
export function contractStructs(files: RuntimeFiles): ReadonlyMap<string, string> {
  const structs = new Map<string, string>();
  for (const [path, text] of files) {
    if (!path.startsWith('include/qcc/')) continue;
    for (const match of text.matchAll(/\bqcc_(\w+)_fn\s*\(\s*struct\s+qcc_(\w+)_params\b/g))
      structs.set(match[1], match[2]);
  }
  return structs;
}

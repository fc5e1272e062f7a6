/**
 * `qcc-tune.json`: times of kernels on shape classes, of one or several machines. Invariant: equal content is equal text,
 * and times are only used for the kernels, the qcc and the target they were measured with.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Assets } from '../assets.js';
import { type Diagnostic, error, note, QccError } from '../diagnostics/diagnostic.js';
import { writeWhole } from '../files.js';
import type { MeasuredCosts } from '../target/costs.js';
import type { Policy } from '../target/policy.js';
import type { Target } from '../target/target.js';

export const CACHE_FILE = 'qcc-tune.json';
const FORMAT = 1;
/** In place of a CPU's name, written by hand: these times are for every CPU of the target. */
const ANY_CPU = '*';

/** What times are of. */
export interface Machine {
  readonly target: string;
  readonly cpu: string;
  readonly qcc: string;
  /** Digest of the kernels' sources. */
  readonly kernels: string;
  readonly level: string;
}

export interface Section extends Machine {
  /** For the reader: gcc or clang, and which. */
  readonly compiler: string;
  readonly times: MeasuredCosts;
}

/** Everything that decides how fast a kernel is, but for CPU and C compiler. */
export function machineOf(target: Target, assets: Assets, policy: Policy, cpu: string): Machine {
  const digest = createHash('sha256');
  const folders = ['include/', ...target.isas.map((isa) => `isa/${isa.name}/`)];
  for (const [path, text] of assets.runtime)
    if (folders.some((folder) => path.startsWith(folder))) digest.update(`${path}\n${text}\n`);
  const kernels = digest.digest('hex').slice(0, 16);
  return { target: target.name, cpu, qcc: assets.version, kernels, level: policy.level };
}

/**
 * Sections of the cache in a folder, none where there is no such file, or one in the format of another qcc. Throws `QccError`
 * Q0655 for another file.
 */
export function readCache(folder: string): readonly Section[] {
  const path = join(folder, CACHE_FILE);
  if (!existsSync(path)) return [];
  const value = parsedCache(path);
  const found = formatOf(value) === undefined ? sectionsOf(value) : [];
  if (found !== undefined) return found;
  const help = 'move it away, and `qcc build --tune` measures anew';
  throw new QccError([error('Q0655', `${path} is not a cache of qcc build --tune`, undefined, help)]);
}

/** What to say of a cache in the format of another qcc: it is not read, and new times take its place. */
export function otherFormat(folder: string): readonly Diagnostic[] {
  const format = formatOf(parsedCache(join(folder, CACHE_FILE)));
  if (format === undefined) return [];
  return [
    note(
      'Q0656',
      `${CACHE_FILE} ignored: it is of another qcc, which writes format ${format}; this one writes ${FORMAT}`,
    ),
  ];
}

function parsedCache(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Undefined for this qcc's format, and for what is no cache of any. */
function formatOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('qcc_tune' in value)) return undefined;
  return typeof value.qcc_tune === 'number' && value.qcc_tune !== FORMAT ? value.qcc_tune : undefined;
}

function sectionsOf(value: unknown): readonly Section[] | undefined {
  if (typeof value !== 'object' || value === null || !('qcc_tune' in value) || !('machines' in value)) return undefined;
  if (value.qcc_tune !== FORMAT || !Array.isArray(value.machines)) return undefined;
  const sections = value.machines.map(sectionOf);
  return sections.every((section) => section !== undefined) ? sections : undefined;
}

function sectionOf(value: unknown): Section | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const members = new Map<string, unknown>(Object.entries(value));
  const texts = ['target', 'cpu', 'qcc', 'kernels', 'level', 'compiler'].map((name) => members.get(name));
  const [target, cpu, qcc, kernels, level, compiler] = texts.map((text) => (typeof text === 'string' ? text : ''));
  const classes = objectEntries(members.get('times_ns'));
  if (texts.some((text) => typeof text !== 'string') || classes === undefined) return undefined;
  const times = new Map<string, ReadonlyMap<string, number>>();
  for (const [shape, list] of classes) {
    const entries = objectEntries(list);
    if (entries === undefined) return undefined;
    const kernelTimes = new Map<string, number>();
    for (const [symbol, ns] of entries) {
      if (typeof ns !== 'number' || !(ns >= 0) || !Number.isFinite(ns)) return undefined;
      kernelTimes.set(symbol, ns);
    }
    times.set(shape, kernelTimes);
  }
  return { target, cpu, qcc, kernels, level, compiler, times };
}

function objectEntries(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
}

/** The text of a cache: sections and times sorted, one class a line, so that a change is a readable diff. */
export function cacheText(sections: readonly Section[]): string {
  const sorted = sections.toSorted((a, b) => compare(identity(a), identity(b)));
  const machines = sorted.map(({ times, ...about }) => {
    const head = Object.entries({
      target: about.target,
      cpu: about.cpu,
      qcc: about.qcc,
      kernels: about.kernels,
      level: about.level,
      compiler: about.compiler,
    }).map(([name, text]) => `      ${JSON.stringify(name)}: ${JSON.stringify(text)},\n`);
    const lines = [...times]
      .toSorted(([a], [b]) => compare(a, b))
      .map(([shape, list]) => {
        const members = [...list].toSorted(([a], [b]) => compare(a, b));
        const text = members.map(([symbol, ns]) => `${JSON.stringify(symbol)}: ${ns}`).join(', ');
        return `        ${JSON.stringify(shape)}: { ${text} }`;
      });
    return `    {\n${head.join('')}      "times_ns": {\n${lines.join(',\n')}\n      }\n    }`;
  });
  return `{\n  "qcc_tune": ${FORMAT},\n  "machines": [\n${machines.join(',\n')}\n  ]\n}\n`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function identity({ target, cpu, level }: Machine): string {
  return JSON.stringify([target, cpu, level]);
}

/** `sections` with the times of one more machine: they replace older ones of the same target, CPU and level. */
export function withSection(sections: readonly Section[], added: Section): readonly Section[] {
  return [...sections.filter((s) => identity(s) !== identity(added)), added];
}

/** Times that may be used, and why others may not. */
export interface Usable {
  readonly section: Section | undefined;
  readonly notes: readonly Diagnostic[];
}

/** @param native the machine runs the target itself: times of another CPU are not for it. */
export function usableSection(sections: readonly Section[], machine: Machine, native: boolean): Usable {
  const forTarget = sections.filter((s) => s.target === machine.target && s.level === machine.level);
  const current = forTarget.filter((s) => s.qcc === machine.qcc && s.kernels === machine.kernels);
  const section =
    current.find((s) => s.cpu === machine.cpu) ??
    current.find((s) => s.cpu === ANY_CPU) ??
    (native ? undefined : current.at(0));
  const notes = forTarget
    .filter((s) => s !== section && (section === undefined || s.cpu === machine.cpu))
    .map((s) => note('Q0656', `${CACHE_FILE}: times for ${s.target} ignored: they are of ${differenceOf(s, machine)}`));
  return { section, notes };
}

function differenceOf(section: Section, machine: Machine): string {
  if (section.qcc !== machine.qcc) return `qcc ${section.qcc}, this is ${machine.qcc}`;
  if (section.kernels !== machine.kernels) return 'other versions of the kernels';
  return `another CPU, "${section.cpu}"; this is "${machine.cpu}"`;
}

/** Writes the cache; false where the folder is not to be written to, by its permissions or by the system. */
export function writeCache(folder: string, sections: readonly Section[]): boolean {
  try {
    // The superuser may write into folders that nobody is meant to write to.
    if ((statSync(folder).mode & 0o222) === 0) return false;
    writeWhole(join(folder, CACHE_FILE), cacheText(sections));
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds the instruction sets and targets that exist. Invariant: a folder in `isa/` and a file in `target/` are all it
 * takes; no list of them exists anywhere else.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { nearMatches } from '../diagnostics/near.js';
import { currentHost, type Host, runsNatively } from './host.js';
import { Fields } from './json.js';
import type { CpuCheck, Isa, Packages, Peak, Target } from './target.js';

export interface TargetSet {
  /** Sorted by name. */
  readonly isas: ReadonlyMap<string, Isa>;
  /** Sorted by name. */
  readonly targets: ReadonlyMap<string, Target>;
}

/** The `runtime-c` folder of this installation, from `src/` as well as from `dist/src/`. */
export function runtimeRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'runtime-c', 'target'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('this installation of qcc has no runtime-c folder');
    folder = parent;
  }
  return join(folder, 'runtime-c');
}

/**
 * Reads every `isa/<name>/isa.json` and `target/<name>.json` below `root`. Throws QccError Q0402 naming file, line and field.
 * The host only decides what `"objectFormat": "host"` means.
 */
export function loadTargets(root: string = runtimeRoot(), host: Host = currentHost()): TargetSet {
  const isas = new Map<string, Isa>();
  for (const entry of sortedEntries(join(root, 'isa'))) {
    const file = join(root, 'isa', entry, 'isa.json');
    if (existsSync(file)) isas.set(entry, readIsa(`isa/${entry}/isa.json`, entry, readFileSync(file, 'utf8')));
  }
  const targets = new Map<string, Target>();
  for (const entry of sortedEntries(join(root, 'target'))) {
    if (!entry.endsWith('.json')) continue;
    const name = entry.slice(0, -'.json'.length);
    targets.set(
      name,
      readTarget(`target/${entry}`, name, readFileSync(join(root, 'target', entry), 'utf8'), isas, host),
    );
  }
  checkAliases(targets);
  return { isas, targets };
}

/** A target by name or alias, in any case. Throws QccError Q0401, exit code 2, listing what there is. */
export function findTarget(set: TargetSet, name: string): Target {
  const wanted = name.toLowerCase();
  for (const target of set.targets.values())
    if (target.name === wanted || target.aliases.includes(wanted)) return target;
  const all = [...set.targets.values()];
  const near = nearMatches(
    wanted,
    all.flatMap((t) => [t.name, ...t.aliases]),
  );
  const guess = near.length === 0 ? '' : `did you mean ${near.map((n) => `"${n}"`).join(' or ')}? `;
  throw new QccError(
    [
      error(
        'Q0401',
        `unknown target "${name}"; known targets: ${all.map((t) => t.name).join(', ')}`,
        undefined,
        `${guess}\`qcc targets\` lists them with their aliases`,
      ),
    ],
    2,
  );
}

/** The target with the longest chain of instruction sets that this CPU runs itself. */
export function hostDefault(set: TargetSet, host: Host = currentHost()): Target {
  let best: Target | undefined;
  for (const target of set.targets.values())
    if (runsNatively(target, host) && (best === undefined || target.isas.length > best.isas.length)) best = target;
  if (best === undefined) throw new Error('no target runs here; target/scalar.json is missing');
  return best;
}

function sortedEntries(folder: string): readonly string[] {
  return readdirSync(folder).sort();
}

/** One `isa.json`; `file` is the name messages use. */
export function readIsa(file: string, name: string, text: string): Isa {
  const fields = Fields.parse(file, text);
  const isa: Isa = {
    name: nameOf(fields, name),
    extends: fields.optionalString('extends'),
    doc: fields.string('doc'),
    cFlags: fields.strings('cFlags'),
    clangCFlags: fields.optionalStrings('clangCFlags') ?? [],
    guard: fields.string('guard'),
    cpuCheck: readCpuCheck(fields.optionalObject('cpuCheck')),
    peaks: readPeaks(fields.optionalObject('peaks')),
    shapesWorthSharing: fields.optionalCount('shapesWorthSharing') ?? 1,
  };
  fields.end();
  return isa;
}

function readCpuCheck(fields: Fields | undefined): CpuCheck | undefined {
  if (fields === undefined) return undefined;
  const check = {
    builtin: fields.optionalStrings('builtin') ?? [],
    hwcap: fields.optionalString('hwcap'),
    linux: fields.strings('linux'),
    darwin: fields.strings('darwin'),
  };
  if (check.hwcap !== undefined && !/^0x[0-9a-f]{1,8}$/.test(check.hwcap))
    throw fields.problem('hwcap', `expected bits such as "0x1000", found "${check.hwcap}"`);
  if ((check.hwcap === undefined) === (check.builtin.length === 0))
    throw fields.problem('builtin', 'expected either "builtin" or "hwcap"');
  fields.end();
  return check;
}

/** `"pairs_s16": ["conv2d_q8 6x16", "conv2d_q8 winograd4 x4"]`: scheme, kernels by family and tile. */
function readPeaks(fields: Fields | undefined): readonly Peak[] {
  if (fields === undefined) return [];
  return fields.names().flatMap((scheme) =>
    fields.strings(scheme).map((text, i) => {
      const [, family, tile, factor] = /^(\w+) (\w+)(?: x([2-9]))?$/.exec(text) ?? [];
      if (!/^[a-z]\w*$/.test(scheme) || family === undefined || tile === undefined)
        throw fields.problem(
          `${scheme}[${i}]`,
          `expected a kernel as "family tile" or "family tile x4", found "${text}"`,
        );
      return { scheme, family, tile, factor: Number(factor ?? 1) };
    }),
  );
}

/** One target file; `file` is the name messages use. */
export function readTarget(
  file: string,
  name: string,
  text: string,
  isas: ReadonlyMap<string, Isa>,
  host: Host,
): Target {
  const fields = Fields.parse(file, text);
  const compilers = fields.optionalObject('compilers');
  const format = fields.oneOf('objectFormat', ['elf', 'macho', 'coff', 'host']);
  const hostArch = fields.optionalStrings('hostArch');
  const target: Target = {
    name: nameOf(fields, name),
    doc: fields.string('doc'),
    isas: readChain(fields, isas),
    triple: fields.optionalString('triple'),
    objectFormat: format === 'host' ? hostFormat(hostArch, host) : format,
    hostArch,
    compilers: { gcc: compilers?.optionalString('gcc'), clang: compilers?.optionalString('clang') },
    cFlags: fields.optionalStrings('cFlags') ?? [],
    crossLinkFlags: fields.optionalStrings('crossLinkFlags') ?? [],
    emulator: fields.optionalStrings('emulator'),
    firmware: fields.optionalStrings('firmware') ?? [],
    packages: readPackages(fields.optionalObject('packages')),
    isMcu: fields.optionalBoolean('mcu') ?? false,
    aliases: fields.optionalStrings('aliases') ?? [],
  };
  compilers?.end();
  fields.end();
  if (target.hostArch !== undefined && target.triple === undefined)
    throw fields.problem('hostArch', 'a target that is not "any host" needs a "triple"');
  if (target.emulator?.length === 0) throw fields.problem('emulator', 'leave it out where there is none');
  for (const [i, alias] of target.aliases.entries())
    if (alias !== alias.toLowerCase()) throw fields.problem(`aliases[${i}]`, `"${alias}" must be lower case`);
  return target;
}

/** Cross builds make Linux executables. */
function hostFormat(hostArch: readonly string[] | undefined, host: Host): Target['objectFormat'] {
  if (hostArch !== undefined && !hostArch.includes(host.arch)) return 'elf';
  return host.platform === 'darwin' ? 'macho' : host.platform === 'win32' ? 'coff' : 'elf';
}

function nameOf(fields: Fields, expected: string): string {
  const name = fields.string('name');
  if (name !== expected) throw fields.problem('name', `is "${name}", but the file is that of "${expected}"`);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw fields.problem('name', `"${name}" is not kebab-case`);
  return name;
}

/** Every ISA must extend the next one: a kernel that the first lacks is taken from the second. */
function readChain(fields: Fields, isas: ReadonlyMap<string, Isa>): readonly Isa[] {
  const names = fields.strings('isas');
  if (names.length === 0) throw fields.problem('isas', 'a target needs at least one instruction set');
  return names.map((name, i) => {
    const isa = isas.get(name);
    if (isa === undefined) throw fields.problem(`isas[${i}]`, `there is no folder isa/${name}`);
    const next = names.at(i + 1);
    if (isa.extends !== next) {
      const extended = isa.extends === undefined ? 'extends nothing' : `extends "${isa.extends}"`;
      throw fields.problem(
        `isas[${i}]`,
        `"${name}" ${extended}, but ${next === undefined ? 'the chain ends' : `"${next}" follows`}`,
      );
    }
    return isa;
  });
}

function readPackages(fields: Fields | undefined): ReadonlyMap<string, Packages> {
  const packages = new Map<string, Packages>();
  if (fields === undefined) return packages;
  for (const system of fields.names()) {
    const entry = fields.optionalObject(system);
    if (entry === undefined) continue;
    packages.set(system, { compiler: entry.string('compiler'), emulator: entry.optionalString('emulator') });
    entry.end();
  }
  return packages;
}

function checkAliases(targets: ReadonlyMap<string, Target>): void {
  const owner = new Map<string, string>();
  for (const target of targets.values())
    for (const name of [target.name, ...target.aliases]) {
      const other = owner.get(name);
      if (other !== undefined)
        throw new QccError([error('Q0402', `target/${target.name}.json: "${name}" already means target "${other}"`)]);
      owner.set(name, target.name);
    }
}

/** The machine qcc runs on. Invariant: the rest of the compiler learns about the host only through `Host`. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Isa, Target } from './target.js';

export interface Host {
  /** As `process.arch`. */
  readonly arch: string;
  /** As `process.platform`. */
  readonly platform: string;
  /** CPU features in the system's own spelling (`CpuCheck.linux`, `CpuCheck.darwin`). */
  readonly features: ReadonlySet<string>;
}

export function currentHost(): Host {
  return { arch: process.arch, platform: process.platform, features: cpuFeatures() };
}

/** An unreadable list means no features: qcc then builds for the plain target instead of failing. */
function cpuFeatures(): ReadonlySet<string> {
  try {
    if (process.platform === 'linux') return featuresOfCpuinfo(readFileSync('/proc/cpuinfo', 'latin1'));
    if (process.platform === 'darwin' && process.arch === 'x64') {
      const names = ['machdep.cpu.features', 'machdep.cpu.leaf7_features'];
      const answer = execFileSync('sysctl', ['-n', ...names], {
        encoding: 'latin1',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return new Set(answer.split(/\s+/).filter((word) => word !== ''));
    }
  } catch {
    return new Set();
  }
  return new Set();
}

/** What the CPU is called, with family, model and stepping where Linux tells them: `AMD EPYC (25.17.1)`. */
export function cpuModel(): string {
  const name = cpus()[0]?.model.trim() ?? process.arch;
  try {
    const text = process.platform === 'linux' ? readFileSync('/proc/cpuinfo', 'latin1') : '';
    const numbers = ['cpu family', 'model', 'stepping'].map(
      (field) => new RegExp(`^${field}\\s*: (\\d+)$`, 'm').exec(text)?.[1],
    );
    return numbers.includes(undefined) ? name : `${name} (${numbers.join('.')})`;
  } catch {
    return name;
  }
}

/** Features all cores share: hybrid and big.LITTLE machines list each core. */
export function featuresOfCpuinfo(text: string): ReadonlySet<string> {
  let shared: Set<string> | undefined;
  for (const match of text.matchAll(/^(?:flags|Features)\s*:(.*)$/gm)) {
    const words = new Set(match[1].split(/\s+/).filter((word) => word !== ''));
    shared = shared === undefined ? words : new Set([...shared].filter((word) => words.has(word)));
  }
  return shared ?? new Set();
}

/** The host's own compiler makes code for this target. */
export function buildsNatively(target: Target, host: Host): boolean {
  return target.hostArch === undefined || target.hostArch.includes(host.arch);
}

/** The host's CPU runs this target's code without an emulator. */
export function runsNatively(target: Target, host: Host): boolean {
  return buildsNatively(target, host) && target.isas.every((isa) => hasIsa(isa, host));
}

function hasIsa(isa: Isa, host: Host): boolean {
  if (isa.cpuCheck === undefined) return true;
  const names = host.platform === 'darwin' ? isa.cpuCheck.darwin : isa.cpuCheck.linux;
  return names.every((name) => host.features.has(name));
}

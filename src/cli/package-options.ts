/** What `qcc build` asks about packages for build systems. */
import { error, QccError } from '../diagnostics/diagnostic.js';
import { type PackageInfo, plainPackage } from '../emit/package/facts.js';
import type { PackageKind } from '../emit/package.js';
import type { Target } from '../target/target.js';
import { usage } from './usage.js';

/** Options of `qcc build`. */
export const packageOptions = {
  package: {
    choices: ['cmake', 'zephyr', 'arduino', 'esp-idf', 'cmsis-pack'] as const,
    requiresArg: true,
    describe: 'a drop-in package for a build system instead of a program',
  },
  'package-version': {
    type: 'string',
    requiresArg: true,
    describe: 'of the package, as MAJOR.MINOR.PATCH; default 1.0.0',
  },
  'package-vendor': { type: 'string', requiresArg: true, describe: 'who makes the package: a name; default qcc' },
  'package-url': { type: 'string', requiresArg: true, describe: 'where to find more about the package; default: none' },
  depfile: {
    type: 'string',
    requiresArg: true,
    describe: 'write which files the build read, for make, Ninja and CMake',
  },
} as const;

/** Machines that a package's build system knows, by what their compilers are called; others take any. */
const machines: Readonly<Partial<Record<PackageKind, { readonly triple: RegExp; readonly help: string }>>> = {
  arduino: {
    triple: /^(?!x86_64)/,
    help: 'the core of the board: --target cortex-m4, cortex-m0plus, riscv32, ... (qcc targets), or --target scalar for any',
  },
  'esp-idf': {
    triple: /^riscv/,
    help: '--target riscv32 for an ESP32-C, -H or -P, --target scalar for an ESP32, -S2 or -S3; --package zephyr or arduino for other boards',
  },
  'cmsis-pack': {
    triple: /^arm-none/,
    help: 'a Cortex-M core (qcc targets), or --target scalar for any; --package cmake or zephyr for other machines',
  },
};

/** Refuses a package for a machine that its build system does not build for. Exit code 2. */
export function checkPackageTarget(kind: PackageKind | undefined, target: Target): void {
  const known = kind === undefined ? undefined : machines[kind];
  if (known === undefined || target.triple === undefined || known.triple.test(target.triple)) return;
  const message = `--package ${kind}: its build system does not build for target "${target.name}" (${target.triple})`;
  throw new QccError([error('Q0422', message, undefined, known.help)], 2);
}

export interface PackageAnswers {
  readonly package?: string | undefined;
  readonly packageVersion?: string | undefined;
  readonly packageVendor?: string | undefined;
  readonly packageUrl?: string | undefined;
}

/** What the options say of the package; a usage error where a build system would not take it. */
export function packageInfo({ package: kind, ...given }: PackageAnswers): PackageInfo {
  const { packageVersion = plainPackage.version, packageVendor = plainPackage.vendor, packageUrl: url } = given;
  const [asked] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (kind === undefined && asked !== undefined)
    throw usage(`--${asked.replace(/[A-Z]/, (c) => `-${c.toLowerCase()}`)} describes a package`, 'with --package KIND');
  if (!/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.test(packageVersion))
    throw usage(`--package-version ${packageVersion}: expected three numbers`, 'for example 1.4.0');
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(packageVendor))
    throw usage(`--package-vendor ${packageVendor}: expected a name`, 'a letter, then letters, digits, - and _');
  if (url !== undefined && !/^https?:\/\/[\x21\x23-\x5b\x5d-\x7e]+$/.test(url))
    throw usage(`--package-url ${url}: expected an address`, 'http://... or https://...');
  return { version: packageVersion, vendor: packageVendor, url };
}

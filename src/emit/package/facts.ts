/** What a package of any kind is made of. */
import { isaCFlags } from '../../target/flags.js';
import type { Policy } from '../../target/policy.js';
import type { Target } from '../../target/target.js';
import type { ModelView } from '../view.js';

export interface PackageFacts {
  /** The model's C name, and what packages are called. */
  readonly name: string;
  readonly view: ModelView;
  readonly target: Target;
  /** C files of the library. */
  readonly sources: readonly string[];
  /** Every file of the library, below its root. */
  readonly library: ReadonlyMap<string, string | Uint8Array>;
  /** One line of printable ASCII. */
  readonly description: string;
  readonly level: Policy['level'];
  readonly about: PackageInfo;
}

/** What the maker of a package says of it; qcc cannot know. */
export interface PackageInfo {
  /** MAJOR.MINOR.PATCH */
  readonly version: string;
  /** Who makes it: a C name, which a CMSIS-Pack is filed under. */
  readonly vendor: string;
  /** Where people find more about it; undefined: the package names no address. */
  readonly url: string | undefined;
}

/** A new model is a new package, whatever number its maker gives it. */
export const plainPackage: PackageInfo = { version: '1.0.0', vendor: 'qcc', url: undefined };

/** Path below the package -> content. */
export type PackageFiles = ReadonlyMap<string, string | Uint8Array>;

/**
 * Flags of the model's files alone, on top of the project's own: exactness does not need them (the C survives foreign flags),
 * speed does. What chooses the CPU is the project's.
 */
export function packageCFlags({ level }: Pick<Policy, 'level'>): readonly string[] {
  return [level, '-ffp-contract=off', '-DQCC_CONTRACTION_OFF', '-fno-math-errno', '-fno-trapping-math'];
}

/** Flags without which the kernels do not compile; empty where the CPU's own flags say it all. */
export function packageIsaFlags({ target }: PackageFacts): readonly string[] {
  return isaCFlags(target);
}

/** The licence of everything qcc emits, as a file. */
export const license = `Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
`;

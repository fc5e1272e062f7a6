/** The text of `host/config.mk`: what `runtime-c/host/Makefile` needs to know. Pure. */
import { cFlagsAt, isaCFlags, libraryCFlags, linkFlags } from './flags.js';
import type { Policy } from './policy.js';
import type { Target } from './target.js';

export interface MakeSources {
  /** The model's C name. */
  readonly name: string;
  /** C files of the library, relative to the build folder. */
  readonly library: readonly string[];
  /** Those of them that need the flags of the target's instruction sets. */
  readonly usingIsa: readonly string[];
  /** C files of the executable alone: `host/main.c`, ... */
  readonly host: readonly string[];
  readonly level: Policy['level'];
}

export function makeConfig(target: Target, sources: MakeSources): string {
  const variables: readonly (readonly [string, readonly string[]])[] = [
    ['QCC_NAME', [sources.name]],
    ['QCC_SOURCES', sources.library],
    ['QCC_ISA_SOURCES', sources.usingIsa],
    ['QCC_HOST_SOURCES', sources.host],
    ['QCC_CFLAGS', [...cFlagsAt(sources.level), ...target.cFlags]],
    ['QCC_LIB_CFLAGS', libraryCFlags(target)],
    ['QCC_ISA_CFLAGS', isaCFlags(target)],
    // The flags of the machine choose the C library, where there are several.
    ['QCC_LDFLAGS', [...target.cFlags, ...linkFlags(target, sources.library)]],
    ['QCC_SHARED_SUFFIX', [target.objectFormat === 'macho' ? 'dylib' : 'so']],
    ['QCC_MACHINE', target.triple === undefined ? [] : [target.triple.split('-', 1)[0]]],
    ['QCC_CROSS_CC', target.compilers.gcc === undefined ? [] : [target.compilers.gcc]],
    ['QCC_CROSS_LDFLAGS', target.crossLinkFlags],
  ];
  const lines = variables.map(([name, words]) => [name, ':=', ...words].join(' '));
  return `# SPDX-License-Identifier: 0BSD\n${lines.join('\n')}\n`;
}

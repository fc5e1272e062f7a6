/** `--memory dtcm=64K,sram=256K,weights=sram`: the memories of a device, the preferred first. */
import type { MemoryOptions } from '../compiler.js';
import { identifier } from '../emit/c-text.js';
import { parseSizes } from './size-text.js';
import { usage } from './usage.js';

/** Members of the memory struct and words of this option that mean something else. */
const reserved = new Set(['arena', 'state', 'profile', 'observe', 'context', 'weights']);

export function parseMemory(text: string): MemoryOptions {
  const items = text.split(',');
  const homes = items.flatMap((item) => /^weights=(.*)$/.exec(item.trim())?.slice(1) ?? []);
  const sized = items.filter((item) => !item.trim().startsWith('weights='));
  const example = 'dtcm=64K,sram=256K';
  const sizes = sized.length === 0 ? new Map<string, number>() : parseSizes('--memory', sized.join(','), example);
  for (const name of [...sizes.keys(), ...homes])
    if (!/^[a-z][a-z0-9_]*$/.test(name) || identifier(name, 'm') !== name)
      throw usage(
        `--memory ${text}: "${name}" is no name`,
        'lower-case letters, digits and underscores: a member of the C struct',
      );
  for (const name of sizes.keys())
    if (reserved.has(name)) throw usage(`--memory ${text}: "${name}" is not free to name a memory`);
  if (homes.length > 1) throw usage(`--memory ${text}: weights= is given twice`);
  return { regions: [...sizes].map(([name, bytes]) => ({ name, bytes })), weights: homes[0] };
}

/** Sizes as users write them: `--budget flash=128K,ram=32K`, `--memory dtcm=64K,sram=256K`. */
import { usage } from './usage.js';

/** As linker scripts and datasheets count: 128K of flash are 131072 bytes. `KB` and `MB` are decimal. */
const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 * 1024,
  mib: 1024 * 1024,
  mb: 1000 * 1000,
};

/** Bytes of "128K", "1.5M", "16000"; undefined if it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match === null ? undefined : units[match[2].toLowerCase()];
  if (match === null || unit === undefined) return undefined;
  const bytes = Number(match[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** `NAME=SIZE,NAME=SIZE`, in order. @param example for the message. */
export function parseSizes(option: string, text: string, example: string): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const item of text.split(',')) {
    const at = item.indexOf('=');
    const name = item.slice(0, at).trim();
    const bytes = parseSize(item.slice(at + 1));
    const help = `for example ${option} ${example}; K and M are 1024 and 1024 * 1024 bytes, KB and MB decimal`;
    if (at <= 0 || bytes === undefined) throw usage(`${option} ${text}: "${item}" is not NAME=SIZE`, help);
    if (sizes.has(name)) throw usage(`${option} ${text}: "${name}" is given twice`, help);
    sizes.set(name, bytes);
  }
  return sizes;
}

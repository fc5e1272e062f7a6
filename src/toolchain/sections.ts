/** What an ELF file or an archive of them puts into the memory of a product, and what it needs of others. Pure. */

const SHF_ALLOC = 2;
const SHT_NOBITS = 8;

/**
 * Bytes of sections that are loaded and have contents (code, constants, initial values: what flash holds), over all
 * members of an `ar` archive. Undefined if a member is no little-endian ELF object.
 */
export function loadedBytes(archive: Uint8Array): number | undefined {
  const text = (from: number, to: number) => Buffer.from(archive.subarray(from, to)).toString('latin1');
  if (text(0, 8) !== '!<arch>\n') return elfBytes(archive);
  let sum = 0;
  for (let at = 8; at + 60 <= archive.length; ) {
    const name = text(at, at + 16).trim();
    const size = Number(text(at + 48, at + 58));
    if (!Number.isSafeInteger(size) || size < 0) return undefined;
    // Symbol tables and long names: "/", "/SYM64/", "//".
    if (!/^\/(\/|SYM64\/)?$/.test(name)) {
      const bytes = elfBytes(archive.subarray(at + 60, at + 60 + size));
      if (bytes === undefined) return undefined;
      sum += bytes;
    }
    at += 60 + size + (size % 2);
  }
  return sum;
}

function elfBytes(file: Uint8Array): number | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 52 || view.getUint32(0) !== 0x7f454c46 || file[5] !== 1) return undefined;
  const is64 = file[4] === 2;
  const word = (at: number) => (is64 ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true));
  const table = word(is64 ? 0x28 : 0x20);
  const [entry, count] = [view.getUint16(is64 ? 0x3a : 0x2e, true), view.getUint16(is64 ? 0x3c : 0x30, true)];
  if (table + entry * count > file.length) return undefined;
  let sum = 0;
  for (let at = table; at < table + entry * count; at += entry) {
    const [type, flags] = [view.getUint32(at + 4, true), word(at + 8)];
    // Unwind tables are for debuggers; linkers of firmware drop them, and they are not the model's.
    if ((flags & SHF_ALLOC) !== 0 && type !== SHT_NOBITS && !isUnwind(file, view, is64, at))
      sum += word(at + (is64 ? 0x20 : 0x14));
  }
  return sum;
}

function isUnwind(file: Uint8Array, view: DataView, is64: boolean, section: number): boolean {
  const table = is64 ? Number(view.getBigUint64(0x28, true)) : view.getUint32(0x20, true);
  const names = table + view.getUint16(is64 ? 0x3a : 0x2e, true) * view.getUint16(is64 ? 0x3e : 0x32, true);
  const offset = is64 ? Number(view.getBigUint64(names + 0x18, true)) : view.getUint32(names + 0x10, true);
  const start = offset + view.getUint32(section, true);
  const end = file.indexOf(0, start);
  return /^\.(rela?\.)?eh_frame|^\.note|^\.comment/.test(Buffer.from(file.subarray(start, end)).toString('latin1'));
}

const SHT_SYMTAB = 2;

/** Names that an ELF object uses and does not define. Undefined if it is no little-endian one. */
export function undefinedNames(file: Uint8Array): readonly string[] | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 52 || view.getUint32(0) !== 0x7f454c46 || file[5] !== 1) return undefined;
  const is64 = file[4] === 2;
  const word = (at: number) => (is64 ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true));
  const table = word(is64 ? 0x28 : 0x20);
  const [entry, count] = [view.getUint16(is64 ? 0x3a : 0x2e, true), view.getUint16(is64 ? 0x3c : 0x30, true)];
  if (table + entry * count > file.length) return undefined;
  const names: string[] = [];
  for (let at = table; at < table + entry * count; at += entry) {
    if (view.getUint32(at + 4, true) !== SHT_SYMTAB) continue;
    const [first, bytes] = [word(at + (is64 ? 0x18 : 0x10)), word(at + (is64 ? 0x20 : 0x14))];
    const strings = word(table + entry * view.getUint32(at + (is64 ? 0x28 : 0x18), true) + (is64 ? 0x18 : 0x10));
    const size = is64 ? 24 : 16;
    // The first symbol stands for none; section 0 is where undefined ones are.
    for (let symbol = first + size; symbol < first + bytes; symbol += size) {
      if (view.getUint16(symbol + (is64 ? 6 : 14), true) !== 0) continue;
      const start = strings + view.getUint32(symbol, true);
      names.push(Buffer.from(file.subarray(start, file.indexOf(0, start))).toString('latin1'));
    }
  }
  return names;
}

/** Lines as host/trace.c writes them, spelled once more, with zlib's CRC-32. */
import { crc32 } from 'node:zlib';

export function logLine(name: string, id: string, step: number, bytes: number, digest: number): string {
  const text = `qcc-trace ${name} ${id} ${step} ${bytes} ${digest.toString(16).padStart(8, '0')}`;
  return `${text} ${(crc32(text) & 0xffff).toString(16).padStart(4, '0')}`;
}

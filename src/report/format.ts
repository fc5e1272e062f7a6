/** Numbers as people read them. */

export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}

export function usText(us: number | null): string {
  if (us === null) return '–';
  if (us < 1000) return `${us < 10 ? us.toFixed(2) : us.toFixed(1)} µs`;
  return `${(us / 1000).toFixed(2)} ms`;
}

/** 200 dB stand for no difference. */
export function dbText(db: number | null): string {
  if (db === null) return '–';
  return db >= 200 ? 'exact' : `${db.toFixed(1)} dB`;
}

export function shareText(share: number): string {
  if (share === 0) return '0 %';
  if (share < 0.0001) return '< 0.01 %';
  return `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`;
}

/** "3.5x smaller" */
export function ratioText(from: number, to: number, word: string): string {
  return to > 0 ? `${(from / to).toFixed(1)}× ${word}` : '–';
}

export function countText(count: number): string {
  if (count < 1e4) return String(Number(count.toPrecision(4)));
  if (count < 1e6) return `${(count / 1e3).toFixed(0)} k`;
  if (count < 1e9) return `${(count / 1e6).toFixed(1)} M`;
  return `${(count / 1e9).toFixed(2)} G`;
}

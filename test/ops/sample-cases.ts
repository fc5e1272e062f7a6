/** Every op's samples, and random inputs for them with the values among them at which float functions go wrong. */
import { existsSync, readdirSync } from 'node:fs';
import type { Sample } from '../../src/ir/sample.js';
import { bytesOf, tensorOf } from '../../src/ir/stored.js';
import { allocate, type Tensor, type TensorType } from '../../src/ir/type.js';

const folder = new URL('../../src/ops/', import.meta.url);

/** By the name of the op and of the sample. */
export async function allSamples(): Promise<readonly (readonly [string, Sample])[]> {
  const found: (readonly [string, Sample])[] = [];
  for (const op of readdirSync(folder).toSorted()) {
    const file = new URL(`${op}/samples.ts`, folder);
    if (!existsSync(file)) continue;
    const { samples }: { readonly samples: readonly Sample[] } = await import(file.href);
    for (const sample of samples) found.push([`${op}: ${sample.name}`, sample]);
  }
  return found;
}

/** A generator of numbers in 0..1 that is the same in every run. */
export function randomFrom(text: string): () => number {
  let state = [...text].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 16777619), 2166136261) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

const edges = [0, -0, 1, -1, 0.5, 1e-40, -1e-40, 3e38, -3e38, 88, -104];

export function randomTensor(type: TensorType, random: () => number): Tensor {
  const data = allocate(type);
  for (let i = 0; i < data.length; i++) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(Math.floor(random() * 100));
    else if (type.kind === 'float')
      data[i] = random() < 0.01 ? edges[Math.floor(random() * edges.length)] : (random() - 0.5) * 8;
    else {
      const [low, high] = type.kind === 'quant' ? type.range : type.element === 'bool' ? [0, 1] : [-50, 50];
      data[i] = low + Math.floor(random() * (high - low + 1));
    }
  }
  // Of half floats, what 16 bits hold.
  return tensorOf(type, bytesOf({ type, data }));
}

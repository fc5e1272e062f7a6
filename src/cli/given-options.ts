/** The `options` of a manifest, back as what the compiler takes: with the model file they make the same program again. */
import type { CompileOptions } from '../compiler.js';
import type { ModelOptions } from './session.js';

export interface GivenBack {
  readonly options: Omit<ModelOptions, 'target' | 'name'>;
  readonly edges: CompileOptions['edges'];
}

type Members = ReadonlyMap<string, unknown>;

/** @param value of `options` in `manifest.json`; what is not understood counts as not given. */
export function givenBack(value: unknown): GivenBack {
  const m = membersOf(value);
  const [rounding, optimize] = [m.get('rounding'), m.get('optimize')];
  return {
    options: {
      dim: [...membersOf(m.get('dims'))].map(([name, size]) => `${name}=${String(size)}`),
      rounding: rounding === 'onnx' || rounding === 'tflite' ? rounding : undefined,
      optimize: optimize === 'speed' || optimize === 'size' || optimize === 'ram' ? optimize : undefined,
      ...(m.get('io_in_arena') === true ? { ioInArena: true } : {}),
      memory: m.has('memory') ? memoryText(membersOf(m.get('memory'))) : undefined,
    },
    edges: edgesIn(membersOf(m.get('edges'))),
  };
}

function membersOf(value: unknown): Members {
  return new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function memoryText(m: Members): string {
  const words = listOf(m.get('regions')).map((region) => {
    const r = membersOf(region);
    return `${String(r.get('name'))}=${String(r.get('bytes'))}`;
  });
  return [...words, ...(m.has('weights') ? [`weights=${String(m.get('weights'))}`] : [])].join(',');
}

function edgesIn(m: Members): CompileOptions['edges'] {
  const kind = m.get('kind');
  if (kind === 'float' || kind === 'int8' || kind === 'integer') return { kind };
  if (kind !== 'u8pixels') return undefined;
  const s = membersOf(m.get('scaling'));
  const numbers = (name: string) => listOf(s.get(name)).map(Number);
  const scaling = { scale: Number(s.get('scale')), mean: numbers('mean'), std: numbers('std') };
  return { kind, scaling, swaps: m.get('swaps') === true };
}

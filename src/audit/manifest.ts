/** Reads `manifest.json` as a stranger wrote it. Invariant: every member that the audit uses has been looked at. */

export interface ClaimedBuffer {
  readonly name: string;
  readonly role: string;
  readonly bytes: number;
  /** In the arena; undefined outside of it. */
  readonly offset: number | undefined;
}

export interface ClaimedArg {
  readonly name: string;
  readonly access: string;
  readonly buffer: string | undefined;
  readonly offset: number;
  readonly bytes: number;
}

export interface ClaimedStep {
  readonly index: number;
  readonly op: string;
  readonly origin: readonly string[];
  readonly kernel: string;
  readonly packing: string;
  readonly readSlack: number;
  readonly inPlace: string | undefined;
  readonly args: readonly ClaimedArg[];
  /** Between steps of different groups all parts wait for each other. */
  readonly group: number;
  /** Undefined: one part does all of it. */
  readonly split: ClaimedSplit | undefined;
}

/** How parts that run at the same time share out a step. */
export interface ClaimedSplit {
  readonly rows: number;
  readonly unit: number;
  /** Rows of the image that a row of the result needs: from row * stride - pad on, `size` of `rows`. */
  readonly window:
    | { readonly rows: number; readonly size: number; readonly stride: number; readonly pad: number }
    | undefined;
  readonly args: ReadonlyMap<string, { readonly rowBytes: number; readonly touches: string }>;
}

/** One of several memories that end to end are the arena. */
export interface ClaimedRegion {
  readonly name: string;
  readonly start: number;
  readonly bytes: number;
}

export interface ClaimedIo {
  readonly name: string;
  readonly role: string;
  readonly buffer: string;
  readonly macro: string;
}

/** Steps from `first` on run `count` times; between turns buffers move on. */
export interface ClaimedRepeat {
  readonly first: number;
  readonly steps: number;
  readonly count: number;
  readonly advances: ReadonlyMap<string, number>;
}

/** One number stands for all channels. */
export type PerChannel = number | readonly number[];

export interface ClaimedLayer {
  readonly step: number;
  readonly x: readonly number[];
  readonly accLow: PerChannel;
  readonly accHigh: PerChannel;
  readonly yLow: PerChannel | undefined;
  readonly yHigh: PerChannel | undefined;
}

export interface Manifest {
  readonly qcc: string;
  readonly name: string;
  readonly model: string;
  readonly modelSha256: string;
  readonly files: readonly string[];
  readonly arenaBytes: number;
  readonly arenaAlign: number;
  readonly arenaLowerBound: number;
  readonly buffers: readonly ClaimedBuffer[];
  readonly steps: readonly ClaimedStep[];
  readonly regions: readonly ClaimedRegion[];
  readonly repeats: readonly ClaimedRepeat[];
  /** Inputs and outputs that lie in the arena, and the header's macros that say where. */
  readonly ioInArena: readonly ClaimedIo[];
  readonly overlaps: readonly { readonly lower: string; readonly upper: string }[];
  /** Undefined in a program for one thread. */
  readonly parts: { readonly most: number; readonly barrier: string } | undefined;
  readonly removed: readonly string[];
  readonly orders: readonly string[];
  readonly proofs: readonly { readonly step: number; readonly claim: string; readonly evidence: string }[];
  readonly certificate: readonly ClaimedLayer[];
  readonly digests: ReadonlyMap<string, string>;
  /** As written, and the text it is the digest of; undefined where there is none. */
  readonly seal: { readonly digest: string; readonly text: string } | undefined;
}

class Malformed extends Error {}

/** A string says what is wrong with it. */
export function readManifest(text: string): Manifest | string {
  try {
    const json: unknown = JSON.parse(text);
    return manifestOf(objectOf(json, 'manifest.json'), text);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

type Members = ReadonlyMap<string, unknown>;

function manifestOf(m: Members, text: string): Manifest {
  const seal = /,\n "seal": "([0-9a-f]{64})"\n\}\n$/.exec(text);
  return {
    qcc: stringIn(m, 'qcc'),
    name: stringIn(m, 'name'),
    model: stringIn(m, 'model'),
    modelSha256: stringIn(m, 'model_sha256'),
    files: listIn(m, 'files').map((v) => stringOf(v, 'files')),
    arenaBytes: sizeIn(m, 'arena_bytes'),
    arenaAlign: sizeIn(m, 'arena_align'),
    arenaLowerBound: sizeIn(m, 'arena_lower_bound'),
    buffers: listIn(m, 'buffers').map((v) => bufferOf(objectOf(v, 'buffers'))),
    steps: listIn(m, 'steps').map((v) => stepOf(objectOf(v, 'steps'))),
    regions: (m.has('regions') ? listIn(m, 'regions') : []).map((v) => {
      const r = objectOf(v, 'regions');
      return { name: stringIn(r, 'name'), start: sizeIn(r, 'start'), bytes: sizeIn(r, 'bytes') };
    }),
    ioInArena: (m.has('io_in_arena') ? listIn(m, 'io_in_arena') : []).map((v) => {
      const io = objectOf(v, 'io_in_arena');
      const text = (member: string) => stringIn(io, member);
      return { name: text('name'), role: text('role'), buffer: text('buffer'), macro: text('macro') };
    }),
    repeats: listIn(m, 'repeats').map((v) => repeatOf(objectOf(v, 'repeats'))),
    overlaps: listIn(m, 'overlaps').map((v) => {
      const o = objectOf(v, 'overlaps');
      return { lower: stringIn(o, 'lower'), upper: stringIn(o, 'upper') };
    }),
    parts: m.has('parts') ? partsOf(objectOf(m.get('parts'), 'parts')) : undefined,
    removed: listIn(m, 'removed_channels').map((v) => stringOf(v, 'removed_channels')),
    orders: listIn(m, 'channel_orders').map((v) => stringOf(v, 'channel_orders')),
    proofs: listIn(m, 'proofs').map((v) => {
      const p = objectOf(v, 'proofs');
      return { step: sizeIn(p, 'step'), claim: stringIn(p, 'claim'), evidence: stringIn(p, 'evidence') };
    }),
    certificate: listIn(m, 'certificate').map((v) => layerOf(objectOf(v, 'certificate'))),
    digests: new Map([...objectOf(m.get('digests'), 'digests')].map(([k, v]) => [k, stringOf(v, k)])),
    seal: seal === null ? undefined : { digest: seal[1], text: text.slice(0, seal.index) },
  };
}

function bufferOf(m: Members): ClaimedBuffer {
  const offset = m.has('offset') ? sizeIn(m, 'offset') : undefined;
  return { name: stringIn(m, 'name'), role: stringIn(m, 'role'), bytes: sizeIn(m, 'bytes'), offset };
}

function stepOf(m: Members): ClaimedStep {
  return {
    index: sizeIn(m, 'index'),
    op: stringIn(m, 'op'),
    origin: listIn(m, 'origin').map((v) => stringOf(v, 'origin')),
    kernel: stringIn(m, 'kernel'),
    packing: stringIn(m, 'packing'),
    readSlack: sizeIn(m, 'read_slack'),
    inPlace: m.get('in_place') === null ? undefined : stringIn(m, 'in_place'),
    args: listIn(m, 'args').map((v) => {
      const a = objectOf(v, 'args');
      return {
        name: stringIn(a, 'name'),
        access: stringIn(a, 'access'),
        buffer: a.get('buffer') === null ? undefined : stringIn(a, 'buffer'),
        offset: sizeIn(a, 'offset'),
        bytes: sizeIn(a, 'bytes'),
      };
    }),
    group: m.has('group') ? sizeIn(m, 'group') : 0,
    split: m.has('split') ? splitOf(objectOf(m.get('split'), 'split')) : undefined,
  };
}

function partsOf(m: Members): Manifest['parts'] {
  return { most: sizeIn(m, 'most'), barrier: stringIn(m, 'barrier') };
}

function splitOf(m: Members): ClaimedSplit {
  const window = m.has('window') ? objectOf(m.get('window'), 'window') : undefined;
  const moves = listIn(m, 'args').map((v) => objectOf(v, 'args'));
  return {
    rows: sizeIn(m, 'rows'),
    unit: sizeIn(m, 'unit'),
    window: window && {
      rows: sizeIn(window, 'rows'),
      size: sizeIn(window, 'size'),
      stride: sizeIn(window, 'stride'),
      pad: sizeIn(window, 'pad'),
    },
    args: new Map(
      moves.map((a) => [stringIn(a, 'name'), { rowBytes: sizeIn(a, 'row_bytes'), touches: stringIn(a, 'touches') }]),
    ),
  };
}

function repeatOf(m: Members): ClaimedRepeat {
  const advances = listIn(m, 'advances').map((v) => objectOf(v, 'advances'));
  return {
    first: sizeIn(m, 'first'),
    steps: sizeIn(m, 'steps'),
    count: sizeIn(m, 'count'),
    advances: new Map(advances.map((a) => [stringIn(a, 'buffer'), sizeIn(a, 'bytes')])),
  };
}

function layerOf(m: Members): ClaimedLayer {
  return {
    step: sizeIn(m, 'step'),
    x: numbersOf(m.get('x'), 'x'),
    accLow: perChannelOf(m.get('acc_low'), 'acc_low'),
    accHigh: perChannelOf(m.get('acc_high'), 'acc_high'),
    yLow: m.has('y_low') ? perChannelOf(m.get('y_low'), 'y_low') : undefined,
    yHigh: m.has('y_high') ? perChannelOf(m.get('y_high'), 'y_high') : undefined,
  };
}

function perChannelOf(value: unknown, where: string): PerChannel {
  return typeof value === 'number' ? value : numbersOf(value, where);
}

function numbersOf(value: unknown, where: string): readonly number[] {
  if (!Array.isArray(value)) throw new Malformed(`"${where}" is no list of numbers`);
  return value.map((v: unknown) => {
    if (typeof v !== 'number') throw new Malformed(`"${where}" is no list of numbers`);
    return v;
  });
}

function objectOf(value: unknown, where: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Malformed(`"${where}" is not what a manifest of this qcc has there`);
  return new Map<string, unknown>(Object.entries(value));
}

function listIn(m: Members, name: string): readonly unknown[] {
  const value = m.get(name);
  if (!Array.isArray(value)) throw new Malformed(`"${name}" is missing or no list`);
  return value;
}

function stringOf(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Malformed(`"${where}" is missing or no text`);
  return value;
}

function stringIn(m: Members, name: string): string {
  return stringOf(m.get(name), name);
}

function sizeIn(m: Members, name: string): number {
  const value = m.get(name);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new Malformed(`"${name}" is missing or no size`);
  return value;
}

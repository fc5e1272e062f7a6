/** What the head of a model must say before its nodes mean anything: IR version and operator sets. */
import { canonicalDomain, type OnnxAbout } from './model.js';
import { bigintOf, clampToSafe, type Int64Parts } from './payload.js';
import type { Problems } from './problems.js';

const IR_VERSIONS = { oldest: 3, newestKnown: 12, newestAccepted: 13 } as const;
/** Below 7 an operator that opset 7 spells otherwise may be refused: see `before-opset-7.ts`. */
const OPSETS = { oldest: 1, newest: 25 } as const;

export function readIrVersion(version: Int64Parts, problems: Problems): number {
  const { oldest, newestKnown, newestAccepted } = IR_VERSIONS;
  const exact = bigintOf(version);
  if (exact < oldest || exact > newestAccepted)
    problems.error(
      'Q0104',
      `the model has IR version ${exact}, qcc reads ${oldest} to ${newestAccepted}`,
      undefined,
      exact > newestAccepted
        ? 'export it with an older onnx package, or set model.ir_version = 10 and save it'
        : 'export the model again with a current exporter',
    );
  else if (exact > newestKnown)
    problems.note('Q0104', `IR version ${exact} is newer than ${newestKnown}; fields new in it are not read`);
  return clampToSafe(exact);
}

export interface OpsetImport {
  readonly domain: string;
  readonly version: Int64Parts;
}

/** Version by canonical domain, of the model or of one of its functions. */
export function readOpsets(imports: readonly OpsetImport[], problems: Problems): Map<string, number> {
  const opsets = new Map<string, number>();
  for (const { domain: spelled, version } of imports) {
    const domain = canonicalDomain(spelled);
    const number = clampToSafe(bigintOf(version));
    const before = opsets.get(domain);
    if (before !== undefined && before !== number)
      problems.error(
        'Q0106',
        `domain "${domain || 'ai.onnx'}" is imported at version ${before} and at ${number}`,
        undefined,
        'export the model again; a domain is imported once',
      );
    opsets.set(domain, number);
  }
  return opsets;
}

/** The model's own imports must be there, and ONNX's opset one that qcc knows. */
export function checkOpsets(opsets: ReadonlyMap<string, number>, problems: Problems): void {
  if (opsets.size === 0)
    problems.error(
      'Q0105',
      'the model imports no operator set',
      undefined,
      'export the model again; a model names the opset it was written for',
    );
  const opset = opsets.get('');
  if (opset === undefined || (opset >= OPSETS.oldest && opset <= OPSETS.newest)) return;
  const target = opset < OPSETS.oldest ? 13 : OPSETS.newest;
  problems.error(
    'Q0106',
    `the model uses opset ${opset}, qcc supports ${OPSETS.oldest} to ${OPSETS.newest}`,
    undefined,
    `convert it: onnx.version_converter.convert_version(model, ${target}), or export it with opset_version=17`,
  );
}

interface Described {
  readonly name?: string | null;
  readonly docString?: string | null;
}

/** Nothing where no field is filled. */
export function aboutOf(model: {
  readonly domain: string;
  readonly modelVersion: Int64Parts;
  readonly docString: string;
  readonly graph?: (Described & { readonly input?: Described[] | null; readonly output?: Described[] | null }) | null;
}): { readonly about?: OnnxAbout } {
  const { domain, modelVersion, docString: doc, graph } = model;
  const valueDocs = new Map<string, string>();
  for (const { name, docString } of [...(graph?.input ?? []), ...(graph?.output ?? [])])
    if (name && docString) valueDocs.set(name, docString);
  const about = { domain, version: bigintOf(modelVersion), doc, graphDoc: graph?.docString ?? '', valueDocs };
  const isEmpty = about.version === 0n && [domain, doc, about.graphDoc].every((s) => s === '') && valueDocs.size === 0;
  return isEmpty ? {} : { about };
}

/** The TypeScript of this repository, parsed and no more: type-checking is another command's job. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ts } from 'ts-morph';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Source {
  /** From the root, `/` between folders. */
  readonly path: string;
  readonly file: ts.SourceFile;
  /** What it imports, static or dynamic; `isType` where nothing of it is left when the program runs. */
  readonly imports: readonly { readonly specifier: string; readonly isType: boolean }[];
}

/** Source files below these folders, sorted. */
export function sourcesBelow(...folders: readonly string[]): readonly Source[] {
  return filesBelow('.ts', ...folders).map((path) => {
    const file = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest);
    return { path, file, imports: importsIn(file) };
  });
}

/** Paths from the root of the files below these folders that end so, sorted. */
export function filesBelow(ending: string, ...folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => path.endsWith(ending))
    .sort();
}

/** The path from the root of a module that `path` names; undefined for a package. */
export function resolved(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(dirname(path), specifier.replace(/\.js$/, '.ts')) : undefined;
}

function importsIn(file: ts.SourceFile): Source['imports'] {
  const found: { specifier: string; isType: boolean }[] = [];
  const add = (node: ts.Node | undefined, isType: boolean): void => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, isType });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, hasOnlyTypes(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], true);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function hasOnlyTypes(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (clause === undefined) return false;
  const names = clause.namedBindings;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  return (
    clause.name === undefined &&
    names !== undefined &&
    ts.isNamedImports(names) &&
    names.elements.every((e) => e.isTypeOnly)
  );
}

/** `qcc targets`, `ops`, `passes`, `explain`: what this qcc knows. */
import { terminal, usage } from './session.js';

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((r) => r[i].length))) ?? [];
  return rows
    .map((r) => r.map((cell, i) => (i === r.length - 1 ? cell : cell.padEnd(widths[i] + 2))).join(''))
    .join('\n');
}

export async function targets(json: boolean): Promise<number> {
  const { hostDefault, loadTargets } = await import('../target/load.js');
  const set = loadTargets();
  const host = hostDefault(set).name;
  const list = [...set.targets.values()].map((t) => ({
    name: t.name,
    doc: t.doc,
    isas: t.isas.map((i) => i.name),
    aliases: t.aliases,
    is_host_default: t.name === host,
  }));
  if (json) terminal.out(JSON.stringify(list));
  else {
    terminal.out(table(list.map((t) => [t.name + (t.is_host_default ? ' (host)' : ''), t.doc])));
    terminal.out(`\naliases\n${table(list.map((t) => [t.name, t.aliases.join(', ')]))}`);
  }
  return 0;
}

export async function operators(json: boolean): Promise<number> {
  const { operatorNames } = await import('../ops/import-table.js');
  const { controlFlowOperators } = await import('../onnx/control-flow.js');
  const { ops } = await import('../ops/index.js');
  const names = [...operatorNames(), ...controlFlowOperators].toSorted();
  if (json)
    terminal.out(
      JSON.stringify({ operators: names, ops: Object.values(ops).map((o) => ({ kind: o.kind, doc: o.doc })) }),
    );
  else terminal.out(`${names.join('\n')}\n\n${names.length} operators`);
  return 0;
}

export async function passes(json: boolean): Promise<number> {
  const { programPasses, graphPasses, settledPasses } = await import('../pipeline.js');
  const list = [
    ...settledPasses.map(({ name, doc, numerics }) => ({ name, doc, numerics })),
    ...graphPasses.map((p) => ({ name: p.name, doc: p.doc, numerics: p.numerics })),
    ...programPasses.map((p) => ({ ...p, numerics: 'exact' })),
  ];
  if (json) terminal.out(JSON.stringify(list));
  else terminal.out(table(list.map((p) => [p.name, p.numerics, p.doc])));
  return 0;
}

export async function explain(code: string, json: boolean): Promise<number> {
  const { explainCode } = await import('../diagnostics/codes.js');
  const entry = explainCode(code);
  if (entry === undefined) throw usage(`${code} is not a diagnostic code`, 'codes look like Q0304');
  terminal.out(
    json
      ? JSON.stringify({ code: entry.code, ...entry.info })
      : `${entry.code}: ${entry.info.title}\n\n${entry.info.explanation}`,
  );
  return 0;
}

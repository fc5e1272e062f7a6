/** Generated parts of the README: what stands between `<!-- name -->` and `<!-- end of name -->`. */

/** @param form `row`: the line itself is replaced, it is part of a table; `block`: the lines between the marks. */
export function replaceSection(text: string, name: string, content: string, form: 'row' | 'block'): string {
  const [open, close] = form === 'row' ? ['| ', ` <!-- ${name} -->`] : [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const lines = text.split('\n');
  if (form === 'row') {
    const at = lines.findIndex((line) => line.startsWith(open) && line.endsWith(close));
    if (at < 0) throw new Error(`the README has no row that ends with${close}`);
    lines[at] = `${content}${close}`;
    return lines.join('\n');
  }
  const [from, to] = [lines.indexOf(open), lines.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the README has no section ${open}`);
  return [...lines.slice(0, from + 1), content, ...lines.slice(to)].join('\n');
}

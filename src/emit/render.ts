/** The one Handlebars instance. Invariant: templates hold values, `each`, `if` on ready booleans and partials only; a
 * name missing from the view is an error. */
import Handlebars from 'handlebars';

/** Template texts by path below `templates/`, such as `model.c.hbs` or `partials/banner.hbs`. */
export type Templates = ReadonlyMap<string, string>;

export interface Renderer {
  render(template: string, view: object): string;
}

/** @param language C is escaped by the view; of HTML, values are text. */
export function renderer(templates: Templates, language: 'c' | 'html' = 'c'): Renderer {
  const engine = Handlebars.create();
  for (const [path, text] of templates) {
    const partial = /^partials\/(.+)\.hbs$/.exec(path)?.[1];
    if (partial !== undefined) engine.registerPartial(partial, text);
  }
  return {
    render(template, view) {
      const text = templates.get(template);
      if (text === undefined) throw new Error(`no template ${template}`);
      const compiled = engine.compile(text, {
        noEscape: language === 'c',
        strict: true,
        knownHelpersOnly: true,
        knownHelpers: { each: true, if: true, unless: true },
      });
      return compiled(view);
    },
  };
}

import { type Context, Liquid } from 'liquidjs';
import { templateLimits } from './template-limits.ts';
import { type Escaping, escapeXml, JsonValues, textOf } from './template-values.ts';

/** What filters and escapes are called with. */
interface FilterCall {
  readonly context: Context;
}

/** Tags that templates may use; the others read files, or gather text that no limit counts. */
const allowedTags: ReadonlySet<string> = new Set([
  'assign',
  'break',
  'case',
  'comment',
  'continue',
  'cycle',
  'decrement',
  'echo',
  'for',
  'if',
  'increment',
  'liquid',
  'raw',
  'unless',
  '#',
]);

/** Filters that templates may use: always the same for the same events, and quick. */
const allowedFilters: ReadonlySet<string> = new Set([
  ...['append', 'capitalize', 'downcase', 'lstrip', 'prepend', 'remove', 'remove_first', 'replace'],
  ...['replace_first', 'rstrip', 'slice', 'split', 'strip', 'strip_newlines', 'truncate', 'upcase'],
  ...['compact', 'concat', 'first', 'join', 'last', 'map', 'reverse', 'size', 'sort', 'sum', 'uniq', 'where'],
  ...[
    'abs',
    'at_least',
    'at_most',
    'ceil',
    'divided_by',
    'floor',
    'minus',
    'modulo',
    'plus',
    'round',
    'times',
  ],
  ...['base64_encode', 'date', 'default', 'escape', 'json', 'raw', 'url_encode'],
]);

/** Characters of printed JSON that count as one made item: printing is quick. */
const jsonCharactersPerItem = 10;

const jsonValuesRegister = 'jsonValues';
const engines = new Map<Escaping, Liquid>();

/** The template language with one way of escaping what is printed. */
export function engineFor(escaping: Escaping): Liquid {
  const known = engines.get(escaping);
  if (known) return known;
  const engine = newEngine(escaping);
  engines.set(escaping, engine);
  return engine;
}

/** The values that a rendering marked. */
export function jsonValuesOf(context: Context): JsonValues {
  const known = context.getRegister<JsonValues | undefined>(jsonValuesRegister);
  if (known instanceof JsonValues) return known;
  const values = new JsonValues();
  context.setRegister(jsonValuesRegister, values);
  return values;
}

function newEngine(escaping: Escaping): Liquid {
  const engine = new Liquid({
    // No files: there are no templates but the one that is rendered.
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    parseLimit: templateLimits.sourceCharacters,
    renderLimit: templateLimits.renderMs,
    memoryLimit: templateLimits.madeItems,
    // Not those of the machine, so that every process renders the same.
    locale: 'en-US',
    timezoneOffset: 0,
    outputEscape: escapes[escaping],
  });
  for (const name of Object.keys(engine.tags)) if (!allowedTags.has(name)) delete engine.tags[name];
  for (const name of Object.keys(engine.filters)) {
    if (!allowedFilters.has(name)) engine.unregisterFilter(name);
  }
  engine.registerFilter('json', {
    // It is JSON already: not to be escaped again.
    raw: true,
    handler(this: FilterCall, value: unknown) {
      const json = JSON.stringify(value ?? null);
      this.context.memoryLimit.use(json.length / jsonCharactersPerItem);
      return json;
    },
  });
  // Everything printed is escaped already: written out, it must not be escaped twice.
  if (escaping === 'xml') engine.registerFilter('escape', (value: unknown) => value);
  keepTimeStill(engine);
  return engine;
}

/** "now" is the time of the event: a body that is sent again is the same. */
function keepTimeStill(engine: Liquid): void {
  const original = engine.filters.date;
  const handler = typeof original === 'function' ? original : original?.handler;
  if (!handler) throw new Error('The template language has lost its date filter.');
  engine.registerFilter('date', function (value: unknown, ...given: unknown[]) {
    const still = value === 'now' || value === 'today' ? this.context.getSync(['event', 'time']) : value;
    return handler.call(this, still, ...given);
  });
}

const escapes: Readonly<Record<Escaping, (this: FilterCall, value: unknown) => string>> = {
  json(value) {
    return jsonValuesOf(this.context).mark(value);
  },
  xml: (value) => escapeXml(textOf(value)),
  form: (value) => encodeURIComponent(textOf(value).toWellFormed()),
  none: textOf,
};

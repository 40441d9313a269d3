import { Context, LiquidError, type Template as ParsedTemplate } from 'liquidjs';
import type { JournalEvent } from '../model/event.ts';
import type { WebhookSettings } from '../model/webhook.ts';
import type { Rendering } from './payload.ts';
import { templateContextOf } from './template-context.ts';
import { engineFor, jsonValuesOf } from './template-engine.ts';
import { templateLimits } from './template-limits.ts';
import { type Escaping, escapingOf } from './template-values.ts';

/** A template as it is saved with a webhook. */
export type TemplateSource = NonNullable<WebhookSettings['template']>;

export type TemplateCompilation =
  | { readonly ok: true; readonly template: Template }
  | {
      readonly ok: false;
      /** The member of the template that is wrong. */
      readonly member: keyof TemplateSource;
      /** What is wrong, for a person. */
      readonly message: string;
      /** How many characters of the member come before it. */
      readonly position: number;
    };

const contentTypePattern = /^[\w.+-]+\/[\w.+-]+(?:\s*;\s*[\w-]+=(?:[\w.+-]+|"[\x20\x21\x23-\x7e]*"))*$/;

/** A template that has been checked and can be rendered. */
export class Template {
  readonly #contentType: string;
  readonly #escaping: Escaping;
  readonly #parsed: ParsedTemplate[];

  constructor(contentType: string, escaping: Escaping, parsed: ParsedTemplate[]) {
    this.#contentType = contentType;
    this.#escaping = escaping;
    this.#parsed = parsed;
  }

  /** The body for events that are delivered together, at least one. */
  render(events: readonly JournalEvent[]): Rendering {
    const engine = engineFor(this.#escaping);
    const context = new Context(
      templateContextOf(events),
      engine.options,
      { sync: true },
      { liquid: engine },
    );
    try {
      const text: unknown = engine.renderSync(this.#parsed, context);
      if (typeof text !== 'string') throw new Error('The template language printed no text.');
      // Before anything goes through the text: however long it is, it exists only in parts yet.
      if (text.length > templateLimits.bodyCharacters) return tooLong;
      return this.#escaping === 'json' ? this.#placeValues(text, context) : this.#payload(text);
    } catch (error) {
      return { failure: describe(error) };
    }
  }

  #placeValues(text: string, context: Context): Rendering {
    const body = jsonValuesOf(context).place(text, templateLimits.bodyCharacters);
    if (body === null) return tooLong;
    const fault = faultOfJson(body);
    return fault === null ? this.#payload(body) : { failure: `the body is not JSON: ${fault}` };
  }

  #payload(body: string): Rendering {
    return { contentType: this.#contentType, body };
  }
}

const tooLong = { failure: `the body has more than ${templateLimits.bodyCharacters} characters` };

/** Checks a template, written in Liquid over `templateContextOf`, and makes it ready. */
export function compileTemplate({ contentType, source }: TemplateSource): TemplateCompilation {
  const fault = faultOfContentType(contentType);
  if (fault !== null) return { ok: false, member: 'contentType', message: fault, position: 0 };
  if (source.length > templateLimits.sourceCharacters) {
    const message = `must have at most ${templateLimits.sourceCharacters} characters`;
    return { ok: false, member: 'source', message, position: templateLimits.sourceCharacters };
  }
  const escaping = escapingOf(contentType);
  try {
    return { ok: true, template: new Template(contentType, escaping, engineFor(escaping).parse(source)) };
  } catch (error) {
    const position = LiquidError.is(error) ? error.token.begin : 0;
    return { ok: false, member: 'source', message: describe(error), position };
  }
}

/** Templates by what they were compiled from: compiled once, forgotten together with the settings. */
const compiledTemplates = new WeakMap<TemplateSource, TemplateCompilation>();

/** The person's own template. */
export function renderTemplate(events: readonly JournalEvent[], source: TemplateSource | null): Rendering {
  if (source === null) return { failure: 'the webhook has no template' };
  let compiled = compiledTemplates.get(source);
  if (!compiled) {
    compiled = compileTemplate(source);
    compiledTemplates.set(source, compiled);
  }
  return compiled.ok ? compiled.template.render(events) : { failure: compiled.message };
}

function faultOfContentType(contentType: string): string | null {
  if (contentType.length > templateLimits.contentTypeCharacters) {
    return `must have at most ${templateLimits.contentTypeCharacters} characters`;
  }
  if (!contentTypePattern.test(contentType)) {
    return 'must be a media type such as application/json, text/xml or text/plain; charset=utf-8';
  }
  const charset = /;\s*charset="?([^";]*)/i.exec(contentType)?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset) ? null : 'must have the charset utf-8';
}

function faultOfJson(body: string): string | null {
  try {
    JSON.parse(body);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** An error of the template language in our words, where its own tell nothing to the writer of a template. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('template render limit')) {
    return `the template takes longer than ${templateLimits.renderMs} ms`;
  }
  if (message.startsWith('memory alloc limit')) {
    return `the template makes more than ${templateLimits.madeItems} characters and list items`;
  }
  if (message.startsWith('Invalid string length')) return tooLong.failure;
  return message;
}

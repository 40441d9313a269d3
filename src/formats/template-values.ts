/** How values are put into a body, so that no value can break out of its place. */
export type Escaping = 'json' | 'xml' | 'form' | 'none';

/** The escaping that a media type asks for. */
export function escapingOf(contentType: string): Escaping {
  const mediaType = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (/[/+]json$/.test(mediaType)) return 'json';
  if (/[/+](?:xml|html)$/.test(mediaType)) return 'xml';
  return mediaType === 'application/x-www-form-urlencoded' ? 'form' : 'none';
}

/** A value as text: nothing for an empty one, JSON for a list or an object. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const xmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for elements and attributes of XML; characters that XML cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => xmlEntities[character] ?? character)
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd');
}

// Private characters that stand around the number of a value until it is known where the value lands.
const markStart = '\ue000';
const markEnd = '\ue001';

/**
 * Values on their way into a body of JSON. Whether a value belongs into a string or stands for itself shows
 * only in the finished text, so the template prints marks, and the values take their places at the end: in
 * quotes as text, without quotes as JSON. `{"name": "{{ a }}", "price": {{ b }}}` is valid whatever a and b
 * hold.
 */
export class JsonValues {
  readonly #values: unknown[] = [];

  /** What the template prints in place of the value. */
  mark(value: unknown): string {
    this.#values.push(value);
    return `${markStart}${this.#values.length - 1}${markEnd}`;
  }

  /** The text with all values in their places; null when it has more characters than it may. */
  place(text: string, maxCharacters: number): string | null {
    const parts: string[] = [];
    let characters = 0;
    const add = (part: string): void => {
      parts.push(part);
      characters += part.length;
    };
    let inString = false;
    let copiedUpTo = 0;
    for (const found of text.matchAll(/\\.|"|\ue000(\d+)\ue001/gs)) {
      const [match, mark] = found;
      if (match === '"') inString = !inString;
      if (mark === undefined || Number(mark) >= this.#values.length) continue;
      add(text.slice(copiedUpTo, found.index));
      add(printJson(this.#values[Number(mark)], inString));
      copiedUpTo = found.index + match.length;
      if (characters > maxCharacters) return null;
    }
    add(text.slice(copiedUpTo));
    return characters > maxCharacters ? null : parts.join('');
  }
}

function printJson(value: unknown, inString: boolean): string {
  return inString ? JSON.stringify(textOf(value)).slice(1, -1) : JSON.stringify(value ?? null);
}

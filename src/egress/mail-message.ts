/** A mail as a person reads it. */
export interface MailMessage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Lines that a mail has at most; what is above is only counted. */
const mostLines = 200;
const valueCharacters = 500;
const subjectCharacters = 150;
const plainBodyCharacters = 100_000;

/**
 * Makes of the body of a delivery a message for people: JSON becomes a list of its values, a template's text or
 * HTML stays as it is. Pure.
 */
export function mailMessage(contentType: string, body: string): MailMessage {
  const parsed = /json/.test(contentType) ? parse(body) : undefined;
  if (parsed === undefined) {
    const shown = body.slice(0, plainBodyCharacters);
    const [first = ''] = shown.trimStart().split('\n', 1);
    const isHtml = /^text\/html/i.test(contentType);
    return {
      subject: line(isHtml ? 'Event' : first) || 'Event',
      text: isHtml ? shown.replace(/<[^>]*>/g, '') : shown,
      html: isHtml ? shown : page(`<pre>${escaped(shown)}</pre>`),
    };
  }
  const events = Array.isArray(parsed) ? parsed : [parsed];
  const titles = events.map(titleOf);
  const subject = titles.length === 1 ? (titles[0] ?? 'Event') : `${titles[0]} and ${titles.length - 1} more`;
  const facts: [string, string][] = [];
  for (const event of events) flatten('', withoutFrame(event), facts);
  const shown = facts.slice(0, mostLines);
  const left = facts.length - shown.length;
  const more = left === 0 ? '' : `… and ${left} more values`;
  const rows = shown.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  const time = timeOf(events[0]);
  return {
    subject: line(subject),
    text: [
      titles.join('\n'),
      ...(time === '' ? [] : [time]),
      '',
      ...shown.map(([name, value]) => `${name}: ${value}`),
      more,
    ]
      .join('\n')
      .trimEnd(),
    html: page(
      `<h1>${titles.map(escaped).join('<br>')}</h1><p>${escaped(time)}</p><table>${rows.join('')}</table><p>${escaped(more)}</p>`,
    ),
  };
}

/** Text that keeps to its line, whatever it has in it. */
export function line(text: string, characters = subjectCharacters): string {
  const kept = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return kept.length <= characters ? kept : `${kept.slice(0, characters - 1)}…`;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What the formats call the kind of an event. */
function titleOf(event: unknown): string {
  const { type, eventType, event: name } = objectOf(event);
  const title = [type, eventType, name].find((text) => typeof text === 'string' && text !== '');
  return line(typeof title === 'string' ? title : 'Event');
}

function timeOf(event: unknown): string {
  const { timestamp, time, generatedDate } = objectOf(event);
  const found = [timestamp, time, generatedDate].find((text) => typeof text === 'string');
  return typeof found === 'string' ? line(found, 60) : '';
}

/** The standard body says in `data` what is of interest. */
function withoutFrame(event: unknown): unknown {
  const { type, data } = objectOf(event);
  return typeof type === 'string' && typeof data === 'object' && data !== null ? data : event;
}

function flatten(path: string, value: unknown, facts: [string, string][]): void {
  if (facts.length > 10 * mostLines) return;
  if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      flatten(path === '' ? name : `${path}.${name}`, member, facts);
    }
    return;
  }
  facts.push([line(path, 200) || 'value', line(value === null ? '' : String(value), valueCharacters)]);
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function page(content: string): string {
  const style =
    'body{font-family:sans-serif}h1{font-size:1.2em}th{text-align:left;padding-right:1em;vertical-align:top}pre{white-space:pre-wrap}';
  return `<!doctype html><html><head><meta charset="utf-8"><style>${style}</style></head><body>${content}</body></html>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

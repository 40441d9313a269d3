import { compileTemplate } from '../formats/index.ts';
import { compileFilter, filterLimits } from '../matching/index.ts';
import type { PayloadFormat, WebhookSettings } from '../model/webhook.ts';
import type { FieldReader } from './field-reader.ts';
import type { WebhookLookups } from './settings.ts';

/** The filter expression, checked: it can be evaluated, and the columns it names are those of the table. */
export async function readFilter(
  reader: FieldReader,
  target: Pick<WebhookSettings, 'baseId' | 'tableId'>,
  lookups: WebhookLookups,
): Promise<string | null> {
  const source = reader.text('filter', 1, filterLimits.sourceCharacters);
  if (source === undefined) return null;
  const compiled = compileFilter(source);
  if (!compiled.ok) {
    reader.fail('filter', `${compiled.message} (at character ${compiled.position + 1})`);
    return source;
  }
  const { baseId, tableId } = target;
  const tables = baseId === null || tableId === null ? null : await lookups.tablesOf(baseId);
  const table = tables?.find(({ id }) => id === tableId);
  if (!table) return source;
  for (const { name, position } of compiled.filter.columns) {
    if (table.columns.some((column) => column.name === name)) continue;
    const known = table.columns.map((column) => column.name).join(', ');
    reader.fail('filter', `names "${name}" (at character ${position + 1}); the columns are ${known}`);
  }
  return source;
}

/** The template of the person's own, which the format `template` needs and no other may have. */
export function readTemplate(reader: FieldReader, format: PayloadFormat): WebhookSettings['template'] {
  const given = reader.object('template');
  if (given === undefined) {
    if (format === 'template') reader.fail('template', 'is missing: the format "template" needs one');
    return null;
  }
  if (format !== 'template') {
    reader.fail('template', `must be left out or null, since the format is "${format}"`);
    return null;
  }
  given.allowOnly(['contentType', 'source']);
  const contentType = given.text('contentType', 1, 1_000);
  const source = given.text('source', 0, Number.MAX_SAFE_INTEGER);
  if (contentType === undefined) given.fail('contentType', 'is missing');
  if (source === undefined) given.fail('source', 'is missing');
  if (contentType === undefined || source === undefined) return null;
  const compiled = compileTemplate({ contentType, source });
  if (!compiled.ok)
    given.fail(compiled.member, `${compiled.message} (at character ${compiled.position + 1})`);
  return { contentType, source };
}

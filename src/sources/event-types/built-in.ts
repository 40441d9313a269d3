import {
  type RowEventData,
  type RowEventType,
  rowEventTypes,
  type SystemEventType,
  systemEventTypes,
} from '../../model/event.ts';
import type { JsonSchema } from '../../model/event-type.ts';
import { columnTypes } from '../../model/table.ts';

/** An event type that Rowhook itself sends: in the catalogue of every workspace, and not to be changed. */
export interface BuiltInEventType {
  readonly name: RowEventType | SystemEventType;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example: Readonly<Record<string, unknown>>;
}

const text: JsonSchema = { type: 'string' };
const maybeText: JsonSchema = { type: ['string', 'null'] };
const maybeTime: JsonSchema = { type: ['string', 'null'], format: 'date-time' };
const count: JsonSchema = { type: 'integer', minimum: 0 };
const cells: JsonSchema = { type: 'object', description: 'Values by the name of their column.' };

/** An object with exactly these members. */
function members(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

const change = members({
  key: { ...text, description: 'Key of the column.' },
  name: { ...text, description: 'Name of the column.' },
  type: { enum: columnTypes, description: 'Type of the column.' },
  data: { type: 'object', description: 'What belongs to the column beyond its type, such as options.' },
  value: { description: 'After the change; null when the cell is empty.' },
  oldValue: { description: 'Before the change; null when the cell was empty.' },
});

function rowSchema(
  changes: JsonSchema,
  record: JsonSchema,
  previous: JsonSchema,
): Pick<BuiltInEventType, 'schema'> {
  const schema = members({
    base: { ...text, description: 'Id of the base.' },
    table: members({ id: text, name: text }),
    row: members({ id: text, number: count, name: { ...text, description: 'Its first cell, as text.' } }),
    actor: members({ user: maybeText, app: maybeText }),
    changeSet: { ...text, description: 'Rows changed by one call share it.' },
    changes: { type: 'array', ...changes },
    record,
    previous,
  });
  return { schema };
}

const nameColumn = { key: '0000', name: 'Name', type: 'text', data: {} } as const;
const stateColumn = {
  key: 'a1B2',
  name: 'State',
  type: 'single-select',
  data: {
    options: [
      { id: '1', name: 'Open' },
      { id: '2', name: 'Won' },
    ],
  },
} as const;

function rowExample(
  changes: ReadonlyArray<Omit<RowEventData['changes'][number], 'key'> & { readonly key: string }>,
  record: RowEventData['record'],
  previous: RowEventData['previous'],
): Pick<BuiltInEventType, 'example'> {
  const example = {
    base: '0f3c6a52d1b84e7f9a2b3c4d5e6f7081',
    table: { id: 'Tb1a', name: 'Deals' },
    row: { id: 'AZkQ1x2y3z4A5b6C7d8E9f', number: 1, name: 'Example' },
    actor: { user: 'ann@example.com', app: null },
    changeSet: 'chg_Zy8xW7vU6tS5rQ4p',
    changes,
    record,
    previous,
  };
  return { example };
}

const open = { Name: 'Example', State: 'Open' };
const won = { Name: 'Example', State: 'Won' };

const rowTypes: Readonly<Record<RowEventType, Omit<BuiltInEventType, 'name'>>> = {
  'row.inserted': {
    description: 'A row was added to a table of a base.',
    ...rowSchema({ items: change }, cells, { type: 'null' }),
    ...rowExample(
      [
        { ...nameColumn, value: 'Example', oldValue: null },
        { ...stateColumn, value: 'Open', oldValue: null },
      ],
      open,
      null,
    ),
  },
  'row.updated': {
    description: 'Cells of a row were changed.',
    ...rowSchema({ items: change, minItems: 1 }, cells, cells),
    ...rowExample([{ ...stateColumn, value: 'Won', oldValue: 'Open' }], won, open),
  },
  'row.deleted': {
    description: 'A row was deleted.',
    ...rowSchema({ maxItems: 0 }, { type: 'null' }, cells),
    ...rowExample([], null, won),
  },
};

const webhook = members({ id: text, name: text, url: text });
const exampleWebhook = { id: 'wh_example', name: 'Example', url: 'https://example.com/webhook' };
const failing = {
  failuresInRow: { ...count, description: 'Attempts that failed in a row.' },
  failingSince: { ...maybeTime, description: 'When the first of them failed.' },
};
const exampleFailing = { failuresInRow: 5, failingSince: '2026-01-31T12:00:00.000Z' };

const systemTypes: Readonly<Record<SystemEventType, Omit<BuiltInEventType, 'name'>>> = {
  'webhook.disabled': {
    description: 'A webhook failed for so long that it was disabled.',
    schema: members({ webhook, reason: maybeText, ...failing }),
    example: { webhook: exampleWebhook, reason: 'The last 5 attempts failed.', ...exampleFailing },
  },
  'webhook.recovered': {
    description: 'A webhook that failed delivers again.',
    schema: members({ webhook, ...failing }),
    example: { webhook: exampleWebhook, ...exampleFailing },
  },
  'webhook.backlog': {
    description: 'More events wait for a webhook than the server finds normal.',
    schema: members({
      webhook,
      waiting: { ...count, description: 'Events that wait.' },
      bound: { ...count, description: 'More than this are told of.' },
    }),
    example: { webhook: exampleWebhook, waiting: 12_345, bound: 10_000 },
  },
  'webhook.certificateExpiring': {
    description: 'The client certificate of a webhook is about to expire, or has expired.',
    schema: members({
      webhook,
      subject: { ...text, description: 'Whose certificate it is.' },
      expiresAt: { type: 'string', format: 'date-time' },
      daysLeft: { ...count, description: '0: it has expired.' },
    }),
    example: {
      webhook: exampleWebhook,
      subject: 'CN=hooks.example.com',
      expiresAt: '2027-01-31T00:00:00.000Z',
      daysLeft: 14,
    },
  },
  'delivery.exhausted': {
    description: 'A delivery was given up after its last retry.',
    schema: members({
      webhook,
      delivery: { ...text, description: 'Its `webhook-id`.' },
      eventType: { ...text, description: 'Type of its event, or of the first one of a batch.' },
      attempts: { ...count, minimum: 1, description: 'Requests made.' },
      lastErrorCode: { ...maybeText, description: 'Code of the last failure.' },
      lastHttpStatus: { type: ['integer', 'null'], description: 'Status of the last answer.' },
    }),
    example: {
      webhook: exampleWebhook,
      delivery: 'msg_0mf1x2a3b00000017_1',
      eventType: 'invoice.paid',
      attempts: 8,
      lastErrorCode: 'HTTP_STATUS',
      lastHttpStatus: 500,
    },
  },
};

/** In order of their names. */
export const builtInEventTypes: readonly BuiltInEventType[] = [
  ...rowEventTypes.map((name): BuiltInEventType => ({ name, ...rowTypes[name] })),
  ...systemEventTypes.map((name): BuiltInEventType => ({ name, ...systemTypes[name] })),
].sort((one, other) => (one.name < other.name ? -1 : 1));

export function findBuiltIn(name: string): BuiltInEventType | null {
  return builtInEventTypes.find((builtIn) => builtIn.name === name) ?? null;
}

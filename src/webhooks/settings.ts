import { batchableFormats, formatAccepts } from '../formats/index.ts';
import { emailsOf, isMailAddress, mailtoUrl } from '../model/mail-target.ts';
import { type FieldError, Problem } from '../model/problem.ts';
import type { Table } from '../model/table.ts';
import {
  type PayloadFormat,
  payloadFormats,
  presets,
  signatures,
  type WebhookSettings,
} from '../model/webhook.ts';
import { faultOfTag } from '../sources/events/texts.ts';
import { readDelivery, readRetry } from './delivery-settings.ts';
import { readFilter, readTemplate } from './expressions.ts';
import { FieldReader, isObject, shown } from './field-reader.ts';
import { readHeaders } from './headers.ts';
import { webhookLimits } from './limits.ts';
import { type Behaviour, presetBehaviours } from './presets.ts';
import { faultOfSecret } from './secret.ts';
import { showSettings } from './show.ts';
import { faultOfEventTypePattern, readTarget } from './targets.ts';
import { readTls } from './tls.ts';

/** Members of a webhook that a person may send. */
export const settingNames = [
  'name',
  'memo',
  'url',
  'emails',
  'enabled',
  'preset',
  'eventTypes',
  'base',
  'table',
  'tags',
  'readyColumn',
  'filterColumns',
  'filter',
  'format',
  'template',
  'signature',
  'headers',
  'tls',
  'success',
  'timeoutMs',
  'connectTimeoutMs',
  'retry',
  'disable',
  'batch',
  'order',
  'concurrency',
  'ratePerSecond',
] as const;
const readOnlyNames = [
  'id',
  'version',
  'status',
  'usage',
  'publicKey',
  'previousSecretUntil',
  'clientCertificate',
  'createdAt',
  'updatedAt',
  'differsFromPreset',
];

/** Members that a preset fills in; a change of the preset resets those that are not sent along. */
const behaviourNames = [
  'format',
  'signature',
  'success',
  'timeoutMs',
  'connectTimeoutMs',
  'retry',
  'disable',
  'batch',
  'order',
  'concurrency',
  'ratePerSecond',
] as const;

/** What settings are checked against. */
export interface WebhookLookups {
  /** The tables of a base of the workspace; null when there is no such base. */
  readonly tablesOf: (base: string) => Promise<readonly Table[] | null>;
  /** Why a webhook may not have this URL, as a sentence; null when it may. */
  readonly refuseUrl: (url: string) => string | null;
}

export interface NewWebhookInput {
  readonly settings: WebhookSettings;
  readonly enabled: boolean;
  /** The signing secret that the creator chose; null: one is to be made. */
  readonly secret: string | null;
}

export interface WebhookPatch {
  /** Null: no setting is touched. */
  readonly settings: WebhookSettings | null;
  /** Null: the state is not touched. */
  readonly enabled: boolean | null;
}

/**
 * Complete settings out of what a person sends to create a webhook. Throws a Problem that names every mistake;
 * `pointer` is where the input stands in the body.
 */
export async function resolveSettings(
  input: unknown,
  lookups: WebhookLookups,
  pointer = '',
): Promise<NewWebhookInput> {
  const errors: FieldError[] = [];
  const reader = readerOf(input, errors, pointer);
  reader.allowOnly([...settingNames, 'secret'], readOnlyNames);
  const settings = await readSettings(reader, lookups, { headers: {}, tls: null });
  const enabled = reader.flag('enabled') ?? true;
  const secret = reader.text('secret', 1, 200) ?? null;
  const fault = secret === null ? null : faultOfSecret(secret, settings.signature);
  if (fault !== null) reader.fail('secret', fault);
  refuse(errors);
  return { settings, enabled, secret };
}

/**
 * Settings after a change: members that are absent stay, `null` goes back to the preset's value, the
 * members of `retry`, `disable`, `batch` and `tls` are changed one by one, `headers` and lists as a whole.
 */
export async function patchSettings(
  current: WebhookSettings,
  patch: unknown,
  lookups: WebhookLookups,
): Promise<WebhookPatch> {
  const errors: FieldError[] = [];
  const patchReader = readerOf(patch, errors);
  patchReader.allowOnly(settingNames, readOnlyNames);
  const enabled = patchReader.flag('enabled') ?? null;
  const { enabled: _, ...changes } = patch as Record<string, unknown>;
  if (Object.keys(changes).length === 0) {
    refuse(errors);
    return { settings: null, enabled };
  }
  const reader = new FieldReader(merge(current, changes), '', errors);
  const settings = await readSettings(reader, lookups, current);
  refuse(errors);
  return { settings, enabled };
}

/** The settings of behaviour that are not as the preset has them. */
export function differsFromPreset(settings: WebhookSettings): readonly (keyof Behaviour)[] {
  const behaviour = presetBehaviours[settings.preset];
  const names = Object.keys(behaviour) as (keyof Behaviour)[];
  return names.filter((name) => JSON.stringify(settings[name]) !== JSON.stringify(behaviour[name]));
}

function merge(current: WebhookSettings, changes: Readonly<Record<string, unknown>>): object {
  const merged = new Map<string, unknown>(Object.entries(showSettings(current)));
  if (changes.preset !== undefined && changes.preset !== current.preset) {
    for (const name of behaviourNames) merged.delete(name);
  }
  // A webhook goes to a URL or to mail addresses: naming the one takes the other away.
  if (changes.emails != null || (changes.url === undefined && merged.get('emails') !== null))
    merged.delete('url');
  else if (changes.url !== undefined) merged.delete('emails');
  // One that is sent along is checked; otherwise the new order decides.
  if (changes.order !== undefined && changes.order !== current.order) merged.delete('concurrency');
  for (const [name, value] of Object.entries(changes)) {
    const before = merged.get(name);
    const memberwise = ['retry', 'disable', 'batch', 'tls'].includes(name);
    merged.set(name, memberwise && isObject(before) && isObject(value) ? { ...before, ...value } : value);
  }
  return Object.fromEntries(merged);
}

async function readSettings(
  reader: FieldReader,
  lookups: WebhookLookups,
  kept: Pick<WebhookSettings, 'headers' | 'tls'>,
): Promise<WebhookSettings> {
  const preset = reader.word('preset', presets) ?? 'plain';
  const behaviour = presetBehaviours[preset];
  if (reader.raw('name') === undefined) reader.fail('name', 'is missing');
  const headers = reader.object('headers');
  const name = readName(reader);
  const url = readDestination(reader, lookups);
  const target = await readTarget(reader, lookups.tablesOf);
  const eventTypes =
    reader.texts('eventTypes', 1, webhookLimits.eventTypes, faultOfEventTypePattern) ?? behaviour.eventTypes;
  const format = reader.word('format', payloadFormats) ?? behaviour.format;
  const delivery = readDelivery(reader, behaviour);
  checkFormat(reader, format, eventTypes, delivery.batch.maxEvents);
  return checkMail(reader, {
    name,
    memo: reader.text('memo', 0, webhookLimits.memoCharacters) ?? '',
    url,
    preset,
    eventTypes,
    ...target,
    tags: reader.texts('tags', 0, webhookLimits.tags, faultOfTag) ?? [],
    filter: await readFilter(reader, target, lookups),
    format,
    template: readTemplate(reader, format),
    signature: reader.word('signature', signatures) ?? behaviour.signature,
    headers: headers ? readHeaders(headers, kept.headers) : {},
    tls: readTls(reader, url, kept.tls),
    success: reader.word('success', ['2xx', '200']) ?? behaviour.success,
    retry: readRetry(reader, behaviour.retry),
    ...delivery,
  });
}

/** Some formats know rows only, and some one event per request. */
function checkFormat(
  reader: FieldReader,
  format: PayloadFormat,
  eventTypes: readonly string[],
  maxEvents: number,
): void {
  if (!formatAccepts(format, eventTypes)) {
    reader.fail('eventTypes', `must be of rows only (row.*), since the format is "${format}"`);
  }
  if (maxEvents > 1 && !batchableFormats.includes(format)) {
    reader.fail('batch', `must have maxEvents 1, since the format "${format}" has one event per request`);
  }
}

function readName(reader: FieldReader): string {
  const name = reader.text('name', 1, webhookLimits.nameCharacters);
  if (name === undefined) return '';
  if (name.trim() === '' || /[\p{Cc}\p{Cs}]/u.test(name)) {
    reader.fail('name', 'must not be blank or have control characters');
  }
  return name.trim();
}

/** Where deliveries go: a URL, or mail addresses, written as a URL of their own. */
function readDestination(reader: FieldReader, lookups: WebhookLookups): string {
  const emails = reader.texts('emails', 1, webhookLimits.emails, (item) =>
    isMailAddress(item) ? null : `must be a mail address such as ann@example.com, not ${shown(item)}`,
  );
  if (reader.raw('emails') === undefined) {
    if (reader.raw('url') === undefined) reader.fail('url', 'is missing');
    return readUrl(reader, lookups);
  }
  if (reader.raw('url') !== undefined) reader.fail('url', 'cannot be there together with emails');
  if (emails === undefined) return '';
  const url = mailtoUrl(emails);
  const refusal = lookups.refuseUrl(url);
  if (refusal !== null) reader.fail('emails', `is refused: ${refusal.replace(/\.$/, '')}`);
  return url;
}

/** Mails are for people: they go slowly, and their answers are those of a mail server. */
function checkMail(reader: FieldReader, settings: WebhookSettings): WebhookSettings {
  if (emailsOf(settings.url) === null) return settings;
  const most = webhookLimits.mailRatePerSecond;
  if ((settings.ratePerSecond ?? 0) > most) {
    reader.fail('ratePerSecond', `must be at most ${most} for mail addresses`);
  }
  return { ...settings, success: '2xx', ratePerSecond: settings.ratePerSecond ?? most };
}

function readUrl(reader: FieldReader, lookups: WebhookLookups): string {
  const url = reader.text('url', 1, webhookLimits.urlCharacters);
  if (url === undefined) return '';
  const refusal = lookups.refuseUrl(url);
  // The sentence around it brings its own full stop.
  if (refusal !== null) reader.fail('url', `is refused: ${refusal.replace(/\.$/, '')}`);
  // As an answer writes the addresses of a webhook; sent back so, it means the same.
  if ((emailsOf(url)?.length ?? 0) > webhookLimits.emails) {
    reader.fail('url', `must have at most ${webhookLimits.emails} mail addresses`);
  }
  return url;
}

function readerOf(input: unknown, errors: FieldError[], pointer = ''): FieldReader {
  if (!isObject(input)) {
    const detail = `must be an object, not ${input === undefined ? 'empty' : shown(input)}`;
    throw new Problem('invalid-input', `The body ${detail}.`, [{ pointer, detail }]);
  }
  return new FieldReader(input, pointer, errors);
}

function refuse(errors: readonly FieldError[]): void {
  const first = errors[0];
  if (!first) return;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : '';
  throw new Problem('invalid-input', `${first.pointer} ${first.detail}${more}.`, errors);
}

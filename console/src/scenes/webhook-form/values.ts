import type { NewWebhook, Preset, PresetDescription, Webhook } from '../../api/types.ts';
import {
  durationListText,
  durationText,
  parseDuration,
  parseDurationList,
} from '../../shared/duration-text.ts';

/** What each preset fills in, as the server says. */
export type Presets = ReadonlyMap<Preset, PresetDescription>;

export interface HeaderLine {
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

/** The form's fields, under the paths that the server names when it refuses one. Durations are as typed. */
export interface FormValues {
  name: string;
  memo: string;
  url: string;
  preset: Preset;
  eventTypes: string[];
  base: string | null;
  table: string | null;
  tags: string[];
  readyColumn: string | null;
  filterColumns: string[];
  filter: string;
  format: Webhook['format'];
  template: { contentType: string; source: string };
  signature: Webhook['signature'];
  headers: HeaderLine[];
  success: Webhook['success'];
  timeoutMs: string;
  connectTimeoutMs: string;
  order: Webhook['order'];
  concurrency: number | string;
  ratePerSecond: number | string;
  retry: { delaysMs: string; jitter: number; forever: boolean };
  disable: { afterFailures: number | string; afterFailingMs: string };
  batch: { maxEvents: number | string; maxWaitMs: string };
}

const knobNames = [
  'format',
  'signature',
  'success',
  'timeoutMs',
  'connectTimeoutMs',
  'order',
  'concurrency',
  'ratePerSecond',
  'retry',
  'disable',
  'batch',
] as const satisfies readonly (keyof FormValues)[];
export type KnobName = (typeof knobNames)[number];
type Knobs = Pick<FormValues, KnobName>;
type Behaviour = Omit<PresetDescription, 'name' | 'eventTypes'>;

let lines = 0;
/** A header of the form; the key tells lines apart while they are edited. */
export function headerLine(name = '', value = ''): HeaderLine {
  return { key: `header-${++lines}`, name, value };
}

function knobsOf(behaviour: Behaviour): Knobs {
  const { retry, disable, batch } = behaviour;
  return {
    format: behaviour.format,
    signature: behaviour.signature,
    success: behaviour.success,
    timeoutMs: durationText(behaviour.timeoutMs),
    connectTimeoutMs: durationText(behaviour.connectTimeoutMs),
    order: behaviour.order,
    concurrency: behaviour.concurrency,
    ratePerSecond: behaviour.ratePerSecond ?? '',
    retry: {
      delaysMs: durationListText(retry.delaysMs),
      jitter: Math.round(retry.jitter * 100),
      forever: retry.forever,
    },
    disable: {
      afterFailures: disable.afterFailures ?? '',
      afterFailingMs: disable.afterFailingMs === null ? '' : durationText(disable.afterFailingMs),
    },
    batch: { maxEvents: batch.maxEvents, maxWaitMs: durationText(batch.maxWaitMs) },
  };
}

/** The knobs as a preset has them. */
export function presetKnobs(presets: Presets, preset: Preset): Knobs & Pick<FormValues, 'eventTypes'> {
  const behaviour = presets.get(preset);
  if (!behaviour) throw new Error(`The server does not say what the preset ${preset} fills in.`);
  return { ...knobsOf(behaviour), eventTypes: [...behaviour.eventTypes] };
}

/** Knobs that are not as the preset has them. */
export function knobsThatDiffer(presets: Presets, values: FormValues): readonly KnobName[] {
  const preset = knobSettings({ ...values, ...presetKnobs(presets, values.preset) });
  const chosen = knobSettings(values);
  return knobNames.filter((name) => JSON.stringify(chosen[name]) !== JSON.stringify(preset[name]));
}

/** The form of a new webhook. */
export function emptyValues(presets: Presets, given: Partial<FormValues> = {}): FormValues {
  return {
    name: '',
    memo: '',
    url: '',
    preset: 'plain',
    base: null,
    table: null,
    tags: [],
    readyColumn: null,
    filterColumns: [],
    filter: '',
    template: { contentType: 'application/json', source: '' },
    headers: [],
    ...presetKnobs(presets, 'plain'),
    ...given,
  };
}

/** The form of a webhook that there is. */
export function valuesOf(webhook: Webhook): FormValues {
  const { name, memo, url, preset, base, table, readyColumn } = webhook;
  return {
    name,
    memo,
    url,
    preset,
    eventTypes: [...webhook.eventTypes],
    base,
    table,
    tags: [...webhook.tags],
    readyColumn,
    filterColumns: [...webhook.filterColumns],
    filter: webhook.filter ?? '',
    template: webhook.template ?? { contentType: 'application/json', source: '' },
    headers: Object.entries(webhook.headers).map(([header, value]) => headerLine(header, value)),
    ...knobsOf(webhook),
  };
}

const numberOrNull = (value: number | string): number | null => (value === '' ? null : Number(value));

const duration = (text: string): number => parseDuration(text) ?? 0;

/** The knobs as the API takes them. Durations have been checked before. */
function knobSettings(values: FormValues) {
  return {
    format: values.format,
    signature: values.signature,
    success: values.success,
    timeoutMs: duration(values.timeoutMs),
    connectTimeoutMs: duration(values.connectTimeoutMs),
    order: values.order,
    concurrency: values.order === 'ordered' ? 1 : Number(values.concurrency || 1),
    ratePerSecond: numberOrNull(values.ratePerSecond),
    retry: {
      delaysMs: [...(parseDurationList(values.retry.delaysMs) ?? [])],
      jitter: values.retry.jitter / 100,
      forever: values.retry.forever,
    },
    disable: {
      afterFailures: numberOrNull(values.disable.afterFailures),
      afterFailingMs:
        values.disable.afterFailingMs.trim() === '' ? null : duration(values.disable.afterFailingMs),
    },
    batch: { maxEvents: Number(values.batch.maxEvents || 1), maxWaitMs: duration(values.batch.maxWaitMs) },
  } satisfies Record<KnobName, unknown>;
}

/** All members as the API takes them. */
function settingsOf(values: FormValues): NewWebhook {
  return {
    name: values.name.trim(),
    memo: values.memo,
    url: values.url.trim(),
    preset: values.preset,
    eventTypes: [...values.eventTypes],
    base: values.base,
    table: values.table,
    tags: [...values.tags],
    readyColumn: values.readyColumn,
    filterColumns: [...values.filterColumns],
    filter: values.filter.trim() === '' ? null : values.filter.trim(),
    template: values.format === 'template' ? { ...values.template } : null,
    headers: Object.fromEntries(
      values.headers
        .filter(({ name }) => name.trim() !== '')
        .map(({ name, value }) => [name.trim().toLowerCase(), value]),
    ),
    ...knobSettings(values),
  };
}

/** What to send so that `before` becomes `after`: only the members that differ; the rest is the preset's. */
export function changedSettings(
  presets: Presets,
  before: FormValues,
  after: FormValues,
): Partial<NewWebhook> {
  const isOtherPreset = after.preset !== before.preset;
  const baseline = settingsOf(isOtherPreset ? { ...before, ...presetKnobs(presets, after.preset) } : before);
  if (isOtherPreset) baseline.preset = before.preset;
  const wanted = settingsOf(after);
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(baseline[name as keyof NewWebhook]),
    ),
  );
}

/** The body for a new webhook: what is not as the preset has it. */
export function newSettings(presets: Presets, values: FormValues): NewWebhook {
  const blank = emptyValues(presets, presetKnobs(presets, values.preset));
  const { name, url, preset, eventTypes } = settingsOf(values);
  return {
    ...changedSettings(presets, { ...blank, preset: values.preset }, values),
    name,
    ...(url === undefined ? {} : { url }),
    preset: preset ?? 'plain',
    eventTypes: eventTypes ?? [],
  };
}

import { rowEventTypes } from '../model/event.ts';
import type { PayloadFormat } from '../model/webhook.ts';

/** Formats in which several events fit one body; the others have one event per request. */
export const batchableFormats: readonly PayloadFormat[] = ['standard', 'grist', 'cloudevents', 'template'];

/** Formats that know rows only. */
const rowFormats: readonly PayloadFormat[] = ['seatable', 'grist'];
const rowPatterns: readonly string[] = ['row.*', ...rowEventTypes];

/**
 * Whether a webhook with these event types may have the format. SeaTable's and Grist's consumers expect
 * rows: a webhook in their formats must listen to row changes only.
 */
export function formatAccepts(format: PayloadFormat, eventTypes: readonly string[]): boolean {
  return !rowFormats.includes(format) || eventTypes.every((pattern) => rowPatterns.includes(pattern));
}

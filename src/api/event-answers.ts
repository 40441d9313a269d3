import { Type } from 'typebox';
import type { JournalEvent } from '../model/event.ts';
import { eventId } from '../model/ids.ts';
import { nullableText, texts, timestamp } from './schemas.ts';
import { showTime } from './times.ts';

export const eventMembers = {
  id: Type.String(),
  type: Type.String({ description: 'Name of the event type.' }),
  occurredAt: timestamp('When it happened.'),
  acceptedAt: timestamp('When it became durable.'),
  tags: texts(),
  row: Type.Unsafe<{ base: string; table: string; id: string; changeSet: string } | null>({
    type: ['object', 'null'],
    properties: {
      base: { type: 'string' },
      table: { type: 'string' },
      id: { type: 'string' },
      changeSet: { type: 'string', description: 'Rows changed by one call share it.' },
    },
    required: ['base', 'table', 'id', 'changeSet'],
    description: 'The row it is about; null for an event that an application posted.',
  }),
  simulatedFor: nullableText('The webhook for which it was simulated; null for a real event.'),
  data: Type.Unknown({ description: 'The `data` of the standard body.' }),
};

/** An event as the API answers it. */
export function showEvent(event: JournalEvent) {
  const { subject } = event;
  return {
    id: eventId(event.acceptedAtMs, event.seq),
    type: event.type,
    occurredAt: showTime(event.occurredAtMs),
    acceptedAt: showTime(event.acceptedAtMs),
    tags: event.tags,
    row:
      subject === null
        ? null
        : {
            base: subject.table.baseId,
            table: subject.table.id,
            id: subject.rowId,
            changeSet: subject.changeSetId,
          },
    simulatedFor: event.simulatedFor ?? null,
    data: JSON.parse(event.dataJson) as unknown,
  };
}

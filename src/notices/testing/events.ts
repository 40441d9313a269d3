import type { JournalEvent, NewEvent, SystemEventType } from '../../model/event.ts';

/** A system event as delivery makes it, about the webhook called `name`. */
export function systemEvent(
  type: SystemEventType,
  name: string,
  facts: Readonly<Record<string, unknown>> = {},
  occurredAtMs = Date.UTC(2026, 0, 1, 10),
): NewEvent {
  const word = name.replace(/[^0-9A-Za-z]/g, '').slice(0, 16) || 'x';
  const webhook = { id: `wh_${word}`, name, url: `https://${word.toLowerCase()}.example/secret-path?key=1` };
  return { type, occurredAtMs, dataJson: JSON.stringify({ webhook, ...facts }), tags: [], subject: null };
}

/** The same, in the journal. */
export function journalEvent(event: NewEvent, different: Partial<JournalEvent> = {}): JournalEvent {
  return { ...event, workspaceNumber: 1, seq: 1, acceptedAtMs: event.occurredAtMs, ...different };
}

import { isSystemEventType, type JournalEvent } from '../model/event.ts';

export const noticeKinds = ['disabled', 'recovered', 'backlog', 'certificate', 'exhausted'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** The webhook that a notice is about, as it was then. */
export interface NoticedWebhook {
  readonly id: string;
  readonly workspaceNumber: number;
  readonly name: string;
  /** Host of its URL. The rest is not for a mail: paths and queries often carry secrets. */
  readonly host: string;
}

/** What a system event says, as far as a mail tells it. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly webhook: NoticedWebhook;
  readonly atMs: number;
  /** A line for a person; empty: there is nothing to add. */
  readonly detail: string;
}

export const nameCharacters = 80;
const detailCharacters = 300;
const webhookId = /^wh_[0-9A-Za-z]{1,64}$/;

/**
 * What the event tells of a webhook, or null when it is no system event, or a simulated one. Never throws:
 * it runs between a commit and those who wait for it.
 */
export function noticeOf(event: JournalEvent): Notice | null {
  if (!isSystemEventType(event.type) || event.simulatedFor !== undefined) return null;
  const data: SystemEventData = parse(event.dataJson);
  const webhook: { id?: unknown; name?: unknown; url?: unknown } = objectOf(data.webhook);
  const { id } = webhook;
  if (typeof id !== 'string' || !webhookId.test(id)) return null;
  const noticed: NoticedWebhook = {
    id,
    workspaceNumber: event.workspaceNumber,
    name: plainText(webhook.name, nameCharacters) || id,
    host: typeof webhook.url === 'string' ? (URL.parse(webhook.url)?.host ?? '') : '',
  };
  const about = { webhook: noticed, atMs: event.occurredAtMs };
  switch (event.type) {
    case 'webhook.disabled':
      return { ...about, kind: 'disabled', detail: plainText(data.reason, detailCharacters) };
    case 'webhook.recovered':
      return { ...about, kind: 'recovered', detail: recoveredDetail(data) };
    case 'webhook.backlog':
      return { ...about, kind: 'backlog', detail: backlogDetail(data) };
    case 'webhook.certificateExpiring':
      return { ...about, kind: 'certificate', detail: certificateDetail(data) };
    case 'delivery.exhausted':
      return { ...about, kind: 'exhausted', detail: exhaustedDetail(data) };
  }
}

/** The data of a system event, as far as it is read here; whoever wrote it, it is looked at before use. */
interface SystemEventData {
  readonly webhook?: unknown;
  readonly reason?: unknown;
  readonly failuresInRow?: unknown;
  readonly failingSince?: unknown;
  readonly waiting?: unknown;
  readonly bound?: unknown;
  readonly subject?: unknown;
  readonly expiresAt?: unknown;
  readonly daysLeft?: unknown;
  readonly eventType?: unknown;
  readonly lastErrorCode?: unknown;
  readonly lastHttpStatus?: unknown;
}

function recoveredDetail(data: SystemEventData): string {
  const since = plainText(data.failingSince, detailCharacters);
  const failures = `${quantity(data.failuresInRow, 'attempt')} had failed in a row`;
  return since === '' ? `${failures}.` : `${failures}, since ${since}.`;
}

function backlogDetail(data: SystemEventData): string {
  return `${quantity(data.waiting, 'event')} wait; the bound for this notice is ${quantity(data.bound, 'event')}.`;
}

function certificateDetail({ subject, expiresAt, daysLeft }: SystemEventData): string {
  const when = daysLeft === 0 ? 'has expired' : `expires in ${quantity(daysLeft, 'day')}`;
  return `The certificate of ${plainText(subject, 120)} ${when}: ${plainText(expiresAt, 40)}.`;
}

function exhaustedDetail(data: SystemEventData): string {
  const status = data.lastHttpStatus;
  const error = typeof status === 'number' ? `HTTP status ${status}` : plainText(data.lastErrorCode, 80);
  return `The last one is of type ${plainText(data.eventType, 80)} and failed with ${error}.`;
}

/** `1 event`, `10,432 events`. */
export function quantity(number: unknown, noun: string): string {
  const known = typeof number === 'number' ? number : 0;
  return `${known.toLocaleString('en-US')} ${noun}${known === 1 ? '' : 's'}`;
}

/** Text that keeps to its line: a name with a line break in it must not pass for another line of the mail. */
export function plainText(value: unknown, characters: number): string {
  if (typeof value !== 'string') return '';
  const line = value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return line.length <= characters ? line : `${line.slice(0, characters - 1)}…`;
}

function parse(json: string): object {
  try {
    return objectOf(JSON.parse(json));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

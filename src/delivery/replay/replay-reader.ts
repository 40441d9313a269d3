import { matchSettings } from '../../matching/index.ts';
import type { Delivery, ReplayMark } from '../../model/delivery.ts';
import type { JournalEvent } from '../../model/event.ts';
import type { Replay } from '../../model/replay.ts';
import type { Webhook } from '../../model/webhook.ts';
import type { Store } from '../../store/port.ts';
import type { Outgoing } from '../outgoing.ts';
import type { Prepare } from '../prepare.ts';

/** What a replay looks at in one step. */
const pageEvents = 200;
const pageBytes = 512 * 1024;

/** One delivery to send again, and the place up to which it settles the replay's period. */
export interface ReplayItem {
  readonly events: readonly JournalEvent[];
  /** As the log has it; null: these events were never delivered to this webhook. */
  readonly before: Delivery | null;
}

/** Which events of the journal a replay looks at, and which of them it wants. */
export type ReplayRange = Pick<Replay, 'scope' | 'toSeq'>;

export interface ReplayPage {
  readonly items: readonly ReplayItem[];
  /** Everything up to here has been looked at. */
  readonly upToSeq: number;
}

/** The next part of a replay's period: what in it must be sent again, to the webhook as it is now. */
export async function readReplayPage(
  store: Store,
  replay: ReplayRange,
  webhook: Webhook,
  afterSeq: number,
): Promise<ReplayPage> {
  return replay.scope === 'failed'
    ? readFailed(store, replay, webhook, afterSeq)
    : readMatching(store, replay, webhook, afterSeq);
}

async function readFailed(
  store: Store,
  replay: ReplayRange,
  webhook: Webhook,
  afterSeq: number,
): Promise<ReplayPage> {
  const failed = await store.deliveries.exhausted(webhook.number, afterSeq, replay.toSeq, pageEvents);
  const items = await Promise.all(failed.map((delivery) => itemOf(store, delivery)));
  const last = failed.at(-1);
  const isEnd = failed.length < pageEvents || last === undefined;
  return { items: items.filter((item) => item.events.length > 0), upToSeq: isEnd ? replay.toSeq : last.seq };
}

async function readMatching(
  store: Store,
  replay: ReplayRange,
  webhook: Webhook,
  afterSeq: number,
): Promise<ReplayPage> {
  const page = await store.journal.read(webhook.workspaceNumber, afterSeq, pageEvents, pageBytes);
  const events = page.filter((event) => event.seq <= replay.toSeq);
  const upToSeq = Math.min(page.at(-1)?.seq ?? replay.toSeq, replay.toSeq);
  const recorded = new Map<number, Delivery>();
  for (const delivery of await store.deliveries.between(webhook.number, afterSeq, upToSeq)) {
    for (const seq of delivery.batchSeqs ?? [delivery.seq]) recorded.set(seq, delivery);
  }
  const items: ReplayItem[] = [];
  let missed: JournalEvent[] = [];
  const flush = (): void => {
    if (missed.length > 0) items.push({ events: missed, before: null });
    missed = [];
  };
  for (const event of events) {
    const before = recorded.get(event.seq) ?? null;
    if (before === null) {
      if (event.simulatedFor !== undefined || !matchSettings(event, webhook.settings).fires) continue;
      missed.push(event);
      if (missed.length >= webhook.settings.batch.maxEvents) flush();
    } else if (before.seq === event.seq && isWanted(before, replay)) {
      // A batch is sent again as it was, where its first event stands.
      flush();
      const item = await itemOf(store, before);
      if (item.events.length > 0) items.push(item);
    }
  }
  flush();
  return { items, upToSeq };
}

function isWanted(delivery: Delivery, replay: ReplayRange): boolean {
  if (delivery.simulated || delivery.state === 'retrying' || delivery.state === 'sending') return false;
  return replay.scope === 'all' || delivery.state === 'discarded';
}

async function itemOf(store: Store, delivery: Delivery): Promise<ReplayItem> {
  const seqs = delivery.batchSeqs ?? [delivery.seq];
  const events = await store.journal.findMany(delivery.workspaceNumber, seqs);
  // Part of a batch under its id would be taken for the whole; what retention has removed cannot be sent again.
  return { events: events.length < seqs.length ? [] : events, before: delivery };
}

/** The delivery that an item becomes, under the webhook's present settings. It is attempted once. */
export function outgoingAgain(
  item: ReplayItem,
  webhook: Webhook,
  prepare: Prepare,
  mark: ReplayMark,
  onFinished: (succeeded: boolean) => void,
): Outgoing {
  const [first] = item.events;
  if (first === undefined) throw new Error('A replay item has at least one event.');
  const payload = prepare(item.events, webhook.settings);
  return {
    seq: first.seq,
    acceptedAtMs: first.acceptedAtMs,
    batchSeqs: item.events.length > 1 ? item.events.map((event) => event.seq) : null,
    eventType: first.type,
    simulated: first.simulatedFor !== undefined,
    contentType: payload.contentType,
    body: payload.body,
    unsendable: payload.unsendable,
    attempts: item.before?.attempts ?? 0,
    scheduleStep: 0,
    origin: { kind: 'again', before: item.before, onFinished },
    mark,
    recorded: item.before !== null,
    createdAtMs: item.before?.createdAtMs ?? null,
    entries: [],
  };
}

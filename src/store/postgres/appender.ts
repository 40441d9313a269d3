import type { JournalEvent, NewEvent } from '../../model/event.ts';
import type { NewScheduledEvent, PublicationKey } from '../port.ts';
import { type Append, appendCall, appendedEvents, bytesOf } from './append.ts';
import { dayOf } from './days.ts';
import { GroupCommit } from './group-commit.ts';
import type { JournalParts } from './journal.ts';
import type { Link } from './link.ts';
import { claimKeys, insertScheduled, keysNow, type StoredKey } from './publication-statements.ts';
import type { Call } from './statement.ts';

/** What one call has to append, all or none; and once only, if it has a key. */
export interface AppendRequest {
  readonly workspaceNumber: number;
  readonly events: readonly NewEvent[];
  readonly scheduled: readonly NewScheduledEvent[];
  readonly key: PublicationKey | null;
}

export type AppendOutcome =
  | { readonly kind: 'appended'; readonly events: readonly JournalEvent[] }
  /** The key was used before. */
  | { readonly kind: 'used'; readonly by: StoredKey };

type Prepared = Append &
  Pick<AppendRequest, 'scheduled'> & { readonly publicationKey: PublicationKey | null };

/** Appends of this process in groups: one transaction at a time, over all shards. */
export class Appender {
  readonly #parts: JournalParts;
  readonly #groups: GroupCommit<Prepared, AppendOutcome>;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#groups = new GroupCommit<Prepared, AppendOutcome>({
      commit: (group) => this.#commit(group),
      bytesOf,
    });
  }

  async append(workspaceNumber: number, events: readonly NewEvent[]): Promise<readonly JournalEvent[]> {
    if (events.length === 0) return [];
    const outcome = await this.publish({ workspaceNumber, events, scheduled: [], key: null });
    return outcome.kind === 'appended' ? outcome.events : [];
  }

  publish({ workspaceNumber, events, scheduled, key }: AppendRequest): Promise<AppendOutcome> {
    const { clock, shards } = this.#parts;
    return this.#groups.add({
      shard: shards.ofWorkspace(workspaceNumber),
      workspaceNumber,
      events,
      scheduled,
      publicationKey: key,
      acceptedAtMs: clock.nowMs(),
      ...(key && events.length > 0 ? { key: key.key } : {}),
    });
  }

  drain(): Promise<void> {
    return this.#groups.drain();
  }

  async #commit(group: readonly Prepared[]): Promise<readonly AppendOutcome[]> {
    const { connections, tails } = this.#parts;
    const { outcomes, appends, appended } = await connections.write((link) =>
      group.some(({ publicationKey }) => publicationKey)
        ? this.#writeOnce(link, group)
        : this.#write(link, group),
    );
    if (appends.length > 0) {
      await tails.appended(appended.map((events, index) => ({ shard: appends[index]?.shard ?? 0, events })));
    }
    return outcomes;
  }

  /** Without keys, everything is known beforehand, and the group takes one way to the server and back. */
  async #write(link: Link, group: readonly Prepared[]): Promise<Written> {
    return this.#finish(group, group, null, (calls) => link.commitAll(calls));
  }

  /** Claims the keys first. Who uses the same one elsewhere at the moment is waited for. */
  async #writeOnce(link: Link, group: readonly Prepared[]): Promise<Written> {
    const keys = firstUses(group);
    const [claimed, found] = await link.open([claimKeys(keys), keysNow(keys)]);
    const own = new Set(((claimed?.rows ?? []) as StoredKey[]).map(nameOf));
    const known = new Map(((found?.rows ?? []) as StoredKey[]).map((stored) => [nameOf(stored), stored]));
    const first = new Set(keys.filter((one) => own.has(nameOf(one))).map(({ request }) => request));
    const isNew = (request: Prepared): boolean => request.publicationKey === null || first.has(request);
    return this.#finish(group, group.filter(isNew), known, (calls) => link.commitWith(calls));
  }

  async #finish(
    group: readonly Prepared[],
    fresh: readonly Prepared[],
    known: ReadonlyMap<string, StoredKey> | null,
    commit: (calls: readonly Call[]) => ReturnType<Link['commitAll']>,
  ): Promise<Written> {
    const { clock } = this.#parts;
    const appends = fresh.filter(({ events }) => events.length > 0);
    const scheduled = fresh.flatMap(({ scheduled: some, workspaceNumber }) =>
      some.map((one) => ({ workspaceNumber, scheduled: one })),
    );
    const calls = [
      ...(scheduled.length > 0 ? [insertScheduled(scheduled, clock.nowMs())] : []),
      ...(appends.length > 0 ? [appendCall(appends, dayOf(clock.nowMs()))] : []),
    ];
    const results = await commit(calls);
    const appended = appends.length > 0 ? appendedEvents(appends, results[calls.length - 1]?.rows ?? []) : [];
    const eventsOf = new Map(appends.map((request, index) => [request, appended[index] ?? []]));
    const byKey = new Map(fresh.map((request) => [keyNameOf(request), request]));
    const outcomes = group.map((request): AppendOutcome => {
      if (fresh.includes(request)) return { kind: 'appended', events: eventsOf.get(request) ?? [] };
      const twin = byKey.get(keyNameOf(request));
      const stored = known?.get(keyNameOf(request) ?? '');
      if (twin?.publicationKey) return { kind: 'used', by: usedBy(twin, eventsOf.get(twin) ?? []) };
      if (stored) return { kind: 'used', by: stored };
      throw new Error('A key was used before, and is gone.');
    });
    return { outcomes, appends, appended };
  }
}

interface Written {
  readonly outcomes: readonly AppendOutcome[];
  readonly appends: readonly Append[];
  readonly appended: readonly (readonly JournalEvent[])[];
}

/** Of each key in a group, the first call that uses it: the others are repeats of that. */
function firstUses(group: readonly Prepared[]) {
  const uses = new Map<
    string,
    { workspace_number: number; key: string; request: Prepared } & PublicationKey
  >();
  for (const request of group) {
    const { publicationKey, workspaceNumber } = request;
    if (!publicationKey) continue;
    const use = { ...publicationKey, workspace_number: workspaceNumber, request };
    if (!uses.has(nameOf(use))) uses.set(nameOf(use), use);
  }
  return [...uses.values()].map((use) => ({ ...use, nowMs: use.request.acceptedAtMs }));
}

function nameOf({
  workspace_number,
  key,
}: {
  readonly workspace_number: number;
  readonly key: string;
}): string {
  return `${workspace_number} ${key}`;
}

function keyNameOf({ workspaceNumber, publicationKey }: Prepared): string | null {
  return publicationKey && nameOf({ workspace_number: workspaceNumber, key: publicationKey.key });
}

/** The key as the call has just kept it. */
function usedBy({ workspaceNumber, publicationKey }: Prepared, events: readonly JournalEvent[]): StoredKey {
  const places = events.map(({ seq, acceptedAtMs }) => ({ seq, acceptedAtMs }));
  return {
    workspace_number: workspaceNumber,
    key: publicationKey?.key ?? '',
    fingerprint: publicationKey?.fingerprint ?? '',
    note: publicationKey?.note ?? '',
    places_json: JSON.stringify(places),
  };
}

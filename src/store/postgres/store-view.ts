import type { Activity } from '../crud/activity.ts';
import type { AuditLog } from '../crud/audit-log.ts';
import type { Bases } from '../crud/bases.ts';
import type { EventTypes } from '../crud/event-types.ts';
import type { People } from '../crud/people.ts';
import type { PortalLinks } from '../crud/portal-links.ts';
import type { Replays } from '../crud/replays.ts';
import type { SealedSecrets } from '../crud/sealed-secrets.ts';
import type { Sessions } from '../crud/sessions.ts';
import type { Webhooks } from '../crud/webhooks.ts';
import type { Workspaces } from '../crud/workspaces.ts';
import type { Store, StoreCounts } from '../port.ts';
import { Deliveries } from './deliveries.ts';
import type { DeliveryWriter } from './delivery-writer.ts';
import { Journal } from './journal.ts';
import { Publications } from './publications.ts';
import { Retention } from './retention.ts';
import type { Rows } from './rows.ts';
import type { StoreParts } from './store-parts.ts';
import type { Tail } from './tails.ts';

/** The store, whole or of one shard. */
export abstract class StoreView implements Store {
  readonly workspaces: Workspaces;
  readonly bases: Bases;
  readonly rows: Rows;
  readonly journal: Journal;
  readonly webhooks: Webhooks;
  readonly deliveries: Deliveries;
  readonly replays: Replays;
  readonly retention: Retention;
  readonly sealedSecrets: SealedSecrets;
  readonly eventTypes: EventTypes;
  readonly publications: Publications;
  readonly activity: Activity;
  readonly people: People;
  readonly sessions: Sessions;
  readonly portalLinks: PortalLinks;
  readonly audit: AuditLog;
  readonly #parts: StoreParts;

  /** `tail`: of the one shard that is meant where nothing else says it; null when there are several. */
  constructor(
    parts: StoreParts,
    writer: DeliveryWriter,
    tail: Tail | null,
    own: Pick<StoreParts, 'workspaces' | 'webhooks' | 'replays'>,
  ) {
    const { connections, shards, partitions, options } = parts;
    const one = (): number => {
      if (tail) return tail.shard;
      throw new Error('This is asked of one shard; the whole store has several.');
    };
    this.#parts = parts;
    this.workspaces = own.workspaces;
    this.webhooks = own.webhooks;
    this.replays = own.replays;
    this.bases = parts.bases;
    this.rows = parts.rows;
    this.sealedSecrets = parts.sealedSecrets;
    this.eventTypes = parts.eventTypes;
    this.activity = parts.activity;
    this.publications = new Publications(parts, shards.count === 1 ? null : (tail?.shard ?? null));
    this.people = parts.people;
    this.sessions = parts.sessions;
    this.portalLinks = parts.portalLinks;
    this.audit = parts.audit;
    this.journal = new Journal(parts.journal, parts.appender, tail);
    this.deliveries = new Deliveries(connections, writer, shards, one);
    this.retention = new Retention(connections, options.clock, shards, partitions, one);
  }

  /** Of the whole process. */
  counts(): StoreCounts {
    const { statements, transactions, syncs, rowsWritten } = this.#parts.connections.counts;
    return { statements, transactions, syncs, rowsWritten };
  }

  abstract close(): Promise<void>;
}

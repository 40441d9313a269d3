import type { Logger } from 'pino';
import type { ActivityRecorder, Deliveries } from '../delivery/index.ts';
import type { Egress } from '../egress/index.ts';
import type { Identity } from '../identity/index.ts';
import type { Clock } from '../model/clock.ts';
import type { BaseService } from '../sources/bases/service.ts';
import type { EventTypeCatalogue } from '../sources/event-types/catalogue.ts';
import type { EventService } from '../sources/events/service.ts';
import type {
  ActivityStore,
  AuditStore,
  DeliveryStore,
  JournalStore,
  PublicationStore,
  ReplayStore,
  WebhookStore,
  WorkspaceStore,
} from '../store/port.ts';
import type { WebhookRegistry } from '../webhooks/registry.ts';

/** Everything the routes call. `main.ts` hands in the real parts. */
export interface Services {
  readonly clock: Clock;
  readonly log: Logger;
  readonly workspaces: WorkspaceStore;
  readonly identity: Identity;
  readonly audit: AuditStore;
  readonly bases: BaseService;
  readonly webhooks: WebhookRegistry;
  readonly webhookVersions: Pick<WebhookStore, 'version' | 'healthHistory'>;
  readonly events: EventService;
  readonly eventTypes: EventTypeCatalogue;
  readonly journal: Pick<JournalStore, 'append' | 'find' | 'findMany' | 'list' | 'read'>;
  /** Calls back when events may have been appended; the argument tells of which workspaces. */
  readonly onAppended: (listener: (concerns: (workspaceNumber: number) => boolean) => void) => void;
  readonly publications: PublicationStore;
  readonly deliveries: Pick<DeliveryStore, 'list' | 'find' | 'attempts'>;
  readonly engine: Deliveries;
  /** Counters of attempts; what this process counted is written down before they are read. */
  readonly activity: Pick<ActivityRecorder, 'freshen'>;
  readonly activityStore: Pick<ActivityStore, 'read'>;
  readonly replays: Pick<ReplayStore, 'list' | 'find'>;
  /** Says whether a webhook may have a URL. */
  readonly egress: Pick<Egress, 'check'>;
  /** Sends a mail to these addresses to see whether mails arrive. */
  readonly sendTestMail: (
    smtpUrl: string,
    to: readonly string[],
  ) => Promise<{ sent: boolean; to: readonly string[]; rejected: readonly string[]; error: string | null }>;
  /** For Prometheus. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Resolves when the process can serve; rejects with the reason when it cannot. */
  readonly ready: () => Promise<void>;
}

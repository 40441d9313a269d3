import { createServer } from 'node:net';
import { type Logger, pino } from 'pino';
import { buildApi } from './api/app.ts';
import { consoleFiles } from './api/console-files.ts';
import { egressSettings } from './config/egress-settings.ts';
import type { Config } from './config/index.ts';
import { ActivityRecorder } from './delivery/index.ts';
import { Egress, MailSender, Outbox } from './egress/index.ts';
import type { OperatorToken } from './first-start.ts';
import { Identity } from './identity/index.ts';
import { openInstallation } from './installation.ts';
import { resealSecrets } from './maintenance/reseal.ts';
import { systemClock } from './model/clock.ts';
import { secretsAt } from './model/signing-secret.ts';
import { Mailer, Notices, sendTestMail } from './notices/index.ts';
import { ServerChores } from './server-chores.ts';
import { BaseService } from './sources/bases/service.ts';
import { EventTypeCatalogue } from './sources/event-types/catalogue.ts';
import { EventService } from './sources/events/service.ts';
import type { Store } from './store/port.ts';
import { createLog } from './telemetry/log.ts';
import { Metrics } from './telemetry/metrics.ts';
import { testConsumer } from './test-consumer/index.ts';
import type { WebhookRegistry } from './webhooks/registry.ts';
import { followStructureChanges } from './webhooks/structure-changes.ts';

/** Event data in one batch of a webhook. */
const maxBatchBytes = 1024 * 1024;

/** Longest wait, in milliseconds, for the last mail with notices when the server stops. */
const lastMailGraceMs = 3_000;

/** Where the built-in test consumer receives. */
const inboxPath = '/test-consumer/in/';

/** A server that runs. */
export interface RunningServer {
  /** Where people reach it, without a slash at the end. */
  readonly url: string;
  readonly operator: OperatorToken;
  /** Finishes or hands back what is under way, within the bound of the settings, and closes everything. */
  stop(): Promise<void>;
}

/** Puts the parts together, in the order in which they need each other, and listens. */
export async function startServer(config: Config, consoleDirectory: string | null): Promise<RunningServer> {
  const clock = systemClock;
  const log = createLog(config.logLevel, pino.destination({ fd: 2, sync: true }));
  const onError = (error: unknown): void =>
    log.error({ err: error }, 'a background task failed and is tried again');
  const port = config.port === 0 ? await freePort(config.host) : config.port;

  const installation = await openInstallation({ config, clock, log, onError });
  const { store, registry, operator } = installation;
  try {
    const egress = new Egress({
      ...egressSettings(config),
      ownUrlPrefixes: ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${port}${inboxPath}`),
    });
    const { smtpUrl, mailFrom: from } = config;
    const outbox = new Outbox(egress, smtpUrl === null ? null : new MailSender({ smtpUrl, from }));
    const metrics = new Metrics();
    metrics.measureStore(store);
    const activity = new ActivityRecorder({ activity: store.activity, clock, onError });
    const identity = new Identity(store, clock, config, (error) =>
      log.error({ err: error }, 'the last use of a token or a session was not written down'),
    );
    installation.feed?.on('token', async (changes) => {
      const ids = new Set<string>(changes.map(({ name }) => name));
      identity.tokens.forget(({ id }) => ids.has(id));
    });
    const bases = new BaseService(store, clock);
    installation.feed?.on('base', async (changes) =>
      bases.structureChangedElsewhere(changes.map(({ name }) => name)),
    );
    const eventTypes = new EventTypeCatalogue(store.eventTypes, clock, config);
    followStructureChanges(bases, registry, onError);
    const url = config.publicUrl ?? `http://${displayHost(config.host)}:${port}`;
    const notices = noticesOf(config, store, url, log);
    const suspended = (): boolean => delivering.suspended();
    const chores = new ServerChores({
      config,
      store,
      clock,
      log,
      registry,
      identity,
      metrics,
      notices,
      suspended,
      onError,
    });
    const delivering = installation.delivery(
      {
        egress: metrics.measured(outbox),
        clock,
        maxRequests: config.maxConnections,
        queueMemoryBytes: config.queueMemoryBytes,
        maxBatchBytes,
        maxPayloadBytes: config.maxPayloadBytes,
        backlogNoticeEvents: config.backlogNoticeEvents,
        random: Math.random,
        onError,
        onAttempt: (delivery, attempt) => activity.count(delivery, attempt),
      },
      chores.all,
    );
    const engine = delivering.deliveries;
    metrics.observe({ webhooks: () => registry.all(), egress, deliveries: delivering, store });
    const api = buildApi(
      {
        clock,
        log,
        workspaces: store.workspaces,
        identity,
        audit: store.audit,
        bases,
        webhooks: registry,
        webhookVersions: store.webhooks,
        events: new EventService(store.publications, clock, eventTypes.checks, config, () =>
          chores.eventScheduled(),
        ),
        eventTypes,
        journal: store.journal,
        onAppended: installation.onAppended,
        publications: store.publications,
        activity,
        activityStore: store.activity,
        deliveries: store.deliveries,
        engine,
        replays: store.replays,
        egress: outbox,
        sendTestMail: (smtpUrl, recipients) => sendTestMail({ smtpUrl, from: config.mailFrom, recipients }),
        metrics,
        ready: () => delivering.ready(),
      },
      config,
      [
        testConsumer({ clock, secretsFor: (url) => secretsOf(registry, url) }),
        ...(consoleDirectory === null ? [] : [consoleFiles(consoleDirectory)]),
      ],
    );
    await delivering.start();
    await api.listen({ host: config.host, port });
    let stopping = false;
    const resealed = !installation.hasPreviousKeys ? null : reseal(store, () => stopping, log);
    return {
      url,
      operator,
      stop: async () => {
        stopping = true;
        await resealed;
        const closing = api.close();
        const cutOff = setTimeout(() => api.server.closeAllConnections(), config.stopTimeoutMs);
        await closing;
        clearTimeout(cutOff);
        await delivering.stop(config.stopTimeoutMs);
        await activity.stop();
        await outbox.close();
        await notices?.stop(Math.min(config.stopTimeoutMs, lastMailGraceMs));
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Puts the current key into use for everything stored; a crash or a failure leaves the rest to the next start. */
async function reseal(store: Store, stopping: () => boolean, log: Logger): Promise<void> {
  try {
    const resealed = await resealSecrets(store.sealedSecrets, stopping);
    if (stopping()) return;
    log.warn(
      { resealed },
      'every stored secret is sealed with the current key: previous keys are not needed any more',
    );
  } catch (error) {
    log.error({ err: error }, 'stored secrets could not all be sealed with the current key');
  }
}

/** Null when the settings want no mails. */
function noticesOf(config: Config, store: Store, publicUrl: string, log: Logger): Notices | null {
  const { smtpUrl, mailFrom: from, noticeRecipients: recipients } = config;
  if (recipients.length === 0) return null;
  if (smtpUrl === null) {
    log.warn('ROWHOOK_NOTICE_RECIPIENTS is set but ROWHOOK_SMTP_URL is not: no mails are sent');
    return null;
  }
  return new Notices({
    store,
    clock: systemClock,
    mailer: new Mailer({ smtpUrl, from, recipients }),
    publicUrl,
    onError: (error) => log.error({ err: error }, 'a mail with notices was not sent as it should'),
  });
}

/** Signing secrets of the webhooks that send to an inbox of the test consumer, so that it can verify them. */
function secretsOf(registry: WebhookRegistry, url: string): readonly string[] {
  const { host, pathname } = new URL(url);
  const secrets: string[] = [];
  for (const webhook of registry.all()) {
    const { settings } = webhook;
    if (!settings.url.includes(pathname)) continue;
    const target = URL.parse(settings.url);
    if (target?.host === host && target.pathname === pathname)
      secrets.push(...secretsAt(webhook, systemClock.nowMs()));
  }
  return secrets;
}

/** Addresses that mean every interface are no address to visit. */
function displayHost(host: string): string {
  if (host === '127.0.0.1' || host === '0.0.0.0' || host === '::' || host === '::1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** A port that nobody listens on: the egress policy must name it before the server itself listens. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

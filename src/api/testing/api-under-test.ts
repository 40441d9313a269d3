import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Config, loadConfig } from '../../config/index.ts';
import { ActivityRecorder, DeliveryEngine, DeliveryProcess } from '../../delivery/index.ts';
import { Egress, MailSender, Outbox } from '../../egress/index.ts';
import { Identity } from '../../identity/index.ts';
import { systemClock } from '../../model/clock.ts';
import { newTokenId } from '../../model/ids.ts';
import type { WorkspaceRole } from '../../model/role.ts';
import type { Workspace } from '../../model/workspace.ts';
import { sendTestMail } from '../../notices/index.ts';
import { BaseService } from '../../sources/bases/service.ts';
import { EventTypeCatalogue } from '../../sources/event-types/catalogue.ts';
import { EventSchedule } from '../../sources/events/schedule.ts';
import { EventService } from '../../sources/events/service.ts';
import type { Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import { createLog } from '../../telemetry/log.ts';
import { Metrics } from '../../telemetry/metrics.ts';
import { WebhookRegistry } from '../../webhooks/registry.ts';
import { buildApi } from '../app.ts';
import type { ConnectionTimes } from '../connection-times.ts';
import type { ApiServer } from '../server.ts';
import { hashApiToken, newApiToken } from '../token.ts';
import { defaultWorkspaceName } from '../workspace-directory.ts';

export const operatorToken = 'operator-token-of-the-tests';

/** An answer, its JSON parsed. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API over the real store, engine and egress, in a directory of its own. */
export class ApiUnderTest {
  readonly api: ApiServer;
  readonly config: Config;
  readonly store: Store;
  readonly bases: BaseService;
  readonly identity: Identity;
  readonly logged: string[];
  readonly #directory: string;
  readonly #engine: DeliveryEngine;
  readonly #egress: Egress;
  readonly #schedule: EventSchedule;
  readonly #activity: ActivityRecorder;
  #storeIsOpen = true;

  private constructor(parts: {
    api: ApiServer;
    config: Config;
    store: Store;
    bases: BaseService;
    identity: Identity;
    logged: string[];
    directory: string;
    engine: DeliveryEngine;
    egress: Egress;
    schedule: EventSchedule;
    activity: ActivityRecorder;
  }) {
    this.api = parts.api;
    this.config = parts.config;
    this.store = parts.store;
    this.bases = parts.bases;
    this.identity = parts.identity;
    this.logged = parts.logged;
    this.#directory = parts.directory;
    this.#engine = parts.engine;
    this.#egress = parts.egress;
    this.#schedule = parts.schedule;
    this.#activity = parts.activity;
  }

  static async start(
    settings: Readonly<Record<string, string>> = {},
    times?: ConnectionTimes,
  ): Promise<ApiUnderTest> {
    const loaded = loadConfig({
      ROWHOOK_OPERATOR_TOKEN: operatorToken,
      ROWHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
      ...settings,
    });
    if (!loaded.ok)
      throw new Error(loaded.errors.map(({ setting, message }) => `${setting}: ${message}`).join('\n'));
    const { config } = loaded;
    const directory = await mkdtemp(join(tmpdir(), 'rowhook-api-'));
    const clock = systemClock;
    const store = openSqliteStore({ directory, clock, secretKey: 'a key of the tests, long enough for it' });
    await store.workspaces.create(defaultWorkspaceName);
    const webhooks = await WebhookRegistry.load(store, clock);
    const egress = new Egress({
      allowedNetworks: config.allowedNetworks,
      allowedHosts: [],
      allowedDomains: null,
      allowedPorts: null,
      proxyUrl: null,
      dnsServers: null,
      maxConnections: 16,
      maxConnectionsPerOrigin: 4,
    });
    const logged: string[] = [];
    const log = createLog('info', { write: (line: string) => void logged.push(line) });
    const { smtpUrl, mailFrom: from } = config;
    const outbox = new Outbox(egress, smtpUrl === null ? null : new MailSender({ smtpUrl, from }));
    const metrics = new Metrics();
    metrics.measureStore(store);
    metrics.measureShard(store);
    const activity = new ActivityRecorder({
      activity: store.activity,
      clock,
      onError: (error) => log.error({ err: error }, 'activity'),
    });
    const process = new DeliveryProcess({
      egress: metrics.measured(outbox),
      clock,
      maxRequests: 16,
      queueMemoryBytes: config.queueMemoryBytes,
      maxBatchBytes: 1024 ** 2,
      maxPayloadBytes: config.maxPayloadBytes,
      backlogNoticeEvents: config.backlogNoticeEvents,
      random: Math.random,
      onError: (error) => log.error({ err: error }, 'delivery'),
      onAttempt: (delivery, attempt) => activity.count(delivery, attempt),
    });
    const engine = new DeliveryEngine({ store, registry: webhooks, process });
    metrics.observe({ webhooks: () => webhooks.all(), egress, deliveries: engine, store });
    await engine.start();
    const identity = new Identity(store, clock, config, (error) => log.error({ err: error }, 'identity'));
    const bases = new BaseService(store, clock);
    const eventTypes = new EventTypeCatalogue(store.eventTypes, clock, config);
    const schedule = new EventSchedule({
      publications: store.publications,
      clock,
      onError: (error) => log.error({ err: error }, 'schedule'),
    });
    schedule.start();
    const api = buildApi(
      {
        clock,
        log,
        workspaces: store.workspaces,
        identity,
        audit: store.audit,
        bases,
        webhooks,
        webhookVersions: store.webhooks,
        events: new EventService(store.publications, clock, eventTypes.checks, config, () =>
          schedule.changed(),
        ),
        eventTypes,
        journal: store.journal,
        onAppended: (listener) => store.journal.onAppended(() => listener(() => true)),
        publications: store.publications,
        activity,
        activityStore: store.activity,
        deliveries: store.deliveries,
        engine,
        replays: store.replays,
        egress: outbox,
        sendTestMail: (smtpUrl, recipients) => sendTestMail({ smtpUrl, from: config.mailFrom, recipients }),
        metrics,
        ready: async () => void (await store.workspaces.list()),
      },
      config,
      [],
      times,
    );
    await api.ready();
    return new ApiUnderTest({
      api,
      config,
      store,
      bases,
      identity,
      logged,
      directory,
      engine,
      egress,
      schedule,
      activity,
    });
  }

  /** Calls the API, by default as the operator, and with JSON. */
  async call(method: string, url: string, options: CallOptions = {}): Promise<Answer> {
    const { body, token = operatorToken, headers = {} } = options;
    const answer = await this.api.inject({
      method: method as 'GET',
      url,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = /[/+]json/.test(String(answer.headers['content-type']));
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.payload,
      body: isJson ? JSON.parse(answer.payload) : null,
    };
  }

  /** A token that acts in the workspace with this number only. */
  async workspaceToken(
    workspaceNumber: number,
    name = 'test app',
    role: WorkspaceRole = 'admin',
  ): Promise<string> {
    const token = newApiToken();
    await this.store.workspaces.addToken(
      { id: newTokenId(), name, scope: { kind: 'workspace', workspaceNumber, role }, expiresAtMs: null },
      hashApiToken(token),
    );
    return token;
  }

  /** The newest delivery of a webhook, once so many are in the log. */
  // biome-ignore lint/suspicious/noExplicitAny: as in `Answer`.
  async deliveryOf(webhook: string, count = 1, options: CallOptions = {}): Promise<any> {
    for (let tries = 0; tries < 1_000; tries++) {
      const { body } = await this.call('GET', `/v1/deliveries?webhook=${webhook}`, options);
      if (body.data.length >= count) return body.data[0];
      await this.#engine.flush();
      await setImmediate();
    }
    throw new Error(`the log never had ${count} deliveries of ${webhook}`);
  }

  async defaultWorkspace(): Promise<Workspace> {
    const found = (await this.store.workspaces.list()).find(({ name }) => name === defaultWorkspaceName);
    if (!found) throw new Error('no default workspace');
    return found;
  }

  /** Takes the database away, as a fault would. */
  async breakStore(): Promise<void> {
    this.#storeIsOpen = false;
    await this.store.close();
  }

  async stop(): Promise<void> {
    await this.api.close();
    await this.#schedule.stop();
    if (this.#storeIsOpen) {
      await this.#engine.stop(0);
      await this.#activity.stop();
      await this.store.close();
    }
    await this.#egress.close();
    await rm(this.#directory, { recursive: true });
  }
}

/** A consumer on loopback that keeps what it receives and answers with a status of its choice. */
export class ConsumerUnderTest {
  readonly received: { headers: Readonly<Record<string, unknown>>; body: string }[] = [];
  status = 200;
  readonly #server: Server;
  #waiting: { count: number; tell: () => void }[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ConsumerUnderTest> {
    const server = createServer();
    const consumer = new ConsumerUnderTest(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        consumer.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
        response.writeHead(consumer.status, { 'x-consumer': 'tests' }).end('thank you');
        for (const { count, tell } of consumer.#waiting) if (consumer.received.length >= count) tell();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return consumer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** Resolves once so many requests have come. */
  async receives(count: number): Promise<void> {
    if (this.received.length >= count) return;
    await new Promise<void>((tell) => this.#waiting.push({ count, tell }));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

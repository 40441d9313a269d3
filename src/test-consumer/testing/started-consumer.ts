import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import type { Static } from 'typebox';
import { Authenticator } from '../../api/auth.ts';
import type { ApiServer } from '../../api/plugin.ts';
import { answerError } from '../../api/problem-reply.ts';
import { hashApiToken, newApiToken } from '../../api/token.ts';
import { schemaCompiler } from '../../api/validation.ts';
import { defaultWorkspaceName, WorkspaceDirectory } from '../../api/workspace-directory.ts';
import { loadConfig } from '../../config/index.ts';
import { sign } from '../../egress/index.ts';
import { Identity } from '../../identity/index.ts';
import { systemClock } from '../../model/clock.ts';
import { newTokenId } from '../../model/ids.ts';
import { generateSecret } from '../../model/signing-secret.ts';
import type { Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import { testConsumer } from '../index.ts';
import type { inboxPageSchema } from '../schemas.ts';
import { PlannedClock } from './planned-clock.ts';

export type InboxPage = Static<typeof inboxPageSchema>;

const json = { 'content-type': 'application/json' };

/** The test consumer on a real listener, with the authentication and the errors of the API. */
export class StartedConsumer {
  readonly clock = new PlannedClock();
  readonly token = newApiToken();
  /** The secrets of webhooks, by the inbox they point at. */
  readonly secretsByUrl = new Map<string, readonly string[]>();
  readonly #directory: string;
  readonly #store: Store;
  readonly #api: ApiServer;
  #inboxes = 0;

  private constructor(place: string, store: Store, idleConnectionMs: number) {
    this.#directory = place;
    this.#store = store;
    this.#api = Fastify({
      bodyLimit: 1024,
      connectionTimeout: idleConnectionMs,
    }).withTypeProvider<TypeBoxTypeProvider>();
    this.#api.decorateRequest('caller', null);
    const loaded = loadConfig({ ROWHOOK_OPERATOR_TOKEN: this.token });
    assert.ok(loaded.ok);
    const identity = new Identity(store, this.clock, loaded.config, (error) => {
      throw error;
    });
    const directory = new WorkspaceDirectory(store.workspaces, this.clock);
    this.#api.decorateRequest('principal', null);
    this.#api.decorate('publicOrigin', null);
    this.#api.addHook('onRequest', new Authenticator(identity, directory).hook);
    this.#api.setValidatorCompiler(schemaCompiler());
    this.#api.setErrorHandler(answerError);
    const secretsFor = (url: string): readonly string[] => this.secretsByUrl.get(url) ?? [];
    const plugin = testConsumer({ clock: this.clock, secretsFor });
    this.#api.register(async (scope) => plugin(scope.withTypeProvider<TypeBoxTypeProvider>()));
  }

  /** `idleConnectionMs`: after which the server cuts a connection on which nothing happens. */
  static async start(idleConnectionMs = 60_000): Promise<StartedConsumer> {
    const directory = await mkdtemp(join(tmpdir(), 'rowhook-test-consumer-'));
    const store = openSqliteStore({
      directory,
      clock: systemClock,
      secretKey: 'a key of the tests, as long',
    });
    await store.workspaces.create(defaultWorkspaceName);
    const consumer = new StartedConsumer(directory, store, idleConnectionMs);
    await consumer.#api.listen({ host: '127.0.0.1', port: 0 });
    return consumer;
  }

  get port(): number {
    return (this.#api.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/test-consumer`;
  }

  /** An inbox that nobody used. */
  newInbox(): InboxUnderTest {
    return new InboxUnderTest(this, `inbox-${++this.#inboxes}`);
  }

  /** Calls one of the routes below `/test-consumer/inboxes`. */
  async call<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Body }> {
    const answer = await fetch(`${this.url}/inboxes${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : json) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as Body };
  }

  /** Opens the stream of an inbox. */
  watch(name: string, signal?: AbortSignal): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}` };
    return fetch(`${this.url}/inboxes/${name}/stream`, { headers, ...(signal ? { signal } : {}) });
  }

  /** A token that acts in one workspace only. */
  async workspaceToken(): Promise<string> {
    const { number } = await this.#store.workspaces.create('another');
    const token = newApiToken();
    const scope = { kind: 'workspace', workspaceNumber: number, role: 'editor' } as const;
    await this.#store.workspaces.addToken(
      { id: newTokenId(), name: 'test', scope, expiresAtMs: null },
      hashApiToken(token),
    );
    return token;
  }

  async stop(): Promise<void> {
    await this.#api.close();
    await this.#store.close();
    await rm(this.#directory, { recursive: true });
  }
}

/** An inbox of the test consumer, from the outside. */
export class InboxUnderTest {
  readonly name: string;
  /** Where its requests go. */
  readonly url: string;
  /** With which `post` signs. */
  readonly secret = generateSecret();
  readonly #consumer: StartedConsumer;

  constructor(consumer: StartedConsumer, name: string) {
    this.#consumer = consumer;
    this.name = name;
    this.url = `${consumer.url}/in/${name}`;
  }

  /** Sends what is not signed. */
  send(request: RequestInit = { method: 'POST' }): Promise<Response> {
    return fetch(this.url, request);
  }

  /** Posts a body signed as Rowhook signs. */
  post(
    body: string,
    options: { id?: string; secret?: string; ageSeconds?: number; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const timestamp = Math.floor(Date.now() / 1000) - (options.ageSeconds ?? 0);
    const signed = sign(options.secret ?? this.secret, options.id ?? 'msg_1', timestamp, body);
    return this.send({ method: 'POST', headers: { ...json, ...signed, ...options.headers }, body });
  }

  /** What the inbox shows. */
  async look(query = ''): Promise<InboxPage> {
    return (await this.#consumer.call<InboxPage>('GET', `/${this.name}${query}`)).body;
  }

  async newest(): Promise<InboxPage['data'][number]> {
    const [request] = (await this.look()).data;
    assert.ok(request, 'nothing arrived');
    return request;
  }

  async behave(behaviour: unknown): Promise<void> {
    const answer = await this.#consumer.call('PUT', `/${this.name}/behaviour`, behaviour);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }

  /** Makes webhooks with these secrets point at the inbox. */
  know(...secrets: readonly string[]): void {
    this.#consumer.secretsByUrl.set(this.url, secrets);
  }
}

import type { ProblemDocument } from '../api/schemas.ts';
import { Failure } from './failure.ts';
import { printable } from './table.ts';
import type { FoundToken } from './token.ts';

/** An answer is waited for so long; an import, which takes as long as its file, is not. */
const answerTimeoutMs = 120_000;
const pageLimit = 1_000;

export interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

interface RequestContent {
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A file on its way to the server. */
export interface Upload {
  readonly query: Query;
  readonly bytes: ReadableStream<Uint8Array>;
  readonly byteLength: number;
  readonly contentType: string;
}

/** The HTTP API, its errors turned into words. */
export class Client {
  readonly #server: string;
  readonly #token: FoundToken;
  readonly #workspace: string | undefined;

  /** @param server the server's URL, without a slash at the end */
  constructor(server: string, token: FoundToken, workspace: string | undefined) {
    this.#server = server;
    this.#token = token;
    this.#workspace = workspace;
  }

  get<Answer>(path: string, query: Query = {}): Promise<Answer> {
    return this.#call('GET', path, { query });
  }

  post<Answer>(
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.#call('POST', path, { body, headers });
  }

  patch<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.#call('PATCH', path, { body });
  }

  put<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.#call('PUT', path, { body });
  }

  delete<Answer>(path: string, body?: unknown): Promise<Answer> {
    return this.#call('DELETE', path, { body });
  }

  /** The first items of a list, from as many pages as that takes. */
  async list<Item>(path: string, limit: number, query: Query = {}): Promise<Page<Item>> {
    const data: Item[] = [];
    for (let cursor: string | undefined; ; ) {
      const page: Page<Item> = await this.get(path, {
        ...query,
        limit: Math.min(pageLimit, limit - data.length),
        cursor,
      });
      data.push(...page.data);
      if (page.nextCursor === null || data.length >= limit) return { data, nextCursor: page.nextCursor };
      cursor = page.nextCursor;
    }
  }

  /** Every item of a list. */
  async all<Item>(path: string): Promise<readonly Item[]> {
    return (await this.list<Item>(path, Number.POSITIVE_INFINITY)).data;
  }

  /** The bytes of a file that the server makes, as they come. */
  async download(path: string, query: Query): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#send(path, query, { method: 'GET' });
    if (response.ok && response.body) return response.body;
    return this.#read(response, await response.text());
  }

  /** A stream of server-sent events as text, from the one after `lastEventId` on. */
  async follow(path: string, query: Query, lastEventId: string | null): Promise<ReadableStream<string>> {
    const response = await this.#send(path, query, {
      method: 'GET',
      headers: lastEventId === null ? {} : { 'last-event-id': lastEventId },
    });
    if (response.ok && response.body) return response.body.pipeThrough(new TextDecoderStream());
    return this.#read(response, await response.text());
  }

  /** Sends a file as it is read. */
  async upload<Answer>(path: string, { query, bytes, byteLength, contentType }: Upload): Promise<Answer> {
    return this.#fetch(path, query, {
      method: 'POST',
      headers: { 'content-type': contentType, 'content-length': String(byteLength) },
      body: bytes,
      duplex: 'half',
    });
  }

  #call<Answer>(
    method: string,
    path: string,
    { query = {}, body, headers = {} }: RequestContent,
  ): Promise<Answer> {
    return this.#fetch(path, query, {
      method,
      signal: AbortSignal.timeout(answerTimeoutMs),
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async #fetch<Answer>(path: string, query: Query, request: RequestInit): Promise<Answer> {
    const response = await this.#send(path, query, request);
    try {
      return this.#read<Answer>(response, await response.text());
    } catch (error) {
      throw error instanceof Failure ? error : this.#unreachable(error);
    }
  }

  async #send(path: string, query: Query, request: RequestInit): Promise<Response> {
    const url = new URL(this.#server + path);
    for (const [name, value] of Object.entries(query)) {
      if (value === undefined) continue;
      for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(each));
    }
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${this.#token.token}`);
    // Header values are bytes to fetch; the server reads them as UTF-8.
    if (this.#workspace !== undefined)
      headers.set('rowhook-workspace', Buffer.from(this.#workspace, 'utf8').toString('latin1'));
    try {
      return await fetch(url, { ...request, headers });
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #read<Answer>(response: Response, text: string): Answer {
    const type = response.headers.get('content-type') ?? '';
    if (response.ok && (text === '' || type.includes('json'))) {
      // The one place where an answer gets its type: it is as the API's schema has it.
      return (text === '' ? undefined : JSON.parse(text)) as Answer;
    }
    if (!type.startsWith('application/problem+json')) {
      throw new Failure(
        `${this.#server} answered HTTP ${response.status}, and not as Rowhook does; is it the right address?`,
        [printable(text.slice(0, 200))],
      );
    }
    throw this.#failureOf(JSON.parse(text) as ProblemDocument);
  }

  #failureOf({ status, title, detail, errors = [] }: ProblemDocument): Failure {
    if (status === 401) {
      return new Failure(`The server does not accept the token; it is from ${this.#token.source}.`, [
        detail,
        'Pass another one with --token or ROWHOOK_TOKEN, or say with --data-dir where the data of this server is.',
      ]);
    }
    if (errors.length < 2) return new Failure(printable(detail));
    return new Failure(
      `${title}:`,
      errors.map(({ pointer, detail: what }) => printable(`${pointer}: ${what}`)),
    );
  }

  #unreachable(error: unknown): Failure {
    if (error instanceof Error && error.name === 'TimeoutError') {
      return new Failure(`${this.#server} did not answer within ${answerTimeoutMs / 1000} seconds.`);
    }
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    return new ConnectionFailure(`There is no answer from ${this.#server} (${code}).`, [
      'Is the server running? Start it with: npm start',
      'If it is elsewhere, say where with --server or ROWHOOK_SERVER.',
    ]);
  }
}

/** The connection to the server could not be made, or broke. */
export class ConnectionFailure extends Failure {}

import assert from 'node:assert/strict';
import type { ProblemDocument } from '../../src/api/schemas.ts';
import type {
  AttemptAnswer,
  BaseAnswer,
  CreatedWebhookAnswer,
  DeliveryAnswer,
  EventAnswer,
  RowAnswer,
  TableAnswer,
  WebhookAnswer,
} from '../../src/cli/answers.ts';

const pageLimit = 1_000;
/** Between two looks at something that the API cannot wait for. */
const lookAgainMs = 20;

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A table, and where its routes are. */
export interface TablePlace {
  readonly base: BaseAnswer;
  readonly table: TableAnswer;
  readonly path: string;
}

/** The HTTP API as a client outside of the process sees it. */
export class ApiClient {
  readonly #url: string;
  readonly #token: string | null;

  constructor(url: string, token: string | null) {
    this.#url = url;
    this.#token = token;
  }

  /** The answer, whatever it is; rejects only when there is none. A body that is text is sent as it is. */
  async call<Body = ProblemDocument>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body>> {
    const answer = await fetch(this.#url + path, {
      method,
      headers: {
        ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: readBody<Body>(await answer.text()) };
  }

  get<Body>(path: string): Promise<Body> {
    return this.#successful('GET', path);
  }

  post<Body>(path: string, body?: unknown): Promise<Body> {
    return this.#successful('POST', path, body);
  }

  patch<Body>(path: string, body: unknown): Promise<Body> {
    return this.#successful('PATCH', path, body);
  }

  delete<Body>(path: string, body?: unknown): Promise<Body> {
    return this.#successful('DELETE', path, body);
  }

  /** Every item of a list. */
  async all<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = `limit=${pageLimit}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: { data: Item[]; nextCursor: string | null } = await this.get(
        `${path}${path.includes('?') ? '&' : '?'}${query}`,
      );
      items.push(...page.data);
      cursor = page.nextCursor;
    }
    return items;
  }

  /** A new base with one table. */
  async createTable(
    name: string,
    columns: ReadonlyArray<{ name: string; type: string; key?: string }>,
  ): Promise<TablePlace> {
    const base = await this.post<BaseAnswer>('/v1/bases', { name: `Base of ${name}` });
    const table = await this.post<TableAnswer>(`/v1/bases/${base.id}/tables`, { name, columns });
    return { base, table, path: `/v1/bases/${base.id}/tables/${table.id}` };
  }

  createWebhook(settings: Readonly<Record<string, unknown>>): Promise<CreatedWebhookAnswer> {
    return this.post('/v1/webhooks', settings);
  }

  webhook(id: string): Promise<WebhookAnswer> {
    return this.get(`/v1/webhooks/${id}`);
  }

  postEvent(type: string, data: Readonly<Record<string, unknown>> = {}): Promise<{ id: string }> {
    return this.post('/v1/events', { type, data });
  }

  /** Every event of a type, the oldest first. */
  async events(type: string): Promise<EventAnswer[]> {
    return (await this.all<EventAnswer>(`/v1/events?type=${type}`)).reverse();
  }

  rows(path: string): Promise<RowAnswer[]> {
    return this.all(`${path}/rows`);
  }

  /** Deliveries of a webhook that are in the log, the oldest first. */
  async deliveries(webhook: string): Promise<DeliveryAnswer[]> {
    return (await this.all<DeliveryAnswer>(`/v1/deliveries?webhook=${webhook}`)).reverse();
  }

  async attempts(delivery: string): Promise<readonly AttemptAnswer[]> {
    return (await this.get<{ data: AttemptAnswer[] }>(`/v1/deliveries/${delivery}/attempts`)).data;
  }

  /** Looks again and again until `found` is content with what the API shows. */
  async until<Shown>(look: () => Promise<Shown>, found: (shown: Shown) => boolean): Promise<Shown> {
    for (;;) {
      const shown = await look();
      if (found(shown)) return shown;
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
  }

  async #successful<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.call<Body>(method, path, body);
    assert.ok(
      answer.status >= 200 && answer.status < 300,
      `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`,
    );
    return answer.body;
  }
}

function readBody<Body>(text: string): Body {
  try {
    return (text === '' ? null : JSON.parse(text)) as Body;
  } catch {
    throw new Error(`The answer is not JSON: ${text.slice(0, 500)}`);
  }
}

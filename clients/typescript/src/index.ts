import createClient, { type Client } from 'openapi-fetch';
import { errorOf, RowhookError } from './problem.ts';
import type { paths } from './schema.d.ts';

export { type FieldError, RowhookError } from './problem.ts';
export type { paths } from './schema.d.ts';
export {
  type RequestHeaders,
  VerificationError,
  type VerifyOptions,
  verify,
  verifyBytes,
  verifySeaTable,
  type WebhookEvent,
} from './verify.ts';

export interface RowhookOptions {
  /** Where the server is, such as `https://hooks.example.com`. */
  readonly url: string;
  /** A bearer token of a workspace, or the operator's. */
  readonly token: string;
  /** With the operator's token: the workspace to act in, by id or name. */
  readonly workspace?: string;
  /** How often a call is made again that was answered 429 or 503, or not at all; 3 unless it is given. */
  readonly retries?: number;
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** An event to publish. */
export type NewEvent = paths['/v1/events']['post']['requestBody']['content']['application/json'];

const longestWaitMs = 30_000;
const firstWaitMs = 250;

/**
 * The API of a Rowhook server. `api` has every route, typed by the server's own description; `data` makes of an
 * answer its data, and of a refusal an error.
 *
 * @example
 * const rowhook = new Rowhook({ url: 'http://localhost:8080', token });
 * await rowhook.publish({ type: 'invoice.paid', data: { invoice: 'INV-1' } }, { idempotencyKey: 'INV-1 paid' });
 * const webhooks = await rowhook.data(rowhook.api.GET('/v1/webhooks'));
 */
export class Rowhook {
  readonly api: Client<paths>;

  constructor({ url, token, workspace, retries = 3, fetch = globalThis.fetch }: RowhookOptions) {
    this.api = createClient<paths>({
      baseUrl: url.replace(/\/+$/, ''),
      headers: {
        authorization: `Bearer ${token}`,
        ...(workspace === undefined ? {} : { 'rowhook-workspace': workspace }),
      },
      fetch: (request) => fetchAgain(request, fetch, retries),
    });
  }

  /**
   * Publishes an event, and answers with its id once it is on disk. A call that is made again under the same
   * `idempotencyKey` publishes once; without one given, each call has its own, so that its repeats do no harm.
   */
  async publish(event: NewEvent, options: { readonly idempotencyKey?: string } = {}) {
    const headers = { 'idempotency-key': options.idempotencyKey ?? crypto.randomUUID() };
    return this.data(this.api.POST('/v1/events', { body: event, headers }));
  }

  /** Publishes all events or none. */
  async publishBatch(events: readonly NewEvent[], options: { readonly idempotencyKey?: string } = {}) {
    const headers = { 'idempotency-key': options.idempotencyKey ?? crypto.randomUUID() };
    return this.data(this.api.POST('/v1/events/batch', { body: { events: [...events] }, headers }));
  }

  /** The data of an answer. Throws a `RowhookError` for every other. */
  async data<Data>(call: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
    const { data, error, response } = await call;
    if (!response.ok) throw errorOf(response, error);
    return data as Data;
  }

  /**
   * Every item of a list, page after page.
   *
   * @example
   * const list = (cursor) => rowhook.api.GET('/v1/deliveries', { params: { query: { state: 'exhausted', cursor } } });
   * for await (const delivery of rowhook.pages(list)) console.log(delivery.id);
   */
  async *pages<Item>(
    list: (cursor: string | undefined) => Promise<{
      data?: { readonly data: readonly Item[]; readonly nextCursor: string | null };
      error?: unknown;
      response: Response;
    }>,
  ): AsyncGenerator<Item, void, undefined> {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: { readonly data: readonly Item[]; readonly nextCursor: string | null } = await this.data(
        list(cursor),
      );
      yield* page.data;
      cursor = page.nextCursor;
    }
  }
}

/** Calls that change something are made again only if the server says that it took nothing, or knows repeats. */
async function fetchAgain(
  request: Request,
  fetch: (request: Request) => Promise<Response>,
  retries: number,
): Promise<Response> {
  const repeatable = request.method === 'GET' || request.headers.has('idempotency-key');
  for (let attempt = 0; ; attempt += 1) {
    const last = attempt >= retries;
    let response: Response;
    try {
      response = await fetch(request.clone());
    } catch (error) {
      if (request.signal.aborted) throw error;
      if (last || !repeatable)
        throw new RowhookError('There is no answer from the server.', { status: 0, cause: error });
      await wait(waitMs(attempt, null));
      continue;
    }
    const refused = response.status === 429 || (response.status === 503 && repeatable);
    if (last || !refused) return response;
    await response.body?.cancel();
    await wait(waitMs(attempt, response.headers.get('retry-after')));
  }
}

function waitMs(attempt: number, retryAfter: string | null): number {
  const asked = retryAfter === null ? Number.NaN : Number(retryAfter) * 1_000;
  const grown = firstWaitMs * 2 ** attempt * (1 + Math.random());
  return Math.min(longestWaitMs, Number.isFinite(asked) ? asked : grown);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

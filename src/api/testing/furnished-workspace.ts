import assert from 'node:assert/strict';
import type { Answer, ApiUnderTest, CallOptions } from './api-under-test.ts';
import { everyType } from './tables.ts';

/** Stands in every name and text that a furnished workspace has of its own. */
export type Marker = string;

/**
 * A workspace that has one of everything that a path of the API can name. A route with a parameter that is not
 * known here fails the tests that are made from the OpenAPI document: say what it names.
 */
export class FurnishedWorkspace {
  readonly name: string;
  readonly marker: Marker;
  readonly #ids: ReadonlyMap<string, string>;

  private constructor(name: string, marker: Marker, ids: ReadonlyMap<string, string>) {
    this.name = name;
    this.marker = marker;
    this.#ids = ids;
  }

  static async furnish(server: ApiUnderTest, name: string, marker: Marker): Promise<FurnishedWorkspace> {
    const headers = { 'rowhook-workspace': name };
    const call = async (
      method: string,
      url: string,
      body?: unknown,
      more: CallOptions = {},
    ): Promise<Answer> => {
      const answer = await server.call(method, url, {
        headers: { ...headers, ...more.headers },
        ...(body === undefined ? {} : { body }),
      });
      assert.ok(answer.status < 300, `${method} ${url}: ${answer.text}`);
      return answer;
    };
    if (name !== 'default')
      await call('POST', '/v1/workspaces', { name }, { headers: { 'rowhook-workspace': 'default' } });
    const base = (await call('POST', '/v1/bases', { name: `base ${marker}` })).body.id;
    const columns = [...everyType, { name: `column ${marker}`, key: 'mark', type: 'text' }];
    const table = (await call('POST', `/v1/bases/${base}/tables`, { name: `table ${marker}`, columns })).body
      .id;
    const tablePath = `/v1/bases/${base}/tables/${table}`;
    const rows = await call('POST', `${tablePath}/rows`, { rows: [{ cells: { mark: `row ${marker}` } }] });
    const importId = `import-${marker}`;
    await call('POST', `${tablePath}/import?importId=${importId}`, 'Name\nx\n', {
      headers: { 'content-type': 'text/csv' },
    });
    const eventType = `made.${marker}`;
    await call('PUT', `/v1/event-types/${eventType}`, {
      description: `type ${marker}`,
      example: { mark: marker },
    });
    const webhook = (
      await call('POST', '/v1/webhooks', {
        name: `webhook ${marker}`,
        // Nobody listens there.
        url: 'http://127.0.0.1:9/',
        eventTypes: [eventType],
        retry: 'none',
        disable: { afterFailures: null, afterFailingMs: null },
      })
    ).body.id;
    const event = (await call('POST', '/v1/events', { type: eventType, data: { mark: marker } })).body.id;
    const deliverAt = new Date(Date.now() + 3_600_000).toISOString();
    const later = (await call('POST', '/v1/events', { type: eventType, data: { mark: marker }, deliverAt }))
      .body.id;
    const delivery = (await server.deliveryOf(webhook, 1, { headers })).id;
    const since = '2020-01-01T00:00:00Z';
    const replay = (await call('POST', `/v1/webhooks/${webhook}/recover`, { since })).body.id;
    const token = (await call('POST', '/v1/tokens', { name: `token ${marker}` })).body.id;
    const link = (await call('POST', '/v1/portal-links', { name: `link ${marker}` })).body.id;
    const email = `${marker}@example.com`;
    const member = (await call('POST', '/v1/members', { email, role: 'viewer' })).body.id;
    const ids = new Map([
      ['/v1/bases/{base}', base],
      ['/v1/bases/{base}/tables/{table}', table],
      ['/v1/bases/{base}/tables/{table}/columns/{column}', 'mark'],
      ['/v1/bases/{base}/tables/{table}/rows/{row}', rows.body.rows[0].id],
      ['/v1/bases/{base}/tables/{table}/imports/{import}', importId],
      ['/v1/webhooks/{id}', webhook],
      ['/v1/events/{id}', event],
      ['/v1/scheduled-events/{id}', later],
      ['/v1/event-types/{name}', eventType],
      ['/v1/deliveries/{id}', delivery],
      ['/v1/replays/{id}', replay],
      ['/v1/tokens/{id}', token],
      ['/v1/portal-links/{id}', link],
      ['/v1/members/{id}', member],
      ['/v1/people/{id}', member],
      ['/v1/people/{id}/memberships/{workspace}', name],
      ['/v1/workspaces/{workspace}', name],
      ['/v1/me/sessions/{id}', 'ses_0000000000000000'],
    ]);
    return new FurnishedWorkspace(name, marker, ids);
  }

  /** What the workspace has where a path of the OpenAPI document has this parameter. */
  idAt(path: string, parameter: string): string {
    const end = path.indexOf(`{${parameter}}`) + parameter.length + 2;
    const id = this.#ids.get(path.slice(0, end));
    assert.ok(id, `${path}: say in FurnishedWorkspace what {${parameter}} names`);
    return id;
  }

  /** The path with the workspace's own ids. */
  url(path: string): string {
    return path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(this.idAt(path, name)));
  }
}

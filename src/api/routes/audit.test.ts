import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest } from '../testing/api-under-test.ts';
import { BrowserUnderTest } from '../testing/browser.ts';

interface Entry {
  readonly action: string;
  readonly author: Record<string, string | null>;
  readonly target: Record<string, string>;
  readonly changes: readonly { field: string; before: unknown; after: unknown }[];
}

describe('the audit log', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start();
    await server.store.workspaces.create('acme');
  });
  after(() => server.stop());

  const call = async (method: string, url: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await server.call(method, url, { ...(body === undefined ? {} : { body }), headers });
    assert.ok(answer.status < 300, `${method} ${url}: ${answer.text}`);
    return answer.body;
  };
  const entries = async (query = ''): Promise<Entry[]> =>
    (await call('GET', `/v1/audit?scope=all&limit=1000${query}`)).data;
  const newest = async (): Promise<Entry> => {
    const [entry] = await entries();
    assert.ok(entry);
    return entry;
  };

  it('tells who did what, when, from where, and what is different now', async () => {
    const { id } = await call('POST', '/v1/bases', { name: 'Shop' }, { 'rowhook-user': 'Zoe' });
    await call('PATCH', `/v1/bases/${id}`, { name: 'Store' });
    const [renamed, created] = await entries();
    assert.deepEqual([created?.action, created?.author.onBehalfOf], ['base.created', 'Zoe']);
    assert.deepEqual(renamed?.target, { kind: 'base', id, name: 'Store' });
    assert.deepEqual(renamed?.changes, [{ field: 'name', before: 'Shop', after: 'Store' }]);
    const { kind, name, address, requestId } = renamed?.author ?? {};
    assert.deepEqual([kind, name, address], ['token', 'operator', '127.0.0.1']);
    assert.match(requestId ?? '', /^req_/);
  });

  it('has every kind of change', async () => {
    const base = await call('POST', '/v1/bases', { name: 'All' });
    const tables = `/v1/bases/${base.id}/tables`;
    const table = await call('POST', tables, { name: 'T', columns: [{ name: 'Name', type: 'text' }] });
    await call('PATCH', `${tables}/${table.id}`, { name: 'U' });
    await call('DELETE', `${tables}/${table.id}`);
    await call('DELETE', `/v1/bases/${base.id}`);
    const url = 'https://example.com/';
    const webhook = await call('POST', '/v1/webhooks', { name: 'w', url });
    const path = `/v1/webhooks/${webhook.id}`;
    await call('PATCH', path, { memo: 'x' });
    await call('POST', `${path}/disable`);
    await call('POST', `${path}/enable`);
    await call('GET', `${path}/secret`);
    await call('POST', `${path}/secret/rotate`);
    await call('DELETE', `${path}/queue`);
    const replay = await call('POST', `${path}/replay`, { since: '2026-01-01T00:00:00Z' });
    await server.call('POST', `/v1/replays/${replay.id}/cancel`);
    await call('DELETE', path);
    await call('PUT', '/v1/event-types/invoice.paid', { description: 'x' });
    await call('PUT', '/v1/event-types/invoice.paid', { description: 'y' });
    await call('DELETE', '/v1/event-types/invoice.paid?expunge=true');
    const token = await call('POST', '/v1/tokens', { name: 't' });
    await call('DELETE', `/v1/tokens/${token.id}`);
    const person = await call('POST', '/v1/people', { email: 'p@example.com', name: 'P' });
    await call('PATCH', `/v1/people/${person.id}`, { name: 'Q' });
    await call('POST', `/v1/people/${person.id}/password`, { password: 'correct horse' });
    await call('PUT', `/v1/people/${person.id}/memberships/acme`, { role: 'viewer' });
    await call('PUT', `/v1/people/${person.id}/memberships/acme`, { role: 'admin' });
    await call('DELETE', `/v1/people/${person.id}/memberships/acme`);
    const browser = new BrowserUnderTest(server);
    await browser.signIn('p@example.com', 'wrong horse');
    await browser.signIn('p@example.com', 'correct horse');
    await browser.call('POST', '/v1/sign-out');
    await call('DELETE', `/v1/people/${person.id}`);
    const workspace = await call('POST', '/v1/workspaces', { name: 'brief' });
    await call('PATCH', '/v1/workspaces/brief', { branding: { color: '#102030' } });
    const headers = { 'rowhook-workspace': 'brief' };
    const link = await call('POST', '/v1/portal-links', { name: 'Jane' }, headers);
    await call('POST', '/v1/portal/open', { link: link.url.split('#link=')[1] });
    await call('DELETE', `/v1/portal-links/${link.id}`, undefined, headers);
    await call('DELETE', `/v1/workspaces/${workspace.id}?confirm=brief`);
    await call('GET', '/v1/audit/export');
    const told = new Set((await entries()).map(({ action }) => action));
    const wanted = [
      ...['base.created', 'base.deleted', 'table.created', 'table.changed', 'table.deleted'],
      ...['webhook.created', 'webhook.changed', 'webhook.paused', 'webhook.enabled', 'webhook.deleted'],
      ...['webhook.secret-read', 'webhook.secret-changed', 'webhook.queue-cleared', 'replay.started'],
      ...['event-type.created', 'event-type.changed', 'event-type.deleted', 'token.created', 'token.deleted'],
      ...['person.created', 'person.changed', 'person.deleted', 'person.password-set'],
      ...['person.password-link-created', 'member.added', 'member.changed', 'member.removed'],
      ...['sign-in.failed', 'sign-in.succeeded', 'session.ended', 'workspace.created', 'workspace.changed'],
      ...['workspace.deleted', 'portal-link.created', 'portal-link.opened', 'portal-link.deleted'],
      'audit.exported',
    ];
    assert.deepEqual(
      wanted.filter((action) => !told.has(action)),
      [],
    );
  });

  it('has nothing that is secret', async () => {
    const secrets = ['hush-hush-value', 'Bearer hush', 'correct horse hush'];
    const webhook = await call('POST', '/v1/webhooks', {
      name: 'secret',
      url: 'https://example.com/',
      headers: { authorization: 'Bearer hush', 'x-plain': 'hush-hush-value' },
    });
    await call('PATCH', `/v1/webhooks/${webhook.id}`, { headers: { authorization: 'Bearer hush hush' } });
    const rotated = await call('POST', `/v1/webhooks/${webhook.id}/secret/rotate`);
    const token = await call('POST', '/v1/tokens', { name: 'hush' });
    await call('POST', '/v1/people', {
      email: 'hush@example.com',
      name: 'H',
      password: 'correct horse hush',
    });
    const link = await call('POST', '/v1/portal-links', { name: 'hush' });
    secrets.push(webhook.secret, rotated.secret, token.token, link.url.split('#link=')[1]);
    const { text } = await server.call('GET', '/v1/audit?scope=all&limit=1000');
    for (const secret of secrets) assert.equal(text.includes(secret), false, secret);
    const changed = await entries(`&target=${webhook.id}&action=webhook.changed`);
    assert.deepEqual(changed[0]?.changes, [
      { field: 'headers.authorization', before: '***', after: '***' },
      { field: 'headers.x-plain', before: '***', after: null },
    ]);
  });

  it('says who signed in, and who failed to', async () => {
    await call('POST', '/v1/people', { email: 'ada@example.com', name: 'Ada', password: 'correct horse' });
    const browser = new BrowserUnderTest(server);
    await browser.signIn('ada@example.com', 'wrong horse');
    assert.deepEqual([(await newest()).action, (await newest()).author.kind], ['sign-in.failed', 'stranger']);
    await browser.signIn('ada@example.com', 'correct horse');
    const { action, author, changes } = await newest();
    assert.deepEqual([action, author.kind, author.name], ['sign-in.succeeded', 'person', 'ada@example.com']);
    assert.deepEqual(changes, [{ field: 'method', before: null, after: 'password' }]);
    const before = (await entries()).length;
    await browser.signIn('nobody@example.com', 'wrong horse');
    assert.equal((await entries()).length, before, 'names of a stranger’s choice are not kept');
  });

  it('is for admins, each of their own workspace, and for operators', async () => {
    const acme = (await server.store.workspaces.list()).find(({ name }) => name === 'acme');
    const admin = await server.workspaceToken(acme?.number ?? 0, 'admin');
    const editor = await server.workspaceToken(acme?.number ?? 0, 'editor', 'editor');
    await server.call('POST', '/v1/bases', { body: { name: 'of acme' }, token: admin });
    const own = await server.call('GET', '/v1/audit', { token: admin });
    assert.deepEqual(own.body.data[0].target.name, 'of acme');
    assert.equal(own.text.includes('Shop'), false, 'nothing of another workspace');
    assert.equal((await server.call('GET', '/v1/audit', { token: editor })).status, 403);
    for (const scope of ['all', 'installation']) {
      assert.equal((await server.call('GET', `/v1/audit?scope=${scope}`, { token: admin })).status, 403);
      assert.equal(
        (await server.call('GET', `/v1/audit/export?scope=${scope}`, { token: admin })).status,
        403,
      );
    }
  });

  it('is searched, and paged', async () => {
    const all = await entries();
    const paged: Entry[] = [];
    for (let cursor = ''; ; ) {
      const page = await call('GET', `/v1/audit?scope=all&limit=7${cursor}`);
      paged.push(...page.data);
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    assert.deepEqual(paged, all);
    const ofBases = await entries('&action=base.*');
    assert.ok(ofBases.length > 1 && ofBases.every(({ action }) => action.startsWith('base.')));
    assert.deepEqual(await entries('&since=2100-01-01T00:00:00Z'), []);
    assert.deepEqual(await entries('&author=nobody'), []);
    const { status } = await server.call('GET', '/v1/audit?action=base.%25');
    assert.equal(status, 400);
  });

  it('is exported as JSON lines and as CSV, safe for spreadsheets', async () => {
    await call('POST', '/v1/bases', { name: '=cmd|"x"' });
    const lines = await server.call('GET', '/v1/audit/export?action=base.*');
    assert.match(String(lines.headers['content-type']), /x-ndjson/);
    const exported = lines.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(exported, (await call('GET', '/v1/audit?action=base.*&limit=1000')).data);
    const csv = await server.call('GET', '/v1/audit/export?format=csv&action=base.*');
    const [header, first] = csv.text.split('\r\n');
    assert.match(header ?? '', /^id,at,action,/);
    assert.match(first ?? '', /"'=cmd\|""x"""/);
    assert.equal((await newest()).action, 'audit.exported');
  });

  it('knows no way to change or remove an entry', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const path of ['/v1/audit', '/v1/audit/1', '/v1/audit/export']) {
        const { status } = await server.call(method, path);
        assert.ok([404, 405].includes(status), `${method} ${path}: ${status}`);
      }
    }
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest } from '../testing/api-under-test.ts';
import { BrowserUnderTest } from '../testing/browser.ts';

const password = 'correct horse';

describe('people', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_PUBLIC_URL: 'https://hooks.example.com' });
    await server.store.workspaces.create('acme');
    await server.store.workspaces.create('globex');
  });
  after(() => server.stop());

  const create = async (body: object) => {
    const made = await server.call('POST', '/v1/people', { body });
    assert.equal(made.status, 201, made.text);
    return made.body;
  };
  const signedIn = async (email: string, given = password): Promise<BrowserUnderTest> => {
    const browser = new BrowserUnderTest(server);
    const answer = await browser.signIn(email, given);
    assert.equal(answer.status, 200, answer.text);
    return browser;
  };
  const secretOf = ({ url }: { url: string }): string => {
    assert.match(url, /^https:\/\/hooks\.example\.com\/set-password#link=rowhook_password_\w{40}$/);
    return url.split('#link=')[1] ?? '';
  };
  const use = (browser: BrowserUnderTest, link: string, given: string) =>
    browser.call('POST', '/v1/password-links/use', { body: { link, password: given } });

  it('are made by an operator, and set their first password through a link', async () => {
    const made = await create({
      email: 'Ada@Example.com',
      name: ' Ada ',
      memberships: [{ workspace: 'acme', role: 'admin' }],
    });
    assert.deepEqual([made.email, made.name, made.hasPassword], ['ada@example.com', 'Ada', false]);
    assert.equal(made.passwordLink.purpose, 'invitation');
    const link = secretOf(made.passwordLink);
    assert.equal((await new BrowserUnderTest(server).signIn('ada@example.com', '')).status, 401);
    const read = await server.call('POST', '/v1/password-links/read', { body: { link }, token: null });
    assert.deepEqual(
      [read.status, read.body.email, read.body.purpose],
      [200, 'ada@example.com', 'invitation'],
    );

    const browser = new BrowserUnderTest(server);
    const weak = await use(browser, link, 'short');
    assert.deepEqual([weak.status, weak.body.errors[0].pointer], [400, '/password']);
    const used = await use(browser, link, password);
    assert.deepEqual([used.status, used.body.email], [200, 'ada@example.com']);
    assert.equal((await browser.call('GET', '/v1/members')).status, 200, 'signed in at once');
    assert.equal((await use(browser, link, 'battery staple')).status, 410);
    await signedIn('ada@example.com');
    const shown = await server.call('GET', `/v1/people/${made.id}`);
    assert.equal(shown.body.hasPassword, true);
    assert.ok(shown.body.lastSignInAt);
  });

  it('get another password through a link, which signs them out everywhere', async () => {
    const { id } = await create({ email: 'reset@example.com', name: 'R', password });
    const browser = await signedIn('reset@example.com');
    const first = await server.call('POST', `/v1/people/${id}/password-link`);
    assert.deepEqual([first.status, first.body.purpose], [201, 'reset']);
    const second = await server.call('POST', `/v1/people/${id}/password-link`);
    assert.equal((await use(new BrowserUnderTest(server), secretOf(first.body), password)).status, 410);
    await use(new BrowserUnderTest(server), secretOf(second.body), 'battery staple');
    assert.equal((await browser.call('GET', '/v1/me')).status, 401);
    await signedIn('reset@example.com', 'battery staple');
  });

  it('are refused with an address that is taken, wrong or missing, or a weak password', async () => {
    await create({ email: 'taken@example.com', name: 'T' });
    const refused = async (body: object) => {
      const { status, body: problem } = await server.call('POST', '/v1/people', { body });
      return [status, problem.errors?.[0]?.pointer ?? problem.type];
    };
    assert.deepEqual(await refused({ email: 'TAKEN@example.com', name: 'x' }), [409, '/problems/conflict']);
    assert.deepEqual(await refused({ email: 'no address', name: 'x' }), [400, '/email']);
    assert.deepEqual(await refused({ name: 'x' }), [400, '/email']);
    assert.deepEqual(await refused({ email: 'x@example.com', name: '\u0007' }), [400, '/name']);
    const weak = { email: 'x@example.com', name: 'x', password: 'short' };
    assert.deepEqual(await refused(weak), [400, '/password']);
    const nowhere = {
      email: 'x@example.com',
      name: 'x',
      memberships: [{ workspace: 'none', role: 'admin' }],
    };
    assert.deepEqual(await refused(nowhere), [400, '/memberships/0/workspace']);
    const twice = [
      { workspace: 'acme', role: 'admin' },
      { workspace: 'acme', role: 'viewer' },
    ];
    assert.deepEqual(await refused({ email: 'x@example.com', name: 'x', memberships: twice }), [
      400,
      '/memberships',
    ]);
    assert.equal((await server.call('GET', '/v1/people')).text.includes('x@example.com'), false);
  });

  it('are changed by operators, and what changes counts at once', async () => {
    const { id } = await create({ email: 'change@example.com', name: 'C', password });
    const browser = await signedIn('change@example.com');
    assert.equal((await browser.call('GET', '/v1/people')).status, 403);
    const change = (body: object) => server.call('PATCH', `/v1/people/${id}`, { body });
    await change({ operator: true, name: 'Chief' });
    assert.equal((await browser.call('GET', '/v1/people')).status, 200);
    await change({ operator: false });
    assert.equal((await browser.call('GET', '/v1/people')).status, 403);
    await server.call('PUT', `/v1/people/${id}/memberships/globex`, { body: { role: 'viewer' } });
    assert.equal((await browser.call('GET', '/v1/webhooks')).status, 200);
    await server.call('DELETE', `/v1/people/${id}/memberships/globex`);
    assert.equal((await browser.call('GET', '/v1/webhooks')).status, 403);
    await change({ state: 'suspended' });
    assert.equal((await browser.call('GET', '/v1/me')).status, 401);
    await change({ state: 'active' });
    const again = await signedIn('change@example.com');
    assert.equal((await server.call('DELETE', `/v1/people/${id}/sessions`)).status, 204);
    assert.equal((await again.call('GET', '/v1/me')).status, 401);
    const last = await signedIn('change@example.com');
    assert.equal(
      (await server.call('POST', `/v1/people/${id}/password`, { body: { password: 'battery staple' } }))
        .status,
      204,
    );
    assert.equal((await last.call('GET', '/v1/me')).status, 401);
    const gone = await signedIn('change@example.com', 'battery staple');
    assert.equal((await server.call('DELETE', `/v1/people/${id}`)).status, 204);
    assert.equal((await gone.call('GET', '/v1/me')).status, 401);
    assert.equal((await server.call('GET', `/v1/people/${id}`)).status, 404);
  });

  it('who are operators do not lock themselves out', async () => {
    const { id } = await create({ email: 'chief@example.com', name: 'Chief', operator: true, password });
    const browser = await signedIn('chief@example.com');
    for (const body of [{ operator: false }, { state: 'suspended' }]) {
      assert.equal((await browser.call('PATCH', `/v1/people/${id}`, { body })).status, 409);
    }
    assert.equal((await browser.call('DELETE', `/v1/people/${id}`)).status, 409);
    assert.equal((await browser.call('PATCH', `/v1/people/${id}`, { body: { name: 'Boss' } })).status, 200);
  });

  it('who are signed in speak for themselves', async () => {
    await create({ email: 'self@example.com', name: 'Self', operator: true, password });
    const browser = await signedIn('self@example.com');
    const body = { name: 'n', url: 'https://example.com/', enabled: false };
    const { body: webhook } = await browser.call('POST', '/v1/webhooks', { body });
    const paused = await browser.call('POST', `/v1/webhooks/${webhook.id}/disable`);
    assert.equal(paused.body.status.reason, 'Paused by Self.');
    const posing = await browser.call('POST', `/v1/webhooks/${webhook.id}/disable`, {
      headers: { 'rowhook-user': 'someone else' },
    });
    assert.deepEqual([posing.status, posing.body.errors[0].pointer], [400, 'Rowhook-User']);
  });

  describe('of a workspace', () => {
    let admin: BrowserUnderTest;
    before(async () => {
      const memberships = [{ workspace: 'globex', role: 'admin' }];
      await create({ email: 'admin@globex.example', name: 'Admin', password, memberships });
      admin = await signedIn('admin@globex.example');
    });

    it('are invited by its admins', async () => {
      const invite = { email: 'new@globex.example', role: 'editor' };
      const { status, body } = await admin.call('POST', '/v1/members', { body: invite });
      assert.equal(status, 201);
      assert.deepEqual([body.name, body.role, body.hasPassword], ['new@globex.example', 'editor', false]);
      const again = await admin.call('POST', `/v1/members/${body.id}/password-link`);
      assert.equal(again.status, 201);
      const first = secretOf(body.passwordLink);
      assert.equal((await use(new BrowserUnderTest(server), first, password)).status, 410);
      const member = new BrowserUnderTest(server);
      assert.equal((await use(member, secretOf(again.body), password)).status, 200);
      assert.equal((await member.call('POST', '/v1/bases', { body: { name: 'x' } })).status, 201);
      assert.equal((await member.call('GET', '/v1/members')).status, 403);
      assert.equal((await admin.call('POST', `/v1/members/${body.id}/password-link`)).status, 403);

      await admin.call('PATCH', `/v1/members/${body.id}`, { body: { role: 'viewer' } });
      assert.equal((await member.call('POST', '/v1/bases', { body: { name: 'y' } })).status, 403);
      assert.equal((await admin.call('DELETE', `/v1/members/${body.id}`)).status, 204);
      assert.equal((await member.call('GET', '/v1/bases')).status, 403);
      assert.equal((await member.call('GET', '/v1/me')).status, 200, 'the account stays');
    });

    it('who have an account elsewhere are added by an operator only', async () => {
      const { id } = await create({ email: 'elsewhere@example.com', name: 'E', password });
      const body = { email: 'elsewhere@example.com', role: 'admin' };
      assert.equal((await admin.call('POST', '/v1/members', { body })).status, 409);
      const headers = { 'rowhook-workspace': 'globex' };
      const added = await server.call('POST', '/v1/members', { body, headers });
      assert.deepEqual([added.status, added.body.passwordLink], [201, null]);
      assert.equal((await server.call('POST', '/v1/members', { body, headers })).status, 409, 'twice');
      // No admin gets a link to an account that is not theirs alone.
      await server.call('PUT', `/v1/people/${id}/memberships/acme`, { body: { role: 'admin' } });
      assert.equal((await admin.call('POST', `/v1/members/${id}/password-link`)).status, 403);
    });

    it('are nobody else’s to see or change', async () => {
      const memberships = [{ workspace: 'acme', role: 'editor' }];
      const { id } = await create({ email: 'of-acme@example.com', name: 'O', memberships });
      const listed = await admin.call('GET', '/v1/members');
      assert.equal(listed.text.includes('of-acme@example.com'), false);
      for (const [method, path] of [
        ['PATCH', ''],
        ['DELETE', ''],
        ['POST', '/password-link'],
      ] as const) {
        const body = method === 'PATCH' ? { role: 'admin' } : undefined;
        const answer = await admin.call(method, `/v1/members/${id}${path}`, { body });
        assert.equal(answer.status, 404, method);
      }
      assert.equal((await admin.call('GET', '/v1/people')).status, 403);
    });
  });
});

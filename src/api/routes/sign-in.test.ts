import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest, operatorToken } from '../testing/api-under-test.ts';
import { BrowserUnderTest } from '../testing/browser.ts';

const password = 'correct horse';

describe('signing in', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_SIGN_IN_FAILURES_PER_ACCOUNT: '3' });
    await server.store.workspaces.create('acme');
  });
  after(() => server.stop());

  const newPerson = async (email: string, more: object = {}) => {
    const body = { email, name: email.split('@')[0], password, ...more };
    const made = await server.call('POST', '/v1/people', { body });
    assert.equal(made.status, 201, made.text);
    return made.body;
  };
  const signedIn = async (email: string, stay = false): Promise<BrowserUnderTest> => {
    const browser = new BrowserUnderTest(server);
    const answer = await browser.signIn(email, password, stay);
    assert.equal(answer.status, 200, answer.text);
    return browser;
  };
  const type = ({ status, body }: { status: number; body: { type?: string } }) => [status, body?.type];

  it('opens a session that stands for the person', async () => {
    await newPerson('ada@example.com', { memberships: [{ workspace: 'acme', role: 'editor' }] });
    const browser = new BrowserUnderTest(server);
    assert.equal((await browser.call('GET', '/v1/me')).status, 401);
    const { status, body } = await browser.signIn(' Ada@Example.com ', password);
    assert.equal(status, 200);
    assert.deepEqual([body.kind, body.email, body.operator], ['person', 'ada@example.com', false]);
    assert.deepEqual(
      body.memberships.map((one: { workspace: { name: string }; role: string }) => [
        one.workspace.name,
        one.role,
      ]),
      [['acme', 'editor']],
    );
    assert.deepEqual((await browser.call('GET', '/v1/me')).body, body);
    const made = await browser.call('POST', '/v1/bases', { body: { name: 'Shop' } });
    assert.equal(made.status, 201, 'acts in the only workspace there is for her');
    const rows = await server.call('GET', '/v1/bases', { headers: { 'rowhook-workspace': 'acme' } });
    assert.equal(rows.body.data.length, 1);
  });

  it('lets a person do what their role allows, in their workspaces only', async () => {
    await newPerson('viewer@example.com', { memberships: [{ workspace: 'acme', role: 'viewer' }] });
    const browser = await signedIn('viewer@example.com');
    assert.equal((await browser.call('GET', '/v1/webhooks')).status, 200);
    const refused = await browser.call('POST', '/v1/bases', { body: { name: 'x' } });
    assert.deepEqual(
      [refused.status, refused.body.detail],
      [403, 'This is for the role editor and above; you have the role viewer.'],
    );
    for (const place of ['default', 'nowhere']) {
      const elsewhere = await browser.call('GET', '/v1/webhooks', {
        headers: { 'rowhook-workspace': place },
      });
      assert.deepEqual(type(elsewhere), [404, '/problems/not-found'], place);
      assert.match(elsewhere.body.detail, new RegExp(`no workspace "${place}"`));
    }
  });

  it('shows a person of no workspace nothing but themselves', async () => {
    await newPerson('nobody@example.com');
    const browser = await signedIn('nobody@example.com');
    assert.deepEqual((await browser.call('GET', '/v1/me')).body.memberships, []);
    assert.equal((await browser.call('GET', '/v1/webhooks')).status, 403);
  });

  it('does not tell an unknown address from a wrong password', async () => {
    await newPerson('known@example.com');
    await newPerson('suspended@example.com');
    const { body } = await server.call('GET', '/v1/people?limit=1000');
    const { id } = body.data.find(({ email }: { email: string }) => email === 'suspended@example.com');
    await server.call('PATCH', `/v1/people/${id}`, { body: { state: 'suspended' } });
    const answers = [];
    for (const [email, given] of [
      ['known@example.com', 'wrong horse'],
      ['unknown@example.com', password],
      ['no address', password],
      ['suspended@example.com', password],
    ] as const) {
      const { status, body: problem, headers } = await new BrowserUnderTest(server).signIn(email, given);
      answers.push([status, problem.detail, headers['set-cookie']]);
    }
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(answers[0]?.[0], 401);
  });

  it('takes an API token, and acts as the token does until it is deleted', async () => {
    const browser = new BrowserUnderTest(server);
    const { body: made } = await server.call('POST', '/v1/tokens', {
      body: { name: 'mine', role: 'viewer' },
    });
    const { status, body } = await browser.call('POST', '/v1/sign-in', { body: { token: made.token } });
    assert.equal(status, 200);
    assert.deepEqual([body.kind, body.name, body.operator], ['token', 'mine', false]);
    assert.equal(body.memberships[0].role, 'viewer');
    assert.equal((await browser.call('GET', '/v1/webhooks')).status, 200);
    assert.equal((await browser.call('POST', '/v1/bases', { body: { name: 'x' } })).status, 403);
    await server.call('DELETE', `/v1/tokens/${made.id}`);
    assert.equal((await browser.call('GET', '/v1/webhooks')).status, 401);

    const operator = new BrowserUnderTest(server);
    const opened = await operator.call('POST', '/v1/sign-in', { body: { token: operatorToken } });
    assert.deepEqual([opened.status, opened.body.operator], [200, true]);
    assert.equal((await operator.call('GET', '/v1/people')).status, 200);
    const wrong = await operator.call('POST', '/v1/sign-in', { body: { token: 'rowhook_wrong' } });
    assert.deepEqual(type(wrong), [401, '/problems/unauthenticated']);
  });

  it('wants either a token or an address with a password', async () => {
    for (const [body, pointer] of [
      [{}, '/email'],
      [{ email: 'ada@example.com' }, '/password'],
      [{ token: operatorToken, email: 'ada@example.com' }, '/token'],
      [{ user: 'ada' }, '/user'],
    ] as const) {
      const { status, body: problem } = await server.call('POST', '/v1/sign-in', { body, token: null });
      assert.deepEqual([status, problem.errors[0].pointer], [400, pointer]);
    }
  });

  describe('keeps the session', () => {
    it('in a cookie that pages cannot read and other sites do not send', async () => {
      const { setCookies } = await signedIn('ada@example.com');
      assert.match(
        setCookies[0] ?? '',
        /^rowhook-session-80=rowhook_session_[A-Za-z0-9]{40}; Path=\/; HttpOnly; SameSite=Strict$/,
      );
      const stayed = await signedIn('ada@example.com', true);
      assert.match(stayed.setCookies[0] ?? '', /Expires=/);
    });

    it('in a cookie of its own for each port', async () => {
      const browser = new BrowserUnderTest(server, { host: 'localhost:8081' });
      await browser.signIn('ada@example.com', password);
      assert.deepEqual([...browser.cookies.keys()], ['rowhook-session-8081']);
    });

    it('under no secret that the store has', async () => {
      const { cookies } = await signedIn('ada@example.com');
      const [secret] = cookies.values();
      const { body } = await server.call('GET', '/v1/audit').catch(() => ({ body: null }));
      assert.doesNotMatch(JSON.stringify(body), new RegExp(secret ?? 'none'));
      for (const line of server.logged) assert.doesNotMatch(line, new RegExp(secret ?? 'none'));
    });

    it('and gives another one with every sign-in', async () => {
      const browser = await signedIn('ada@example.com');
      const [first] = browser.cookies.values();
      await browser.signIn('ada@example.com', password);
      const [second] = browser.cookies.values();
      assert.notEqual(first, second);
      const old = new BrowserUnderTest(server);
      old.cookies.set('rowhook-session-80', first ?? '');
      assert.equal((await old.call('GET', '/v1/me')).status, 401, 'the session before has ended');
    });
  });

  describe('guards against other sites', () => {
    const change = { method: 'POST', url: '/v1/sign-out' } as const;
    for (const [what, headers] of [
      ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
      ['a page of a neighbour host', { 'sec-fetch-site': 'same-site' }],
      ['another origin', { origin: 'https://evil.example' }],
      ['another port', { origin: 'http://localhost:81' }],
      ['an origin that is hidden', { origin: 'null' }],
      ['a form, which cannot send headers', { 'rowhook-csrf': '' }],
    ] as const) {
      it(`refuses a change that ${what} sends with the cookie`, async () => {
        const browser = await signedIn('ada@example.com');
        assert.deepEqual(type(await browser.call(change.method, change.url, { headers })), [
          403,
          '/problems/forbidden',
        ]);
        assert.equal((await browser.call('GET', '/v1/me')).status, 200, 'still signed in');
      });
    }

    it('takes a change from its own pages', async () => {
      const browser = await signedIn('ada@example.com');
      const headers = { origin: 'http://localhost:80' };
      assert.equal((await browser.call('PATCH', '/v1/me', { body: { name: 'Ada' }, headers })).status, 200);
    });

    it('does not let another site sign someone in', async () => {
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
        const browser = new BrowserUnderTest(server, headers);
        const answer = await browser.signIn('ada@example.com', password);
        assert.deepEqual(type(answer), [403, '/problems/forbidden']);
      }
    });

    it('asks nothing of programs with a token', async () => {
      const headers = { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' };
      const made = await server.call('POST', '/v1/bases', { body: { name: 'x' }, headers });
      assert.equal(made.status, 201);
    });

    it('allows no other origin to read or ask', async () => {
      const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
      const asked = await server.call('OPTIONS', '/v1/bases', { headers, token: null });
      assert.equal(asked.status, 405);
      for (const answer of [asked, await server.call('GET', '/v1/bases', { headers })]) {
        const cors = Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));
        assert.deepEqual(cors, []);
      }
    });
  });

  it('ends by signing out, and says so to the browser', async () => {
    const browser = await signedIn('ada@example.com');
    const [secret] = browser.cookies.values();
    assert.equal((await browser.call('POST', '/v1/sign-out')).status, 204);
    assert.deepEqual([...browser.cookies], []);
    browser.cookies.set('rowhook-session-80', secret ?? '');
    assert.equal((await browser.call('GET', '/v1/me')).status, 401);
  });

  it('shows a person their sessions, and ends one or all', async () => {
    await newPerson('many@example.com');
    const phone = await signedIn('many@example.com');
    const laptop = await signedIn('many@example.com');
    const { body } = await laptop.call('GET', '/v1/me/sessions');
    assert.equal(body.data.length, 2);
    const [current, other] = [true, false].map((wanted) =>
      body.data.find((session: { current: boolean }) => session.current === wanted),
    );
    assert.equal(current.address, '127.0.0.1');
    assert.equal((await laptop.call('DELETE', `/v1/me/sessions/${other.id}`)).status, 204);
    assert.equal((await phone.call('GET', '/v1/me')).status, 401);
    const stranger = await signedIn('ada@example.com');
    assert.equal((await stranger.call('DELETE', `/v1/me/sessions/${current.id}`)).status, 404);

    const tablet = await signedIn('many@example.com');
    assert.equal((await laptop.call('DELETE', '/v1/me/sessions?except=current')).status, 204);
    assert.equal((await tablet.call('GET', '/v1/me')).status, 401);
    assert.equal((await laptop.call('GET', '/v1/me')).status, 200);
    assert.equal((await laptop.call('DELETE', '/v1/me/sessions')).status, 204);
    assert.equal((await laptop.call('GET', '/v1/me')).status, 401);
  });

  it('lets a person change their password, which ends their other sessions', async () => {
    await newPerson('change@example.com');
    const here = await signedIn('change@example.com');
    const there = await signedIn('change@example.com');
    const change = (body: object) => here.call('POST', '/v1/me/password', { body });
    const wrong = await change({ currentPassword: 'wrong horse', password: 'battery staple' });
    assert.deepEqual([wrong.status, wrong.body.errors[0].pointer], [400, '/currentPassword']);
    const missing = await change({ password: 'battery staple' });
    assert.deepEqual([missing.status, missing.body.errors[0].pointer], [400, '/currentPassword']);
    const weak = await change({ currentPassword: password, password: 'short' });
    assert.deepEqual([weak.status, weak.body.errors[0].pointer], [400, '/password']);
    assert.equal((await there.call('GET', '/v1/me')).status, 200);
    assert.equal((await change({ currentPassword: password, password: 'battery staple' })).status, 204);
    assert.equal((await here.call('GET', '/v1/me')).status, 200);
    assert.equal((await there.call('GET', '/v1/me')).status, 401);
    assert.equal((await new BrowserUnderTest(server).signIn('change@example.com', password)).status, 401);
    const again = await new BrowserUnderTest(server).signIn('change@example.com', 'battery staple');
    assert.equal(again.status, 200);
  });

  it('is refused for a while after too many failures of one account, the right password included', async () => {
    await newPerson('target@example.com');
    const fail = () => new BrowserUnderTest(server).signIn('target@example.com', 'wrong horse');
    for (let count = 0; count < 3; count++) assert.equal((await fail()).status, 401);
    const blocked = await new BrowserUnderTest(server).signIn('target@example.com', password);
    assert.deepEqual(type(blocked), [429, '/problems/too-many-requests']);
    const wait = Number(blocked.headers['retry-after']);
    assert.ok(wait > 0 && wait <= 900, String(wait));
    await signedIn('ada@example.com');
  });

  it('counts attempts that are made at the same time', async () => {
    await newPerson('rush@example.com');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        new BrowserUnderTest(server).signIn('rush@example.com', 'wrong horse'),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 401).length, 3);
    assert.equal(answers.filter(({ status }) => status === 429).length, 7);
  });
});

describe('signing in from one address', () => {
  it('is refused for a while after too many failures, of whatever accounts', async () => {
    const server = await ApiUnderTest.start({
      ROWHOOK_SIGN_IN_FAILURES_PER_ADDRESS: '2',
      ROWHOOK_TRUSTED_PROXIES: '127.0.0.1',
    });
    try {
      const from = (address: string) => new BrowserUnderTest(server, { 'x-forwarded-for': address });
      const fail = (address: string, index: number) => from(address).signIn(`p${index}@example.com`, 'wrong');
      assert.equal((await fail('192.0.2.1', 1)).status, 401);
      assert.equal((await fail('192.0.2.1', 2)).status, 401);
      assert.equal((await fail('192.0.2.1', 3)).status, 429);
      assert.equal((await fail('192.0.2.2', 3)).status, 401);
    } finally {
      await server.stop();
    }
  });
});

describe('a session over https', () => {
  const cookieOf = async (settings: Record<string, string>, headers: Record<string, string>) => {
    const server = await ApiUnderTest.start(settings);
    try {
      const browser = new BrowserUnderTest(server, headers);
      const answer = await browser.call('POST', '/v1/sign-in', { body: { token: operatorToken } });
      assert.equal(answer.status, 200, answer.text);
      assert.equal((await browser.call('GET', '/v1/me')).status, 200);
      return browser.setCookies[0] ?? '';
    } finally {
      await server.stop();
    }
  };
  const secure =
    /^__Host-rowhook-session=rowhook_session_\w{40}; Path=\/; HttpOnly; Secure; SameSite=Strict$/;

  it('is kept in a cookie for https only, where the settings name the address', async () => {
    const settings = { ROWHOOK_PUBLIC_URL: 'https://hooks.example.com' };
    const headers = { host: 'hooks.example.com', origin: 'https://hooks.example.com' };
    assert.match(await cookieOf(settings, headers), secure);
    assert.match(await cookieOf(settings, { host: 'localhost:8080' }), /^rowhook-session-8080=/);
  });

  it('is kept so where a trusted proxy says that it was https, and not on the word of others', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'hooks.example.com' };
    assert.match(await cookieOf({ ROWHOOK_TRUSTED_PROXIES: '127.0.0.0/8' }, headers), secure);
    assert.match(await cookieOf({}, headers), /^rowhook-session-80=/);
  });
});

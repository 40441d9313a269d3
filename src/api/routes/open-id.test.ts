import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import Provider from 'oidc-provider';
import { ApiUnderTest } from '../testing/api-under-test.ts';
import { BrowserUnderTest } from '../testing/browser.ts';

const publicUrl = 'http://rowhook.example';
const callback = `${publicUrl}/v1/sign-in/openid/callback`;

interface Account {
  email: string;
  email_verified: boolean;
  name: string;
}

/** A real OpenID provider on loopback, where whoever comes is signed in as the account of the moment. */
class ProviderUnderTest {
  readonly issuer: string;
  readonly #server: Server;
  account = 'ada';
  readonly accounts = new Map<string, Account>();

  private constructor(server: Server) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: 'rowhook', client_secret: 'a secret of the client', redirect_uris: [callback] }],
      claims: { email: ['email', 'email_verified'], profile: ['name'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: async () => ({ sub: id, ...this.accounts.get(id) }),
      }),
      loadExistingGrant: async (context) => {
        const grant = new context.oidc.provider.Grant({
          clientId: context.oidc.client?.clientId,
          accountId: context.oidc.session?.accountId,
        });
        grant.addOIDCScope('openid email profile');
        await grant.save();
        return grant;
      },
    });
    const handle = provider.callback();
    server.on('request', (request, response) => {
      if (!request.url?.startsWith('/interaction/')) return handle(request, response);
      return provider.interactionFinished(request, response, { login: { accountId: this.account } });
    });
  }

  static async start(): Promise<ProviderUnderTest> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ProviderUnderTest(server);
  }

  /** What a browser does there: it comes back with an address of the callback. */
  async visit(url: string): Promise<string> {
    const cookies = new Map<string, string>();
    for (let next = url; ; ) {
      if (next.startsWith(callback)) return next;
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(next, { redirect: 'manual', headers: { cookie } });
      for (const text of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
        cookies.set(name, value);
      }
      const location = answer.headers.get('location');
      assert.ok(location, `${answer.status} ${await answer.text()}`);
      next = new URL(location, next).href;
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('signing in through an OpenID provider', () => {
  let provider: ProviderUnderTest;
  let server: ApiUnderTest;
  const start = (more: Record<string, string> = {}) =>
    ApiUnderTest.start({
      ROWHOOK_PUBLIC_URL: publicUrl,
      ROWHOOK_OIDC_ISSUER: provider.issuer,
      ROWHOOK_OIDC_CLIENT_ID: 'rowhook',
      ROWHOOK_OIDC_CLIENT_SECRET: 'a secret of the client',
      ROWHOOK_OIDC_ALLOWED_DOMAINS: 'example.com',
      ...more,
    });
  before(async () => {
    provider = await ProviderUnderTest.start();
    const account = (email: string, email_verified = true) => ({ email, email_verified, name: 'Ada' });
    provider.accounts.set('ada', account('ada@example.com'));
    provider.accounts.set('unverified', account('ada@example.com', false));
    provider.accounts.set('stranger', account('stranger@example.com'));
    provider.accounts.set('outside', account('x@elsewhere.example'));
    server = await start();
    await server.call('POST', '/v1/people', { body: { email: 'ada@example.com', name: 'Ada' } });
  });
  after(async () => {
    await server.stop();
    await provider.stop();
  });

  const signIn = async (on: ApiUnderTest, account: string, browser = new BrowserUnderTest(on)) => {
    provider.account = account;
    const begun = await browser.call('GET', '/v1/sign-in/openid');
    assert.equal(begun.status, 302, begun.text);
    const back = await provider.visit(String(begun.headers.location));
    const answer = await browser.call('GET', back.slice(publicUrl.length));
    return { browser, back, location: String(answer.headers.location) };
  };

  it('opens a session for who has an account, found by a verified address first and then by the subject', async () => {
    const { browser, location } = await signIn(server, 'ada');
    assert.equal(location, `${publicUrl}/`);
    assert.equal((await browser.call('GET', '/v1/me')).body.email, 'ada@example.com');
    provider.accounts.set('ada', { email: 'moved@example.com', email_verified: true, name: 'Ada' });
    const again = await signIn(server, 'ada');
    assert.equal((await again.browser.call('GET', '/v1/me')).body.email, 'ada@example.com');
  });

  for (const [account, reason] of [
    ['unverified', /verified no e-mail address/],
    ['stranger', /no account for stranger@example\.com/],
    ['outside', /elsewhere\.example may not sign in/],
  ] as const) {
    it(`lets nobody in who is ${account}`, async () => {
      const { browser, location } = await signIn(server, account);
      assert.match(decodeURIComponent(location), reason);
      assert.equal((await browser.call('GET', '/v1/me')).status, 401);
    });
  }

  it('refuses who comes back without having left, twice, or with another state', async () => {
    const { back } = await signIn(server, 'ada');
    const fresh = new BrowserUnderTest(server);
    const stolen = await fresh.call('GET', back.slice(publicUrl.length));
    assert.match(decodeURIComponent(String(stolen.headers.location)), /sign-in-error=.*began elsewhere/);
    await fresh.call('GET', '/v1/sign-in/openid');
    const forged = await fresh.call('GET', back.slice(publicUrl.length));
    assert.match(String(forged.headers.location), /sign-in-error=/);
    assert.equal((await fresh.call('GET', '/v1/me')).status, 401);
  });

  it('makes accounts where the settings say so, with no rights', async () => {
    const open = await start({ ROWHOOK_OIDC_CREATE_PEOPLE: 'on' });
    try {
      const { browser } = await signIn(open, 'stranger');
      const { body } = await browser.call('GET', '/v1/me');
      assert.deepEqual([body.email, body.operator, body.memberships], ['stranger@example.com', false, []]);
    } finally {
      await open.stop();
    }
  });

  it('is not there without settings', async () => {
    const plain = await ApiUnderTest.start();
    try {
      assert.equal((await plain.call('GET', '/v1/sign-in/openid', { token: null })).status, 409);
      assert.equal((await plain.call('GET', '/v1/sign-in', { token: null })).body.openId, false);
    } finally {
      await plain.stop();
    }
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { suiteScope } from '../support/scope.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';

/** Secrets that are planted wherever somebody may put one. */
const planted = {
  'the secret key': 'planted-secret-key-0123456789abcdefghij',
  'a previous secret key': 'planted-previous-key-0123456789abcdefg',
  'the password of the mail server': 'planted-smtp-password',
  'an Authorization header': 'planted-authorization-value',
  'a secret header': 'planted-api-key-value',
  'a signing secret': `whsec_${Buffer.from('planted signing secret 012345678').toString('base64')}`,
  'a password': 'planted correct horse battery',
} as const;

/** Routes whose purpose is to show a secret to who may see it. */
const showsSecret = /^\/v1\/webhooks\/[^/]+\/secret$/;
const mainFile = join(import.meta.dirname, '../../src/main.ts');

interface Described {
  readonly parameters?: ReadonlyArray<{ readonly in: string; readonly name: string }>;
}

describe('a secret', { timeout: 120_000 }, () => {
  const scope = suiteScope();

  it('is in no log, no answer, no export, no backup and no file that has no right to it', async () => {
    const consumer = createServer((request, response) => {
      // As consumers for debugging do.
      response.writeHead(request.url === '/fails' ? 500 : 200, {
        'x-echo': request.headers['x-api-key'] ?? '',
      });
      response.end(JSON.stringify({ headers: request.headers }));
    });
    consumer.listen(0, '127.0.0.1');
    await once(consumer, 'listening');
    scope.after(() => {
      consumer.closeAllConnections();
      consumer.close();
    });
    const consumerUrl = `http://127.0.0.1:${(consumer.address() as AddressInfo).port}`;

    const server = await ServerProcess.start(scope, {
      ROWHOOK_LOG_LEVEL: 'trace',
      ROWHOOK_SECRET_KEY: planted['the secret key'],
      ROWHOOK_PREVIOUS_SECRET_KEYS: planted['a previous secret key'],
      ROWHOOK_SMTP_URL: `smtp://user:${planted['the password of the mail server']}@127.0.0.1:1`,
      ROWHOOK_NOTICE_RECIPIENTS: 'ann@example.com',
    });
    const { api } = server;
    const seen = new Outputs();
    /** Secrets that are made on the way, shown once to who made them. */
    const made = new Map<string, string>([["the operator's token", operatorToken]]);

    const headers = {
      authorization: `Bearer ${planted['an Authorization header']}`,
      'x-api-key': planted['a secret header'],
    };
    const place = await api.createTable('orders', [{ name: 'Number', type: 'text' }]);
    const webhooks: string[] = [];
    for (const [name, path] of [
      ['arrives', '/arrives'],
      ['fails', '/fails'],
    ] as const) {
      const webhook = await api.createWebhook({
        name,
        url: consumerUrl + path,
        eventTypes: ['row.*', 'invoice.*'],
        headers,
        disable: { afterFailures: 1, afterFailingMs: null },
        retry: { delaysMs: [], jitter: 0 },
      });
      webhooks.push(webhook.id);
      made.set(`the signing secret of ${name}`, webhook.secret ?? '');
    }
    const rotated = await api.post<{ secret: string }>(`/v1/webhooks/${webhooks[0]}/secret/rotate`, {
      secret: planted['a signing secret'],
    });
    assert.equal(rotated.secret, planted['a signing secret']);
    const { token } = await api.post<{ token: string }>('/v1/tokens', { name: 'shop' });
    made.set('an API token', token);
    const person = await api.post<{ id: string }>('/v1/people', {
      email: 'ada@example.com',
      name: 'Ada',
      operator: true,
      password: planted['a password'],
    });
    const invited = await api.post<{ passwordLink: { url: string } }>('/v1/people', {
      email: 'bob@example.com',
      name: 'Bob',
    });
    made.set('a password link', new URL(invited.passwordLink.url).hash.replace('#link=', ''));
    const signIn = await fetch(`${server.url}/v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ email: 'ada@example.com', password: planted['a password'] }),
    });
    const cookie = /=([^;]{20,})/.exec(signIn.headers.get('set-cookie') ?? '')?.[1];
    assert.ok(cookie, `signed in: ${signIn.status} ${await signIn.text()}`);
    made.set('a session', cookie);

    // Deliveries that succeed, that fail, that disable a webhook, and that cannot be made.
    const { id: event } = await api.postEvent('invoice.paid', { amount: 1 });
    await api.post(`${place.path}/rows`, { rows: [{ cells: { Number: 'A-1' } }] });
    await api.until(
      () => api.deliveries(webhooks[0] ?? ''),
      (found) => found.filter(({ state }) => state === 'succeeded').length === 2,
    );
    await api.until(
      () => api.webhook(webhooks[1] ?? ''),
      ({ status }) => status.state === 'disabled',
    );
    await api.call('PATCH', `/v1/webhooks/${webhooks[0]}`, { headers: { ...headers, 'x-team': '1' } });
    seen.add(
      'an attempt to send',
      await api.call('POST', '/v1/webhooks/test', { webhook: { url: consumerUrl, headers } }),
    );
    seen.add(
      'a preview',
      await api.call('POST', '/v1/webhooks/preview', { webhook: { url: consumerUrl, headers } }),
    );

    // What goes wrong, with secrets in it.
    seen.add(
      'a refused header',
      await api.call('POST', '/v1/webhooks', {
        name: 'x',
        url: consumerUrl,
        headers: { ...headers, authorization: `${planted['an Authorization header']}\n` },
      }),
    );
    seen.add(
      'a refused secret',
      await api.call('POST', `/v1/webhooks/${webhooks[0]}/secret/rotate`, {
        secret: `${planted['a signing secret']}!`,
        overlap: 'x',
      }),
    );
    seen.add(
      'a refused token',
      await api.call('GET', '/v1/webhooks', undefined, { authorization: `Bearer ${token}x` }),
    );
    seen.add(
      'a refused password',
      await api.call('POST', '/v1/sign-in', {
        email: 'ada@example.com',
        password: `${planted['a password']}x`,
      }),
    );
    seen.add(
      'a refused body',
      await api.call('POST', '/v1/people', `{"password":"${planted['a password']}"`),
    );

    // Every GET there is, of everything that was made.
    const [delivery] = await api.deliveries(webhooks[1] ?? '');
    const [row] = await api.rows(place.path);
    const ids: Readonly<Record<string, string>> = {
      base: place.base.id,
      table: place.table.id,
      row: row?.id ?? '',
      '/v1/webhooks': webhooks[0] ?? '',
      '/v1/events': event,
      '/v1/deliveries': delivery?.id ?? '',
      '/v1/people': person.id,
    };
    const document = await api.get<{ paths: Record<string, Record<string, Described>> }>('/openapi.json');
    let routes = 0;
    for (const [path, methods] of Object.entries(document.paths)) {
      if (!('get' in methods) || showsSecret.test(path)) continue;
      const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
        const owner = path.slice(0, path.indexOf('/{'));
        return (name === 'id' ? ids[owner] : ids[name]) ?? 'none';
      });
      const answer = await fetch(server.url + filled, {
        headers: { authorization: `Bearer ${operatorToken}` },
      });
      seen.add(`GET ${path}`, `${await textOf(answer)}${JSON.stringify([...answer.headers])}`);
      routes += 1;
    }
    assert.ok(routes > 25, `${routes} routes were asked`);
    for (const format of ['csv', 'jsonl']) {
      const answer = await fetch(`${server.url}${place.path}/export?format=${format}`, {
        headers: { authorization: `Bearer ${operatorToken}` },
      });
      seen.add(`the export as ${format}`, await answer.text());
    }

    // The command line, and what it leaves.
    const backup = join(server.dataDirectory, '../', `backup-${process.pid}`);
    scope.after(() => rmSync(backup, { recursive: true, force: true }));
    seen.add('rowhook backup', await commandLine(server, ['backup', backup]));
    seen.add('rowhook doctor', await commandLine(server, ['doctor', '--json']));
    seen.add(
      'rowhook webhook list',
      await commandLine(server, ['webhook', 'list', '--server', server.url, '--json']),
    );
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    seen.add('the log', server.printed.stderr);
    seen.add('standard output', server.printed.stdout);
    for (const directory of [server.dataDirectory, backup]) {
      for (const name of readdirSync(directory)) {
        seen.add(`the file ${name}`, readFileSync(join(directory, name), 'latin1'));
      }
    }
    assert.ok(server.printed.stderr.length > 0, 'there is a log to look into');

    for (const [what, secret] of [...Object.entries(planted), ...made]) {
      assert.ok(secret.length >= 16, what);
      assert.deepEqual(seen.with(secret), [], `${what} is in these`);
    }
  });
});

/** Everything that came out, by where it came out. */
class Outputs {
  readonly #texts = new Map<string, string>();

  add(where: string, what: unknown): void {
    this.#texts.set(where, typeof what === 'string' ? what : JSON.stringify(what));
  }

  /** Where a text came out, as it is, or in one of the forms in which programs print it. */
  with(secret: string): string[] {
    const bytes = Buffer.from(secret);
    const forms = [
      secret,
      encodeURIComponent(secret),
      bytes.toString('base64'),
      bytes.toString('hex'),
      bytes.toString('base64url'),
    ];
    return [...this.#texts]
      .filter(([, text]) => forms.some((form) => text.includes(form)))
      .map(([where]) => where);
  }
}

/** The body of an answer; of one that never ends, nothing. */
async function textOf(answer: Response): Promise<string> {
  if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) return answer.text();
  await answer.body?.cancel();
  return '';
}

/** Runs `rowhook` with the settings of the server; what it prints. */
async function commandLine(server: ServerProcess, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [mainFile, ...args], { env: server.environment });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const [code] = await once(child, 'close');
  assert.equal(code, 0, printed);
  return printed;
}

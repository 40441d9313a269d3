import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ApiUnderTest, operatorToken } from '../../src/api/testing/api-under-test.ts';
import { sign, signSeaTable } from '../../src/egress/index.ts';
import { generateSecret, publicKeyOf } from '../../src/model/signing-secret.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packageFolder = join(root, 'clients', 'typescript');

type Call = Promise<{ data?: unknown; response: Response }>;

/** The package as its users have it; its own types are checked with the examples. */
interface ClientPackage {
  readonly verify: (options: object) => Promise<{ readonly type: string }>;
  readonly verifySeaTable: (options: object) => Promise<Uint8Array>;
  readonly Rowhook: new (
    options: object,
  ) => {
    readonly api: { GET(path: string, options: object): Call };
    publish(event: object): Promise<{ readonly id: string }>;
    publishBatch(events: readonly object[]): Promise<unknown>;
    data(call: Call): Promise<unknown>;
    pages(list: (cursor?: string) => Call): AsyncIterable<{ readonly type: string }>;
  };
}

const body = '{"type":"größe.changed","timestamp":"2026-01-01T00:00:00Z","data":{}}';

function signedWith(secret: string, ageSeconds = 0): Record<string, string> {
  return { ...sign([generateSecret(), secret], 'msg_1', Math.floor(Date.now() / 1_000) - ageSeconds, body) };
}

describe('the packed TypeScript client', { timeout: 180_000 }, () => {
  const project = mkdtempSync(join(tmpdir(), 'rowhook-client-'));
  const secret = generateSecret();
  let client: ClientPackage;

  before(async () => {
    const built = spawnSync(process.execPath, [join(packageFolder, 'build.mjs'), '--pack', project], {
      encoding: 'utf8',
    });
    assert.equal(built.status, 0, built.stdout + built.stderr);
    const [tarball] = readdirSync(project).filter((name) => name.endsWith('.tgz'));
    assert.ok(tarball);
    writeFileSync(join(project, 'package.json'), '{"name":"user","private":true,"type":"module"}');
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    const installed = spawnSync('npm', ['install', ...flags, `./${tarball}`], {
      cwd: project,
      encoding: 'utf8',
    });
    assert.equal(installed.status, 0, installed.stderr);
    for (const name of ['express', 'fastify', '@types', 'typescript']) {
      symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
    }
    cpSync(join(packageFolder, 'examples'), join(project, 'examples'), { recursive: true });
    const entry = pathToFileURL(join(project, 'node_modules/@rowhook/client/dist/index.js'));
    client = (await import(entry.href)) as ClientPackage;
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  it('verifies a secret, a public key, one of several, and SeaTable’s signature', async () => {
    const asymmetric = generateSecret('asymmetric');
    const publicKey = publicKeyOf(asymmetric) ?? '';
    const accepted: [string | string[], Record<string, string>][] = [
      [secret, signedWith(secret)],
      [publicKey, signedWith(asymmetric)],
      [[generateSecret(), publicKey, secret], signedWith(secret)],
    ];
    for (const [known, headers] of accepted) {
      for (const given of [headers, new Headers(headers)]) {
        const event = await client.verify({ secret: known, headers: given, body });
        assert.equal(event.type, 'größe.changed');
      }
      const bytes = Buffer.from(body);
      assert.equal((await client.verify({ secret: known, headers, body: bytes })).type, 'größe.changed');
    }
    const seatable = { 'x-seatable-signature': signSeaTable(secret, body) };
    assert.equal(
      Buffer.from(await client.verifySeaTable({ secret, headers: seatable, body })).toString(),
      body,
    );
  });

  it('refuses what is not genuine, old, or of the future', async () => {
    const good = signedWith(secret);
    const refused: object[] = [
      { secret: generateSecret(), headers: good, body },
      { secret: publicKeyOf(generateSecret('asymmetric')), headers: good, body },
      { secret, headers: good, body: `${body} ` },
      { secret, headers: { ...good, 'webhook-id': 'msg_2' }, body },
      { secret, headers: { ...good, 'webhook-signature': 'v1,%%%' }, body },
      { secret, headers: { ...good, 'webhook-timestamp': 'NaN' }, body },
      { secret, headers: {}, body },
      { secret, headers: signedWith(secret, 400), body },
      { secret, headers: signedWith(secret, -400), body },
    ];
    for (const options of refused)
      await assert.rejects(client.verify(options), { name: 'VerificationError' });
    await assert.rejects(client.verify({ secret: 'password', headers: good, body }), TypeError);
    const seatable = { 'x-seatable-signature': signSeaTable(generateSecret(), body) };
    await assert.rejects(client.verifySeaTable({ secret, headers: seatable, body }), {
      name: 'VerificationError',
    });
  });

  it('has examples that its types fit', () => {
    const settings = {
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: 'es2023',
        module: 'nodenext',
        moduleResolution: 'nodenext',
        lib: ['es2023', 'dom', 'dom.iterable'],
        types: ['node'],
        skipLibCheck: true,
      },
      include: ['examples'],
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(settings));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });

  for (const example of ['express', 'fastify']) {
    it(`has an example for ${example} that takes what is genuine, and nothing else`, async () => {
      const port = await freePort();
      const consumer: ChildProcess = spawn(process.execPath, [join(project, 'examples', `${example}.ts`)], {
        cwd: project,
        env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        assert.ok(consumer.stdout);
        await once(consumer.stdout, 'data');
        const post = (headers: Record<string, string>) =>
          fetch(`http://127.0.0.1:${port}/hooks`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...headers },
            body,
          });
        assert.equal((await post(signedWith(secret))).status, 204);
        assert.equal((await post(signedWith(generateSecret()))).status, 401);
      } finally {
        consumer.kill();
      }
    });
  }

  it('has examples for Next.js and Cloudflare workers that take what is genuine, and nothing else', async () => {
    process.env['WEBHOOK_SECRET'] = secret;
    const from = async (name: string) => import(pathToFileURL(join(project, 'examples', name)).href);
    const { POST } = (await from('next-route.ts')) as { POST: (request: Request) => Promise<Response> };
    const { default: worker } = (await from('cloudflare-worker.ts')) as {
      default: { fetch: (request: Request, env: object) => Promise<Response> };
    };
    const env = { WEBHOOK_SECRET: secret };
    for (const answer of [POST, (request: Request) => worker.fetch(request, env)]) {
      const post = (headers: Record<string, string>) =>
        answer(new Request('https://consumer.example/hooks', { method: 'POST', headers, body }));
      assert.equal((await post(signedWith(secret))).status, 204);
      assert.equal((await post(signedWith(generateSecret()))).status, 401);
    }
  });

  it('calls a real server: publishes once however often it repeats, pages, and names errors', async (t) => {
    const server = await ApiUnderTest.start();
    t.after(() => server.stop());
    const url = await server.api.listen({ host: '127.0.0.1', port: 0 });
    let lost = 1;
    const rowhook = new client.Rowhook({
      url,
      token: operatorToken,
      fetch: async (request: Request) => {
        const response = await fetch(request);
        // The first answer gets lost, after the server has taken the event.
        if (lost-- > 0) throw new TypeError('network');
        return response;
      },
    });
    const { id } = await rowhook.publish({ type: 'invoice.paid', data: { n: 1 } });
    await rowhook.publishBatch([1, 2, 3, 4].map((n) => ({ type: 'invoice.sent', data: { n } })));
    const list = (cursor?: string) =>
      rowhook.api.GET('/v1/events', { params: { query: { limit: 2, ...(cursor ? { cursor } : {}) } } });
    const types: string[] = [];
    for await (const event of rowhook.pages(list)) types.push(event.type);
    assert.deepEqual(types, [...Array<string>(4).fill('invoice.sent'), 'invoice.paid']);
    assert.match(id, /^evt_/);
    await assert.rejects(
      rowhook.data(rowhook.api.GET('/v1/webhooks/{id}', { params: { path: { id: 'wh_none' } } })),
      (error: { name: string; status: number; code: string; requestId: string }) => {
        assert.deepEqual([error.name, error.status, error.code], ['RowhookError', 404, 'not-found']);
        assert.match(error.requestId, /^req_/);
        return true;
      },
    );
    await assert.rejects(rowhook.publish({ type: '!', data: {} }), { status: 400 });
  });

  it('makes calls again that were answered 429, as late as it is asked to, and gives up in the end', async (t) => {
    let calls = 0;
    const busy = createServer((_request, response) => {
      calls += 1;
      response.writeHead(429, { 'retry-after': '0', 'content-type': 'application/problem+json' });
      response.end('{"detail":"Too much."}');
    }).listen(0, '127.0.0.1');
    t.after(() => busy.close());
    await once(busy, 'listening');
    const url = `http://127.0.0.1:${(busy.address() as AddressInfo).port}`;
    const rowhook = new client.Rowhook({ url, token: 'x', retries: 2 });
    await assert.rejects(rowhook.publish({ type: 'a', data: {} }), { status: 429, message: 'Too much.' });
    assert.equal(calls, 3);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

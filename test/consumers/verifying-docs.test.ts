import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { sign } from '../../src/egress/index.ts';
import { generateSecret, publicKeyOf } from '../../src/model/signing-secret.ts';

const page = readFileSync(new URL('../../docs/verifying.md', import.meta.url), 'utf8');
const hasPython = spawnSync('python3', ['-c', 'import cryptography']).status === 0;

/** The code blocks of a language below a heading of the page. */
function examples(heading: string, language: string): string[] {
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  const [own = ''] = section.split(/\n##+ /);
  return [...own.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) => code);
}

interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
const body = '{"type":"größe.changed","data":{}}';

function request(secrets: readonly string[], timestamp = nowSeconds(), text = body): Request {
  return { headers: { ...sign(secrets, 'msg_1', timestamp, text) }, body: text };
}

/** What a function `isGenuine` must say of requests, when it knows `key`, the public part of `secret`. */
function cases(secret: string): { request: Request; genuine: boolean }[] {
  const other = generateSecret(secret.startsWith('whsk_') ? 'asymmetric' : 'symmetric');
  const good = request([secret]);
  return [
    { request: good, genuine: true },
    { request: request([other, secret]), genuine: true },
    { request: request([other]), genuine: false },
    { request: { ...good, body: `${body} ` }, genuine: false },
    { request: { ...good, headers: { ...good.headers, 'webhook-id': 'msg_2' } }, genuine: false },
    { request: request([secret], nowSeconds() - 400), genuine: false },
    { request: { ...good, headers: { ...good.headers, 'webhook-signature': '' } }, genuine: false },
  ];
}

type IsGenuine = (key: string, headers: Request['headers'], body: Uint8Array) => boolean | Promise<boolean>;

async function checkJavaScript(code: string, key: string, secret: string): Promise<void> {
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    isGenuine: IsGenuine;
  };
  for (const [index, { request, genuine }] of cases(secret).entries()) {
    const said = await module.isGenuine(key, request.headers, Buffer.from(request.body));
    assert.equal(said, genuine, `case ${index}`);
  }
}

function checkPython(code: string, key: string, secret: string): void {
  const all = cases(secret);
  const given = JSON.stringify({ key, requests: all.map(({ request }) => request) });
  const asking = `
import json, sys
given = json.load(sys.stdin)
print(json.dumps([is_genuine(given["key"], one["headers"], one["body"].encode()) for one in given["requests"]]))
`;
  const { stdout, stderr } = spawnSync('python3', ['-c', code + asking], { input: given, encoding: 'utf8' });
  assert.deepEqual(
    JSON.parse(stdout || 'null'),
    all.map(({ genuine }) => genuine),
    stderr,
  );
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('docs/verifying.md', { timeout: 60_000 }, () => {
  it('shows a consumer with Node.js that takes what is genuine, and nothing else', async () => {
    const [code = ''] = examples('Node.js', 'js');
    const secret = generateSecret();
    const port = await freePort();
    const consumer = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(consumer.stdout, 'data');
      for (const [index, { request, genuine }] of cases(secret).entries()) {
        const { headers, body } = request;
        const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body });
        assert.equal(answer.status, genuine ? 204 : 401, `case ${index}`);
      }
    } finally {
      consumer.kill();
    }
  });

  it('shows by hand what tells genuine requests from others', async () => {
    const secret = generateSecret();
    const codes = examples('By hand', 'js');
    assert.equal(codes.length, 1);
    for (const code of codes) await checkJavaScript(code, secret, secret);
  });

  it('shows the same for public keys, with Node.js and with the cryptography of the web', async () => {
    const secret = generateSecret('asymmetric');
    const codes = examples('With a public key', 'js');
    assert.equal(codes.length, 2);
    for (const code of codes) await checkJavaScript(code, publicKeyOf(secret) ?? '', secret);
  });

  it('shows both with Python', { skip: hasPython ? false : 'no python3 with cryptography here' }, () => {
    const symmetric = generateSecret();
    const asymmetric = generateSecret('asymmetric');
    const [byHand = ''] = examples('By hand', 'python');
    const [withKey = ''] = examples('With a public key', 'python');
    checkPython(byHand, symmetric, symmetric);
    checkPython(withKey, publicKeyOf(asymmetric) ?? '', asymmetric);
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { newSecretToken } from '../model/secret-token.ts';
import { generateSecret } from '../model/signing-secret.ts';
import { createLog, masked } from './log.ts';

/** The lines that something writes to the log. */
function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog('info', { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

const key = readFileSync(new URL('../egress/fixtures/client-one-key.pem', import.meta.url), 'utf8');

describe('the log', () => {
  it('is one JSON object a line, with the error and its cause', () => {
    const line = logged((log) =>
      log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed'),
    );
    const entry = JSON.parse(line) as { msg: string; err: { message: string } };
    assert.equal(entry.msg, 'failed');
    assert.match(entry.err.message, /outer: inner/);
  });

  it('hides secrets in whatever text they stand', () => {
    const secrets: [secret: string, text: (secret: string) => string][] = [
      [generateSecret(), (secret) => `signed with ${secret}.`],
      [generateSecret('asymmetric'), (secret) => `signed with ${secret}`],
      ...['rowhook_', 'rowhook_link_', 'rowhook_password_'].map(
        (prefix): [string, (text: string) => string] => {
          const token = newSecretToken(prefix).slice(prefix.length);
          return [token, (secret) => `token ${prefix}${secret} is not known`];
        },
      ),
      ['abcdef.ghijkl', (secret) => `{"authorization":"Bearer ${secret}"}`],
      ['pass%40word', (secret) => `connect to postgres://user:${secret}@db.internal:5432/x failed`],
      ['pass-word', (secret) => `smtps://mailer:${secret}@mail.example.com`],
      ['s3cr3t', (secret) => `GET /hook?a=b&token=${secret}&c=d`],
      [key.split('\n')[1] ?? '', () => key],
    ];
    for (const [secret, text] of secrets) {
      const written = text(secret);
      for (const line of [
        logged((log) => log.warn(written)),
        logged((log) => log.error({ err: new Error(written) }, 'failed')),
        logged((log) => log.info({ deep: { list: [{ text: written }] } }, 'x')),
      ]) {
        assert.ok(!line.includes(secret), line);
        assert.match(line, /\*\*\*/);
        JSON.parse(line);
      }
    }
  });

  it('hides members that are named like a secret', () => {
    const line = logged((log) =>
      log.info(
        { token: 'abc123', request: { headers: { authorization: 'abc123' } }, smtp: { password: 'abc123' } },
        'x',
      ),
    );
    assert.ok(!line.includes('abc123'), line);
  });

  it('leaves everything else as it is, and stays JSON', () => {
    for (const text of [
      'webhook wh_1 of https://consumer.example/hook?id=1',
      'the Bearer of bad news',
      'whsec_',
    ]) {
      assert.equal(masked(text), text);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        JSON.parse(logged((log) => log.info({ text }, text)));
      }),
    );
  });
});

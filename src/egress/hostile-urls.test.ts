import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Egress } from './index.ts';
import { type Consumer, startConsumer } from './testing/consumers.ts';
import { startDnsServer } from './testing/dns-server.ts';
import { outcomeOf, post, startEgress } from './testing/egress.ts';
import { HOSTILE_UNDER_SETTINGS, HOSTILE_URLS, HOSTILE_ZONE } from './testing/hostile-table.ts';

describe('hostile URLs', () => {
  let egress: Egress;
  let inside: Consumer;
  const stops: (() => unknown)[] = [];
  const scope = { after: (stop: () => unknown): void => void stops.push(stop) };

  before(async () => {
    inside = await startConsumer(scope, (_request, response) => response.end('secret of the inside'));
    const dns = await startDnsServer(scope, HOSTILE_ZONE);
    egress = startEgress(scope, { allowedNetworks: [], dnsServers: [dns.address] });
  });

  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  for (const [pattern, code, trick] of HOSTILE_URLS) {
    it(`${JSON.stringify(pattern.slice(0, 60))} ends as ${code} (${trick})`, async () => {
      const url = pattern.replace('PORT', String(inside.port));
      const verdict = egress.check(url);
      assert.equal(verdict.allowed ? 'allowed' : verdict.code, code);
      assert.equal(outcomeOf(await post(egress, url)), code);
      assert.equal(inside.connections.length, 0);
    });
  }

  for (const [settings, url, code, trick] of HOSTILE_UNDER_SETTINGS) {
    it(`${JSON.stringify(settings)}: ${url} ends as ${code} (${trick})`, async (t) => {
      const strict = startEgress(t, { allowedNetworks: [], ...settings });
      assert.equal(outcomeOf(await post(strict, url)), code);
    });
  }

  for (const name of Object.keys(HOSTILE_ZONE)) {
    it(`http://${name}, which leads inside, is not connected to`, async () => {
      const url = `http://${name}:${inside.port}/`;
      assert.deepEqual(egress.check(url), { allowed: true });
      const result = await post(egress, url);
      assert.equal(outcomeOf(result), 'EGRESS_ADDRESS_DENIED');
      assert.equal(result.kind === 'error' && result.mayHaveArrived, false);
      assert.equal(inside.connections.length, 0);
    });
  }

  it('says the same of every denied address, whether something is there or not', async () => {
    const messages = new Set<string>();
    for (const host of [
      '127.0.0.1',
      'loopback.test',
      'private10.test',
      '169.254.169.254',
      '[::1]',
      'localhost',
    ]) {
      for (const port of [inside.port, 1]) {
        const result = await post(egress, `http://${host}:${port}/`);
        messages.add(result.kind === 'error' ? result.message : 'answered');
      }
    }
    assert.deepEqual(
      [...messages],
      ['The host of this URL is not a public address, or does not lead to one.'],
    );
  });
});

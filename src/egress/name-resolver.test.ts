import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { NameResolver } from './name-resolver.ts';
import { type DnsServer, type DnsZone, startDnsServer } from './testing/dns-server.ts';

async function resolverFor(
  t: TestContext,
  zone: DnsZone,
  ttlSeconds = 0,
): Promise<{ resolver: NameResolver; dns: DnsServer }> {
  const dns = await startDnsServer(t, zone, ttlSeconds);
  const resolver = new NameResolver([dns.address]);
  t.after(() => resolver.close());
  return { resolver, dns };
}

describe('name resolver', () => {
  it('gives the addresses of both families, IPv4 first', async (t) => {
    const { resolver } = await resolverFor(t, {
      'both.test': [['2606:4700::1111', '93.184.216.34', '93.184.216.35']],
    });
    assert.deepEqual(await resolver.resolve('both.test'), [
      '93.184.216.34',
      '93.184.216.35',
      '2606:4700::1111',
    ]);
  });

  it('needs one family only', async (t) => {
    const { resolver } = await resolverFor(t, {
      'four.test': [['93.184.216.34']],
      'six.test': [['2606:4700::1111']],
    });
    assert.deepEqual(await resolver.resolve('four.test'), ['93.184.216.34']);
    assert.deepEqual(await resolver.resolve('six.test'), ['2606:4700::1111']);
  });

  it('asks once for all who want the same name at the same time', async (t) => {
    const { resolver, dns } = await resolverFor(t, { 'busy.test': [['93.184.216.34']] });
    await Promise.all(Array.from({ length: 50 }, () => resolver.resolve('busy.test')));
    assert.deepEqual(dns.questions.toSorted(), ['busy.test A', 'busy.test AAAA']);
  });

  it('does not wait for a family that is never answered when the other is', async (t) => {
    const zone: DnsZone = { 'half.test': [['93.184.216.34']], 'half.test AAAA': ['SILENCE'] };
    const { resolver, dns } = await resolverFor(t, zone);
    assert.deepEqual(await resolver.resolve('half.test'), ['93.184.216.34']);
    // Had it waited, the question would have been asked again.
    assert.equal(dns.questions.filter((question) => question === 'half.test AAAA').length, 1);
  });

  it('keeps an answer that may be kept', async (t) => {
    const { resolver, dns } = await resolverFor(t, { 'steady.test': [['93.184.216.34']] }, 60);
    for (let round = 0; round < 3; round += 1) await resolver.resolve('steady.test');
    assert.equal(dns.questions.length, 2);
  });

  it('does not keep an answer longer than its time to live', async (t) => {
    const { resolver } = await resolverFor(t, { 'moving.test': [['93.184.216.34'], ['93.184.216.35']] });
    assert.deepEqual(await resolver.resolve('moving.test'), ['93.184.216.34']);
    assert.deepEqual(await resolver.resolve('moving.test'), ['93.184.216.35']);
  });

  it('asks nobody for localhost', async (t) => {
    const { resolver, dns } = await resolverFor(t, { localhost: [['93.184.216.34']] });
    assert.deepEqual(await resolver.resolve('localhost'), ['127.0.0.1', '::1']);
    assert.deepEqual(await resolver.resolve('a.localhost'), ['127.0.0.1', '::1']);
    assert.deepEqual(dns.questions, []);
  });

  it('tells an unknown name from a failing server', async (t) => {
    const { resolver } = await resolverFor(t, { 'empty.test': [[]], 'failing.test': ['SERVFAIL'] });
    await assert.rejects(resolver.resolve('unknown.test'), { code: 'DNS_NOT_FOUND' });
    await assert.rejects(resolver.resolve('empty.test'), { code: 'DNS_NOT_FOUND' });
    await assert.rejects(resolver.resolve('failing.test'), { code: 'DNS_FAILED' });
  });

  it('asks again after a failure', async (t) => {
    const { resolver } = await resolverFor(t, { 'recovering.test': ['SERVFAIL', ['93.184.216.34']] });
    await resolver.resolve('recovering.test').catch(() => {});
    assert.deepEqual(await resolver.resolve('recovering.test'), ['93.184.216.34']);
  });

  it('ends with its owner', async (t) => {
    const { resolver } = await resolverFor(t, { 'silent.test': ['SILENCE'] });
    const asked = resolver.resolve('silent.test');
    resolver.close();
    await assert.rejects(asked, { code: 'ABORTED' });
  });

  it('asks the system for names that DNS does not know, when no servers are set', async (t) => {
    const resolver = new NameResolver(null);
    t.after(() => resolver.close());
    await assert.rejects(resolver.resolve('does-not-exist.invalid'), (error: { code?: unknown }) =>
      ['DNS_NOT_FOUND', 'DNS_FAILED', 'DNS_TIMEOUT'].includes(String(error.code)),
    );
  });
});

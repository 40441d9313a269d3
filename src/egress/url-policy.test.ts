import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EgressSettings } from './index.ts';
import { UrlPolicy } from './url-policy.ts';

const OPEN: Pick<EgressSettings, 'allowedNetworks' | 'allowedHosts' | 'allowedDomains' | 'allowedPorts'> = {
  allowedNetworks: [],
  allowedHosts: [],
  allowedDomains: null,
  allowedPorts: null,
};

function verdict(settings: Partial<typeof OPEN>, url: string): string {
  const target = new UrlPolicy({ ...OPEN, ...settings }).targetOf(url);
  return 'code' in target ? target.code : 'allowed';
}

describe('a URL that is read', () => {
  const cases: readonly [url: string, authority: string, path: string][] = [
    ['https://example.com', 'example.com:443', '/'],
    ['http://example.com', 'example.com:80', '/'],
    ['HTTPS://Example.COM:8443/a/b?c=d#e', 'example.com:8443', '/a/b?c=d'],
    ['https://example.com./x', 'example.com:443', '/x'],
    ['https://bücher.example/ü?ü=ü', 'xn--bcher-kva.example:443', '/%C3%BC?%C3%BC=%C3%BC'],
    ['https://93.184.216.34/', '93.184.216.34:443', '/'],
    ['https://[2606:4700:0::1111]:444/', '[2606:4700::1111]:444', '/'],
    ['https://a_b.example.com/', 'a_b.example.com:443', '/'],
    ['https://example.com/a/../b', 'example.com:443', '/b'],
  ];
  for (const [url, authority, path] of cases) {
    it(`${url} goes to ${authority} and asks for ${path}`, () => {
      const target = new UrlPolicy(OPEN).targetOf(url);
      assert.ok(!('code' in target));
      assert.deepEqual([target.authority, target.path], [authority, path]);
    });
  }
});

describe('allowed domains', () => {
  // Source: Grist's requestUtils.ts, as summarized in the project's reference on Grist, 1.4.
  const cases: readonly [entries: string[], url: string, expected: string][] = [
    [['example.com'], 'https://example.com/', 'allowed'],
    [['example.com'], 'https://hooks.example.com/', 'allowed'],
    [['example.com'], 'https://a.b.example.com/', 'allowed'],
    [['example.com'], 'https://example.com.evil.test/', 'EGRESS_DOMAIN_DENIED'],
    [['example.com'], 'https://notexample.com/', 'EGRESS_DOMAIN_DENIED'],
    [['example.com'], 'https://example.com:8443/', 'EGRESS_DOMAIN_DENIED'],
    [['example.com:8443'], 'https://example.com:8443/', 'allowed'],
    [['example.com:8443'], 'https://hooks.example.com:8443/', 'allowed'],
    [['example.com:8443'], 'https://example.com/', 'EGRESS_DOMAIN_DENIED'],
    [['example.com:443'], 'https://example.com/', 'allowed'],
    [['example.com'], 'https://example.com:443/', 'allowed'],
    [['example.com'], 'https://EXAMPLE.com./', 'allowed'],
    [[' Example.com ', ''], 'https://example.com/', 'allowed'],
    [['a.test', 'b.test'], 'https://b.test/', 'allowed'],
    [['a.test', 'b.test'], 'https://c.test/', 'EGRESS_DOMAIN_DENIED'],
    [['com'], 'https://example.com/', 'allowed'],
    [[], 'https://example.com/', 'EGRESS_DOMAIN_DENIED'],
    [['', ' '], 'https://example.com/', 'EGRESS_DOMAIN_DENIED'],
    [['*'], 'https://example.com/', 'allowed'],
    [['*'], 'http://example.com:81/', 'allowed'],
    [['*.example.com'], 'https://hooks.example.com/', 'EGRESS_DOMAIN_DENIED'],
    [['example.com'], 'http://example.com/', 'EGRESS_DOMAIN_DENIED'],
    [['bücher.example'], 'https://bücher.example/', 'allowed'],
    [['xn--bcher-kva.example'], 'https://bücher.example/', 'allowed'],
    // a homograph: the first letter is Cyrillic
    [['apple.com'], 'https://аpple.com/', 'EGRESS_DOMAIN_DENIED'],
    [['93.184.216.34'], 'https://93.184.216.34/', 'allowed'],
    [['[2606:4700::1111]'], 'https://[2606:4700::1111]/', 'allowed'],
  ];
  for (const [entries, url, expected] of cases) {
    it(`${JSON.stringify(entries)}: ${url} is ${expected}`, () => {
      assert.equal(verdict({ allowedDomains: entries }, url), expected);
    });
  }

  it('does not open addresses that the address policy denies', () => {
    assert.equal(verdict({ allowedDomains: ['10.0.0.1'] }, 'https://10.0.0.1/'), 'EGRESS_ADDRESS_DENIED');
    assert.equal(verdict({ allowedDomains: ['*'] }, 'https://10.0.0.1/'), 'EGRESS_ADDRESS_DENIED');
    assert.equal(
      verdict({ allowedDomains: ['localhost:1'] }, 'http://localhost:1/'),
      'EGRESS_ADDRESS_DENIED',
    );
  });

  it('lets plain http go to this machine when it is listed and its network is allowed', () => {
    const settings = {
      allowedNetworks: ['127.0.0.0/8'],
      allowedDomains: ['localhost:9000', '127.0.0.1:9000'],
    };
    assert.equal(verdict(settings, 'http://localhost:9000/'), 'allowed');
    assert.equal(verdict(settings, 'http://127.0.0.1:9000/'), 'allowed');
    assert.equal(verdict(settings, 'http://127.0.0.1:9001/'), 'EGRESS_DOMAIN_DENIED');
  });

  it('refuses an entry that is no host, and says which', () => {
    assert.throws(() => new UrlPolicy({ ...OPEN, allowedDomains: ['exa mple.com'] }), {
      name: 'TypeError',
      message: /^allowedDomains: "exa mple\.com" is not a host/,
    });
  });
});

describe('allowed ports', () => {
  it('are those listed, the scheme’s own included', () => {
    const settings = { allowedPorts: [443, 8443] };
    assert.equal(verdict(settings, 'https://example.com/'), 'allowed');
    assert.equal(verdict(settings, 'https://example.com:8443/'), 'allowed');
    assert.equal(verdict(settings, 'http://example.com/'), 'EGRESS_PORT_DENIED');
    assert.equal(verdict(settings, 'https://example.com:22/'), 'EGRESS_PORT_DENIED');
  });
});

describe('allowed hosts', () => {
  const settings = { allowedHosts: ['127.0.0.1:8080', 'consumer.internal:443'] };

  it('are reachable although private, whatever domains and ports are allowed', () => {
    const strict = { ...settings, allowedDomains: ['example.com'], allowedPorts: [443] };
    assert.equal(verdict(strict, 'http://127.0.0.1:8080/any'), 'allowed');
  });

  it('open nothing but exactly themselves', () => {
    assert.equal(verdict(settings, 'http://127.0.0.1:8081/'), 'EGRESS_ADDRESS_DENIED');
    assert.equal(verdict(settings, 'http://127.0.0.2:8080/'), 'EGRESS_ADDRESS_DENIED');
    assert.equal(verdict(settings, 'http://localhost:8080/'), 'EGRESS_ADDRESS_DENIED');
  });

  it('open the addresses a name leads to for this name only', () => {
    const policy = new UrlPolicy({ ...OPEN, ...settings });
    const allows = (url: string): boolean => {
      const target = policy.targetOf(url);
      return !('code' in target) && policy.allowsAddress(target, '10.0.0.1');
    };
    assert.equal(allows('https://consumer.internal/'), true);
    assert.equal(allows('https://consumer.internal:444/'), false);
    assert.equal(allows('https://other.internal/'), false);
  });

  it('are refused when they are not host:port', () => {
    for (const entry of [
      '127.0.0.1',
      'localhost',
      'http://localhost:80',
      'localhost:0',
      'a b:1',
      'x@y:1',
      'x:1/p',
      '',
    ]) {
      assert.throws(
        () => new UrlPolicy({ ...OPEN, allowedHosts: [entry] }),
        { name: 'TypeError', message: `allowedHosts: "${entry}" is not host:port, such as 127.0.0.1:8080` },
        entry,
      );
    }
  });
});

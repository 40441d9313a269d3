import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Egress, EgressErrorCode } from './index.ts';
import { type Consumer, startConsumer } from './testing/consumers.ts';
import { type DnsZone, startDnsServer } from './testing/dns-server.ts';
import { outcomeOf, post, startEgress } from './testing/egress.ts';

type Row = readonly [url: string, code: EgressErrorCode, trick: string];

/**
 * URLs that try to reach the inside. `PORT` stands for the port of a consumer on 127.0.0.1
 * that must never be connected to. To add a trick, add a row.
 */
const HOSTILE_URLS: readonly Row[] = [
  // IPv4 loopback and its spellings
  ['http://127.0.0.1:PORT/', 'EGRESS_ADDRESS_DENIED', 'loopback'],
  ['https://127.0.0.1:PORT/', 'EGRESS_ADDRESS_DENIED', 'loopback over https'],
  ['HTTP://127.0.0.1:PORT/', 'EGRESS_ADDRESS_DENIED', 'scheme in capitals'],
  ['http://127.0.0.1.:PORT/', 'URL_INVALID', 'trailing dot'],
  ['http://127.1:PORT/', 'URL_INVALID', 'two parts'],
  ['http://127.0.1:PORT/', 'URL_INVALID', 'three parts'],
  ['http://2130706433:PORT/', 'URL_INVALID', 'one decimal number'],
  ['http://2130706433.:PORT/', 'URL_INVALID', 'one decimal number and a dot'],
  ['http://017700000001:PORT/', 'URL_INVALID', 'one octal number'],
  ['http://0x7f000001:PORT/', 'URL_INVALID', 'one hexadecimal number'],
  ['http://0X7F000001:PORT/', 'URL_INVALID', 'hexadecimal in capitals'],
  ['http://0x7f.0.0.1:PORT/', 'URL_INVALID', 'one hexadecimal part'],
  ['http://0177.0.0.1:PORT/', 'URL_INVALID', 'one octal part'],
  ['http://0177.0x0.0.1:PORT/', 'URL_INVALID', 'mixed bases'],
  ['http://0x7f.1:PORT/', 'URL_INVALID', 'hexadecimal, short'],
  ['http://127.0.0.001:PORT/', 'URL_INVALID', 'leading zeros'],
  ['http://00000127.0.0.1:PORT/', 'URL_INVALID', 'leading zeros, octal to some'],
  ['http://127.255.255.254:PORT/', 'EGRESS_ADDRESS_DENIED', 'elsewhere in the loopback network'],
  ['http://0.0.0.0:PORT/', 'EGRESS_ADDRESS_DENIED', 'unspecified, which connects to loopback'],
  ['http://0:PORT/', 'URL_INVALID', 'unspecified, short'],
  ['http://0x0:PORT/', 'URL_INVALID', 'unspecified, hexadecimal'],
  ['http://4294967296:PORT/', 'URL_INVALID', 'number beyond 32 bits'],
  ['http://256.0.0.1:PORT/', 'URL_INVALID', 'part beyond 8 bits'],
  ['http://1.2.3.4.5:PORT/', 'URL_INVALID', 'too many parts'],
  ['http://127.0.0.1.2130706433:PORT/', 'URL_INVALID', 'numbers that are no address'],
  // characters that become an address only when they are normalized
  ['http://①②⑦.⓪.⓪.①:PORT/', 'URL_INVALID', 'circled digits'],
  ['http://１２７.０.０.１:PORT/', 'URL_INVALID', 'full-width digits'],
  ['http://127。0。0。1:PORT/', 'URL_INVALID', 'ideographic full stops'],
  ['http://127．0．0．1:PORT/', 'URL_INVALID', 'full-width full stops'],
  ['http://𝟏𝟐𝟕.𝟎.𝟎.𝟏:PORT/', 'URL_INVALID', 'mathematical digits'],
  ['http://%31%32%37.0.0.1:PORT/', 'URL_INVALID', 'percent-encoded digits'],
  ['http://127%2e0%2e0%2e1:PORT/', 'URL_INVALID', 'percent-encoded dots'],
  ['http://%6cocalhost:PORT/', 'URL_INVALID', 'percent-encoded letter in localhost'],
  ['http://127.0.0.1%00.example.com:PORT/', 'URL_INVALID', 'percent-encoded NUL'],
  // names of this machine
  ['http://localhost:PORT/', 'EGRESS_ADDRESS_DENIED', 'localhost'],
  ['http://LOCALHOST:PORT/', 'EGRESS_ADDRESS_DENIED', 'localhost in capitals'],
  ['http://localhost.:PORT/', 'EGRESS_ADDRESS_DENIED', 'localhost with a trailing dot'],
  ['http://anything.localhost:PORT/', 'EGRESS_ADDRESS_DENIED', 'below localhost'],
  ['http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/', 'EGRESS_ADDRESS_DENIED', 'localhost in circled letters'],
  ['http://ｌｏｃａｌｈｏｓｔ:PORT/', 'EGRESS_ADDRESS_DENIED', 'localhost in full-width letters'],
  ['http://loca\u00adlhost:PORT/', 'URL_INVALID', 'soft hyphen in localhost'],
  ['http://local\u200bhost:PORT/', 'URL_INVALID', 'zero-width space in localhost'],
  ['http://localhost..:PORT/', 'URL_INVALID', 'two trailing dots'],
  // IPv6
  ['http://[::1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'loopback'],
  ['http://[0:0:0:0:0:0:0:1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'loopback, written out'],
  [
    'http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/',
    'EGRESS_ADDRESS_DENIED',
    'loopback with all zeros',
  ],
  ['http://[::]:PORT/', 'EGRESS_ADDRESS_DENIED', 'unspecified'],
  ['http://[::ffff:127.0.0.1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'IPv4-mapped'],
  ['http://[::ffff:7f00:1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'IPv4-mapped, hexadecimal'],
  ['http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'IPv4-mapped, written out'],
  ['http://[::127.0.0.1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'IPv4-compatible'],
  ['http://[::ffff:0:127.0.0.1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'IPv4-translated'],
  ['http://[64:ff9b::127.0.0.1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'NAT64'],
  ['http://[64:ff9b::7f00:1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'NAT64, hexadecimal'],
  ['http://[64:ff9b:1::127.0.0.1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'NAT64 of local use'],
  ['http://[2002:7f00:1::]:PORT/', 'EGRESS_ADDRESS_DENIED', '6to4'],
  ['http://[2001:0:7f00:1::]:PORT/', 'EGRESS_ADDRESS_DENIED', 'Teredo'],
  ['http://[fe80::1]:PORT/', 'EGRESS_ADDRESS_DENIED', 'link-local'],
  ['http://[fe80::1%25eth0]:PORT/', 'URL_INVALID', 'link-local with a zone'],
  ['http://[fe80::1%eth0]:PORT/', 'URL_INVALID', 'link-local with a zone, not encoded'],
  ['http://[fc00::1]/', 'EGRESS_ADDRESS_DENIED', 'unique local'],
  ['http://[fec0::1]/', 'EGRESS_ADDRESS_DENIED', 'site-local'],
  ['http://[ff02::1]/', 'EGRESS_ADDRESS_DENIED', 'multicast'],
  ['http://[2001:db8::1]/', 'EGRESS_ADDRESS_DENIED', 'documentation'],
  ['http://[::1/', 'URL_INVALID', 'bracket that is not closed'],
  ['http://::1:PORT/', 'URL_INVALID', 'without brackets'],
  ['http://[127.0.0.1]:PORT/', 'URL_INVALID', 'IPv4 in brackets'],
  // private networks and cloud metadata
  ['http://10.0.0.1/', 'EGRESS_ADDRESS_DENIED', 'private'],
  ['http://172.16.0.1/', 'EGRESS_ADDRESS_DENIED', 'private'],
  ['http://172.31.255.255/', 'EGRESS_ADDRESS_DENIED', 'private, the last one'],
  ['http://192.168.1.1/', 'EGRESS_ADDRESS_DENIED', 'private'],
  ['http://0xc0a80101/', 'URL_INVALID', 'private, hexadecimal'],
  ['http://3232235777/', 'URL_INVALID', 'private, decimal'],
  ['http://100.64.0.1/', 'EGRESS_ADDRESS_DENIED', 'carrier-grade NAT'],
  ['http://169.254.1.1/', 'EGRESS_ADDRESS_DENIED', 'link-local'],
  ['http://169.254.169.254/latest/meta-data/', 'EGRESS_ADDRESS_DENIED', 'cloud metadata'],
  ['http://2852039166/latest/meta-data/', 'URL_INVALID', 'cloud metadata, decimal'],
  ['http://0xa9fea9fe/', 'URL_INVALID', 'cloud metadata, hexadecimal'],
  ['http://0251.0376.0251.0376/', 'URL_INVALID', 'cloud metadata, octal'],
  ['http://[::ffff:169.254.169.254]/', 'EGRESS_ADDRESS_DENIED', 'cloud metadata, IPv4-mapped'],
  ['http://[fd00:ec2::254]/', 'EGRESS_ADDRESS_DENIED', 'cloud metadata over IPv6'],
  ['http://100.100.100.200/', 'EGRESS_ADDRESS_DENIED', 'metadata of Alibaba Cloud'],
  ['http://168.63.129.16/', 'EGRESS_ADDRESS_DENIED', 'metadata of Azure at a public address'],
  ['http://192.0.0.192/', 'EGRESS_ADDRESS_DENIED', 'metadata of Oracle Cloud'],
  ['http://198.18.0.1/', 'EGRESS_ADDRESS_DENIED', 'benchmarking'],
  ['http://224.0.0.1/', 'EGRESS_ADDRESS_DENIED', 'multicast'],
  ['http://240.0.0.1/', 'EGRESS_ADDRESS_DENIED', 'reserved'],
  ['http://255.255.255.255/', 'EGRESS_ADDRESS_DENIED', 'broadcast'],
  // user names, and where parsers disagree about what is the host
  ['http://user@127.0.0.1:PORT/', 'URL_INVALID', 'user name'],
  ['http://user:password@example.com/', 'URL_INVALID', 'user name and password'],
  ['http://@127.0.0.1:PORT/', 'URL_INVALID', 'empty user name'],
  ['http://example.com@127.0.0.1:PORT/', 'URL_INVALID', 'host as user name'],
  ['http://example.com:80@127.0.0.1:PORT/', 'URL_INVALID', 'host and port as user name and password'],
  ['http://example.com%40127.0.0.1:PORT/', 'URL_INVALID', 'encoded at sign'],
  ['http://127.0.0.1:PORT\\@example.com/', 'URL_INVALID', 'backslash before the at sign'],
  ['http://example.com\\.127.0.0.1:PORT/', 'URL_INVALID', 'backslash in the host'],
  ['http:\\\\127.0.0.1:PORT\\', 'URL_INVALID', 'backslashes for slashes'],
  ['http:/\\127.0.0.1:PORT/', 'URL_INVALID', 'a slash and a backslash'],
  ['http:127.0.0.1:PORT/', 'URL_INVALID', 'no slashes'],
  ['http:/127.0.0.1:PORT/', 'URL_INVALID', 'one slash'],
  ['http:///127.0.0.1:PORT/', 'URL_INVALID', 'three slashes'],
  ['http:////127.0.0.1:PORT/', 'URL_INVALID', 'four slashes'],
  ['//127.0.0.1:PORT/', 'URL_INVALID', 'no scheme'],
  ['127.0.0.1:PORT/', 'URL_INVALID', 'neither scheme nor slashes'],
  ['http://127.0.0.1:PORT#@example.com/', 'EGRESS_ADDRESS_DENIED', 'fragment with an at sign'],
  ['http://127.0.0.1:PORT?@example.com/', 'EGRESS_ADDRESS_DENIED', 'query with an at sign'],
  // invisible characters
  ['http://127.0.0.1:PORT/\r\nHost: example.com', 'URL_INVALID', 'line break'],
  ['http://127.0.\t0.1:PORT/', 'URL_INVALID', 'tab, which browsers leave out'],
  ['ht\ntp://127.0.0.1:PORT/', 'URL_INVALID', 'line break in the scheme'],
  [' http://127.0.0.1:PORT/', 'URL_INVALID', 'space before'],
  ['http://127.0.0.1:PORT/ ', 'URL_INVALID', 'space after'],
  ['http://127.0.0.1 :PORT/', 'URL_INVALID', 'space in the host'],
  ['http://127.0.0.1:PORT/\0', 'URL_INVALID', 'NUL'],
  ['http://127.0.0.1\u00a0.example.com/', 'URL_INVALID', 'no-break space'],
  ['http://\u202e1.0.0.721:PORT/', 'URL_INVALID', 'right-to-left override'],
  ['http://example.com/\ud800', 'URL_INVALID', 'half a surrogate pair'],
  // ports
  ['http://127.0.0.1:0/', 'URL_INVALID', 'port 0'],
  ['http://127.0.0.1:65536/', 'URL_INVALID', 'port too high'],
  ['http://127.0.0.1:-1/', 'URL_INVALID', 'negative port'],
  ['http://127.0.0.1:PORT:80/', 'URL_INVALID', 'two ports'],
  ['http://127.0.0.1:0x50/', 'URL_INVALID', 'hexadecimal port'],
  ['http://127.0.0.1:00PORT/', 'EGRESS_ADDRESS_DENIED', 'port with leading zeros'],
  // schemes
  ['ftp://127.0.0.1:PORT/', 'URL_SCHEME', 'ftp'],
  ['file:///etc/passwd', 'URL_SCHEME', 'file'],
  ['gopher://127.0.0.1:PORT/_x', 'URL_SCHEME', 'gopher'],
  ['javascript:alert(1)', 'URL_SCHEME', 'javascript'],
  ['data:text/plain,x', 'URL_SCHEME', 'data'],
  ['ws://127.0.0.1:PORT/', 'URL_SCHEME', 'ws'],
  ['unix:/var/run/docker.sock', 'URL_SCHEME', 'unix'],
  ['http+unix://%2Fvar%2Frun%2Fdocker.sock/', 'URL_SCHEME', 'http+unix'],
  ['blob:http://127.0.0.1:PORT/x', 'URL_SCHEME', 'blob'],
  // hosts that cannot be
  ['', 'URL_INVALID', 'empty'],
  ['http://', 'URL_INVALID', 'no host'],
  ['http://:PORT/', 'URL_INVALID', 'port without host'],
  ['http://./', 'URL_INVALID', 'a dot for a host'],
  ['http://../', 'URL_INVALID', 'two dots for a host'],
  ['http://*.example.com/', 'URL_INVALID', 'asterisk'],
  ['http://exam<ple.com/', 'URL_INVALID', 'character that no host may have'],
  ["http://exam'ple.com/", 'URL_INVALID', 'quote'],
  ['http://example..com/', 'URL_INVALID', 'empty label'],
  [`http://${'a'.repeat(64)}.com/`, 'URL_INVALID', 'label longer than 63'],
  [`http://${'a.'.repeat(127)}com/`, 'URL_INVALID', 'host longer than 253'],
  [`http://example.com/${'a'.repeat(2048)}`, 'URL_INVALID', 'URL longer than 2048'],
];

/** Names an attacker owns, and what they lead to. Each is asked for at port PORT. */
const HOSTILE_ZONE: DnsZone = {
  'loopback.test': [['127.0.0.1']],
  'loopback6.test': [['::1']],
  'loopback-both.test': [['127.0.0.1', '::1']],
  'elsewhere-in-loopback.test': [['127.9.9.9']],
  'unspecified.test': [['0.0.0.0']],
  'unspecified6.test': [['::']],
  'private10.test': [['10.1.2.3']],
  'private172.test': [['172.20.0.1']],
  'private192.test': [['192.168.0.1']],
  'many-private.test': [['10.0.0.1', '10.0.0.2', '192.168.0.1', '172.16.0.1', 'fd00::1']],
  'link-local.test': [['169.254.7.7']],
  'metadata.test': [['169.254.169.254']],
  'metadata6.test': [['fd00:ec2::254']],
  'alibaba.test': [['100.100.100.200']],
  'azure.test': [['168.63.129.16']],
  'carrier.test': [['100.127.0.1']],
  'mapped.test': [['::ffff:127.0.0.1']],
  'compatible.test': [['::127.0.0.1']],
  'nat64.test': [['64:ff9b::7f00:1']],
  'nat64-private.test': [['64:ff9b::a00:1']],
  '6to4.test': [['2002:7f00:1::']],
  'teredo.test': [['2001:0:7f00:1::']],
  'unique-local.test': [['fd12:3456::1']],
  'link-local6.test': [['fe80::1']],
  'site-local.test': [['fec0::1']],
  'multicast.test': [['224.0.0.251', 'ff02::fb']],
  'broadcast.test': [['255.255.255.255']],
  'xn--e1awd7f.test': [['127.0.0.1']],
};

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

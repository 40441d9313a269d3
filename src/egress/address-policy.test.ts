import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { AddressPolicy } from './address-policy.ts';

/** Networks that nobody outside can mean, with the registry or document that says so. */
const DENIED_NETWORKS: readonly [network: string, why: string][] = [
  ['0.0.0.0/8', 'this network, RFC 791'],
  ['10.0.0.0/8', 'private, RFC 1918'],
  ['100.64.0.0/10', 'carrier-grade NAT, RFC 6598'],
  ['127.0.0.0/8', 'loopback, RFC 1122'],
  ['169.254.0.0/16', 'link-local and cloud metadata, RFC 3927'],
  ['172.16.0.0/12', 'private, RFC 1918'],
  ['192.0.0.0/24', 'IETF protocols, RFC 6890'],
  ['192.0.2.0/24', 'documentation, RFC 5737'],
  ['192.88.99.0/24', '6to4 relays, RFC 7526'],
  ['192.168.0.0/16', 'private, RFC 1918'],
  ['198.18.0.0/15', 'benchmarking, RFC 2544'],
  ['198.51.100.0/24', 'documentation, RFC 5737'],
  ['203.0.113.0/24', 'documentation, RFC 5737'],
  ['224.0.0.0/4', 'multicast, RFC 5771'],
  ['240.0.0.0/4', 'reserved, RFC 1112'],
  ['255.255.255.255/32', 'broadcast, RFC 919'],
  ['168.63.129.16/32', "Azure's wire server"],
  ['::/128', 'unspecified, RFC 4291'],
  ['::1/128', 'loopback, RFC 4291'],
  ['::/96', 'IPv4-compatible, RFC 4291'],
  ['::ffff:0:0:0/96', 'IPv4-translated, RFC 2765'],
  ['64:ff9b:1::/48', 'NAT64 of local use, RFC 8215'],
  ['100::/64', 'discard, RFC 6666'],
  ['2001::/32', 'Teredo, RFC 4380'],
  ['2001:2::/48', 'benchmarking, RFC 5180'],
  ['2001:10::/28', 'ORCHID, RFC 4843'],
  ['2001:20::/28', 'ORCHIDv2, RFC 7343'],
  ['2001:db8::/32', 'documentation, RFC 3849'],
  ['2002::/16', '6to4, RFC 3056'],
  ['3fff::/20', 'documentation, RFC 9637'],
  ['4000::/2', 'not given out'],
  ['5f00::/16', 'segment routing, RFC 9602'],
  ['fc00::/7', 'unique local, RFC 4193'],
  ['fe80::/10', 'link-local, RFC 4291'],
  ['fec0::/10', 'site-local, RFC 3879'],
  ['ff00::/8', 'multicast, RFC 4291'],
];

const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  'fd00:ec2::254',
  'fd20:ce::254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
];

/** Any address of a network. */
function addressIn(network: string): fc.Arbitrary<string> {
  const [base, prefixLength] = ipaddr.parseCIDR(network);
  const bytes = base.toByteArray();
  return fc.uint8Array({ minLength: bytes.length, maxLength: bytes.length }).map((random) => {
    const mixed = bytes.map((byte, index) => {
      const fixedBits = Math.min(8, Math.max(0, prefixLength - index * 8));
      const hostMask = 0xff >> fixedBits;
      return (byte & ~hostMask) | ((random[index] ?? 0) & hostMask);
    });
    return ipaddr.fromByteArray(mixed).toString();
  });
}

/** An IPv4 address written inside an IPv6 one after a prefix of 96 bits. */
function embedded(prefix: string, ipv4: string): string {
  const bytes = [
    ...ipaddr.IPv6.parse(prefix).toByteArray().slice(0, 12),
    ...ipaddr.IPv4.parse(ipv4).toByteArray(),
  ];
  return ipaddr.fromByteArray(bytes).toString();
}

describe('address policy', () => {
  const policy = new AddressPolicy([]);

  for (const [network, why] of DENIED_NETWORKS) {
    it(`denies all of ${network} (${why})`, () => {
      fc.assert(fc.property(addressIn(network), (address) => !policy.allows(address)));
    });

    it(`allows ${network} when the operator says so, except cloud metadata`, () => {
      const opened = new AddressPolicy([network]);
      const namesOneAddress = network.endsWith(network.includes(':') ? '/128' : '/32');
      fc.assert(
        fc.property(addressIn(network), (address) => {
          assert.equal(opened.allows(address), namesOneAddress || !METADATA.includes(address));
        }),
      );
    });
  }

  it('denies IPv4 inside IPv6, mapped or behind NAT64, exactly when it denies it alone', () => {
    const ipv4 = fc.oneof(
      addressIn('0.0.0.0/0'),
      ...DENIED_NETWORKS.filter(([network]) => !network.includes(':')).map(([network]) => addressIn(network)),
    );
    fc.assert(
      fc.property(ipv4, (address) => {
        const alone = policy.allows(address);
        assert.equal(policy.allows(embedded('::ffff:0:0', address)), alone);
        assert.equal(policy.allows(embedded('64:ff9b::', address)), alone);
      }),
      { numRuns: 1000 },
    );
  });

  it('allows public addresses', () => {
    for (const address of [
      '93.184.216.34',
      '8.8.8.8',
      '1.1.1.1',
      '172.32.0.1',
      '100.128.0.1',
      '198.20.0.1',
    ]) {
      assert.equal(policy.deniedBy(address), null, address);
    }
    for (const address of ['2606:4700::1111', '2a00:1450:4001::1', '2001:4860:4860::8888']) {
      assert.equal(policy.deniedBy(address), null, address);
    }
  });

  it('opens a metadata address only to an entry that names just this address', () => {
    for (const address of METADATA) {
      const bits = address.includes(':') ? 128 : 32;
      const wide = new AddressPolicy(['0.0.0.0/0', '::/0']);
      assert.equal(wide.deniedBy(address), 'cloudMetadata', address);
      assert.equal(new AddressPolicy([`${address}/${bits}`]).deniedBy(address), null, address);
    }
  });

  it('reads an IPv4-mapped network as the IPv4 network it stands for', () => {
    const opened = new AddressPolicy(['::ffff:10.0.0.0/104']);
    assert.equal(opened.allows('10.1.2.3'), true);
    assert.equal(opened.allows('11.1.2.3'), true);
    assert.equal(opened.allows('192.168.0.1'), false);
  });

  it('allows nothing outside the networks that the operator names', () => {
    const opened = new AddressPolicy(['10.0.0.0/8', 'fd12::/16']);
    for (const address of ['127.0.0.1', '192.168.1.1', '::1', 'fd13::1', '::ffff:127.0.0.1']) {
      assert.equal(opened.allows(address), false, address);
    }
  });

  it('denies what is not an address in its usual form', () => {
    for (const text of [
      '',
      'localhost',
      '0x7f.1',
      '127.1',
      '2130706433',
      '8.8.8.8 ',
      '8.8.8.8/32',
      '[::1]',
    ]) {
      assert.equal(policy.deniedBy(text), 'notAnAddress', text);
    }
  });

  it('denies link-local addresses with a zone', () => {
    assert.equal(policy.allows('fe80::1%eth0'), false);
  });

  it('refuses settings that are not networks, and says which', () => {
    for (const entry of ['10.0.0.0', '10.0.0.0/33', 'example.com/8', 'fd00::/129', '10/8', '']) {
      assert.throws(() => new AddressPolicy(['192.168.0.0/16', entry]), {
        name: 'TypeError',
        message: `allowedNetworks: "${entry}" is not a network in CIDR notation, such as 10.0.0.0/8 or fd00::/8`,
      });
    }
  });
});

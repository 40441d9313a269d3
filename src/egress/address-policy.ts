import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [Address, number];

/**
 * Addresses under which clouds hand credentials to whoever asks. Some lie in ranges that an
 * operator may well allow as a whole, some in public ones.
 */
const CLOUD_METADATA = new Set([
  '169.254.169.254', // AWS, Google Cloud, Azure, DigitalOcean and others
  '169.254.170.2', // AWS, credentials of a container
  '169.254.170.23', // AWS, credentials of a pod
  'fd00:ec2::254', // AWS over IPv6
  'fd00:ec2::23', // AWS, credentials of a pod over IPv6
  'fd20:ce::254', // Google Cloud over IPv6
  '100.100.100.200', // Alibaba Cloud
  '168.63.129.16', // Azure's wire server
  '192.0.0.192', // Oracle Cloud
]);

/** The part of IPv6 in which public addresses are given out; all else is special or unassigned. */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/** The prefix under which a translator (DNS64, NAT64) makes IPv4 hosts reachable over IPv6. */
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/**
 * Decides which addresses outgoing connections may go to. Only public unicast addresses
 * pass; `ipaddr.js` says which ranges are not. The tunnels 6to4, Teredo and the forms that
 * carry an IPv4 address inside an IPv6 one are denied as a whole, except those that a
 * machine without IPv4 needs: mapped and NAT64 addresses are judged by what they carry.
 */
export class AddressPolicy {
  readonly #allowedNetworks: readonly Network[];

  /** @throws TypeError naming the entry of `allowedNetworks` that is not a CIDR */
  constructor(allowedNetworks: readonly string[]) {
    this.#allowedNetworks = allowedNetworks.map(parseNetwork);
  }

  allows(address: string): boolean {
    return this.deniedBy(address) === null;
  }

  /**
   * The rule that denies an address, or `null` if it may be connected to. For tests and the
   * operator: a user who could read it would learn what is inside the network.
   */
  deniedBy(address: string): string | null {
    if (isIP(address) === 0) return 'notAnAddress';
    return this.#deniedBy(ipaddr.process(address));
  }

  #deniedBy(address: Address): string | null {
    const metadata = CLOUD_METADATA.has(address.toString());
    for (const [network, prefixLength] of this.#allowedNetworks) {
      if (network.kind() !== address.kind() || !address.match(network, prefixLength)) continue;
      // A whole network that happens to hold a metadata address was not meant to open it.
      if (!metadata || prefixLength === address.toByteArray().length * 8) return null;
    }
    if (metadata) return 'cloudMetadata';
    const range = address.range();
    if (address instanceof ipaddr.IPv4) return range === 'unicast' ? null : range;
    if (address.match(NAT64)) return this.#deniedBy(new ipaddr.IPv4(address.toByteArray().slice(12)));
    if (range !== 'unicast') return range;
    return address.match(GLOBAL_UNICAST) ? null : 'notGlobalUnicast';
  }
}

function parseNetwork(cidr: string): Network {
  const [host] = cidr.split('/');
  if (host === undefined || isIP(host) === 0 || !ipaddr.isValidCIDR(cidr)) {
    throw new TypeError(
      `allowedNetworks: "${cidr}" is not a network in CIDR notation, such as 10.0.0.0/8 or fd00::/8`,
    );
  }
  const [address, prefixLength] = ipaddr.parseCIDR(cidr);
  // Mapped addresses are judged as IPv4, so a mapped network has to be read the same way.
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && prefixLength >= 96) {
    return [address.toIPv4Address(), prefixLength - 96];
  }
  return [address, prefixLength];
}

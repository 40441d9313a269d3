import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ipaddr from 'ipaddr.js';
import type { Egress } from './index.ts';
import { startConsumer } from './testing/consumers.ts';
import { startDnsServer } from './testing/dns-server.ts';
import { post } from './testing/egress.ts';
import { HOSTILE_UNDER_SETTINGS, HOSTILE_URLS, HOSTILE_ZONE } from './testing/hostile-table.ts';
import type { UrlPolicy } from './url-policy.ts';

/** A rule, where it stands in the code, and what the code is without it. */
interface Mutation {
  readonly rule: string;
  readonly edits: readonly (readonly [file: string, code: string, without: string])[];
}

const ipv4Ranges = Object.keys(rangesOf(ipaddr.IPv4));
/** Mapped addresses are judged as IPv4, and those of translators have a rule of their own. */
const ipv6Ranges = Object.entries(rangesOf(ipaddr.IPv6)).filter(
  ([name]) => !['ipv4Mapped', 'rfc6052'].includes(name),
);
const givenOut = ipaddr.IPv6.parse('2000::');
const isGivenOut = ([, [[address]]]: (typeof ipv6Ranges)[number]): boolean => address.match(givenOut, 3);

const ipv4Line = "return range === 'unicast' ? null : range;";
const ipv6Line = "if (range !== 'unicast') return range;";
const globalLine = "return address.match(GLOBAL_UNICAST) ? null : 'notGlobalUnicast';";

/** Every rule that keeps a request from leaving. A change of the code that one no longer fits is told. */
const mutations: readonly Mutation[] = [
  rule(
    'no invisible characters, spaces or backslashes',
    'target.ts',
    'INVISIBLE_OR_BACKSLASH.test(url) || ',
    '',
  ),
  rule('well-formed Unicode only', 'target.ts', ' || !url.isWellFormed()', ''),
  rule('http and https only', 'target.ts', "if (scheme !== 'http' && scheme !== 'https') {", 'if (false) {'),
  rule(
    'two slashes, then the host',
    'target.ts',
    '([^/?#]+)/i.exec(url)?.[1];',
    "([^/?#]+)/i.exec(url)?.[1] ?? '';",
  ),
  rule('no user names', 'target.ts', "if (authority.includes('@')) {", 'if (false) {'),
  rule(
    'no percent-encoding in the host',
    'target.ts',
    "if (authority.includes('%')) return",
    'if (false) return',
  ),
  rule('IPv4 as four decimal numbers only', 'target.ts', '&& !isWrittenAs(url, hostname)', '&& false'),
  rule(
    'host names of letters, digits and hyphens',
    'target.ts',
    'if (!isLiteral && !isHostName(hostname)) {',
    'if (false) {',
  ),
  rule('no port 0', 'target.ts', 'if (port === 0) return', 'if (false) return'),
  rule('URLs of a bounded length', 'target.ts', 'if (url.length > MAX_URL_LENGTH) {', 'if (false) {'),
  rule('allowed domains', 'url-policy.ts', '!domains.some((entry) => isInDomain(target, entry))', 'false'),
  rule('a subdomain begins at a dot', 'url-policy.ts', 'host === entry || ', 'host.endsWith(entry) || '),
  rule(
    'https only to listed domains',
    'url-policy.ts',
    "target.scheme === 'http' && !isThisMachine(target)",
    'false',
  ),
  rule('allowed ports', 'url-policy.ts', '!this.#allowedPorts.has(target.port)', 'false'),
  rule('addresses in URLs', 'url-policy.ts', 'if (target.isLiteral && ', 'if (false && '),
  rule('names of this machine', 'url-policy.ts', 'if (isLocalhostName(target.hostname) && ', 'if (false && '),
  rule(
    'only the inboxes of the own server',
    'url-policy.ts',
    'url.startsWith(prefix)',
    'prefix.startsWith(target.origin)',
  ),
  rule(
    'an allowed host with its port',
    'url-policy.ts',
    'this.#allowedHosts.has(target.authority) || this.isOwn(target)) return target;',
    '[...this.#allowedHosts].some((host) => host.startsWith(target.hostname)) || this.isOwn(target)) return target;',
  ),
  rule(
    'metadata of clouds at public addresses',
    'address-policy.ts',
    "if (metadata) return 'cloudMetadata';",
    '',
  ),
  rule('metadata of clouds in allowed networks', 'address-policy.ts', 'if (!metadata || ', 'if (true || '),
  rule(
    'allowed networks and no others',
    'address-policy.ts',
    '|| !address.match(network, prefixLength)) continue;',
    ') continue;',
  ),
  rule(
    'what a translator makes of private IPv4',
    'address-policy.ts',
    'return this.#deniedBy(new ipaddr.IPv4(address.toByteArray().slice(12)));',
    'return null;',
  ),
  rule('IPv6 that was given out', 'address-policy.ts', globalLine, 'return null;'),
  ...ipv4Ranges.map((range) =>
    rule(
      `IPv4 ${range}`,
      'address-policy.ts',
      ipv4Line,
      `return range === 'unicast' || range === '${range}' ? null : range;`,
    ),
  ),
  ...ipv6Ranges
    .filter(isGivenOut)
    .map(([range]) =>
      rule(
        `IPv6 ${range}`,
        'address-policy.ts',
        ipv6Line,
        `if (range !== 'unicast' && range !== '${range}') return range;`,
      ),
    ),
  ...ipv6Ranges
    .filter((range) => !isGivenOut(range))
    .map(([range]) => ({
      rule: `IPv6 ${range}, by either of two rules`,
      edits: [
        ['address-policy.ts', ipv6Line, `if (range !== 'unicast' && range !== '${range}') return range;`],
        ['address-policy.ts', globalLine, 'return null;'],
      ] as const,
    })),
];

const workshop = mkdtempSync(join(tmpdir(), 'rowhook-mutants-'));
symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(workshop, 'node_modules'));
after(() => rmSync(workshop, { recursive: true }));

describe('the table of hostile URLs and DNS answers', () => {
  it('lets none of them pass', async () => {
    const { policies } = await build({ rule: 'none', edits: [] });
    assert.ok(HOSTILE_URLS.length + HOSTILE_UNDER_SETTINGS.length + Object.keys(HOSTILE_ZONE).length >= 150);
    assert.deepEqual(breaches(policies), []);
  });

  for (const mutation of mutations) {
    it(`fails without the rule: ${mutation.rule}`, async () => {
      const { policies } = await build(mutation);
      assert.notDeepEqual(breaches(policies), []);
    });
  }
});

describe('a connection', () => {
  it('is made to none of the denied addresses of a name, or else this test fails', async (t) => {
    const filtered = 'resolved.filter((address) => policy.allowsAddress(target, address))';
    assert.equal(await connectionsInside(t, { rule: 'none', edits: [] }), 0);
    const mutation = rule('denied addresses are left out', 'connector.ts', filtered, '[...resolved]');
    assert.equal(await connectionsInside(t, mutation), 1);
  });

  it('is not used when it ended elsewhere, or else this test fails', async (t) => {
    const ended = '!policy.allowsAddress(target, socket.remoteAddress)';
    // Connecting to 0.0.0.0 ends at 127.0.0.1.
    const request = async (mutation: Mutation): Promise<string> => {
      const consumer = await startConsumer(t, (_request, response) => response.end('secret of the inside'));
      const egress = await mutatedEgress(t, mutation, { allowedNetworks: ['0.0.0.0/32'] });
      const result = await post(egress, `http://0.0.0.0:${consumer.port}/`);
      return result.kind === 'error' ? result.code : result.body;
    };
    assert.equal(await request({ rule: 'none', edits: [] }), 'EGRESS_ADDRESS_DENIED');
    const mutation = rule('the address that a connection ended at is judged', 'connector.ts', ended, 'false');
    assert.equal(await request(mutation), 'secret of the inside');
  });

  it('to a name is made anew only after DNS was asked and judged again, or else this test fails', async (t) => {
    // 127.0.0.2 stands for the attacker's public server, 127.0.0.1 for what is inside.
    const inside = await startConsumer(t, (_request, response) =>
      response.setHeader('connection', 'close').end(),
    );
    const rebind = async (mutation: Mutation): Promise<number> => {
      const dns = await startDnsServer(t, { 'rebinding.test': [['127.0.0.2'], ['127.0.0.1']] });
      const egress = await mutatedEgress(t, mutation, {
        allowedNetworks: ['127.0.0.2/32'],
        dnsServers: [dns.address],
      });
      const before = inside.connections.length;
      for (let round = 0; round < 3; round += 1) await post(egress, `http://rebinding.test:${inside.port}/`);
      return inside.connections.length - before;
    };
    assert.equal(await rebind({ rule: 'none', edits: [] }), 0);
    const mutation: Mutation = {
      rule: 'a name that was allowed once is not trusted from then on',
      edits: [
        [
          'connector.ts',
          'resolved.filter((address) => policy.allowsAddress(target, address))',
          '(trusted.add(target.hostname), [...resolved])',
        ],
        [
          'connector.ts',
          '!policy.allowsAddress(target, socket.remoteAddress)',
          '!trusted.has(target.hostname)',
        ],
        [
          'connector.ts',
          'export class ConnectAttempt',
          'const trusted = new Set<string>();\nexport class ConnectAttempt',
        ],
      ],
    };
    assert.ok((await rebind(mutation)) > 0);
  });
});

function rule(name: string, file: string, code: string, without: string): Mutation {
  return { rule: name, edits: [[file, code, without]] };
}

interface Mutant {
  readonly policies: typeof UrlPolicy;
  readonly egress: typeof Egress;
}

let built = 0;

/** The egress with a rule taken out, loaded beside the real one. */
async function build({ rule, edits }: Mutation): Promise<Mutant> {
  const directory = join(workshop, String(built++));
  cpSync(fileURLToPath(new URL('.', import.meta.url)), join(directory, 'egress'), {
    recursive: true,
    filter: (path) => !/testing$|fixtures$|\.test\.ts$/.test(path),
  });
  cpSync(fileURLToPath(new URL('../model', import.meta.url)), join(directory, 'model'), { recursive: true });
  for (const [name, code, without] of edits) {
    const file = join(directory, 'egress', name);
    const parts = readFileSync(file, 'utf8').split(code);
    assert.equal(parts.length, 2, `${rule}: "${code}" stands once in ${name}`);
    writeFileSync(file, parts.join(without));
  }
  const load = (name: string) => import(pathToFileURL(join(directory, 'egress', name)).href);
  const { UrlPolicy: policies } = (await load('url-policy.ts')) as { UrlPolicy: typeof UrlPolicy };
  const { Egress: egress } = (await load('index.ts')) as { Egress: typeof Egress };
  return { policies, egress };
}

const open = { allowedNetworks: [], allowedHosts: [], allowedDomains: null, allowedPorts: null };

/** The rows of the table that do not end as they must. Nothing is connected to: some lead to real hosts. */
function breaches(policies: typeof UrlPolicy): string[] {
  const found: string[] = [];
  const look = (settings: object, pattern: string, code: string): void => {
    const url = pattern.replace('PORT', '8080');
    const target = new policies({ ...open, ...settings }).targetOf(url);
    if (('code' in target ? target.code : 'allowed') !== code) found.push(url);
  };
  for (const [pattern, code] of HOSTILE_URLS) look({}, pattern, code);
  for (const [settings, pattern, code] of HOSTILE_UNDER_SETTINGS) look(settings, pattern, code);
  const policy = new policies(open);
  for (const [name, answers] of Object.entries(HOSTILE_ZONE)) {
    const target = policy.targetOf(`http://${name}/`);
    assert.ok(!('code' in target));
    for (const address of answers.flat())
      if (policy.allowsAddress(target, address)) found.push(`${name} ${address}`);
  }
  return found;
}

async function mutatedEgress(t: TestContext, mutation: Mutation, settings: object): Promise<Egress> {
  const { egress } = await build(mutation);
  const made = new egress({
    ...open,
    proxyUrl: null,
    dnsServers: null,
    maxConnections: 10,
    maxConnectionsPerOrigin: 10,
    ...settings,
  });
  t.after(() => made.close());
  return made;
}

/** How many connections come to 127.0.0.1 for a name that leads there, where that is denied. */
async function connectionsInside(t: TestContext, mutation: Mutation): Promise<number> {
  const inside = await startConsumer(t, (_request, response) => response.end());
  const dns = await startDnsServer(t, { 'inside.test': [['127.0.0.1']] });
  const egress = await mutatedEgress(t, mutation, { dnsServers: [dns.address] });
  await post(egress, `http://inside.test:${inside.port}/`);
  return inside.connections.length;
}

type Range = readonly [readonly [ipaddr.IPv6, number]];

/** The special ranges that `ipaddr.js` knows. */
function rangesOf(kind: object): Record<string, Range> {
  const { SpecialRanges } = (kind as { prototype: { SpecialRanges: Record<string, Range | Range[0]> } })
    .prototype;
  const entries = Object.entries(SpecialRanges);
  return Object.fromEntries(
    entries.map(([name, range]) => [name, Array.isArray(range[0]) ? range : [range]]),
  ) as Record<string, Range>;
}

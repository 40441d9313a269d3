import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { describeSettings, loadConfig } from './index.ts';

function configOf(environment: Record<string, string>, flags: Record<string, string> = {}) {
  const loaded = loadConfig(environment, flags);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

function errorsOf(environment: Record<string, string>, flags: Record<string, string> = {}) {
  const loaded = loadConfig(environment, flags);
  assert.ok(!loaded.ok, 'the settings were taken');
  return loaded.errors.map(({ setting, message }) => `${setting}: ${message}`);
}

describe('settings of the server', () => {
  it('have the defaults that the documentation promises', () => {
    const config = configOf({});
    assert.equal(config.host, '127.0.0.1');
    assert.equal(config.port, 8080);
    assert.equal(config.dataDir, './data');
    assert.equal(config.databaseUrl, null);
    assert.deepEqual(config.allowedNetworks, []);
    assert.equal(config.allowedWebhookDomains, null);
    assert.equal(config.maxEventDataBytes, 256 * 1024);
    assert.equal(config.eventRetentionDays, 30);
    assert.equal(config.deliveryRetentionDays, 90);
    assert.equal(config.exchangeRetentionDays, 14);
    assert.deepEqual(config.noticeRecipients, []);
  });

  it('prefer a flag to the environment, and the environment to the default', () => {
    assert.equal(configOf({ ROWHOOK_PORT: '9000' }).port, 9000);
    assert.equal(configOf({ ROWHOOK_PORT: '9000' }, { port: '9001' }).port, 9001);
  });

  it('take an empty variable for an absent one, but not an empty flag', () => {
    assert.equal(configOf({ ROWHOOK_PORT: '' }).port, 8080);
    assert.match(errorsOf({}, { port: '' })[0] ?? '', /^--port: "" is not allowed/);
  });

  it('leave variables of other programs alone', () => {
    assert.equal(configOf({ PATH: '/bin', ROWHOOKS: '1', MY_ROWHOOK_PORT: 'x' }).port, 8080);
  });

  it('are frozen, lists included', () => {
    const config = configOf({ ROWHOOK_ALLOWED_NETWORKS: '10.0.0.0/8' });
    assert.throws(() => Object.assign(config, { port: 1 }), TypeError);
    assert.throws(() => (config.allowedNetworks as string[]).push('::/0'), TypeError);
  });

  it('read lists, and sizes with units', () => {
    const config = configOf({
      ROWHOOK_ALLOWED_NETWORKS: ' 10.0.0.0/8, fd00::/8 ,',
      ROWHOOK_ALLOWED_PORTS: '443,8443',
      ROWHOOK_ALLOWED_WEBHOOK_DOMAINS: 'Example.com,localhost:3000,*',
      ROWHOOK_DNS_SERVERS: '9.9.9.9,[2620:fe::fe]:53',
      ROWHOOK_NOTICE_RECIPIENTS: 'ann@example.com, ops+hooks@mail.example.com',
      ROWHOOK_MAX_BODY_BYTES: '2m',
      ROWHOOK_PUBLIC_URL: 'https://hooks.example.com/rowhook/',
    });
    assert.deepEqual(config.allowedNetworks, ['10.0.0.0/8', 'fd00::/8']);
    assert.deepEqual(config.allowedPorts, [443, 8443]);
    assert.deepEqual(config.allowedWebhookDomains, ['example.com', 'localhost:3000', '*']);
    assert.deepEqual(config.dnsServers, ['9.9.9.9', '[2620:fe::fe]:53']);
    assert.deepEqual(config.noticeRecipients, ['ann@example.com', 'ops+hooks@mail.example.com']);
    assert.equal(config.maxBodyBytes, 2 * 1024 * 1024);
    assert.equal(config.publicUrl, 'https://hooks.example.com/rowhook');
  });
});

describe('a setting that cannot be used', () => {
  const table: [Record<string, string>, string][] = [
    [{ ROWHOOK_PORT: '80a' }, 'ROWHOOK_PORT: "80a" is not allowed; allowed: a whole number from 0 to 65535.'],
    [
      { ROWHOOK_PORT: '65536' },
      'ROWHOOK_PORT: "65536" is not allowed; allowed: a whole number from 0 to 65535.',
    ],
    [{ ROWHOOK_PORT: '-1' }, 'ROWHOOK_PORT: "-1" is not allowed; allowed: a whole number from 0 to 65535.'],
    [
      { ROWHOOK_HOST: '127.0.0.1:80' },
      'ROWHOOK_HOST: "127.0.0.1:80" is not allowed; allowed: an IP address or a host name, without a port.',
    ],
    [
      { ROWHOOK_LOG_LEVEL: 'loud' },
      'ROWHOOK_LOG_LEVEL: "loud" is not allowed; allowed: one of fatal, error, warn, info, debug, trace, silent.',
    ],
    [
      { ROWHOOK_ALLOWED_NETWORKS: '10.0.0.0/8,10.0.0.1' },
      'ROWHOOK_ALLOWED_NETWORKS: "10.0.0.0/8,10.0.0.1" is not allowed; allowed: CIDRs, separated by commas; ' +
        '"10.0.0.1" is not a network such as 10.0.0.0/8 or fd00::/8.',
    ],
    [
      { ROWHOOK_ALLOWED_WEBHOOK_DOMAINS: '*.example.com' },
      'ROWHOOK_ALLOWED_WEBHOOK_DOMAINS: "*.example.com" is not allowed; allowed: host or host:port, separated ' +
        'by commas; "*.example.com" is not a host such as example.com or example.com:8443, or *.',
    ],
    [
      { ROWHOOK_DATABASE_URL: 'mysql://secret@host/db' },
      'ROWHOOK_DATABASE_URL: its value is not allowed; allowed: a URL such as ' +
        'postgres://user:password@host:5432/database.',
    ],
    [
      { ROWHOOK_OPERATOR_TOKEN: 'short' },
      'ROWHOOK_OPERATOR_TOKEN: its value is not allowed; allowed: 20 to 200 printable ASCII characters without spaces.',
    ],
    [
      { ROWHOOK_MAX_BODY_BYTES: '1t' },
      'ROWHOOK_MAX_BODY_BYTES: "1t" is not allowed; allowed: bytes from 1024 to 268435456, such as 16777216, 64k or 16m.',
    ],
    [
      { ROWHOOK_MAIL_FROM: 'Rowhook <rowhook@example.com>' },
      'ROWHOOK_MAIL_FROM: "Rowhook <rowhook@example.com>" is not allowed; allowed: a mail address such as ' +
        'ann@example.com, without a display name.',
    ],
    [
      { ROWHOOK_NOTICE_RECIPIENTS: 'ann@example.com,\nBcc: eve@example.com' },
      'ROWHOOK_NOTICE_RECIPIENTS: "ann@example.com,\nBcc: eve@example.com" is not allowed; allowed: mail ' +
        'addresses, separated by commas; "Bcc: eve@example.com" is not a mail address such as ann@example.com, ' +
        'without a display name.',
    ],
    [
      { ROWHOOK_EVENT_RETENTION_DAYS: '-1' },
      'ROWHOOK_EVENT_RETENTION_DAYS: "-1" is not allowed; allowed: a whole number from 0 to 36500.',
    ],
    [{ ROWHOOK_PROT: '1' }, 'ROWHOOK_PROT: There is no such setting; did you mean ROWHOOK_PORT?'],
    [{ ROWHOOK_DATADIR: '1' }, 'ROWHOOK_DATADIR: There is no such setting; did you mean ROWHOOK_DATA_DIR?'],
    [
      { ROWHOOK_NONSENSE_AT_ALL: '1' },
      'ROWHOOK_NONSENSE_AT_ALL: There is no such setting; rowhook serve --help lists all.',
    ],
  ];
  for (const [environment, expected] of table) {
    it(`is told: ${expected}`, () => assert.deepEqual(errorsOf(environment), [expected]));
  }

  it('is told under the name of the flag when it was one', () => {
    assert.match(errorsOf({}, { dataDir: '' })[0] ?? '', /^--data-dir: /);
    assert.deepEqual(errorsOf({}, { prot: '1' }), ['--prot: There is no such setting; did you mean --port?']);
  });

  it('is told together with all others', () => {
    assert.equal(
      errorsOf({ ROWHOOK_PORT: 'x', ROWHOOK_HOST: '', ROWHOOK_LOG_LEVEL: 'x', ROWHOOK_X: '' }).length,
      3,
    );
  });

  it('never makes the reader throw, and secrets are never repeated', () => {
    const variables = describeSettings().map(({ variable }) => variable);
    fc.assert(
      fc.property(fc.constantFrom(...variables), fc.string({ unit: 'binary' }), (variable, value) => {
        const loaded = loadConfig({ [variable]: value });
        const setting = describeSettings().find((described) => described.variable === variable);
        if (loaded.ok || setting?.secret !== true || value.trim().length < 6) return true;
        return !JSON.stringify(loaded.errors).includes(value.trim());
      }),
    );
  });
});

describe('the description of the settings', () => {
  it('has for each a variable, a flag, and a sentence', () => {
    for (const { variable, flag, description, fallback } of describeSettings()) {
      assert.match(variable, /^ROWHOOK_[A-Z0-9_]+$/);
      assert.match(flag, /^--[a-z0-9-]+$/);
      assert.match(description, /^[A-Z*].*\.$/);
      assert.notEqual(fallback, '');
    }
  });

  it('names the settings that the design fixes', () => {
    const variables = describeSettings().map(({ variable }) => variable);
    for (const name of [
      'HOST',
      'PORT',
      'DATA_DIR',
      'DATABASE_URL',
      'OPERATOR_TOKEN',
      'SECRET_KEY',
      'ALLOWED_NETWORKS',
      'ALLOWED_WEBHOOK_DOMAINS',
      'EGRESS_PROXY',
      'PUBLIC_URL',
      'SMTP_URL',
    ]) {
      assert.ok(variables.includes(`ROWHOOK_${name}`), name);
    }
  });

  it('gives defaults that the reader itself accepts', () => {
    for (const { variable, fallback, unit } of describeSettings()) {
      if (unit === null || /^(none|made|a key|every|the |no )/.test(fallback)) continue;
      assert.ok(loadConfig({ [variable]: fallback }).ok, `${variable}=${fallback}`);
    }
  });

  it('passes over the variables of the client commands', () => {
    const environment = { ROWHOOK_TOKEN: 'x', ROWHOOK_SERVER: 'http://127.0.0.1:1', ROWHOOK_WORKSPACE: 'w' };
    assert.equal(loadConfig(environment).ok, true);
  });
});

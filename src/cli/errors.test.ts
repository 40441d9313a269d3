import assert from 'node:assert/strict';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { RowhookUnderTest } from './testing/rowhook-under-test.ts';

let rowhook: RowhookUnderTest;
before(async () => {
  rowhook = await RowhookUnderTest.start();
});
after(() => rowhook.stop());

describe('a wrong line', () => {
  it('is told with what was probably meant, and exit code 2', async () => {
    await rowhook.fail(['bsae', 'list'], 2, /unknown command 'bsae'\n\(Did you mean base\?\)/);
    await rowhook.fail(['serve', '--prot', '1'], 2, /unknown option '--prot'\n\(Did you mean --port\?\)/);
    await rowhook.fail(['base', 'create'], 2, /missing required argument 'name'/);
    await rowhook.fail(['webhook', 'create', 'x'], 2, /where the webhook sends to: --url URL/);
    await rowhook.fail(['delivery', 'list', '--state', 'lost'], 2, /Allowed choices are sending, retrying/);
    await rowhook.fail(['event', 'send', 'a.b', '--data', '{a:1}'], 2, /--data is not valid JSON/);
    await rowhook.fail(
      ['serve', '--port', 'http'],
      2,
      /--port: "http" is not allowed; allowed: a whole number/,
    );
  });

  it('that the server refuses names every bad value, one a line', async () => {
    const url = 'ftp://example.com';
    await rowhook.fail(
      ['webhook', 'create', 'x', '--url', url, '--timeout-ms', '1', '--set', 'batsh={}'],
      1,
      /^error: .*:\n( {2}\/\S+: .+\n){3}$/,
    );
    await rowhook.fail(['event', 'show', 'evt_none'], 1, /There is no event "evt_none"/);
  });
});

describe('a server that cannot be used', () => {
  it('is told by its address, with what to do, when it is not there', async () => {
    const probe = createTcpServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const nobody = `http://127.0.0.1:${port}`;
    await rowhook.fail(
      ['base', 'list', '--server', nobody],
      1,
      new RegExp(
        `no answer from ${nobody} \\(ECONNREFUSED\\)\\.\n {2}Is the server running\\? Start it with: npm start`,
      ),
    );
  });

  it('is told when it is no Rowhook', async () => {
    await rowhook.fail(
      ['base', 'list', '--server', new URL(rowhook.consumer.url).origin],
      1,
      /not as Rowhook does; is it the right/,
    );
  });

  it('is told when it does not accept the token, and where that is from', async () => {
    await rowhook.fail(
      ['base', 'list', '--token', 'wrong'],
      1,
      /does not accept the token; it is from --token\./,
    );
    const outcome = await rowhook.run(['base', 'list'], { environment: { ROWHOOK_TOKEN: 'wrong' } });
    assert.match(outcome.errors, /it is from ROWHOOK_TOKEN\./);
    await rowhook.fail(
      ['base', 'list', '--data-dir', './elsewhere'],
      2,
      /the file elsewhere.operator-token does not exist/,
    );
  });
});

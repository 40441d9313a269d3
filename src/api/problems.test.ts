import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { ApiUnderTest, type CallOptions } from './testing/api-under-test.ts';

describe('a request that goes wrong', () => {
  let server: ApiUnderTest;
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_MAX_BODY_BYTES: '2k', ROWHOOK_MAX_HEADER_BYTES: '8k' });
  });
  after(() => server.stop());

  const allowedEvent = 'allowed: type, data, tags, occurredAt, deliverAt';
  const table: [string, string, string, CallOptions, number, string, string[]][] = [
    ['an unknown route', 'GET', '/v1/webhoks', {}, 404, 'not-found', []],
    ['an unknown route, without a token', 'GET', '/nothing', { token: null }, 404, 'not-found', []],
    ['a wrong method', 'PUT', '/v1/webhooks', {}, 405, 'method-not-allowed', []],
    ['a wrong method below an id', 'POST', '/v1/webhooks/wh_1', {}, 405, 'method-not-allowed', []],
    ['no token', 'GET', '/v1/webhooks', { token: null }, 401, 'unauthenticated', []],
    ['a URL that does not decode', 'GET', '/v1/webhooks/%E0%A4%A', {}, 400, 'invalid-input', []],
    [
      'another content type',
      'POST',
      '/v1/events',
      { body: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported-media-type',
      [],
    ],
    [
      'a form',
      'POST',
      '/v1/events',
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported-media-type',
      [],
    ],
    [
      'a body that is too large',
      'POST',
      '/v1/events',
      { body: { type: 'a', data: { text: 'x'.repeat(2_048) } } },
      413,
      'too-large',
      [],
    ],
    ['JSON that ends too early', 'POST', '/v1/events', { body: '{"type":' }, 400, 'invalid-input', []],
    [
      'a member named __proto__',
      'POST',
      '/v1/events',
      { body: '{"type":"a","data":{"__proto__":{}}}' },
      400,
      'invalid-input',
      [],
    ],
    ['no body', 'POST', '/v1/events', {}, 400, 'invalid-input', [' must be an object, not null or empty']],
    [
      'an empty body',
      'POST',
      '/v1/events',
      { body: '' },
      400,
      'invalid-input',
      [' must be an object, not null or empty'],
    ],
    [
      'a list for a body',
      'POST',
      '/v1/events',
      { body: [] },
      400,
      'invalid-input',
      [' must be an object, not a list'],
    ],
    [
      'missing and unknown fields',
      'POST',
      '/v1/events',
      { body: { typ: 'a', 'x/~y': 1 } },
      400,
      'invalid-input',
      [
        '/type is missing',
        '/data is missing',
        `/typ is not a known field (did you mean "type"?); ${allowedEvent}`,
        `/x~1~0y is not a known field; ${allowedEvent}`,
      ],
    ],
    [
      'fields of the wrong type, none of them converted',
      'POST',
      '/v1/events',
      { body: { type: 5, data: 'x', tags: 'a:b', occurredAt: null } },
      400,
      'invalid-input',
      [
        '/type must be a text, not 5',
        '/data must be an object, not "x"',
        '/tags must be a list, not "a:b"',
        '/occurredAt must be a text, not null',
      ],
    ],
    [
      'mistakes deep inside',
      'POST',
      '/v1/events/batch',
      { body: { events: [{ type: 'a', data: {} }, { type: 'b', data: {}, tag: [] }, 7] } },
      400,
      'invalid-input',
      [
        `/events/1/tag is not a known field (did you mean "tags"?); ${allowedEvent}`,
        '/events/2 must be an object, not 7',
      ],
    ],
    [
      'bad query parameters',
      'GET',
      '/v1/events?limit=1001&page=2',
      {},
      400,
      'invalid-input',
      [
        'page is not a known parameter; allowed: limit, cursor, type, tag, row, since, until',
        'limit must be at most 1000, not 1001',
      ],
    ],
    [
      'a limit that is no number',
      'GET',
      '/v1/events?limit=many',
      {},
      400,
      'invalid-input',
      ['limit must be a whole number, not "many"'],
    ],
    [
      'a time that is none',
      'GET',
      '/v1/events?since=yesterday',
      {},
      400,
      'invalid-input',
      ['since must be a time like 2026-01-31T12:00:00Z'],
    ],
    [
      'a cursor made by hand',
      'GET',
      '/v1/events?cursor=!',
      {},
      400,
      'invalid-input',
      ['cursor must be the nextCursor of an earlier page, unchanged'],
    ],
    [
      'an unknown word',
      'GET',
      '/v1/deliveries?state=lost',
      {},
      400,
      'invalid-input',
      ['state must be one of sending, retrying, succeeded, exhausted, discarded, not "lost"'],
    ],
    [
      'an unknown webhook in a filter',
      'GET',
      '/v1/deliveries?webhook=wh_1',
      {},
      400,
      'invalid-input',
      ['webhook there is no webhook "wh_1" in this workspace'],
    ],
    ['an unknown webhook', 'GET', '/v1/webhooks/wh_1', {}, 404, 'not-found', []],
    ['an unknown event', 'GET', '/v1/events/evt_1', {}, 404, 'not-found', []],
    ['an unknown delivery', 'GET', '/v1/deliveries/msg_00000000000000001_1', {}, 404, 'not-found', []],
    ['an unknown token', 'DELETE', '/v1/tokens/tok_1', {}, 404, 'not-found', []],
    [
      'a query parameter where there are none',
      'POST',
      '/v1/workspaces',
      { body: { name: '' } },
      400,
      'invalid-input',
      ['/name must not be empty'],
    ],
  ];
  for (const [what, method, url, options, status, code, errors] of table) {
    it(`is answered with problem details: ${what}`, async () => {
      const answer = await server.call(method, url, options);
      assert.equal(answer.status, status, answer.text);
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
      assert.equal(answer.body.type, `/problems/${code}`);
      assert.equal(answer.body.status, status);
      assert.equal(answer.body.requestId, answer.headers['request-id']);
      assert.ok(answer.body.title.length > 0 && answer.body.detail.length > 0);
      const told = (answer.body.errors ?? []).map(
        (e: { pointer: string; detail: string }) => `${e.pointer} ${e.detail}`,
      );
      assert.deepEqual(told.sort(), [...errors].sort());
    });
  }

  it('says where JSON breaks', async () => {
    const { body } = await server.call('POST', '/v1/events', { body: '{"type": "a",\n "data" 5}' });
    assert.match(body.detail, /at position 22 \(line 2 column 9\)/);
  });

  it('says which methods there are', async () => {
    const { headers } = await server.call('PUT', '/v1/webhooks/wh_1');
    assert.equal(headers.allow, 'DELETE, GET, HEAD, PATCH');
  });

  it('says how to authenticate', async () => {
    const { headers } = await server.call('GET', '/v1/webhooks', { token: null });
    assert.equal(headers['www-authenticate'], 'Bearer realm="rowhook"');
  });

  it('lists at most 50 mistakes, and does not look for all in a large body', async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x${index}`, 1]));
    assert.equal((await server.call('POST', '/v1/events', { body: many })).body.errors.length, 50);
    const large = {
      events: Array.from({ length: 1_000 }, () => 1).concat(Array.from({ length: 1_001 }, () => 2)),
    };
    const roomy = await ApiUnderTest.start();
    try {
      assert.equal((await roomy.call('POST', '/v1/events/batch', { body: large })).body.errors.length, 1);
    } finally {
      await roomy.stop();
    }
  });

  it('that nobody expected reveals nothing, and is in the log under its id', async () => {
    const broken = await ApiUnderTest.start();
    await broken.call('GET', '/v1/events');
    await broken.breakStore();
    const answer = await broken.call('GET', '/v1/events');
    assert.equal(answer.status, 500);
    assert.equal(answer.body.type, '/problems/internal');
    assert.doesNotMatch(answer.text, /database|sqlite|connection|stack|\.ts/i);
    const line = broken.logged.find((logged) => logged.includes(answer.body.requestId));
    assert.match(line ?? '', /database connection is not open/);
    assert.equal((await broken.call('GET', '/readyz', { token: null })).status, 503);
    assert.equal((await broken.call('GET', '/healthz', { token: null })).status, 200);
    await broken.stop();
  });
});

describe('a request that is no HTTP', () => {
  let server: ApiUnderTest;
  let port: number;
  before(async () => {
    server = await ApiUnderTest.start({ ROWHOOK_MAX_HEADER_BYTES: '8k' });
    port = Number(new URL(await server.api.listen({ port: 0, host: '127.0.0.1' })).port);
  });
  after(() => server.stop());

  const exchange = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('error', reject);
      socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });

  const table: [string, string, number, string][] = [
    ['garbage', 'hello\r\n\r\n', 400, 'This is not a valid HTTP/1.1 request.'],
    [
      'headers that are too large',
      `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`,
      431,
      'The headers may have 8192 bytes (setting ROWHOOK_MAX_HEADER_BYTES).',
    ],
    [
      'two lengths',
      'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'This is not a valid HTTP/1.1 request.',
    ],
  ];
  for (const [what, bytes, status, detail] of table) {
    it(`is answered with problem details, too: ${what}`, async () => {
      const answer = await exchange(bytes);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(answer, /Content-Type: application\/problem\+json/);
      const document = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
      assert.equal(document.status, status);
      assert.equal(document.detail, detail);
    });
  }
});

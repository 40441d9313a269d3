import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '../../model/clock.ts';
import { parseEventId, type ScheduledEventId } from '../../model/ids.ts';
import { Problem } from '../../model/problem.ts';
import type { Publication, PublicationOutcome, Store } from '../../store/port.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import type { EventChecks } from './checks.ts';
import { EventService, type PostedEvent } from './service.ts';

const nowMs = Date.parse('2026-03-01T12:00:00Z');
const noChecks: EventChecks = {
  check: async (_, events) => events.map(() => ({ groups: [], faults: [], warnings: [] })),
};
const limits = {
  maxEventDataBytes: 100,
  maxBatchEvents: 3,
  maxWaitingEventBytes: 2 ** 20,
  maxDelayDays: 10,
  idempotencyHours: 24,
};
const heldClock: Clock = { nowMs: () => nowMs, monotonicMs: () => 0, after: () => () => undefined };

const seqOf = (id: string | undefined): number => parseEventId(id ?? '')?.seq ?? 0;

describe('events that an application posts', () => {
  let directory: string;
  let store: Store;
  let service: EventService;
  let workspaceNumber: number;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rowhook-events-'));
    store = openSqliteStore({ directory, clock: heldClock, secretKey: 'a key of the tests, long enough' });
    workspaceNumber = (await store.workspaces.create('one')).number;
    service = new EventService(store.publications, heldClock, noChecks, limits);
  });
  after(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  const posted = (event: Partial<PostedEvent>): PostedEvent => ({ type: 'invoice.paid', data: {}, ...event });
  const faultsOf = async (events: readonly PostedEvent[] | PostedEvent): Promise<string[]> => {
    try {
      await (Array.isArray(events)
        ? service.publishBatch(workspaceNumber, events)
        : service.publish(workspaceNumber, events as PostedEvent));
    } catch (error) {
      assert.ok(error instanceof Problem, String(error));
      return error.errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
    }
    return [];
  };

  it('come into the journal as they were posted', async () => {
    const data = { amount: 12.5, customer: 'Ünï \u{1F600}', nested: [{ a: null }] };
    const { ids } = await service.publish(
      workspaceNumber,
      posted({
        data,
        tags: ['company:42', 'company:42', 'a:b:c'],
        occurredAt: '2026-02-28T23:59:59.5+01:00',
      }),
    );
    const stored = await store.journal.find(workspaceNumber, seqOf(ids[0]));
    assert.ok(stored);
    assert.deepEqual(JSON.parse(stored.dataJson), data);
    assert.deepEqual(stored.tags, ['company:42', 'a:b:c']);
    assert.equal(stored.occurredAtMs, Date.parse('2026-02-28T22:59:59.500Z'));
    assert.equal(stored.acceptedAtMs, nowMs);
    assert.equal(stored.subject, null);
  });

  it('happen when they are accepted, unless they say otherwise', async () => {
    const { ids } = await service.publish(workspaceNumber, posted({}));
    assert.equal((await store.journal.find(workspaceNumber, seqOf(ids[0])))?.occurredAtMs, nowMs);
  });

  it('keep their order in a batch, next to each other', async () => {
    const { ids } = await service.publishBatch(
      workspaceNumber,
      [1, 2, 3].map((number) => posted({ data: { number } })),
    );
    const events = await store.journal.findMany(workspaceNumber, ids.map(seqOf));
    const first = events[0]?.seq ?? 0;
    assert.deepEqual(
      events.map(({ seq }) => seq - first),
      [0, 1, 2],
    );
    assert.deepEqual(
      events.map(({ dataJson }) => dataJson),
      ['{"number":1}', '{"number":2}', '{"number":3}'],
    );
  });

  it('are all refused when one of them is bad', async () => {
    const head = store.journal.headSeq();
    await assert.rejects(service.publishBatch(workspaceNumber, [posted({}), posted({ type: '' })]), Problem);
    assert.equal(store.journal.headSeq(), head);
  });

  const words = 'must be words of letters, digits, _ and - joined by dots, such as invoice.paid';
  const reserved = 'must not begin with row., webhook., delivery. as Rowhook sends those itself';
  const time = 'must be a time like 2026-01-31T12:00:00Z, not before 1970';
  const tagKey = 'must have a key of at most 64 letters, digits, _, - and dots';
  const tagValue = 'must have a value of at most 128 printable characters without spaces around';
  const nested = (depth: number): Record<string, unknown> => (depth === 0 ? {} : { a: nested(depth - 1) });
  const table: [string, Partial<PostedEvent>, string[]][] = [
    ['no type', { type: '' }, [`/type ${words}`]],
    ['an empty word in the type', { type: 'a..b' }, [`/type ${words}`]],
    ['a space in the type', { type: 'a b' }, [`/type ${words}`]],
    ['a wildcard for a type', { type: 'a.*' }, [`/type ${words}`]],
    ['a type that is too long', { type: 'a'.repeat(129) }, ['/type must have at most 128 characters']],
    ['a type of rows', { type: 'row.inserted' }, [`/type ${reserved}`]],
    ['a type of webhooks', { type: 'webhook.disabled' }, [`/type ${reserved}`]],
    ['a type of deliveries', { type: 'delivery' }, [`/type ${reserved}`]],
    [
      'too many tags',
      { tags: Array.from({ length: 11 }, (_, n) => `k:${n}`) },
      ['/tags must have at most 10 items'],
    ],
    ['a tag without a key', { tags: [':v'] }, ['/tags/0 must have the form key:value, such as company:42']],
    [
      'a tag without a value',
      { tags: ['a:b', 'k:'] },
      ['/tags/1 must have the form key:value, such as company:42'],
    ],
    ['a bad key of a tag', { tags: ['ä:1'] }, [`/tags/0 ${tagKey}`]],
    ['a line break in a tag', { tags: ['k:a\nb'] }, [`/tags/0 ${tagValue}`]],
    ['half a character in a tag', { tags: ['k:\ud800'] }, [`/tags/0 ${tagValue}`]],
    ['a time without a zone', { occurredAt: '2026-01-01T00:00:00' }, [`/occurredAt ${time}`]],
    ['a date that does not exist', { occurredAt: '2026-02-29T00:00:00Z' }, [`/occurredAt ${time}`]],
    ['a time before 1970', { occurredAt: '1969-12-31T23:59:59Z' }, [`/occurredAt ${time}`]],
    ['a month that does not exist', { occurredAt: '2026-13-01T00:00:00Z' }, [`/occurredAt ${time}`]],
    [
      'a time in two days',
      { occurredAt: '2026-03-03T12:00:00Z' },
      ['/occurredAt must not be more than a day ahead of the clock of the server'],
    ],
    [
      'data that is too large',
      { data: { text: 'x'.repeat(100) } },
      ['/data must have at most 100 bytes as JSON (setting ROWHOOK_MAX_EVENT_DATA_BYTES)'],
    ],
    [
      'data whose characters take several bytes',
      { data: { text: 'ü'.repeat(50) } },
      ['/data must have at most 100 bytes as JSON (setting ROWHOOK_MAX_EVENT_DATA_BYTES)'],
    ],
    [
      'a number that no double can hold',
      { data: { 'a/b': [1, Number.POSITIVE_INFINITY] } },
      ['/data/a~1b/1 must be a number that fits a double'],
    ],
    [
      'data nested without end',
      { data: nested(100_000 / 100) },
      [`/data${'/a'.repeat(64)} must not be nested deeper than 64 levels`],
    ],
    [
      'several mistakes',
      { type: '', tags: ['x'], occurredAt: 'now' },
      [`/type ${words}`, '/tags/0 must have the form key:value, such as company:42', `/occurredAt ${time}`],
    ],
  ];
  for (const [what, event, expected] of table) {
    it(`are refused for ${what}`, async () => assert.deepEqual(await faultsOf(posted(event)), expected));
  }

  it('may be as large and as deep as the limits say', async () => {
    const service = new EventService(store.publications, heldClock, noChecks, {
      ...limits,
      maxEventDataBytes: 20,
    });
    const data = { text: 'x'.repeat(9) };
    assert.equal(Buffer.byteLength(JSON.stringify(data)), 20);
    await service.publish(workspaceNumber, posted({ data }));
    const roomy = new EventService(store.publications, heldClock, noChecks, {
      ...limits,
      maxEventDataBytes: 2_000,
    });
    await roomy.publish(workspaceNumber, posted({ data: nested(63) }));
  });

  it('are refused in batches that are empty or too large', async () => {
    assert.deepEqual(await faultsOf([]), ['/events must not be empty']);
    assert.deepEqual(await faultsOf(Array.from({ length: 4 }, () => posted({}))), [
      '/events must have at most 3 events (setting ROWHOOK_MAX_BATCH_EVENTS), not 4',
    ]);
  });

  it('may be posted to be published later, with others that are published now', async () => {
    const events = [
      posted({ data: { n: 1 }, deliverAt: '2026-03-01T12:00:01Z' }),
      posted({ data: { n: 2 } }),
      posted({ data: { n: 3 }, deliverAt: '2026-03-01T11:59:59Z' }),
    ];
    const { ids } = await service.publishBatch(workspaceNumber, events);
    assert.deepEqual(
      ids.map((id) => id.slice(0, 4)),
      ['sch_', 'evt_', 'evt_'],
    );
    const found = await store.publications.findScheduled(workspaceNumber, ids[0] as ScheduledEventId);
    assert.deepEqual(
      [found?.dueAtMs, found?.occurredAtMs, found?.event.dataJson],
      [nowMs + 1_000, null, '{"n":1}'],
    );
    const stored = await store.journal.findMany(workspaceNumber, ids.slice(1).map(seqOf));
    assert.deepEqual(
      stored.map(({ dataJson }) => dataJson),
      ['{"n":2}', '{"n":3}'],
    );
  });

  it('are refused when they are to be published in a far future, or never', async () => {
    assert.deepEqual(await faultsOf(posted({ deliverAt: '2026-03-12T00:00:00Z' })), [
      '/deliverAt must not be more than 10 days ahead (setting ROWHOOK_MAX_DELAY_DAYS)',
    ]);
    assert.deepEqual(await faultsOf(posted({ deliverAt: 'soon' })), [`/deliverAt ${time}`]);
    assert.deepEqual(
      await faultsOf(posted({ deliverAt: '2026-03-05T00:00:00Z', occurredAt: '2026-03-05T00:00:00Z' })),
      [],
    );
  });

  it('are taken once under a key, with the same answer', async () => {
    const checks: EventChecks = {
      check: async (_, events) =>
        events.map(() => ({ groups: [], faults: [], warnings: [{ pointer: '/data', detail: 'is odd' }] })),
    };
    const warning = new EventService(store.publications, heldClock, checks, limits);
    const events = [posted({ deliverAt: '2026-03-02T00:00:00Z' }), posted({})];
    const key = { key: 'mine', fingerprint: 'one' };
    const head = store.journal.headSeq();
    const first = await warning.publishBatch(workspaceNumber, events, key);
    assert.deepEqual(
      first.warnings.map(({ pointer }) => pointer),
      ['/events/0/data', '/events/1/data'],
    );
    const again = await service.publishBatch(workspaceNumber, events, key);
    assert.deepEqual(again, { ...first, repeated: true });
    assert.equal(store.journal.headSeq(), head + 1);
    await assert.rejects(
      service.publish(workspaceNumber, posted({}), { key: 'mine', fingerprint: 'two' }),
      (error) => error instanceof Problem && error.code === 'conflict',
    );
  });

  it('are refused while more wait for the disk than may, and taken again once they are stored', async () => {
    const held: Array<() => void> = [];
    const slow = {
      publish: async (publication: Publication): Promise<PublicationOutcome> => {
        await new Promise<void>((resolve) => held.push(resolve));
        return { kind: 'published', places: publication.events.map(() => ({ seq: 1, acceptedAtMs: 0 })) };
      },
    };
    const large = { ...limits, maxEventDataBytes: 2 ** 20, maxWaitingEventBytes: 100_000 };
    const service = new EventService(slow, heldClock, noChecks, large);
    const event = posted({ data: { text: 'x'.repeat(49_000) } });
    const waiting = [service.publish(workspaceNumber, event), service.publish(workspaceNumber, event)];
    await assert.rejects(
      service.publish(workspaceNumber, event),
      (error) => error instanceof Problem && error.code === 'too-many-requests',
    );
    held.shift()?.();
    await waiting[0];
    const third = service.publish(workspaceNumber, event);
    await new Promise((resolve) => setImmediate(resolve));
    for (const release of held) release();
    await Promise.all([...waiting, third]);
    const alone = service.publish(workspaceNumber, posted({ data: { text: 'x'.repeat(200_000) } }));
    await new Promise((resolve) => setImmediate(resolve));
    for (const release of held) release();
    await alone;
  });

  it('never make the service fail in another way, whatever is posted', async () => {
    const event = fc.record({
      type: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('a.b')),
      data: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
      tags: fc.array(fc.string({ unit: 'binary' })),
      occurredAt: fc.oneof(fc.string(), fc.constant('2026-01-01T00:00:00Z')),
    });
    await fc.assert(
      fc.asyncProperty(event, async (given) => void (await faultsOf(given))),
      { numRuns: 200 },
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Problem } from '../model/problem.ts';
import { isSecretHeader } from '../model/webhook.ts';
import { patchSettings, resolveSettings, settingNames } from './settings.ts';
import { showSettings } from './show.ts';
import { baseId, lookups, minimal } from './testing/structure.ts';

const numRuns = 300;
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 3, nil: undefined });
const word = fc.stringMatching(/^[a-z]{1,8}$/);

/** Inputs that are right, with any part left out. */
const goodInput = fc
  .record({
    name: fc.constant('orders'),
    url: fc.constant('https://example.com/hook'),
    memo: maybe(fc.string({ maxLength: 50 })),
    eventTypes: maybe(
      fc.uniqueArray(fc.oneof(fc.constantFrom('*', 'row.*', 'row.updated'), word), {
        minLength: 1,
        maxLength: 5,
      }),
    ),
    target: fc.constantFrom(
      {},
      { base: baseId },
      { base: baseId, table: 'People', readyColumn: 'Ready' },
      { base: baseId, table: 'tttt', filterColumns: ['nnnn', 'E-mail'] },
      { base: baseId, table: 'Empty' },
    ),
    tags: maybe(
      fc.uniqueArray(
        fc.tuple(word, word).map((pair) => pair.join(':')),
        { maxLength: 10 },
      ),
    ),
    headers: maybe(
      fc.dictionary(
        fc.oneof(
          fc.constantFrom('authorization', 'x-api-key'),
          word.map((name) => `x-${name}`),
        ),
        fc.stringMatching(/^[!-~]{0,10}$/).filter((value) => value !== '***'),
        { maxKeys: 5 },
      ),
    ),
    signature: maybe(fc.constantFrom('standard', 'none')),
    success: maybe(fc.constantFrom('2xx', '200')),
    timeoutMs: maybe(fc.integer({ min: 100, max: 120_000 })),
    retry: maybe(
      fc.oneof(
        fc.constantFrom('none', 'grist', 'codat', 'seatable'),
        fc.record({
          delaysMs: fc.array(fc.integer({ min: 1_000, max: 100_000 }), { minLength: 1, maxLength: 5 }),
          jitter: fc.double({ min: 0, max: 1, noNaN: true }),
          forever: fc.boolean(),
        }),
      ),
    ),
    disable: maybe(
      fc.record({
        afterFailures: fc.option(fc.integer({ min: 1, max: 100 })),
        afterFailingMs: fc.option(fc.integer({ min: 60_000, max: 1e9 })),
      }),
    ),
    batch: maybe(fc.record({ maxEvents: fc.integer({ min: 1, max: 1_000 }), maxWaitMs: fc.nat(3_600_000) })),
    sending: fc.oneof(
      fc.constant({}),
      fc.constant({ order: 'ordered', concurrency: 1 }),
      fc.record({ order: fc.constant('independent'), concurrency: fc.integer({ min: 1, max: 100 }) }),
    ),
    ratePerSecond: maybe(fc.double({ min: 0.001, max: 10_000, noNaN: true })),
  })
  .map(({ target, sending, ...input }) =>
    Object.fromEntries(
      Object.entries({ ...input, ...target, ...sending }).filter(([, value]) => value !== undefined),
    ),
  );

const junk = fc.anything({
  withNullPrototype: true,
  withBigInt: true,
  withDate: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});

async function problemOf(work: Promise<unknown>): Promise<Problem | null> {
  try {
    await work;
    return null;
  } catch (error) {
    assert.ok(error instanceof Problem, `not a Problem: ${String(error)}`);
    assert.equal(error.code, 'invalid-input');
    assert.ok(error.errors.length > 0);
    return error;
  }
}

describe('whatever settings are', () => {
  it('what is shown of them makes the same settings again', async () => {
    await fc.assert(
      fc.asyncProperty(goodInput, async (input) => {
        const { settings } = await resolveSettings(input, lookups);
        const shown = showSettings(settings);
        assert.deepEqual((await patchSettings(settings, shown, lookups)).settings, settings);
        const hasSecrets = Object.keys(settings.headers).some(isSecretHeader);
        if (!hasSecrets) assert.deepEqual((await resolveSettings(shown, lookups)).settings, settings);
        // As a client sees it: through JSON.
        assert.deepEqual(JSON.parse(JSON.stringify(shown)), { ...shown });
      }),
      { numRuns },
    );
  });

  it('values of secret headers are never shown', async () => {
    const value = fc.stringMatching(/^[!-~]{12,30}$/);
    await fc.assert(
      fc.asyncProperty(value, async (secret) => {
        const headers = { Authorization: secret, 'x-secret-key': secret, 'x-auth-token': secret };
        const { settings } = await resolveSettings({ ...minimal, headers }, lookups);
        assert.equal(settings.headers.authorization, secret);
        assert.deepEqual(Object.values(showSettings(settings).headers), ['***', '***', '***']);
      }),
      { numRuns: 50 },
    );
  });

  it('changing one after another is changing both at once, where they do not touch', async () => {
    await fc.assert(
      fc.asyncProperty(goodInput, fc.integer({ min: 100, max: 9_999 }), async (input, timeoutMs) => {
        const { settings } = await resolveSettings(input, lookups);
        const memo = await patchSettings(settings, { memo: 'm' }, lookups);
        assert.ok(memo.settings);
        const then = await patchSettings(memo.settings, { timeoutMs }, lookups);
        const atOnce = await patchSettings(settings, { timeoutMs, memo: 'm' }, lookups);
        assert.deepEqual(then, atOnce);
      }),
      { numRuns: 100 },
    );
  });
});

describe('whatever is sent in place of settings', () => {
  it('is answered with settings or with a Problem', async () => {
    const { settings } = await resolveSettings(minimal, lookups);
    await fc.assert(
      fc.asyncProperty(junk, async (input) => {
        await problemOf(resolveSettings(input, lookups));
        await problemOf(patchSettings(settings, input, lookups));
      }),
      { numRuns },
    );
  });

  it('for one field, is answered with a Problem about that field alone, or taken', async () => {
    const nested = fc.dictionary(
      fc.constantFrom('delaysMs', 'jitter', 'forever', 'afterFailures', 'maxEvents', 'host', '__proto__', ''),
      junk,
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...settingNames), fc.oneof(junk, nested), async (name, value) => {
        const input = { ...minimal, [name]: value };
        // A webhook sends to a URL or to addresses, so either may be wrong because of the other.
        const names = name === 'emails' || name === 'url' ? ['emails', 'url'] : [name];
        const problem = await problemOf(resolveSettings(input, lookups));
        for (const { pointer } of problem?.errors ?? []) {
          assert.ok(
            names.some((one) => pointer === `/${one}` || pointer.startsWith(`/${one}/`)),
            pointer,
          );
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('with names from the prototype of objects, is refused as unknown', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const input = JSON.parse(`{"name":"n","url":"https://example.com/","${name}":{"a":1}}`) as unknown;
      const problem = await problemOf(resolveSettings(input, lookups));
      assert.equal(problem?.errors[0]?.pointer, `/${name}`);
    }
  });
});

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Store } from '../port.ts';
import { newWebhook, webhookSettings, workspaceNumber } from './samples.ts';
import { type CreatePlace, storeTest, testSecretKey } from './store-place.ts';

const nextKey = 'the key after the one of the contract suite';
/** Smaller than what there is, so that every kind of secret takes several steps. */
const stepSize = 3;
const webhooks = 7;

/** Webhooks with secrets in every place where there can be one. */
async function fill(store: Store): Promise<void> {
  const acme = await workspaceNumber(store);
  for (let index = 0; index < webhooks; index += 1) {
    const headers = { authorization: `Bearer first ${index}` };
    const webhook = await newWebhook(store, acme, webhookSettings({ headers }), `whsec_${index}`);
    const later = { authorization: `Bearer second ${index}` };
    const saved = await store.webhooks.saveSettings(
      webhook,
      webhookSettings({ headers: later, tls: { certificate: 'public', key: `private ${index}`, ca: null } }),
    );
    const previousSecrets = [{ secret: `whsec_former_${index}`, untilMs: 1_000 }];
    await store.webhooks.saveSecrets(saved, { ...saved, previousSecrets });
  }
}

/** Everything secret, as it is read back. */
async function secretsIn(store: Store): Promise<unknown> {
  const all = await store.webhooks.all(0, 100);
  return Promise.all(
    all.map(async ({ number, secret, previousSecrets, settings }) => [
      secret,
      previousSecrets,
      settings.headers,
      settings.tls,
      (await store.webhooks.version(number, 1))?.headers,
      (await store.webhooks.version(number, 2))?.headers,
    ]),
  );
}

async function resealAll(store: Store): Promise<number> {
  let resealed = 0;
  let cursor: string | null = null;
  do {
    const step = await store.sealedSecrets.resealSome(cursor, stepSize);
    resealed += step.resealed;
    cursor = step.nextCursor;
  } while (cursor !== null);
  return resealed;
}

/** For each webhook: its secret, its headers, and the headers of two versions. */
const secretCount = webhooks * 4;

export function sealedSecretsContract(createPlace: CreatePlace): void {
  describe('a change of the secret key', () => {
    storeTest(createPlace, 'reads what the previous key has sealed', async (bench) => {
      await fill(bench.store);
      const before = await secretsIn(bench.store);
      await bench.close();
      const store = await bench.open(nextKey, [testSecretKey]);
      assert.deepEqual(await secretsIn(store), before);
      const { currentKey, sealedBy, unreadable } = await store.sealedSecrets.census();
      assert.deepEqual([...sealedBy.values()], [secretCount]);
      assert.equal(sealedBy.has(currentKey), false);
      assert.equal(unreadable, 0);
    });

    storeTest(createPlace, 'seals everything again, so that the new key alone opens it', async (bench) => {
      await fill(bench.store);
      const before = await secretsIn(bench.store);
      await bench.close();
      assert.equal(await resealAll(await bench.open(nextKey, [testSecretKey])), secretCount);
      assert.equal(await resealAll(bench.store), 0, 'once is enough');
      await bench.close();
      const store = await bench.open(nextKey);
      assert.deepEqual(await secretsIn(store), before);
      const { currentKey, sealedBy } = await store.sealedSecrets.census();
      assert.deepEqual([...sealedBy], [[currentKey, secretCount]]);
      await bench.close();
      await bench.open(testSecretKey);
      await assert.rejects(bench.store.webhooks.all(0, 1), /cannot be opened.*ROWHOOK_SECRET_KEY/);
      assert.equal((await bench.store.sealedSecrets.census()).unreadable, secretCount);
    });

    storeTest(createPlace, 'may stop after any step, and goes on at the next start', async (bench) => {
      await fill(bench.store);
      const before = await secretsIn(bench.store);
      let left = secretCount;
      for (let steps = 1; left > 0; steps += 1) {
        await bench.close();
        const store = await bench.open(nextKey, [testSecretKey]);
        let cursor: string | null = null;
        for (let step = 0; step < steps; step += 1) {
          const done = await store.sealedSecrets.resealSome(cursor, stepSize);
          left -= done.resealed;
          cursor = done.nextCursor;
          if (cursor === null) break;
        }
        assert.deepEqual(await secretsIn(store), before);
      }
      assert.equal(left, 0);
    });

    storeTest(createPlace, 'says so when no key opens a secret, and changes nothing', async (bench) => {
      await fill(bench.store);
      await bench.close();
      const store = await bench.open(nextKey, ['a key that never was']);
      await assert.rejects(store.sealedSecrets.resealSome(null, stepSize), /ROWHOOK_PREVIOUS_SECRET_KEYS/);
      await bench.close();
      await bench.open();
      assert.equal((await bench.store.sealedSecrets.census()).unreadable, 0);
    });
  });
}

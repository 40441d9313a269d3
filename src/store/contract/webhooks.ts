import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { newWebhookId } from '../../model/ids.ts';
import type { Webhook, WebhookHealth } from '../../model/webhook.ts';
import type { Store } from '../port.ts';
import {
  activeHealth,
  everyPage,
  newEvent,
  newWebhook,
  numberedEvents,
  problem,
  webhookSettings,
  workspaceNumber,
} from './samples.ts';
import { type CreatePlace, storeTest } from './store-place.ts';

async function onlyWebhook(store: Store): Promise<Webhook> {
  const [webhook, ...others] = await store.webhooks.all(0, 10);
  assert.ok(webhook);
  assert.deepEqual(others, []);
  return webhook;
}

export function webhooksContract(createPlace: CreatePlace): void {
  describe('a webhook', () => {
    storeTest(createPlace, 'is kept with all its settings, its secret and its health', async (bench) => {
      const acme = await workspaceNumber(bench.store);
      const settings = webhookSettings({
        memo: 'Grüße \u{1F600}',
        tags: ['company:1'],
        filter: 'amount > 3',
        template: { contentType: 'text/plain', source: '{{data}}' },
        headers: { authorization: 'Bearer abc', 'x-odd': 'ü"\\' },
        tls: { certificate: 'public', key: 'private', ca: null },
        ratePerSecond: 2.5,
      });
      const webhook = await newWebhook(bench.store, acme, settings, 'whsec_first');
      assert.equal(webhook.version, 1);
      assert.equal(webhook.secret, 'whsec_first');
      assert.deepEqual(webhook.settings, settings);
      assert.deepEqual(webhook.health, activeHealth);
      assert.deepEqual(await onlyWebhook(await bench.reopen()), webhook);
    });

    storeTest(createPlace, 'starts after the head of the journal', async ({ store }) => {
      const acme = await workspaceNumber(store);
      assert.equal((await newWebhook(store, acme)).startsAfterSeq, 0);
      await store.journal.append(acme, numberedEvents(3));
      assert.equal((await newWebhook(store, acme)).startsAfterSeq, store.journal.headSeq());
    });

    storeTest(
      createPlace,
      'has a cursor where it starts, so that a crash skips nothing',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        await store.journal.append(acme, numberedEvents(3));
        const webhook = await store.webhooks.create({
          id: newWebhookId(),
          workspaceNumber: acme,
          settings: webhookSettings(),
          secret: 'whsec_c2VjcmV0',
          health: activeHealth,
        });
        const start = { seq: webhook.startsAfterSeq, waiting: 0 };
        assert.deepEqual((await store.deliveries.positions()).cursors, new Map([[webhook.number, start]]));
        await store.deliveries.write([{ kind: 'cursor', webhookNumber: webhook.number, seq: 1, waiting: 2 }]);
        await store.journal.append(acme, numberedEvents(2));
        const skipped = await store.webhooks.saveHealth(webhook, activeHealth, 'atHead');
        const place = { seq: skipped.startsAfterSeq, waiting: 0 };
        assert.deepEqual((await store.deliveries.positions()).cursors, new Map([[webhook.number, place]]));
      },
    );

    storeTest(
      createPlace,
      'starts between what was accepted before and after it was made',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const [before] = await store.journal.append(acme, [newEvent()]);
        const [, webhook] = await Promise.all([
          store.journal.append(acme, numberedEvents(5)),
          newWebhook(store, acme),
          store.journal.append(acme, numberedEvents(5)),
        ]);
        const [after] = await store.journal.append(acme, [newEvent()]);
        assert.ok(before && after);
        assert.ok(webhook.startsAfterSeq >= before.seq && webhook.startsAfterSeq < after.seq);
      },
    );

    storeTest(
      createPlace,
      'gets a new version with each save of its settings, and keeps the old ones',
      async ({ store, clock }) => {
        const acme = await workspaceNumber(store);
        const first = await newWebhook(store, acme, { headers: { 'x-version': 'one' } });
        clock.timeMs += 1_000;
        const changed = webhookSettings({
          url: 'https://elsewhere.example/',
          headers: { 'x-version': 'two' },
        });
        const second = await store.webhooks.saveSettings(first, changed);
        assert.deepEqual(second, {
          ...first,
          version: 2,
          settings: changed,
          revision: first.revision + 1,
          updatedAtMs: first.updatedAtMs + 1_000,
        });
        assert.deepEqual(await onlyWebhook(store), second);
        assert.deepEqual(await store.webhooks.version(first.number, 1), first.settings);
        assert.deepEqual(await store.webhooks.version(first.number, 2), changed);
        assert.equal(await store.webhooks.version(first.number, 3), null);
        assert.equal(await store.webhooks.version(first.number + 1, 1), null);
      },
    );

    storeTest(createPlace, 'gives each of many saves at once a version of its own', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const webhook = await newWebhook(store, acme);
      const saved = await Promise.all(
        Array.from({ length: 5 }, (_, index) =>
          store.webhooks.saveSettings(webhook, webhookSettings({ name: `name ${index}` })),
        ),
      );
      assert.deepEqual(new Set(saved.map((each) => each.version)), new Set([2, 3, 4, 5, 6]));
      for (const each of saved) {
        assert.deepEqual(await store.webhooks.version(webhook.number, each.version), each.settings);
      }
    });

    storeTest(
      createPlace,
      'gets a new secret without a new version, and keeps former ones',
      async (bench) => {
        const acme = await workspaceNumber(bench.store);
        const webhook = await newWebhook(bench.store, acme, {}, 'whsec_old');
        const secrets = { secret: 'whsec_new', previousSecrets: [{ secret: 'whsec_old', untilMs: 1_000 }] };
        const saved = await bench.store.webhooks.saveSecrets(webhook, secrets);
        assert.deepEqual(saved, { ...webhook, ...secrets, revision: 2 });
        const store = await bench.reopen();
        assert.deepEqual(await onlyWebhook(store), saved);
        const ended = await store.webhooks.saveSecrets(saved, { ...secrets, previousSecrets: [] });
        assert.deepEqual(ended, { ...webhook, secret: 'whsec_new', revision: 3 });
        assert.deepEqual(await onlyWebhook(store), ended);
      },
    );

    storeTest(createPlace, 'gets secrets and settings that belong together at once', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const webhook = await newWebhook(store, acme, {}, 'whsec_old');
      const settings = webhookSettings({ signature: 'standardAsymmetric' });
      const secrets = { secret: 'whsk_new', previousSecrets: [{ secret: 'whsec_old', untilMs: 1_000 }] };
      const saved = await store.webhooks.saveSettings(webhook, settings, secrets);
      assert.deepEqual(saved, { ...webhook, ...secrets, settings, version: 2, revision: 2 });
      assert.deepEqual(await onlyWebhook(store), saved);
    });

    storeTest(createPlace, 'shows neither its secret nor its headers in what is kept', async (bench) => {
      const { store } = bench;
      const acme = await workspaceNumber(store);
      const webhook = await newWebhook(
        store,
        acme,
        { memo: 'plainlyReadableMemo', headers: { 'x-hiddenHeaderName': 'Bearer hiddenHeaderValue' } },
        'whsec_hiddenSecretOne',
      );
      await store.webhooks.saveSettings(
        webhook,
        webhookSettings({
          headers: { x: 'hiddenHeaderTwo' },
          tls: { certificate: 'public', key: 'hiddenTlsKey', ca: null },
        }),
      );
      await store.webhooks.saveSecrets(webhook, {
        secret: 'whsec_hiddenSecretTwo',
        previousSecrets: [{ secret: 'whsec_hiddenSecretOne', untilMs: Date.UTC(2100, 0, 1) }],
      });
      await bench.close();
      assert.ok(await bench.place.shows('plainlyReadableMemo'), 'this test can see what is not sealed');
      const hidden = [
        'hiddenHeaderName',
        'hiddenHeaderValue',
        'hiddenHeaderTwo',
        'hiddenTlsKey',
        'hiddenSecretOne',
        'hiddenSecretTwo',
      ];
      for (const text of hidden) assert.ok(!(await bench.place.shows(text)), text);
    });

    storeTest(
      createPlace,
      'cannot be read with another secret key, and the error says which to set',
      async (bench) => {
        const acme = await workspaceNumber(bench.store);
        const webhook = await newWebhook(bench.store, acme);
        await bench.close();
        const store = await bench.open('another key');
        await assert.rejects(store.webhooks.all(0, 10), /ROWHOOK_SECRET_KEY/);
        await assert.rejects(store.webhooks.version(webhook.number, 1), /ROWHOOK_SECRET_KEY/);
        await bench.close();
        assert.deepEqual(await onlyWebhook(await bench.open()), webhook);
      },
    );

    storeTest(
      createPlace,
      'keeps its health, where it goes on reading, and the history of both',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const webhook = await newWebhook(store, acme);
        const paused: WebhookHealth = {
          state: 'paused',
          reason: 'by ada',
          sinceMs: activeHealth.sinceMs + 10,
          failuresInRow: 3,
          failingSinceMs: activeHealth.sinceMs + 5,
        };
        const saved = await store.webhooks.saveHealth(webhook, paused, 'unchanged');
        assert.deepEqual(saved, { ...webhook, health: paused, revision: 2, interventions: 1 });
        assert.deepEqual(await onlyWebhook(store), saved);
        const history = await store.webhooks.healthHistory(webhook.number, { limit: 10, cursor: null });
        assert.deepEqual(history, {
          items: [
            { webhookNumber: webhook.number, atMs: paused.sinceMs, state: 'paused', reason: 'by ada' },
            { webhookNumber: webhook.number, atMs: activeHealth.sinceMs, state: 'active', reason: null },
          ],
          nextCursor: null,
        });
      },
    );

    storeTest(createPlace, 'goes on where it was, or after the head of the journal', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const webhook = await newWebhook(store, acme);
      const seqs = (await store.journal.append(acme, numberedEvents(3))).map(({ seq }) => seq);
      const unchanged = await store.webhooks.saveHealth(webhook, activeHealth, 'unchanged');
      assert.equal(unchanged.startsAfterSeq, webhook.startsAfterSeq);
      const atHead = await store.webhooks.saveHealth(webhook, activeHealth, 'atHead');
      assert.equal(atHead.startsAfterSeq, seqs.at(-1));
      assert.deepEqual(await onlyWebhook(store), atHead);
    });

    storeTest(createPlace, 'cannot be saved once it is deleted', async ({ store }) => {
      const acme = await workspaceNumber(store);
      const webhook = await newWebhook(store, acme);
      await store.webhooks.delete(webhook);
      await assert.rejects(store.webhooks.saveSettings(webhook, webhookSettings()), problem('not-found'));
      const secrets = { secret: 'whsec_new', previousSecrets: [] };
      await assert.rejects(store.webhooks.saveSecrets(webhook, secrets), problem('not-found'));
      await assert.rejects(
        store.webhooks.saveHealth(webhook, activeHealth, 'unchanged'),
        problem('not-found'),
      );
      assert.deepEqual(await store.webhooks.all(0, 10), []);
    });

    storeTest(createPlace, 'never gets the number of a deleted one', async (bench) => {
      const acme = await workspaceNumber(bench.store);
      const gone = await newWebhook(bench.store, acme);
      await bench.store.webhooks.delete(gone);
      const next = await newWebhook(await bench.reopen(), acme);
      assert.ok(next.number > gone.number, `${next.number} comes after ${gone.number}`);
    });
  });

  describe('webhooks', () => {
    storeTest(createPlace, 'of every workspace are given out by number, in pages', async ({ store }) => {
      const acme = await workspaceNumber(store, 'acme');
      const other = await workspaceNumber(store, 'other');
      const made = [];
      for (let index = 0; index < 7; index += 1) made.push(await newWebhook(store, index % 2 ? other : acme));
      const read = [];
      let afterNumber = 0;
      for (let pages = 0; pages < 100; pages += 1) {
        const page = await store.webhooks.all(afterNumber, 3);
        if (page.length === 0) break;
        read.push(...page);
        afterNumber = page.at(-1)?.number ?? afterNumber;
      }
      assert.deepEqual(read, made);
    });
  });

  describe('the history of a webhook', () => {
    storeTest(
      createPlace,
      'shows the newest change first, in pages, and none of another webhook',
      async ({ store }) => {
        const acme = await workspaceNumber(store);
        const webhook = await newWebhook(store, acme);
        const other = await newWebhook(store, acme);
        for (let index = 1; index <= 10; index += 1) {
          const health = {
            ...activeHealth,
            reason: `change ${index}`,
            sinceMs: activeHealth.sinceMs + index,
          };
          await store.webhooks.saveHealth(webhook, health, 'unchanged');
          await store.webhooks.saveHealth(other, { ...health, reason: 'other' }, 'unchanged');
        }
        const changes = await everyPage((page) => store.webhooks.healthHistory(webhook.number, page), 3);
        assert.deepEqual(
          changes.map((change) => change.reason),
          [...Array.from({ length: 10 }, (_, index) => `change ${10 - index}`), null],
        );
      },
    );

    storeTest(createPlace, 'refuses a cursor that is not its own', async ({ store }) => {
      const webhook = await newWebhook(store, await workspaceNumber(store));
      for (const cursor of ['', 'abc', '-1', '1.5', '1e3', ' 1']) {
        const page = { limit: 1, cursor };
        await assert.rejects(
          store.webhooks.healthHistory(webhook.number, page),
          problem('invalid-input'),
          cursor,
        );
      }
    });
  });
}

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { RowhookUnderTest } from './testing/rowhook-under-test.ts';

let rowhook: RowhookUnderTest;
before(async () => {
  rowhook = await RowhookUnderTest.start();
});
after(() => rowhook.stop());

describe('the command line', () => {
  it('takes a newcomer from nothing to a signed webhook and back to why', async () => {
    assert.match(
      await rowhook.succeed(['base', 'create', 'Shop']),
      /^ID +NAME +CREATED\n[0-9a-f]{32} {2}Shop /,
    );
    await rowhook.succeed([
      ...['table', 'create', 'Shop', 'Orders', '--column', 'Number:text', '--column', 'Total:number'],
      ...['--column', 'Paid:checkbox', '--column', 'State:single-select:open|done'],
    ]);
    assert.match(await rowhook.succeed(['table', 'list', 'Shop']), /Orders +Number:text, Total:number/);

    const webhook = await rowhook.json<{ id: string; secret: string; base: string }>([
      ...['webhook', 'create', 'orders', '--url', rowhook.consumer.url, '--base', 'Shop', '--event', 'row.*'],
      ...['--header', 'X-Team: sales', '--set', 'retry.delaysMs=[]', '--set', 'disable.afterFailingMs=null'],
    ]);
    assert.match(webhook.secret, /^whsec_/);

    const cells = ['Number=A-17', 'Total=12.5', 'Paid=yes', 'State=open'];
    const added = await rowhook.json<{ rows: { id: string }[] }>(['row', 'add', 'Shop', 'Orders', ...cells]);
    const rowId = added.rows[0]?.id ?? '';
    assert.match(await rowhook.succeed(['row', 'list', 'Shop', 'Orders']), /A-17 +12\.5 +true +open/);
    assert.match(
      await rowhook.succeed(['row', 'update', 'Shop', 'Orders', rowId, 'Total=']),
      /A-17 +- +true/,
    );

    interface Delivery {
      readonly id: string;
      readonly state: string;
    }
    const deliveries = await rowhook.listed<Delivery>(
      ['delivery', 'list', '--webhook', 'orders', '--state', 'succeeded'],
      (all) => all.length === 2,
    );
    const [first] = rowhook.consumer.received;
    assert.ok(first);
    assert.equal(first.headers['x-team'], 'sales');
    new Webhook(webhook.secret).verify(first.body, first.headers as Record<string, string>);

    const shown = await rowhook.succeed(['delivery', 'show', deliveries[0]?.id ?? '']);
    assert.match(shown, /state +succeeded/);
    assert.match(shown, /# +STARTED +OUTCOME +STATUS +ERROR/);

    const [event] = await rowhook.listed<{ id: string }>(
      ['event', 'list', '--type', 'row.updated'],
      (all) => all.length === 1,
    );
    assert.match(await rowhook.succeed(['event', 'show', event?.id ?? '']), /orders +wh_\S+ +yes/);
    assert.equal(await rowhook.succeed(['row', 'delete', 'Shop', 'Orders', rowId]), '1 deleted.\n');
  });

  it('sends events of an application, from the line, a file and standard input', async () => {
    await rowhook.succeed([
      'webhook',
      'create',
      'invoices',
      '--url',
      rowhook.consumer.url,
      '--event',
      'invoice.*',
    ]);
    await writeFile(join(rowhook.directory, 'invoice.json'), '{"number":2}');
    const ids = [
      await rowhook.succeed([
        'event',
        'send',
        'invoice.paid',
        '--data',
        '{"number":1}',
        '--tag',
        'company:42',
      ]),
      await rowhook.succeed(['event', 'send', 'invoice.paid', '--data', '@invoice.json']),
      await rowhook.succeed(['event', 'send', 'invoice.paid', '--data', '-'], { input: '{"number":3}' }),
    ].map((id) => id.trim());
    const events = await rowhook.json<{ data: { id: string; data: unknown }[] }>([
      'event',
      'list',
      '--type',
      'invoice.paid',
    ]);
    assert.deepEqual(
      events.data.map(({ id, data }) => [id, data]),
      [
        [ids[2], { number: 3 }],
        [ids[1], { number: 2 }],
        [ids[0], { number: 1 }],
      ],
    );
    const why = await rowhook.succeed(['event', 'show', ids[0] ?? '', '--webhook', 'orders']);
    assert.match(why, /tags +company:42/);
    assert.match(why, /orders +wh_\S+ +no +\S/);

    const first = await rowhook.run(['event', 'list', '--type', 'invoice.paid', '--limit', '2']);
    assert.equal(first.output.split('\n').length, 4);
    assert.match(first.errors, /There are more; ask for them with --limit/);
  });

  it('changes, stops, starts and deletes a webhook', async () => {
    const { id } = await rowhook.json<{ id: string }>([
      'webhook',
      'create',
      'crm',
      '--url',
      rowhook.consumer.url,
      '--event',
      'crm.*',
    ]);
    await rowhook.succeed([
      'webhook',
      'update',
      'crm',
      '--header',
      'Authorization: Bearer x',
      '--timeout-ms',
      '5000',
    ]);
    await rowhook.succeed([
      'webhook',
      'update',
      id,
      '--header',
      'X-Team: a',
      '--set',
      'disable.afterFailures=3',
    ]);
    const shown = await rowhook.json<{
      headers: unknown;
      timeoutMs: number;
      disable: { afterFailures: number };
    }>([...['webhook', 'show', 'crm']]);
    assert.deepEqual(shown.headers, { authorization: '***', 'x-team': 'a' });
    assert.equal(shown.timeoutMs, 5000);
    assert.equal(shown.disable.afterFailures, 3);

    assert.match(
      await rowhook.succeed(['webhook', 'disable', 'crm', '--reason', 'moving']),
      /crm +paused .*moving/,
    );
    assert.match(await rowhook.succeed(['webhook', 'enable', 'crm', '--skip']), /crm +active/);
    const before = await rowhook.succeed(['webhook', 'secret', 'crm']);
    const rotated = await rowhook.succeed(['webhook', 'secret', 'crm', '--rotate']);
    assert.notEqual(rotated, before);
    assert.equal(await rowhook.succeed(['webhook', 'secret', 'crm']), rotated);
    const overlap = async (): Promise<readonly { secret: string }[]> =>
      (await rowhook.json<{ previous: { secret: string }[] }>(['webhook', 'secret', 'crm'])).previous;
    assert.deepEqual(
      (await overlap()).map(({ secret }) => secret),
      [before.trim()],
    );
    await rowhook.succeed(['webhook', 'secret', 'crm', '--end-overlap']);
    assert.deepEqual(await overlap(), []);
    await rowhook.succeed(['webhook', 'secret', 'crm', '--rotate', '--overlap-hours', '0']);
    assert.deepEqual(await overlap(), []);
    assert.equal(await rowhook.succeed(['webhook', 'delete', 'crm']), `crm (${id}) is deleted.\n`);
    assert.doesNotMatch(await rowhook.succeed(['webhook', 'list']), /crm/);
  });

  it('tries a webhook out with an event that never happened', async () => {
    await rowhook.succeed(['webhook', 'create', 'tried', '--url', rowhook.consumer.url, '--event', 'try.it']);
    const shown = await rowhook.succeed(['webhook', 'test', 'tried', '--data', '{"trial":1}']);
    assert.match(shown, /event type +try\.it\nstate +succeeded\n/);
    assert.match(shown, /simulated +yes/);
    const last = rowhook.consumer.received.at(-1);
    assert.equal(last?.headers['rowhook-simulated'], 'true');
    assert.deepEqual(JSON.parse(last?.body ?? '').data, { trial: 1 });

    rowhook.consumer.status = 503;
    const outcome = await rowhook.run(['webhook', 'test', 'tried', '--data', '{}']);
    rowhook.consumer.status = 200;
    assert.equal(outcome.exitCode, 1);
    assert.match(outcome.output, /Attempt 1: .*503/);
    assert.match(outcome.errors, /^error: The test did not arrive\./);
    await rowhook.succeed(['webhook', 'delete', 'tried']);
  });

  it('shows why an attempt failed, and lets no answer steer the terminal', async () => {
    rowhook.consumer.status = 500;
    try {
      const knobs = ['--event', 'broken.*', '--retry', 'none'];
      await rowhook.succeed(['webhook', 'create', 'broken', '--url', rowhook.consumer.url, ...knobs]);
      await rowhook.succeed(['event', 'send', 'broken.thing', '--data', '{}']);
      const [delivery] = await rowhook.listed<{ id: string }>(
        ['delivery', 'list', '--event-type', 'broken.thing', '--http-status', '500'],
        (all) => all.length === 1,
      );
      const shown = await rowhook.succeed(['delivery', 'show', delivery?.id ?? '']);
      assert.match(shown, /state +exhausted/);
      assert.match(shown, /Attempt 1: .*500/);
      assert.ok(shown.includes('answer: seen\\u001b[2J'), shown);
    } finally {
      rowhook.consumer.status = 200;
    }
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RowhookUnderTest } from './testing/rowhook-under-test.ts';

const longAgo = '2020-01-01T00:00:00Z';

let rowhook: RowhookUnderTest;
before(async () => {
  rowhook = await RowhookUnderTest.start();
});
after(() => rowhook.stop());

const send = (type: string) => rowhook.succeed(['event', 'send', type, '--data', '{}']);

describe('rowhook replay', () => {
  it('counts first, then sends what a webhook never got and waits for its end', async () => {
    await send('early.bird');
    await rowhook.succeed(['webhook', 'create', 'late', '--url', rowhook.consumer.url, '--event', 'early.*']);
    const start = ['replay', 'start', 'late', '--since', longAgo, '--scope', 'missed'];
    assert.match(await rowhook.succeed([...start, '--dry-run']), /requests +1\nevents +1/);
    assert.equal(rowhook.consumer.received.length, 0);
    const output = await rowhook.succeed([...start, '--wait']);
    assert.match(output, /state +done\nprogress +100 %\narrived +1\nfailed +0/);
    assert.equal(rowhook.consumer.received.at(-1)?.headers['rowhook-replay'], 'replay');
    assert.match(
      await rowhook.succeed(['replay', 'list', '--webhook', 'late']),
      /rpl_\S+ .*missed +done +100 %/,
    );
    const [replay] = (await rowhook.json<{ data: { id: string }[] }>(['replay', 'list'])).data;
    assert.match(await rowhook.succeed(['replay', 'show', replay?.id ?? '']), /period +2020-01-01/);
    await rowhook.fail(['replay', 'cancel', replay?.id ?? ''], 1, /done already/);
  });

  it('fails when not everything arrived', async () => {
    rowhook.consumer.status = 500;
    const { exitCode, errors } = await rowhook.run([
      ...['replay', 'start', 'late', '--since', longAgo, '--scope', 'all', '--wait'],
    ]);
    rowhook.consumer.status = 200;
    assert.equal(exitCode, 1);
    assert.match(errors, /1 deliveries did not arrive/);
  });
});

describe('rowhook queue', () => {
  it('shows what waits, and gives it up', async () => {
    rowhook.consumer.status = 503;
    await rowhook.succeed([
      'webhook',
      'create',
      'stuck',
      '--url',
      rowhook.consumer.url,
      '--event',
      'stuck.*',
    ]);
    await send('stuck.one');
    await send('stuck.two');
    await rowhook.listed(
      ['delivery', 'list', '--webhook', 'stuck', '--state', 'retrying'],
      (all) => all.length === 1,
    );
    assert.match(
      await rowhook.succeed(['queue', 'show', 'stuck']),
      /waiting +2\noldest since +\S+\nnext attempt/,
    );
    assert.equal(
      await rowhook.succeed(['queue', 'clear', 'stuck']),
      '2 given up of what waited for stuck.\n',
    );
    assert.match(await rowhook.succeed(['queue', 'show', 'stuck']), /waiting +0/);
  });
});

describe('rowhook inbox', () => {
  it('shows what arrived, and says how the next requests are answered', async () => {
    const url = `${rowhook.address}/test-consumer/in/from-cli`;
    const answer = await rowhook.succeed(['inbox', 'answer', 'from-cli', '--status', '503', '--times', '1']);
    assert.equal(answer, 'from-cli: answers 503 for the next 1.\n');
    assert.equal((await fetch(url, { method: 'POST', body: 'first' })).status, 503);
    assert.equal((await fetch(url, { method: 'POST', body: 'second' })).status, 200);
    assert.match(await rowhook.succeed(['inbox', 'list']), /from-cli +2 +0 .*answers 200/);
    const shown = await rowhook.succeed(['inbox', 'show', 'from-cli', '--last', '1']);
    assert.match(
      shown,
      /received +2\n.*\n.*\n\n#2 {2}\S+ {2}POST \/test-consumer\/in\/from-cli .*\n {2}second/,
    );
    assert.doesNotMatch(shown, /first/);
    assert.equal(await rowhook.succeed(['inbox', 'clear', 'from-cli']), 'from-cli is empty.\n');
    await rowhook.fail(['inbox', 'show', 'No Inbox'], 1, /inbox/i);
  });
});

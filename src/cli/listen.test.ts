import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { RowhookUnderTest, type RunningCommand } from './testing/rowhook-under-test.ts';

describe('rowhook listen', () => {
  let rowhook: RowhookUnderTest;
  let target: string;
  let listener: RunningCommand | null = null;
  before(async () => {
    rowhook = await RowhookUnderTest.start();
    target = `http://${rowhook.consumer.authority}/local`;
  });
  after(async () => {
    await listener?.stop();
    await rowhook.stop();
  });

  const send = (type: string, data: string): Promise<string> =>
    rowhook.succeed(['event', 'send', type, '--data', data]).then((id) => id.trim());

  it('forwards what happens from now on, signed, and prints each exchange', async () => {
    await send('order.old', '{}');
    listener = rowhook.begin(['listen', '--forward', target, '--event-types', 'order.*', '--bodies']);
    const secret = (await listener.says(/Signing secret: (\S+)/))[1] ?? '';
    await listener.says(/Forwarding to/);
    await send('invoice.paid', '{"n":0}');
    const id = await send('order.new', '{"n":1}');
    await listener.says(new RegExp(`order\\.new {2}${id} {2}200`));
    await listener.says(/> .*"n":1/);
    await listener.says(/< seen\\u001b\[2J/);
    assert.equal(rowhook.consumer.received.length, 1);
    const [{ headers, body }] = rowhook.consumer.received as [(typeof rowhook.consumer.received)[0]];
    assert.equal(headers['webhook-id'], id);
    const verified = new Webhook(secret).verify(body, headers as Record<string, string>) as { data: unknown };
    assert.deepEqual(verified.data, { n: 1 });
  });

  it('says what the program did not accept, and how to send it again', async () => {
    rowhook.consumer.status = 500;
    const id = await send('order.bad', '{}');
    await listener?.says(new RegExp(`order\\.bad {2}${id} {2}500`));
    await listener?.says(new RegExp(`again: rowhook listen --forward ${target} --replay ${id}`));
    rowhook.consumer.status = 200;
    assert.match(
      await rowhook.succeed(['listen', '--forward', target, '--replay', id]),
      new RegExp(`order\\.bad {2}${id} {2}200`),
    );
    assert.equal(rowhook.consumer.received.at(-1)?.headers['webhook-id'], id);
  });

  it('sends what a webhook would send, in its format and with its secret', async () => {
    const { url } = rowhook.consumer;
    const { secret } = await rowhook.json<{ secret: string }>([
      ...['webhook', 'create', 'codat-like', '--url', url, '--preset', 'codat', '--event', 'order.*'],
    ]);
    const id = await send('order.shown', '{"n":2}');
    const said = await rowhook.json<{ request: { headers: Record<string, string>; body: string } }>([
      ...['listen', '--forward', target, '--webhook', 'codat-like', '--replay', id],
    ]);
    const { headers, body } = said.request;
    assert.equal(
      (new Webhook(secret).verify(body, headers) as { eventType: string }).eventType,
      'order.shown',
    );
  });

  it('refuses what cannot be, and says what to do', async () => {
    await rowhook.fail(['listen'], 2, /--forward/);
    await rowhook.fail(['listen', '--forward', 'localhost:3000'], 2, /must be a URL such as/);
    await rowhook.fail(['listen', '--forward', target, '--secret', 'short'], 2, /--secret: /);
    await rowhook.fail(['listen', '--forward', target, '--replay', 'evt_1'], 2, /id of an event/);
    const id = await send('invoice.paid', '{}');
    const other = ['listen', '--forward', target, '--event-types', 'order.*', '--replay', id];
    assert.match((await rowhook.run(other)).errors, /is none of those asked for/);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CloudEvent, HTTP } from 'cloudevents';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { sign } from '../egress/index.ts';
import { column, postedEvent, rowEvent, settingsOf, tableOf } from '../matching/testing/events.ts';
import type { JournalEvent } from '../model/event.ts';
import { eventId } from '../model/ids.ts';
import { generateSecret } from '../model/signing-secret.ts';
import type { WebhookSettings } from '../model/webhook.ts';
import { type Payload, tryRender } from './index.ts';

const table = tableOf([column('Title'), column('Amount', 'number')]);
const rowChanged = rowEvent(table, { Title: 'a' }, { Title: 'Zoë "😀"', Amount: 1.5 });
const paid = postedEvent('invoice.paid', { amount: 100, note: 'ünï\u2028' });

function payloadOf(events: readonly JournalEvent[], settings: Partial<WebhookSettings>): Payload {
  const rendering = tryRender(events, settingsOf(settings));
  assert.ok(!('failure' in rendering));
  return rendering;
}

describe('the standardwebhooks package', () => {
  for (const format of ['standard', 'codat'] as const) {
    test(`verifies and reads the format ${format}`, () => {
      const secret = generateSecret();
      const { body } = payloadOf([paid], { format });
      const headers = sign(secret, 'msg_1', Math.floor(Date.now() / 1_000), body);
      const read = new StandardWebhook(secret).verify(body, { ...headers });
      assert.deepEqual(read, JSON.parse(body));
      assert.throws(() => new StandardWebhook(secret).verify(`${body} `, { ...headers }));
    });
  }

  test('reads type, timestamp and data of the standard format', () => {
    const secret = generateSecret();
    const { body, contentType } = payloadOf([paid], { format: 'standard' });
    const headers = sign(secret, 'msg_1', Math.floor(Date.now() / 1_000), body);
    assert.equal(contentType, 'application/json');
    assert.deepEqual(new StandardWebhook(secret).verify(body, { ...headers }), {
      type: 'invoice.paid',
      timestamp: '2026-11-24T09:00:00.000Z',
      data: { amount: 100, note: 'ünï\u2028' },
    });
  });
});

describe('the cloudevents package', () => {
  function received({ contentType, body }: Payload): CloudEvent<unknown>[] {
    const message = { headers: { 'content-type': contentType }, body };
    const read = HTTP.toEvent(message);
    return (Array.isArray(read) ? read : [read]).map((event) => new CloudEvent(event));
  }

  test('accepts a row change in structured mode', () => {
    const [event] = received(payloadOf([rowChanged], { format: 'cloudevents' }));
    assert.equal(event?.validate(), true);
    assert.equal(event?.specversion, '1.0');
    assert.equal(event?.id, eventId(rowChanged.acceptedAtMs, rowChanged.seq));
    assert.equal(event?.type, 'row.updated');
    assert.equal(event?.source, '/bases/fae0a3a42ba94df88e8303fd385e37de/tables/9g8f');
    assert.equal(event?.subject, 'Fk-i7xZGS5iA5aSvaG5HAA');
    assert.equal(event?.time, '2026-11-24T09:00:00.000Z');
    assert.equal(event?.datacontenttype, 'application/json');
    assert.deepEqual(event?.data, JSON.parse(rowChanged.dataJson));
  });

  test('accepts an event that an application posted', () => {
    const [event] = received(payloadOf([paid], { format: 'cloudevents' }));
    assert.equal(event?.validate(), true);
    assert.equal(event?.source, '/events');
    assert.equal(event?.subject, undefined);
    assert.deepEqual(event?.data, { amount: 100, note: 'ünï\u2028' });
  });

  test('accepts a batch in the batch format, even of one event', () => {
    const batch = { maxEvents: 10, maxWaitMs: 0 };
    const many = payloadOf([rowChanged, paid], { format: 'cloudevents', batch });
    assert.equal(many.contentType, 'application/cloudevents-batch+json');
    assert.deepEqual(
      received(many).map((event) => [event.type, event.validate()]),
      [
        ['row.updated', true],
        ['invoice.paid', true],
      ],
    );
    assert.equal(received(payloadOf([paid], { format: 'cloudevents', batch })).length, 1);
  });
});

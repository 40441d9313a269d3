import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { postedEvent, settingsOf } from '../matching/testing/events.ts';
import { payloadFormats } from '../model/webhook.ts';
import { batchableFormats, formatAccepts, tryRender } from './index.ts';

describe('formats and event types', () => {
  test('SeaTable and Grist formats are for row changes only', () => {
    for (const format of ['seatable', 'grist'] as const) {
      assert.equal(formatAccepts(format, ['row.*']), true);
      assert.equal(formatAccepts(format, ['row.inserted', 'row.updated', 'row.deleted']), true);
      assert.equal(formatAccepts(format, ['*']), false);
      assert.equal(formatAccepts(format, ['row.*', 'invoice.paid']), false);
    }
  });

  test('the other formats are for any event', () => {
    for (const format of ['standard', 'codat', 'cloudevents', 'template'] as const) {
      assert.equal(formatAccepts(format, ['*']), true);
      assert.equal(formatAccepts(format, ['row.*', 'invoice.paid']), true);
    }
  });
});

describe('formats and batches', () => {
  const events = [postedEvent('a.b', { n: 1 }), postedEvent('a.b', { n: 2 })];
  const batch = { maxEvents: 10, maxWaitMs: 0 };

  test('standard, grist, cloudevents and template can have many events in one body', () => {
    assert.deepEqual(batchableFormats, ['standard', 'grist', 'cloudevents', 'template']);
  });

  test('a webhook that batches gets an array, be it of one event', () => {
    for (const format of payloadFormats) {
      if (format === 'template') continue;
      for (const sent of [events, events.slice(0, 1)]) {
        const rendering = tryRender(sent, settingsOf({ format, batch }));
        assert.ok(!('failure' in rendering));
        assert.equal(JSON.parse(rendering.body).length, sent.length, format);
      }
    }
  });

  test('a webhook that does not batch gets one object, in Grist an array of one', () => {
    for (const format of payloadFormats) {
      if (format === 'template') continue;
      const rendering = tryRender(events.slice(0, 1), settingsOf({ format }));
      assert.ok(!('failure' in rendering));
      assert.equal(Array.isArray(JSON.parse(rendering.body)), format === 'grist', format);
    }
  });

  test('the same events always make the same bytes', () => {
    for (const format of payloadFormats) {
      const template = { contentType: 'text/plain', source: '{{ "now" | date: "%s %N" }} {{ event.id }}' };
      const settings = settingsOf({ format, batch, template });
      assert.deepEqual(tryRender(events, settings), tryRender(events, settings), format);
    }
  });
});

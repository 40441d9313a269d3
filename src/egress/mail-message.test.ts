import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mailMessage } from './mail-message.ts';

const json = 'application/json';

describe('a mail about an event', () => {
  it('says what happened, when, and every value', () => {
    const body = JSON.stringify({
      type: 'invoice.paid',
      timestamp: '2026-01-01T10:00:00.000Z',
      data: { invoice: 'INV-1', lines: [{ amount: 12.5 }], note: null },
    });
    const { subject, text, html } = mailMessage(json, body);
    assert.equal(subject, 'invoice.paid');
    assert.equal(
      text,
      'invoice.paid\n2026-01-01T10:00:00.000Z\n\ninvoice: INV-1\nlines.0.amount: 12.5\nnote:',
    );
    assert.match(html, /<tr><th>lines\.0\.amount<\/th><td>12\.5<\/td><\/tr>/);
  });

  it('counts events when there are several, and values when there are many', () => {
    const events = [
      { type: 'a.b', data: {} },
      { type: 'a.c', data: {} },
    ];
    assert.equal(mailMessage(json, JSON.stringify(events)).subject, 'a.b and 1 more');
    const many = {
      type: 'a.b',
      data: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`k${at}`, at])),
    };
    assert.match(mailMessage(json, JSON.stringify(many)).text, /… and 100 more values$/);
  });

  it('leaves the text or HTML of a template as it is', () => {
    const plain = mailMessage('text/plain', 'Dear Ann,\nyour order left.');
    assert.deepEqual([plain.subject, plain.text], ['Dear Ann,', 'Dear Ann,\nyour order left.']);
    assert.equal(mailMessage('text/html; charset=utf-8', '<p>Hi</p>').html, '<p>Hi</p>');
  });

  it('never lets a value end its line or become markup', () => {
    const { html } = mailMessage(json, '{"type":"a","data":{"x":"<script>alert(1)</script>"}}');
    assert.doesNotMatch(html, /<script>/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (type, value) => {
        const { subject, text } = mailMessage(json, JSON.stringify({ type, data: { [value]: value } }));
        assert.doesNotMatch(subject, /[\r\n\u2028\u2029\0]/);
        assert.ok(text.split('\n').length <= 4);
      }),
    );
  });

  it('is made of any JSON', () => {
    fc.assert(fc.property(fc.json(), (body) => assert.ok(mailMessage(json, body).html.length > 0)));
  });
});

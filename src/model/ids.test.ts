import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  deliveryId,
  eventId,
  newBaseId,
  newChangeSetId,
  newColumnKey,
  newImportId,
  newRowId,
  newTableId,
  newTokenId,
  newWebhookId,
  newWorkspaceId,
  parseDeliveryId,
  parseEventId,
  randomCharacters,
} from './ids.ts';

/** What an id can carry: nine digits of base 36 for the time (beyond the year 5000), ten for the place. */
const timeMs = fc.integer({ min: 0, max: 36 ** 9 - 1 });
const seq = fc.integer({ min: 0, max: 36 ** 10 - 1 });
const webhookNumber = fc.integer({ min: 1, max: 36 ** 10 - 1 });
const place = fc.record({ acceptedAtMs: timeMs, seq });

describe('an event id', () => {
  it('says the time and the place it was made of', () => {
    fc.assert(
      fc.property(place, ({ acceptedAtMs, seq }) => {
        assert.deepEqual(parseEventId(eventId(acceptedAtMs, seq)), { acceptedAtMs, seq });
      }),
    );
  });

  it('is another one for another time or place', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const same = a.acceptedAtMs === b.acceptedAtMs && a.seq === b.seq;
        assert.equal(eventId(a.acceptedAtMs, a.seq) === eventId(b.acceptedAtMs, b.seq), same);
      }),
    );
  });

  it('sorts by time of acceptance, and by place within a millisecond', () => {
    const longestSeq = 36 ** 8 - 1;
    const seqOfEightDigits = fc.integer({ min: 0, max: longestSeq });
    fc.assert(
      fc.property(timeMs, timeMs, seqOfEightDigits, seqOfEightDigits, (timeA, timeB, seqA, seqB) => {
        const expected = timeA - timeB || seqA - seqB;
        const [a, b] = [eventId(timeA, seqA), eventId(timeB, seqB)];
        assert.equal(a < b, expected < 0);
        assert.equal(a > b, expected > 0);
      }),
    );
  });

  it('keeps its form, since consumers have stored it', () => {
    assert.equal(eventId(Date.UTC(2026, 0, 1), 1), 'evt_0mjuohs0000000001');
  });
});

describe('a delivery id', () => {
  it('keeps its form, since consumers drop repeats by it', () => {
    assert.equal(deliveryId(Date.UTC(2026, 0, 1), 1, 71), 'msg_0mjuohs0000000001_1z');
  });

  it('says the time, the place and the webhook it was made of', () => {
    fc.assert(
      fc.property(place, webhookNumber, ({ acceptedAtMs, seq }, number) => {
        assert.deepEqual(parseDeliveryId(deliveryId(acceptedAtMs, seq, number)), {
          acceptedAtMs,
          seq,
          webhookNumber: number,
        });
      }),
    );
  });

  it('is the same for the same delivery, and another one for another webhook', () => {
    fc.assert(
      fc.property(place, webhookNumber, webhookNumber, ({ acceptedAtMs, seq }, a, b) => {
        assert.equal(deliveryId(acceptedAtMs, seq, a) === deliveryId(acceptedAtMs, seq, b), a === b);
      }),
    );
  });
});

describe('parsing an id', () => {
  it('answers null for what is not one, and never throws', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^(evt|msg)_[0-9a-zA-Z_]{0,40}$/),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const event = parseEventId(text);
        const delivery = parseDeliveryId(text);
        if (event) assert.equal(eventId(event.acceptedAtMs, event.seq).length, text.length);
        if (delivery) assert.ok(text.startsWith('msg_'));
        assert.ok(event === null || delivery === null);
      }),
    );
  });

  it('takes no id for one of another kind, cut short, extended, or in other letters', () => {
    const event = eventId(Date.UTC(2026, 0, 1), 7);
    const delivery = deliveryId(Date.UTC(2026, 0, 1), 7, 3);
    for (const text of [
      delivery,
      event.slice(0, -1),
      `${event}_`,
      `${event}\n`,
      event.toUpperCase(),
      ` ${event}`,
      '',
    ]) {
      assert.equal(parseEventId(text), null, JSON.stringify(text));
    }
    for (const text of [
      event,
      delivery.slice(0, -1),
      `${delivery}_1`,
      `${delivery}\n`,
      delivery.toUpperCase(),
      '',
    ]) {
      assert.equal(parseDeliveryId(text), null, JSON.stringify(text));
    }
  });

  it('takes no place of more digits than places have', () => {
    assert.equal(parseEventId(`evt_${'0'.repeat(9)}${'1'.repeat(11)}`), null);
    assert.equal(parseDeliveryId(`msg_${'0'.repeat(9)}${'1'.repeat(11)}_1`), null);
    assert.equal(parseDeliveryId(`msg_${'0'.repeat(9)}${'1'.repeat(8)}_${'1'.repeat(11)}`), null);
  });
});

describe('a new id', () => {
  it('has the form that its kind promises', () => {
    const forms: ReadonlyArray<readonly [() => string, RegExp]> = [
      [newWorkspaceId, /^ws_[0-9A-Za-z]{16}$/],
      [newTokenId, /^tok_[0-9A-Za-z]{16}$/],
      [newBaseId, /^[0-9a-f]{32}$/],
      [newTableId, /^[0-9A-Za-z]{4}$/],
      [newColumnKey, /^[0-9A-Za-z]{4}$/],
      [newRowId, /^[0-9A-Za-z_-]{22}$/],
      [newWebhookId, /^wh_[0-9A-Za-z]{16}$/],
      [newChangeSetId, /^chg_[0-9A-Za-z]{16}$/],
      [newImportId, /^imp_[0-9A-Za-z]{16}$/],
    ];
    for (const [make, form] of forms) {
      for (let count = 0; count < 50; count += 1) assert.match(make(), form);
    }
  });

  it('is not given out twice', () => {
    const ids = Array.from({ length: 10_000 }, newRowId);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('of a row begins with the time, so that rows made later lie later', () => {
    const before = Date.now();
    const id = newRowId();
    const after = Date.now();
    const timeMs = Buffer.from(id, 'base64url').readUIntBE(0, 6);
    assert.ok(timeMs >= before && timeMs <= after);
  });
});

describe('random characters', () => {
  it('are as many as asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), (length) => {
        assert.match(randomCharacters(length), new RegExp(`^[0-9A-Za-z]{${length}}$`));
      }),
    );
  });

  it('are all of the 62, none much more often than another', () => {
    const counts = new Map<string, number>();
    const expected = 2_000;
    for (const character of randomCharacters(62 * expected)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    assert.equal(counts.size, 62);
    // Eight standard deviations: a fair source leaves this range once in 10^13 runs. The bias of taking a
    // byte modulo 62, which favours eight characters by a quarter, is eleven.
    const allowed = 8 * Math.sqrt(expected);
    for (const [character, count] of counts) {
      assert.ok(Math.abs(count - expected) < allowed, `${character}: ${count} of about ${expected}`);
    }
  });
});

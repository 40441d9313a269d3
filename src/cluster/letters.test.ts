import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Signals } from '../store/postgres/shard-store.ts';
import { LetterBox, sendLetter } from './letters.ts';

/** What a notification of PostgreSQL takes. */
const mostBytes = 7_999;

async function partsOf(text: string): Promise<string[]> {
  const parts: string[] = [];
  const signals = { send: async (_channel: string, payload: string) => void parts.push(payload) };
  await sendLetter(signals as unknown as Signals, 'channel', text);
  return parts;
}

test('a letter of any characters arrives whole, in parts that a notification can carry, however they are mixed', async () => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 6_000 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(texts, async (letters) => {
      const parts = (await Promise.all(letters.map(partsOf))).flat();
      for (const part of parts)
        assert.ok(Buffer.byteLength(part) <= mostBytes, `${Buffer.byteLength(part)} bytes`);
      const box = new LetterBox();
      const read = parts.reverse().flatMap((part) => box.take(part) ?? []);
      assert.deepEqual(read.sort(), [...letters].sort());
    }),
    { numRuns: 30 },
  );
});

test('a letter that is far too long is refused by who sends it', async () => {
  await assert.rejects(partsOf('x'.repeat(1_000_000)), /too long/);
});

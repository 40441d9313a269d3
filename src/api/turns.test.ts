import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Turns } from './turns.ts';

describe('turns', () => {
  it('let work on one thing happen one after another, and on others meanwhile', async () => {
    const turns = new Turns<string>();
    const log: string[] = [];
    const gate = Promise.withResolvers<void>();
    const work =
      (name: string, before: Promise<void> = Promise.resolve()) =>
      async (): Promise<string> => {
        log.push(`${name} begins`);
        await before;
        log.push(`${name} ends`);
        return name;
      };
    const first = turns.take('a', work('first', gate.promise));
    const second = turns.take('a', work('second'));
    assert.equal(await turns.take('b', work('other')), 'other');
    assert.deepEqual(log, ['first begins', 'other begins', 'other ends']);
    gate.resolve();
    assert.deepEqual(await Promise.all([first, second]), ['first', 'second']);
    assert.deepEqual(log.slice(3), ['first ends', 'second begins', 'second ends']);
  });

  it('go on after work that failed', async () => {
    const turns = new Turns<number>();
    const failed = turns.take(1, () => Promise.reject(new Error('no')));
    const next = turns.take(1, async () => 'yes');
    await assert.rejects(failed, /no/);
    assert.equal(await next, 'yes');
  });
});

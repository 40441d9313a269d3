import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots, type SlotUser } from './slots.ts';

/** Someone who takes one slot whenever it is their turn, and wants `wanted` in all. */
class User implements SlotUser {
  readonly name: string;
  readonly workspaceNumber: number;
  readonly suspect: boolean;
  readonly #slots: Slots;
  readonly #log: string[];
  readonly giveBack: Array<() => void> = [];
  #wanted: number;

  constructor(
    slots: Slots,
    log: string[],
    name: string,
    workspaceNumber: number,
    wanted: number,
    suspect = false,
  ) {
    this.#slots = slots;
    this.#log = log;
    this.name = name;
    this.workspaceNumber = workspaceNumber;
    this.#wanted = wanted;
    this.suspect = suspect;
  }

  slotFreed(): void {
    if (this.#wanted > 0 && this.#slots.hasRoomFor(this)) {
      this.#wanted -= 1;
      this.#log.push(this.name);
      this.giveBack.push(this.#slots.take(this));
    }
    if (this.#wanted > 0) this.#slots.wait(this);
  }
}

test('no more slots are taken than there are', () => {
  const slots = new Slots(2);
  const log: string[] = [];
  const greedy = new User(slots, log, 'a', 1, 5);
  for (let tries = 0; tries < 5; tries += 1) greedy.slotFreed();
  assert.equal(slots.taken, 2);
});

test('turns go round the workspaces, and within one round its webhooks', () => {
  const slots = new Slots(1);
  const log: string[] = [];
  const users = [
    new User(slots, log, 'big-1', 1, 3),
    new User(slots, log, 'big-2', 1, 3),
    new User(slots, log, 'small', 2, 3),
  ];
  for (const user of users) user.slotFreed();
  for (let round = 0; round < 8; round += 1)
    users.find((user) => user.giveBack.length > 0)?.giveBack.shift()?.();
  const turnsOf = (name: string): number[] => log.flatMap((who, turn) => (who === name ? [turn] : []));
  assert.deepEqual(turnsOf('small'), [2, 4, 6], 'every second turn, as long as both want one');
  assert.deepEqual(turnsOf('big-1').length, turnsOf('big-2').length);
  assert.deepEqual(log.filter((who) => who !== 'small').slice(1, 5), ['big-1', 'big-2', 'big-1', 'big-2']);
});

test('webhooks that fail never hold all slots: a healthy one finds a free one at once', () => {
  const slots = new Slots(4);
  const log: string[] = [];
  for (let index = 0; index < 10; index += 1)
    new User(slots, log, `dead-${index}`, index, 1, true).slotFreed();
  assert.equal(slots.taken, 2);
  new User(slots, log, 'healthy', 99, 1).slotFreed();
  assert.equal(log.at(-1), 'healthy');
});

test('webhooks that want all slots, and never give one back, leave some to others', () => {
  const slots = new Slots(512);
  const log: string[] = [];
  const greedy = Array.from({ length: 100 }, (_, index) => new User(slots, log, `greedy-${index}`, 1, 512));
  for (let turn = 0; turn < 512; turn += 1) for (const user of greedy) user.slotFreed();
  const other = new User(slots, log, 'other', 1, 1);
  other.slotFreed();
  assert.equal(log.at(-1), 'other');
});

test('a webhook that is alone may hold many slots', () => {
  const slots = new Slots(512);
  const alone = new User(slots, [], 'alone', 1, 100);
  for (let turn = 0; turn < 100; turn += 1) alone.slotFreed();
  assert.equal(slots.taken, 100);
});

test('who left the line is not called', () => {
  const slots = new Slots(1);
  const log: string[] = [];
  const first = new User(slots, log, 'first', 1, 1);
  const second = new User(slots, log, 'second', 2, 1);
  first.slotFreed();
  second.slotFreed();
  slots.leave(second);
  first.giveBack[0]?.();
  assert.deepEqual(log, ['first']);
  assert.equal(slots.taken, 0);
});

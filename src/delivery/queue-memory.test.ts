import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type MemoryHolder, QueueMemory } from './queue-memory.ts';

const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue that asks for as much as it can get, and is told when there is more. */
class Queue implements MemoryHolder {
  heldBytes = 0;
  calls = 0;
  readonly #memory: QueueMemory;

  constructor(memory: QueueMemory) {
    this.#memory = memory;
  }

  /** Whether an event of so many bytes was taken. */
  take(bytes: number): boolean {
    if (!this.#memory.hasRoom(this)) return false;
    this.heldBytes += bytes;
    this.#memory.take(bytes);
    return true;
  }

  give(bytes: number): void {
    this.heldBytes -= bytes;
    this.#memory.give(bytes);
  }

  /** Takes events until there is no room. */
  fill(eventBytes: number): void {
    while (this.take(eventBytes));
  }

  roomFreed(): void {
    this.calls += 1;
  }
}

test('a queue may hold half of the limit, and is called when it may hold more', async () => {
  const memory = new QueueMemory(1_000);
  const queue = new Queue(memory);
  queue.fill(10);
  assert.equal(queue.heldBytes, 500);
  queue.give(10);
  await microtasks();
  assert.equal(queue.calls, 1);
  queue.give(10);
  await microtasks();
  assert.equal(queue.calls, 1, 'who did not ask again is not called');
});

test('queues that give nothing back leave room for one that has nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 300 }),
      (sizes, size) => {
        const memory = new QueueMemory(1_000);
        for (const eventBytes of sizes) new Queue(memory).fill(eventBytes);
        // Within the last resort: one event of each on top of the limit, and no more.
        const most = 1_000 * 2 + 300;
        assert.ok(memory.usedBytes <= most, `${memory.usedBytes} bytes`);
        if (memory.usedBytes < 2_000) assert.ok(new Queue(memory).take(size));
      },
    ),
  );
});

test('whatever silent queues hold, one that settles what it takes never stops', () => {
  const memory = new QueueMemory(4_000_000);
  for (let count = 0; count < 50; count += 1) new Queue(memory).fill(60_000);
  const healthy = new Queue(memory);
  for (let count = 0; count < 1_000; count += 1) {
    assert.ok(healthy.take(60_000));
    healthy.give(60_000);
  }
});

test('those who hold nothing are called first come, first served; who holds too much is passed over', async () => {
  const memory = new QueueMemory(100);
  const full = new Queue(memory);
  const late = new Queue(memory);
  memory.take(200);
  full.heldBytes = 90;
  assert.ok(!memory.hasRoom(full));
  assert.ok(!memory.hasRoom(late));
  memory.give(80);
  await microtasks();
  assert.deepEqual([full.calls, late.calls], [0, 1]);
  memory.give(115);
  await microtasks();
  assert.deepEqual([full.calls, late.calls], [1, 1]);
});

test('who asks twice is called once', async () => {
  const memory = new QueueMemory(1);
  const queue = new Queue(memory);
  memory.take(2);
  memory.hasRoom(queue);
  memory.hasRoom(queue);
  memory.give(2);
  await microtasks();
  assert.equal(queue.calls, 1);
});

test('a page is as large as there is room for, within bounds', () => {
  const memory = new QueueMemory(1_000);
  const queue = new Queue(memory);
  assert.equal(memory.roomFor(queue, 16, 512), 512);
  memory.take(900);
  assert.equal(memory.roomFor(queue, 16, 512), 100);
  memory.take(900);
  assert.equal(memory.roomFor(queue, 16, 512), 16);
});

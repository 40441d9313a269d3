import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueMemory } from './queue-memory.ts';

const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('there is room until the limit is used, and who waits is called when some is given back', async () => {
  const memory = new QueueMemory(100);
  const called: string[] = [];
  memory.take(100);
  assert.equal(
    memory.hasRoom(() => called.push('a')),
    false,
  );
  memory.give(10);
  await microtasks();
  assert.deepEqual(called, ['a']);
});

test('only as many are called as there is room for; the others keep their place', async () => {
  const memory = new QueueMemory(100);
  const called: string[] = [];
  memory.take(100);
  for (const name of ['a', 'b', 'c']) {
    memory.hasRoom(() => {
      called.push(name);
      memory.take(60);
    });
  }
  memory.give(100);
  await microtasks();
  assert.deepEqual(called, ['a', 'b']);
  memory.give(60);
  memory.give(60);
  await microtasks();
  assert.deepEqual(called, ['a', 'b', 'c']);
});

test('who asks twice is called once', async () => {
  const memory = new QueueMemory(1);
  let calls = 0;
  const whenFree = (): void => {
    calls += 1;
  };
  memory.take(1);
  memory.hasRoom(whenFree);
  memory.hasRoom(whenFree);
  memory.give(1);
  await microtasks();
  assert.equal(calls, 1);
});

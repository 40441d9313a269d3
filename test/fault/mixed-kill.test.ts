import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arrival, Behaviour } from '../consumers/consumer-messages.ts';
import { ConsumerProcess } from '../support/consumer-process.ts';
import { splitRepeats } from '../support/repeats.ts';
import { readMessage } from '../support/row-events.ts';
import { ServerProcess } from '../support/server-process.ts';
import { SeededRandom } from './store-kill-random.ts';

interface CountMessage {
  readonly data: { readonly count: number };
}

const kills = 100;
const seed = Number(process.env.TEST_SEED ?? 20_260_705);
/** Every so many rounds the kill comes at any moment from the start on: while opening, while resuming. */
const earlyEvery = 4;
const latestEarlyKillMs = 1_000;
const latestKillMs = 300;
const eventType = 'number.counted';
const mostEventsPerCall = 12;
/** Between two calls, so that all of the events together stay few enough for the slowest webhook. */
const pauseBetweenCallsMs = 10;
/** Rounds, out of 20, at whose start the paused webhook is stopped and started. */
const pauseAt = 5;
const continueAt = 15;

/** Never gives up, so that every event must arrive in the end. */
const retry = { delaysMs: [20, 50, 100, 200, 500, 1_000], forever: true, jitter: 0.2 };
const disable = { afterFailures: null, afterFailingMs: null };
const wellBehaved: Behaviour = { kind: 'answer', status: 200, afterMs: 1 };
const failing: Behaviour = { kind: 'failSome', every: 5, times: 2 };

/** One webhook of every kind, and what is promised of it. */
interface Kind {
  readonly path: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly behaviour: Behaviour;
  readonly ordered: boolean;
  /** Events that one kill may make it send again. */
  readonly mostRepeated: number;
}

const kinds: readonly Kind[] = [
  { path: '/ordered', settings: {}, behaviour: wellBehaved, ordered: true, mostRepeated: 1 },
  {
    path: '/independent',
    settings: { order: 'independent', concurrency: 4 },
    behaviour: wellBehaved,
    ordered: false,
    mostRepeated: 2 * 4,
  },
  {
    path: '/ordered-batches',
    settings: { batch: { maxEvents: 5, maxWaitMs: 20 } },
    behaviour: wellBehaved,
    ordered: true,
    mostRepeated: 5,
  },
  {
    path: '/independent-batches',
    settings: { order: 'independent', concurrency: 2, batch: { maxEvents: 4, maxWaitMs: 10 } },
    behaviour: wellBehaved,
    ordered: false,
    mostRepeated: 2 * 2 * 4,
  },
  { path: '/failing-ordered', settings: {}, behaviour: failing, ordered: true, mostRepeated: 1 },
  {
    path: '/failing-independent',
    settings: { order: 'independent', concurrency: 4 },
    behaviour: failing,
    ordered: false,
    mostRepeated: 2 * 4,
  },
  {
    path: '/failing-batches',
    settings: { batch: { maxEvents: 5, maxWaitMs: 20 } },
    behaviour: failing,
    ordered: true,
    mostRepeated: 5,
  },
  { path: '/paused', settings: {}, behaviour: wellBehaved, ordered: true, mostRepeated: 1 },
  { path: '/dead', settings: {}, behaviour: wellBehaved, ordered: true, mostRepeated: 1 },
];

const countsIn = (arrival: Arrival): number[] =>
  [readMessage<CountMessage | CountMessage[]>(arrival)].flat().map(({ data }) => data.count);
const ascending = (counts: readonly number[]): number[] => [...counts].sort((one, other) => one - other);

/** Posts events until the server is gone; every number once, whether it was answered for or not. */
class Poster {
  /** Numbers that a 2xx has answered for. */
  readonly acknowledged: number[] = [];
  readonly #random: SeededRandom;
  #last = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  async postUntilKilled(server: ServerProcess): Promise<void> {
    const { api } = server;
    for (;;) {
      const counts = Array.from({ length: 1 + this.#random.below(mostEventsPerCall) }, () => ++this.#last);
      const events = counts.map((count) => ({ type: eventType, data: { count } }));
      const answer = await api.call('POST', '/v1/events/batch', { events }).catch(() => null);
      if (answer === null) return;
      assert.equal(answer.status, 202, JSON.stringify(answer.body));
      this.acknowledged.push(...counts);
      await sleep(pauseBetweenCallsMs);
    }
  }
}

test('kill -9 at 100 instants under every kind of webhook: nothing is lost, order is kept, repeats are few', {
  timeout: 600_000,
}, async (context) => {
  context.diagnostic(`seed ${seed}; another one: TEST_SEED=N`);
  const random = new SeededRandom(seed);
  const server = await ServerProcess.start(context);
  const consumer = await ConsumerProcess.start(context);
  const dead = await ConsumerProcess.start(context);
  const consumerOf = ({ path }: Kind): ConsumerProcess => (path === '/dead' ? dead : consumer);
  let pausedWebhook = '';
  for (const kind of kinds) {
    const { path, settings, behaviour } = kind;
    const url = consumerOf(kind).url(path);
    const common = { name: path, url, eventTypes: [eventType], retry, disable };
    const { id, secret } = await server.api.createWebhook({ ...common, ...settings });
    await consumerOf(kind).hook(path, secret, behaviour);
    if (path === '/paused') pausedWebhook = id;
  }
  await dead.kill();

  const poster = new Poster(random);
  for (let kill = 1; kill <= kills; kill += 1) {
    if (kill % earlyEvery === 0) {
      server.launch();
      await sleep(random.below(latestEarlyKillMs));
      await server.kill();
      continue;
    }
    if (kill > 1) await server.start();
    if (kill % 20 === pauseAt) await server.api.post(`/v1/webhooks/${pausedWebhook}/disable`);
    if (kill % 20 === continueAt) await server.api.post(`/v1/webhooks/${pausedWebhook}/enable`);
    const posting = poster.postUntilKilled(server);
    await sleep(random.below(latestKillMs));
    await server.kill();
    await posting;
  }

  await server.start();
  await server.api.post(`/v1/webhooks/${pausedWebhook}/enable`);
  const journal = (await server.api.events(eventType)).map(({ data }) => (data as { count: number }).count);
  assert.deepEqual(journal, ascending(journal));
  const inJournal = new Set(journal);
  const vanished = poster.acknowledged.filter((count) => !inJournal.has(count));
  assert.deepEqual(vanished, [], 'every event that was answered for is in the journal');

  await dead.start();
  const faults: string[] = [];
  context.diagnostic(
    `${kills} kills, ${poster.acknowledged.length} events answered for, ${journal.length} taken`,
  );
  for (const kind of kinds) {
    await everythingCame(consumerOf(kind), kind.path, inJournal);
    const verdict = judge(kind, consumerOf(kind).at(kind.path), journal);
    context.diagnostic(`${kind.path}: ${verdict.counts}`);
    faults.push(...verdict.faults.map((fault) => `${kind.path}: ${fault}`));
  }
  assert.deepEqual(faults, []);
});

/** Resolves once every event was accepted, or nothing more comes: then `judge` tells what was lost. */
async function everythingCame(
  consumer: ConsumerProcess,
  path: string,
  journal: ReadonlySet<number>,
): Promise<void> {
  const arrivals = consumer.at(path);
  const missing = new Set(journal);
  let looked = 0;
  await consumer.comes(() => {
    for (; looked < arrivals.length; looked += 1) {
      const arrival = arrivals[looked];
      if (arrival?.status === 200) for (const count of countsIn(arrival)) missing.delete(count);
    }
    return missing.size === 0;
  });
}

/** Holds what a webhook's consumer got against what is promised of it. */
function judge(
  { ordered, mostRepeated }: Kind,
  arrivals: readonly Arrival[],
  journal: readonly number[],
): { counts: string; faults: string[] } {
  // Requests that were refused, too: whatever carries an id carries the same bytes.
  const sentAgain = splitRepeats(arrivals).repeats.length;
  const accepted = arrivals.filter(({ status }) => status === 200);
  const { firsts, repeats } = splitRepeats(accepted);
  const received = firsts.flatMap(countsIn);
  const arrived = new Set(received);
  const lost = journal.filter((count) => !arrived.has(count)).length;
  const repeated = repeats.flatMap(countsIn).length + received.length - arrived.size;

  const faults: string[] = [];
  if (lost > 0) faults.push(`${lost} events are lost`);
  if (arrived.size + lost > journal.length) faults.push('events came that the journal does not have');
  if (received.length > arrived.size) faults.push('an event came in two deliveries');
  if (repeated > kills * mostRepeated) faults.push(`${repeated} events were repeated`);
  if (ordered && received.some((count, index) => count <= (received[index - 1] ?? 0))) {
    faults.push('the order is lost');
  }
  if (ordered && goesBack(accepted)) faults.push('a repeat is older than the last delivery');
  return {
    counts:
      `${journal.length} events in ${firsts.length} deliveries, lost ${lost}, repeated ${repeated} in ` +
      `${repeats.length} deliveries; ${sentAgain - repeats.length} retries`,
    faults,
  };
}

/** An ordered webhook repeats its last delivery at most. */
function goesBack(accepted: readonly Arrival[]): boolean {
  const starts = accepted.map((arrival) => countsIn(arrival)[0] ?? 0);
  return starts.some((start, index) => start < (starts[index - 1] ?? 0));
}

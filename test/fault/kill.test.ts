import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arrival } from '../consumers/consumer-messages.ts';
import { type Airport, airportColumns, readAirports } from '../support/airports.ts';
import type { TablePlace } from '../support/api-client.ts';
import { ConsumerProcess } from '../support/consumer-process.ts';
import { type Split, splitRepeats } from '../support/repeats.ts';
import { readMessage } from '../support/row-events.ts';
import { ServerProcess } from '../support/server-process.ts';
import { SeededRandom } from './store-kill-random.ts';

const kills = 50;
const seed = Number(process.env.TEST_SEED ?? 20_260_704);
/** Every so many rounds the kill comes at any moment from the start on: while opening, while resuming. */
const earlyEvery = 5;
const latestEarlyKillMs = 800;
/** After the last acknowledged row that a round waits for. */
const latestKillMs = 40;
const mostRowsPerCall = 40;
const concurrency = 4;
/** A consumer is not infinitely fast: so most kills hit a delivery on its way. */
const answerAfterMs = 1;

/** Inserts the rows of the file in order, call by call, over any number of deaths of the server. */
class Driver {
  readonly #server: ServerProcess;
  readonly #place: TablePlace;
  readonly #airports: readonly Airport[];
  readonly #random: SeededRandom;
  /** Rows that a 2xx has answered for. */
  acknowledged = 0;
  /** Calls that the death of the server left without an answer, and that had been committed all the same. */
  committedUnanswered = 0;
  /** Called with each acknowledgement. */
  onAcknowledged: () => void = () => undefined;

  constructor(server: ServerProcess, place: TablePlace, airports: readonly Airport[], random: SeededRandom) {
    this.#server = server;
    this.#place = place;
    this.#airports = airports;
    this.#random = random;
  }

  /** Goes on until so many rows are acknowledged, or the server is gone. */
  async insertUpTo(target: number): Promise<void> {
    const { api } = this.#server;
    while (this.acknowledged < target) {
      const count = Math.min(1 + this.#random.below(mostRowsPerCall), target - this.acknowledged);
      const rows = this.#airports.slice(this.acknowledged, this.acknowledged + count);
      const answer = await api
        .call('POST', `${this.#place.path}/rows`, { rows: rows.map((cells) => ({ cells })) })
        .catch(() => null);
      if (answer === null) return;
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      this.acknowledged += count;
      this.onAcknowledged();
    }
  }

  /** Resolves once so many rows are acknowledged. */
  untilAcknowledged(count: number): Promise<void> {
    if (this.acknowledged >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.onAcknowledged = () => {
        if (this.acknowledged >= count) resolve();
      };
    });
  }

  /** After a restart: what was acknowledged is there; a call without an answer was committed whole or not at all. */
  async lookAgain(): Promise<void> {
    const rows = await this.#server.api.rows(this.#place.path);
    assert.deepEqual(
      rows.map(({ cells }) => cells),
      this.#airports.slice(0, rows.length),
    );
    assert.ok(rows.length >= this.acknowledged, `${this.acknowledged} acknowledged, ${rows.length} there`);
    if (rows.length > this.acknowledged) this.committedUnanswered += 1;
    this.acknowledged = rows.length;
  }
}

const placeOf = (airports: readonly Airport[]): ((arrival: Arrival) => number) => {
  const places = new Map(airports.map(({ iata }, index) => [iata, index]));
  return (arrival) => places.get(readMessage(arrival).data.record?.iata as string) ?? -1;
};

test('kill -9 at 50 instants of an import: nothing is lost, order is kept, repeats are few and the same', {
  timeout: 300_000,
}, async (context) => {
  context.diagnostic(`seed ${seed}; another one: TEST_SEED=N`);
  const random = new SeededRandom(seed);
  const airports = readAirports();
  const server = await ServerProcess.start(context);
  const ordered = await ConsumerProcess.start(context);
  const independent = await ConsumerProcess.start(context);
  const place = await server.api.createTable('airports', airportColumns);
  const subscribe = async (consumer: ConsumerProcess, settings: object): Promise<void> => {
    const { secret } = await server.api.createWebhook({
      name: 'rows',
      url: consumer.url('/rows'),
      base: place.base.id,
      ...settings,
    });
    await consumer.hook('/rows', secret, { kind: 'answer', status: 200, afterMs: answerAfterMs });
  };
  await subscribe(ordered, { order: 'ordered' });
  await subscribe(independent, { order: 'independent', concurrency });

  const driver = new Driver(server, place, airports, random);
  for (let kill = 1; kill <= kills; kill += 1) {
    if (kill % earlyEvery === 0) {
      // The server of the round before was killed already; this one dies while it starts, or soon after.
      server.launch();
      await sleep(random.below(latestEarlyKillMs));
      await server.kill();
      continue;
    }
    if (kill > 1) {
      await server.start();
      await driver.lookAgain();
    }
    const quota = Math.ceil((airports.length - driver.acknowledged) / (kills + 1 - kill)) * 2;
    const target = Math.min(airports.length, driver.acknowledged + 1 + random.below(quota));
    const killAt = driver.acknowledged + random.below(target - driver.acknowledged);
    const inserting = driver.insertUpTo(target);
    await driver.untilAcknowledged(killAt);
    await sleep(random.below(latestKillMs));
    await server.kill();
    await inserting;
  }
  await server.start();
  await driver.lookAgain();
  await driver.insertUpTo(airports.length);

  const indexOf = placeOf(airports);
  const consumers = [ordered, independent];
  for (const consumer of consumers) {
    const arrived = new Set<number>();
    let looked = 0;
    // What does not come is counted as lost below.
    await consumer.comes(() => {
      const arrivals = consumer.at('/rows');
      for (; looked < arrivals.length; looked += 1) arrived.add(indexOf(arrivals[looked] as Arrival));
      return arrived.size === airports.length;
    });
  }
  const [inOrder, inAnyOrder] = consumers.map((consumer) => splitRepeats(consumer.at('/rows'))) as [
    Split,
    Split,
  ];
  const expected = airports.map((_, index) => index);
  const lost = [inOrder, inAnyOrder].map(({ firsts }) => {
    const arrived = new Set(firsts.map(indexOf));
    return expected.filter((index) => !arrived.has(index)).length;
  });
  context.diagnostic(
    `${kills} kills, ${driver.acknowledged} rows acknowledged (${driver.committedUnanswered} calls only found ` +
      `committed): lost ${lost.join(' and ')}; repeated ${inOrder.repeats.length} to the ordered webhook, ` +
      `${inAnyOrder.repeats.length} to the independent one`,
  );
  assert.deepEqual(lost, [0, 0]);
  assert.deepEqual(inOrder.firsts.map(indexOf), expected, 'first arrivals are in the order of the journal');
  assert.deepEqual(
    inAnyOrder.firsts.map(indexOf).sort((one, other) => one - other),
    expected,
  );
  assertNeverBack(ordered.at('/rows').map(indexOf));
  assert.ok(inOrder.repeats.length <= kills, 'only what was under way is repeated');
  assert.ok(inAnyOrder.repeats.length <= kills * 2 * concurrency, 'only what was under way is repeated');
  assert.ok(inOrder.repeats.length > 0, 'some kills hit a delivery on its way');

  // What has arrived is on record when the server stops by itself: after another start nothing comes again.
  const before = consumers.map((consumer) => consumer.arrivals.length);
  assert.deepEqual(await server.end(), { code: 0, signal: null });
  await server.start();
  await server.api.post(`${place.path}/rows`, { rows: [{ cells: { iata: 'last' } }] });
  for (const [index, consumer] of consumers.entries()) {
    await consumer.until(() => consumer.arrivals.length > (before[index] ?? 0));
    const [next] = consumer.arrivals.slice(before[index]).map((arrival) => readMessage(arrival));
    assert.equal(next?.data.record?.iata, 'last');
  }
});

/** The delivery on its way when the server dies is repeated, and none before it. */
function assertNeverBack(indexes: readonly number[]): void {
  let newest = -1;
  for (const index of indexes) {
    assert.ok(index >= newest, `row ${index} came again after row ${newest}`);
    newest = index;
  }
}

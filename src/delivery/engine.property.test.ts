import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EgressResult } from '../egress/index.ts';
import type { Webhook, WebhookSettings } from '../model/webhook.ts';
import { type Answer, answered, EngineHarness, refused } from './testing/engine-harness.ts';

/** What may happen to a running engine, one after the other. */
type Step =
  | { readonly kind: 'append'; readonly count: number }
  /** Events are accepted, and the process dies after so many turns of its event loop. */
  | { readonly kind: 'appendAndCrash'; readonly count: number; readonly turns: number }
  | { readonly kind: 'consumer'; readonly webhook: number; readonly mood: Mood }
  | { readonly kind: 'advance'; readonly byMs: number }
  | { readonly kind: 'jump'; readonly byMs: number }
  | { readonly kind: 'crash' }
  | { readonly kind: 'pause' | 'continue' | 'save'; readonly webhook: number };
type Mood = 'well' | 'failing' | 'refusing' | 'silent';

const kinds: ReadonlyArray<Partial<WebhookSettings>> = [
  { order: 'ordered' },
  { order: 'independent', concurrency: 3 },
  { order: 'ordered', batch: { maxEvents: 3, maxWaitMs: 200 } },
  { order: 'independent', concurrency: 2, batch: { maxEvents: 2, maxWaitMs: 50 } },
];
/** Never gives up, so that every event must arrive in the end. */
const retry = { delaysMs: [500, 2_000, 10_000], forever: true, jitter: 0.5 };
const timeoutMs = 15_000;

const someWebhook = fc.nat(kinds.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('appendAndCrash' as const),
      count: fc.integer({ min: 1, max: 4 }),
      turns: fc.nat(4),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('consumer' as const),
      webhook: someWebhook,
      mood: fc.constantFrom<Mood>('well', 'failing', 'refusing', 'silent'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      byMs: fc.integer({ min: 1, max: 20_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('jump' as const),
      byMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('pause' as const, 'continue' as const, 'save' as const),
      webhook: someWebhook,
    }),
  },
);

/** A run of the engine under one sequence of steps, with a note of what each consumer accepted. */
class Run {
  readonly harness: EngineHarness;
  readonly webhooks: Webhook[] = [];
  readonly moods: Mood[] = kinds.map(() => 'well');
  /** Per webhook: the numbers of events accepted by its consumer, in order, repeats included. */
  readonly accepted: number[][] = kinds.map(() => []);
  crashes = 0;
  appended = 0;

  constructor(harness: EngineHarness) {
    this.harness = harness;
    harness.answer = this.#answer;
  }

  async createWebhooks(): Promise<void> {
    for (const [index, kind] of kinds.entries()) {
      const settings = { ...kind, retry, timeoutMs, url: `https://consumer.example/${index}` };
      this.webhooks.push(await this.harness.createWebhook(settings));
    }
  }

  async take(step: Step): Promise<void> {
    const { harness } = this;
    switch (step.kind) {
      case 'append':
        return harness.append(...this.#numbers(step.count));
      case 'appendAndCrash': {
        await harness.store.journal.append(
          harness.workspaceNumber,
          this.#numbers(step.count).map((n) => ({
            type: 'thing.happened',
            occurredAtMs: harness.clock.nowMs(),
            dataJson: JSON.stringify({ n }),
            tags: [],
            subject: null,
          })),
        );
        for (let turn = 0; turn < step.turns; turn += 1)
          await new Promise((resolve) => setImmediate(resolve));
        return this.#crash();
      }
      case 'consumer':
        this.moods[step.webhook] = step.mood;
        return;
      case 'advance':
        return harness.advance(step.byMs);
      case 'jump':
        harness.clock.jump(step.byMs);
        return;
      case 'crash':
        return this.#crash();
      case 'pause':
        await harness.registry.pause(this.#webhook(step.webhook), 'by a person');
        return harness.settle();
      case 'continue':
        await harness.registry.enable(this.#webhook(step.webhook), 'continue', 'ann');
        return harness.settle();
      case 'save': {
        const webhook = this.#webhook(step.webhook);
        await harness.registry.save(webhook, { ...webhook.settings, memo: `${webhook.version}` }, 'ann');
        return harness.settle();
      }
    }
  }

  /** The consumers are well again and everything runs, until nothing is left to do. */
  async finish(): Promise<void> {
    this.moods.fill('well');
    for (const index of kinds.keys()) {
      await this.harness.registry.enable(this.#webhook(index), 'continue', 'ann');
    }
    for (let round = 0; round < 20; round += 1) await this.harness.advance(10_000);
  }

  #webhook(index: number): Webhook {
    const webhook = this.webhooks[index];
    if (!webhook) throw new Error('no such webhook');
    return this.harness.webhook(webhook);
  }

  #numbers(count: number): number[] {
    return Array.from({ length: count }, () => ++this.appended);
  }

  async #crash(): Promise<void> {
    this.crashes += 1;
    await this.harness.crash();
  }

  readonly #answer: Answer = (arrival) => {
    const index = Number(arrival.url.split('/').at(-1));
    switch (this.moods[index]) {
      case 'failing':
        return answered(500);
      case 'refusing':
        return refused;
      case 'silent':
        return new Promise<EgressResult>((resolve) => {
          const timedOut = { ...refused, code: 'TIMEOUT' as const, mayHaveArrived: true };
          this.harness.clock.after(timeoutMs, () => resolve(timedOut));
        });
      default:
        this.accepted[index]?.push(
          ...[...arrival.body.matchAll(/"n":(\d+)/g)].map((match) => Number(match[1])),
        );
        return answered(200);
    }
  };
}

test('whatever happens: nothing is lost, order is kept, repeats are few and carry the same id', async () => {
  let runs = 0;
  let repeats = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const run = new Run(await EngineHarness.start());
      try {
        await run.createWebhooks();
        for (const one of steps) await run.take(one);
        await run.finish();
        const all = Array.from({ length: run.appended }, (_, index) => index + 1);
        for (const [index, accepted] of run.accepted.entries()) {
          const firsts = [...new Set(accepted)];
          // I3: everything arrived.
          assert.deepEqual(
            [...firsts].sort((one, other) => one - other),
            all,
            `webhook ${index} lost events`,
          );
          // I4: in journal order, where that is promised.
          const ordered = kinds[index]?.order === 'ordered';
          if (ordered) assert.deepEqual(firsts, all, `webhook ${index} lost the order`);
          // Only what was under way when the process died is sent again, and of independent webhooks also
          // what was answered in that turn of the event loop but not yet recorded.
          const events = kinds[index]?.batch?.maxEvents ?? 1;
          const atOnce = ordered ? events : 2 * events * (kinds[index]?.concurrency ?? 1);
          const repeated = accepted.length - firsts.length;
          assert.ok(repeated <= run.crashes * atOnce, `webhook ${index} repeated ${repeated} events`);
          if (ordered && events === 1)
            assert.ok(accepted.every((number, at) => number >= (accepted[at - 1] ?? 0)));
          repeats += repeated;
        }
        // I7: the same delivery always carries the same id, and no other delivery does.
        const bodies = new Map<string, string>();
        for (const { id, url, body } of run.harness.arrivals) {
          assert.equal(bodies.get(id) ?? `${url} ${body}`, `${url} ${body}`, `${id} names two deliveries`);
          bodies.set(id, `${url} ${body}`);
        }
        assert.deepEqual(run.harness.errors, []);
        runs += 1;
      } finally {
        await run.harness.stop();
      }
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 40), endOnFailure: false },
  );
  console.log(`${runs} histories, 0 events lost, ${repeats} repeated`);
});

import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { AttemptAnswer, DeliveryAnswer } from './answers.ts';
import type { Client } from './client.ts';
import { renderDelivery } from './delivery.ts';
import { readData } from './event.ts';
import { Failure } from './failure.ts';
import { findWebhook } from './lookup.ts';
import { connected, withExample } from './session.ts';

interface TestOptions {
  readonly event?: string;
  readonly data?: string;
}

/** How long a simulated event is waited for; behind a queue it may take longer. */
const longestWaitMs = 30_000;
const pauseMs = 200;
/** Deliveries among which that of the event is looked for: it is one of the newest. */
const newestDeliveries = 100;

/** `rowhook webhook test`: an event that never happened, and what became of it. */
export function addWebhookTestCommand(webhook: Command): void {
  const test = webhook
    .command('test')
    .description('send a webhook an event that never happened, and show what became of it')
    .argument('<webhook>', 'id or name of the webhook')
    .option('--event <type>', 'type of the event; if left out: the first that the webhook listens to')
    .option(
      '--data <json>',
      'its data: a JSON object, @FILE, or - for standard input; if left out: an example',
    );
  withExample(
    test,
    'rowhook webhook test orders',
    `rowhook webhook test crm --event invoice.paid --data '{"number": "A-17"}'`,
  );
  connected<TestOptions, [string]>(test, async ({ client, print }, { event, data }, idOrName) => {
    const { id } = await findWebhook(client, idOrName);
    const simulated = await client.post<{ event: string }>(`/v1/webhooks/${id}/simulate`, {
      ...(event === undefined ? {} : { eventType: event }),
      ...(data === undefined ? {} : { data: readData(data) }),
    });
    const delivery = await attempted(client, id, simulated.event);
    if (!delivery) {
      throw new Failure(`The event ${simulated.event} was not sent within ${longestWaitMs / 1000} seconds.`, [
        'Other events may be in front of it; "rowhook webhook show" tells how many wait.',
      ]);
    }
    const attempts = await client.all<AttemptAnswer>(`/v1/deliveries/${delivery.id}/attempts`);
    print({ ...delivery, attempts }, () => renderDelivery(delivery, attempts));
    if (delivery.state !== 'succeeded') throw new Failure('The test did not arrive.');
  });
}

/** The delivery of the event, once an attempt was made; null when that takes too long. */
async function attempted(client: Client, webhook: string, event: string): Promise<DeliveryAnswer | null> {
  for (let waitedMs = 0; waitedMs < longestWaitMs; waitedMs += pauseMs) {
    const { data } = await client.list<DeliveryAnswer>('/v1/deliveries', newestDeliveries, { webhook });
    const delivery = data.find((one) => one.event === event);
    if (delivery && delivery.attempts > 0) return delivery;
    await pause(pauseMs);
  }
  return null;
}

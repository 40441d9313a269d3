import type { Command } from 'commander';
import type { WebhookAnswer } from './answers.ts';
import { findWebhook } from './lookup.ts';
import { openReplays } from './replay.ts';
import { connected, withExample } from './session.ts';
import { renderFields } from './table.ts';

/** `rowhook queue`: what waits to be sent to a webhook. */
export function addQueueCommands(program: Command): void {
  const queue = program.command('queue').description('what waits to be sent to a webhook');

  const show = queue
    .command('show')
    .description('show how much waits, since when, and what is next')
    .argument('<webhook>', 'id or name of the webhook');
  withExample(show, 'rowhook queue show crm');
  connected<unknown, [string]>(show, async ({ client, print }, _options, idOrName) => {
    const webhook = await findWebhook(client, idOrName);
    const replays = await openReplays(client, webhook.id);
    print({ state: webhook.status.state, ...webhook.usage, replays }, () =>
      renderQueue(
        webhook,
        replays.map(({ id, state }) => `${id} (${state})`),
      ),
    );
  });

  const clear = queue
    .command('clear')
    .description('give up everything that waits; "replay start --scope missed" can still send it')
    .argument('<webhook>', 'id or name of the webhook');
  withExample(clear, 'rowhook queue clear crm');
  connected<unknown, [string]>(clear, async ({ client, print }, _options, idOrName) => {
    const { id, name } = await findWebhook(client, idOrName);
    const answer = await client.delete<{ discarded: number }>(`/v1/webhooks/${id}/queue`);
    print(answer, () => `${answer.discarded} given up of what waited for ${name}.`);
  });
}

function renderQueue({ status, usage }: WebhookAnswer, replays: readonly string[]): string {
  return renderFields({
    state: status.reason === null ? status.state : `${status.state}: ${status.reason}`,
    waiting: usage.waiting,
    'oldest since': usage.oldestWaitingAt ?? undefined,
    'next attempt': usage.nextAttemptAt ?? undefined,
    'last error': usage.lastError ?? undefined,
    replays: replays.length > 0 ? replays.join(', ') : undefined,
  });
}

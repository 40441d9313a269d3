import type { Command } from 'commander';
import type { CreatedWebhookAnswer, WebhookAnswer } from './answers.ts';
import type { Client } from './client.ts';
import { usageFailure } from './failure.ts';
import { findBase, findWebhook } from './lookup.ts';
import { connected, remarkMore, withExample, withLimit } from './session.ts';
import { renderFields, renderTable } from './table.ts';
import { type KnobOptions, knobsOf, withKnobs } from './webhook-options.ts';
import { addWebhookSecretCommand } from './webhook-secret.ts';
import { addWebhookTestCommand } from './webhook-tryout.ts';

/** `rowhook webhook`: which events go to which URL, and how. */
export function addWebhookCommands(program: Command): void {
  const webhook = program.command('webhook').description('webhooks: which events go to which URL, and how');

  const list = withLimit(webhook.command('list').description('list the webhooks'));
  withExample(list, 'rowhook webhook list');
  connected<{ limit: number }>(list, async (session, { limit }) => {
    const page = await session.client.list<WebhookAnswer>('/v1/webhooks', limit);
    session.print(page, () => renderWebhooks(page.data));
    remarkMore(session, page);
  });

  addCreate(webhook);

  const show = named(webhook.command('show').description('show a webhook with all its knobs and its state'));
  withExample(show, 'rowhook webhook show crm');
  connected<unknown, [string]>(show, async ({ client, print }, _options, idOrName) => {
    const found = await findWebhook(client, idOrName);
    print(found, () => renderWebhook(found));
  });

  addUpdate(webhook);

  const remove = named(webhook.command('delete').description('delete a webhook; what waits is not sent'));
  withExample(remove, 'rowhook webhook delete crm');
  connected<unknown, [string]>(remove, async ({ client, print }, _options, idOrName) => {
    const { id, name } = await findWebhook(client, idOrName);
    await client.delete(`/v1/webhooks/${id}`);
    print({ deleted: id }, () => `${name} (${id}) is deleted.`);
  });

  addSwitches(webhook);
  addWebhookTestCommand(webhook);

  addWebhookSecretCommand(webhook);
}

function addCreate(webhook: Command): void {
  const create = webhook
    .command('create')
    .description('create a webhook; it receives what happens from now on')
    .argument('<name>', 'name of the webhook')
    .option('--url <url>', 'where requests go')
    .option('--disabled', 'do not send yet; events are held');
  withKnobs(create);
  withExample(
    create,
    'rowhook webhook create orders --url http://127.0.0.1:8080/test-consumer/in/orders --base Shop',
    'rowhook webhook create crm --url https://crm.example.com/hook --event "invoice.*" --header "X-Team: crm"',
  );
  connected<KnobOptions & { disabled?: boolean }, [string]>(
    create,
    async ({ client, print }, options, name) => {
      const knobs = knobsOf({ ...options, name }, await baseIdOf(client, options));
      if (!('url' in knobs || 'emails' in knobs)) {
        throw usageFailure('Say where the webhook sends to: --url URL, or --email ADDRESS.');
      }
      const enabled = options.disabled ? { enabled: false } : {};
      const created = await client.post<CreatedWebhookAnswer>('/v1/webhooks', { ...knobs, ...enabled });
      print(created, () =>
        renderFields({
          id: created.id,
          name: created.name,
          url: created.url,
          events: created.eventTypes.join(', '),
          state: created.status.state,
          secret: created.secret ?? undefined,
          'public key': created.publicKey ?? undefined,
        }),
      );
    },
  );
}

function addUpdate(webhook: Command): void {
  const update = named(webhook.command('update').description('change a webhook; what is not named stays'))
    .option('--name <name>', 'another name')
    .option('--url <url>', 'where requests go');
  withKnobs(update);
  withExample(
    update,
    'rowhook webhook update crm --timeout-ms 5000 --header "X-Team: sales"',
    'rowhook webhook update crm --set disable.afterFailures=5 --set headers={}',
  );
  connected<KnobOptions, [string]>(update, async ({ client, print }, options, idOrName) => {
    const { id, headers } = await findWebhook(client, idOrName);
    const knobs = knobsOf(options, await baseIdOf(client, options), headers);
    const updated = await client.patch<WebhookAnswer>(`/v1/webhooks/${id}`, knobs);
    print(updated, () => renderWebhook(updated));
  });
}

function addSwitches(webhook: Command): void {
  const enable = named(webhook.command('enable').description('start a webhook again')).option(
    '--skip',
    'go on with what comes next, instead of what was held',
  );
  withExample(enable, 'rowhook webhook enable crm');
  connected<{ skip?: boolean }, [string]>(enable, async ({ client, print }, { skip }, idOrName) => {
    const { id } = await findWebhook(client, idOrName);
    const from = skip ? 'skip' : 'continue';
    const answer = await client.post<WebhookAnswer>(`/v1/webhooks/${id}/enable`, { from });
    print(answer, () => renderWebhooks([answer]));
  });

  const disable = named(
    webhook.command('disable').description('pause a webhook; its events are held'),
  ).option('--reason <text>', 'shown as the reason');
  withExample(disable, 'rowhook webhook disable crm --reason "moving house"');
  connected<{ reason?: string }, [string]>(disable, async ({ client, print }, { reason }, idOrName) => {
    const { id } = await findWebhook(client, idOrName);
    const body = reason === undefined ? {} : { reason };
    const answer = await client.post<WebhookAnswer>(`/v1/webhooks/${id}/disable`, body);
    print(answer, () => renderWebhooks([answer]));
  });
}

function named(command: Command): Command {
  return command.argument('<webhook>', 'id or name of the webhook');
}

async function baseIdOf(client: Client, { base }: KnobOptions): Promise<string | undefined> {
  return base === undefined ? undefined : (await findBase(client, base)).id;
}

function renderWebhooks(webhooks: readonly WebhookAnswer[]): string {
  return renderTable(webhooks, [
    { title: 'id', value: ({ id }) => id },
    { title: 'name', value: ({ name }) => name },
    { title: 'state', value: ({ status }) => status.state },
    { title: 'waiting', value: ({ usage }) => usage.waiting },
    { title: 'events', value: ({ eventTypes }) => eventTypes.join(', ') },
    { title: 'url', value: ({ url }) => url },
    { title: 'reason', value: ({ status }) => status.reason },
  ]);
}

function renderWebhook({ status, usage, differsFromPreset, ...knobs }: WebhookAnswer): string {
  const { state, reason, since } = status;
  return renderFields({
    ...knobs,
    eventTypes: knobs.eventTypes.join(', '),
    state: `${state} since ${since}${reason === null ? '' : `: ${reason}`}`,
    'differs from preset': differsFromPreset.length > 0 ? differsFromPreset.join(', ') : undefined,
    ...usage,
  });
}

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { EventAnswer, VerdictAnswer } from './answers.ts';
import { usageFailure } from './failure.ts';
import { findWebhook } from './lookup.ts';
import { collect, connected, remarkMore, withExample, withLimit } from './session.ts';
import { renderFields, renderTable } from './table.ts';

interface SendOptions {
  readonly data: string;
  readonly tag?: readonly string[];
  readonly occurredAt?: string;
  readonly deliverAt?: string;
  readonly key?: string;
}

interface SentAnswer {
  readonly id: string;
  readonly warnings?: readonly { readonly pointer: string; readonly detail: string }[];
}

interface ListOptions {
  readonly limit: number;
  readonly type?: string;
  readonly tag?: string;
  readonly since?: string;
  readonly until?: string;
}

/** `rowhook event`: the journal. */
export function addEventCommands(program: Command): void {
  const event = program.command('event').description('events: those of rows, and those you send');

  const send = event
    .command('send')
    .description('send an event of your own')
    .argument('<type>', 'event type, such as invoice.paid')
    .requiredOption('--data <json>', 'what happened: a JSON object, @FILE, or - for standard input')
    .option('--tag <key:value>', 'a tag that webhooks can ask for; give it once for each', collect)
    .option('--occurred-at <time>', 'when it happened, such as 2026-01-31T12:00:00Z; if left out: now')
    .option('--deliver-at <time>', 'publish it then and not before; if left out: at once')
    .option('--key <text>', 'a name for this call: sent again with the same one, it is stored once');
  withExample(
    send,
    `rowhook event send invoice.paid --data '{"number": "A-17", "total": 12.5}' --tag company:42`,
    'rowhook event send invoice.paid --data @invoice.json',
  );
  connected<SendOptions, [string]>(send, async ({ client, print, remark }, options, type) => {
    const { tag: tags, occurredAt, deliverAt, key } = options;
    const body = {
      type,
      data: readData(options.data),
      ...(tags === undefined ? {} : { tags }),
      ...(occurredAt === undefined ? {} : { occurredAt }),
      ...(deliverAt === undefined ? {} : { deliverAt }),
    };
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const answer = await client.post<SentAnswer>('/v1/events', body, headers);
    print(answer, () => answer.id);
    for (const { pointer, detail } of answer.warnings ?? []) remark(`warning: ${pointer} ${detail}`);
  });

  const list = withLimit(event.command('list').description('list events, the newest first'))
    .option('--type <type>', 'only of this type')
    .option('--tag <key:value>', 'only with this tag')
    .option('--since <time>', 'only accepted at or after this time, such as 2026-01-31T12:00:00Z')
    .option('--until <time>', 'only accepted before this time');
  withExample(list, 'rowhook event list --type row.updated --limit 20');
  connected<ListOptions>(list, async (session, { limit, type, tag, since, until }) => {
    const page = await session.client.list<EventAnswer>('/v1/events', limit, { type, tag, since, until });
    session.print(page, () =>
      renderTable(page.data, [
        { title: 'id', value: ({ id }) => id },
        { title: 'accepted', value: ({ acceptedAt }) => acceptedAt },
        { title: 'type', value: ({ type: shown }) => shown },
        { title: 'row', value: ({ row }) => row?.id },
        { title: 'tags', value: ({ tags }) => tags.join(' ') },
      ]),
    );
    remarkMore(session, page);
  });

  const show = event
    .command('show')
    .description('show an event, and for each webhook why it fires for it or not')
    .argument('<id>', 'id of the event')
    .option('--webhook <webhook>', 'only the verdict of this webhook: its id or name');
  withExample(show, 'rowhook event show evt_0mf1x2a3b00000017 --webhook crm');
  connected<{ webhook?: string }, [string]>(show, async ({ client, print }, options, id) => {
    const webhook =
      options.webhook === undefined ? undefined : (await findWebhook(client, options.webhook)).id;
    const answer = await client.get<EventAnswer & { webhooks: readonly VerdictAnswer[] }>(
      `/v1/events/${encodeURIComponent(id)}`,
      { webhook },
    );
    print(answer, () => `${renderEvent(answer)}\n\n${renderVerdicts(answer.webhooks)}`);
  });
}

/** Reads an option such as `--data`: JSON on the line, in a file, or from standard input. */
export function readData(given: string, option = '--data'): unknown {
  const source =
    given === '-' ? 'standard input' : given.startsWith('@') ? `the file ${given.slice(1)}` : option;
  let text = given;
  try {
    if (given === '-') text = readFileSync(0, 'utf8');
    else if (given.startsWith('@')) text = readFileSync(given.slice(1), 'utf8');
  } catch (error) {
    throw usageFailure(`${source} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageFailure(`${source} is not valid JSON: ${(error as Error).message}.`, [
      `It must be an object, in quotes for the shell: ${option} '{"number": "A-17"}'`,
    ]);
  }
}

function renderEvent(event: EventAnswer): string {
  return renderFields({
    id: event.id,
    type: event.type,
    occurred: event.occurredAt,
    accepted: event.acceptedAt,
    tags: event.tags.length > 0 ? event.tags.join(' ') : undefined,
    row: event.row?.id,
    table: event.row?.table,
    base: event.row?.base,
    simulated: event.simulatedFor === null ? undefined : `for ${event.simulatedFor}`,
    data: event.data,
  });
}

function renderVerdicts(verdicts: readonly VerdictAnswer[]): string {
  if (verdicts.length === 0) return 'There are no webhooks.';
  return renderTable(verdicts, [
    { title: 'webhook', value: ({ name }) => name },
    { title: 'id', value: ({ id }) => id },
    { title: 'fires', value: ({ fires }) => (fires ? 'yes' : 'no') },
    { title: 'reason', value: ({ text }) => text },
  ]);
}

import { type Command, Option } from 'commander';
import type { DeliveryState } from '../model/delivery.ts';
import type { AttemptAnswer, DeliveryAnswer } from './answers.ts';
import { findWebhook } from './lookup.ts';
import { connected, readNumber, remarkMore, withExample, withLimit } from './session.ts';
import { printable, renderFields, renderTable } from './table.ts';

const states: readonly DeliveryState[] = ['sending', 'retrying', 'succeeded', 'exhausted', 'discarded'];

interface ListOptions {
  readonly limit: number;
  readonly webhook?: string;
  readonly state?: string;
  readonly eventType?: string;
  readonly httpStatus?: number;
  readonly tag?: string;
  readonly since?: string;
  readonly until?: string;
}

/** Characters of an answer's body shown with an attempt; `--json` has all that is kept. */
const shownBodyCharacters = 500;

/** `rowhook delivery`: what was sent, and what came of it. */
export function addDeliveryCommands(program: Command): void {
  const delivery = program.command('delivery').description('deliveries: what was sent, and what came of it');

  const list = withLimit(delivery.command('list').description('list deliveries, the newest first'))
    .option('--webhook <webhook>', 'only of this webhook: its id or name')
    .addOption(new Option('--state <state>', 'only in this state').choices(states))
    .option('--event-type <type>', 'only with this type of event')
    .option('--http-status <number>', 'only with this status of the last answer', readNumber)
    .option('--tag <key:value>', 'only with an event that has this tag')
    .option('--since <time>', 'only created at or after this time, such as 2026-01-31T12:00:00Z')
    .option('--until <time>', 'only created before this time');
  withExample(list, 'rowhook delivery list --webhook crm --state retrying');
  connected<ListOptions>(list, async (session, options) => {
    const { limit, state, eventType, httpStatus, tag, since, until } = options;
    const webhook =
      options.webhook === undefined ? undefined : (await findWebhook(session.client, options.webhook)).id;
    const query = { webhook, state, eventType, httpStatus, tag, since, until };
    const page = await session.client.list<DeliveryAnswer>('/v1/deliveries', limit, query);
    session.print(page, () =>
      renderTable(page.data, [
        { title: 'id', value: ({ id }) => id },
        { title: 'created', value: ({ createdAt }) => createdAt },
        { title: 'event type', value: ({ eventType: type }) => type },
        { title: 'state', value: ({ state: shown }) => shown },
        { title: 'attempts', value: ({ attempts }) => attempts },
        { title: 'last', value: ({ lastHttpStatus, lastErrorCode }) => lastErrorCode ?? lastHttpStatus },
        { title: 'next attempt', value: ({ nextAttemptAt }) => nextAttemptAt },
      ]),
    );
    remarkMore(session, page);
  });

  const show = delivery
    .command('show')
    .description('show a delivery with its attempts: answer and timing of each')
    .argument('<id>', 'id of the delivery: its webhook-id');
  withExample(show, 'rowhook delivery show msg_0mf1x2a3b00000017_1');
  connected<unknown, [string]>(show, async ({ client, print }, _options, id) => {
    const path = `/v1/deliveries/${encodeURIComponent(id)}`;
    const answer = await client.get<DeliveryAnswer>(path);
    const attempts = await client.all<AttemptAnswer>(`${path}/attempts`);
    print({ ...answer, attempts }, () => renderDelivery(answer, attempts));
  });
}

/** A delivery with its attempts, and what the consumer said where one failed. */
export function renderDelivery(delivery: DeliveryAnswer, attempts: readonly AttemptAnswer[]): string {
  return [renderState(delivery), renderAttempts(attempts), ...attempts.flatMap(renderAnswer)].join('\n\n');
}

function renderState(delivery: DeliveryAnswer): string {
  const { lastErrorCode, nextAttemptAt, discardedBy, finishedAt, events } = delivery;
  return renderFields({
    id: delivery.id,
    webhook: delivery.webhook ?? 'deleted',
    event: events > 1 ? `${delivery.event} and ${events - 1} more` : delivery.event,
    'event type': delivery.eventType,
    state: delivery.state,
    created: delivery.createdAt,
    finished: finishedAt ?? undefined,
    'next attempt': nextAttemptAt ?? undefined,
    'last error': lastErrorCode ?? undefined,
    'discarded by': discardedBy ?? undefined,
    simulated: delivery.simulated ? 'yes' : undefined,
  });
}

function renderAttempts(attempts: readonly AttemptAnswer[]): string {
  if (attempts.length === 0) return 'No attempt was made yet.';
  return renderTable(attempts, [
    { title: '#', value: ({ number }) => number },
    { title: 'started', value: ({ startedAt }) => startedAt },
    { title: 'outcome', value: ({ outcome }) => outcome },
    { title: 'status', value: ({ response }) => response?.status },
    { title: 'error', value: ({ errorCode }) => errorCode },
    { title: 'dns ms', value: ({ timing }) => milliseconds(timing.dnsMs) },
    { title: 'connect ms', value: ({ timing }) => milliseconds(timing.connectMs) },
    { title: 'tls ms', value: ({ timing }) => milliseconds(timing.tlsMs) },
    { title: 'first byte ms', value: ({ timing }) => milliseconds(timing.firstByteMs) },
    { title: 'total ms', value: ({ timing }) => milliseconds(timing.totalMs) },
  ]);
}

/** What the consumer said in an attempt that failed. */
function renderAnswer({ number, outcome, errorMessage, response }: AttemptAnswer): readonly string[] {
  if (outcome === 'succeeded') return [];
  const body = response?.body ?? '';
  return [
    [
      `Attempt ${number}: ${printable(errorMessage ?? 'failed')}`,
      ...(body === '' ? [] : [`  answer: ${printable(body.slice(0, shownBodyCharacters))}`]),
    ].join('\n'),
  ];
}

function milliseconds(value: number | null): string | null {
  return value === null ? null : value.toFixed(1);
}

import { setTimeout as pause } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { eventId, parseEventId } from '../model/ids.ts';
import { generateSecret } from '../model/signing-secret.ts';
import type { Signature } from '../model/webhook.ts';
import { faultOfSecret } from '../webhooks/secret.ts';
import type { SecretsAnswer } from './answers.ts';
import { type Client, ConnectionFailure } from './client.ts';
import { Failure, usageFailure } from './failure.ts';
import { type Exchange, type Followed, forward, renderExchange } from './forward.ts';
import { findWebhook } from './lookup.ts';
import { collect, connected, type Session, withExample } from './session.ts';

/** The stream was cut off: how long it is waited before the next try, and how long at most. */
const firstPauseMs = 500;
const longestPauseMs = 15_000;
/** A message is an event with its body; a longer one is not Rowhook's. */
const maxMessageCharacters = 64 * 1024 ** 2;

interface ListenOptions {
  readonly forward: string;
  readonly eventTypes?: readonly string[];
  readonly webhook?: string;
  readonly format?: string;
  readonly secret?: string;
  readonly after?: string;
  readonly replay?: string;
  readonly bodies?: boolean;
  readonly json?: boolean;
}

/** What is asked of the feed, and how what comes is signed. */
interface Subscription {
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly signature: Signature;
  readonly secret: string;
}

/** `rowhook listen`: events of a server that runs elsewhere, forwarded to a program on this machine. */
export function addListenCommand(program: Command): void {
  const listen = program
    .command('listen')
    .description('forward events, as they happen, to a program on this machine')
    .requiredOption('--forward <url>', 'where to post them, such as http://localhost:3000/hook', readUrl)
    .option(
      '--event-types <types>',
      'only these types or groups, separated by commas, such as invoice.*; may be given several times',
      collect,
    )
    .option(
      '--webhook <webhook>',
      'only what this webhook (id or name) would send, in its format, with its secret',
    )
    .addOption(
      new Option('--format <format>', 'format of the bodies; if left out: standard').choices([
        'standard',
        'seatable',
        'grist',
        'codat',
        'cloudevents',
      ]),
    )
    .addOption(
      new Option(
        '--secret <secret>',
        'signing secret (whsec_…); if left out: that of the webhook, or a new one, which is printed',
      ).env('ROWHOOK_LISTEN_SECRET'),
    )
    .option(
      '--after <event>',
      'begin after this event; if left out: with what happens from now on',
      readEventId,
    )
    .option('--replay <event>', 'forward this one event again, and end', readEventId)
    .option('--bodies', 'print what is sent and what is answered, too');
  withExample(
    listen,
    'rowhook listen --forward http://localhost:3000/hook',
    'rowhook listen --forward http://localhost:3000/hook --webhook crm --bodies',
    'rowhook listen --forward http://localhost:3000/hook --replay evt_0mf1x2a3b00000017',
  );
  connected<ListenOptions>(listen, async (session, options) => {
    if (options.webhook !== undefined && options.format !== undefined) {
      throw usageFailure('A webhook has a format of its own: leave out --format, or --webhook.');
    }
    const subscription = await subscriptionOf(session, options);
    if (subscription.signature !== 'none') session.remark(`Signing secret: ${subscription.secret}`);
    if (options.replay === undefined) await followForEver(session, subscription, options);
    else await replay(session, subscription, options, options.replay);
  });
}

async function subscriptionOf({ client }: Session, options: ListenOptions): Promise<Subscription> {
  const { eventTypes, format, secret } = options;
  const webhook = options.webhook === undefined ? null : await findWebhook(client, options.webhook);
  const signature = webhook?.signature ?? 'standard';
  const fault = secret === undefined ? null : faultOfSecret(secret, signature);
  if (fault !== null) throw usageFailure(`--secret: ${fault}`);
  const query = { eventTypes: eventTypes?.join(','), format, webhook: webhook?.id };
  if (secret !== undefined) return { query, signature, secret };
  if (!webhook) return { query, signature, secret: generateSecret() };
  const answer = await client.get<SecretsAnswer>(`/v1/webhooks/${webhook.id}/secret`);
  return { query, signature, secret: answer.secret ?? generateSecret() };
}

async function followForEver(session: Session, subscription: Subscription, options: ListenOptions) {
  const { client, remark } = session;
  let lastEventId = options.after ?? null;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      const messages = await follow(client, subscription.query, lastEventId);
      remark(`Forwarding to ${options.forward}. Ctrl+C ends it.`);
      for await (const event of messages) {
        pauseMs = firstPauseMs;
        show(session, options, await forward(event, options.forward, subscription));
        lastEventId = event.id;
      }
    } catch (error) {
      // What the server refuses, it will refuse again.
      if (error instanceof Failure && !(error instanceof ConnectionFailure)) throw error;
    }
    remark(`The connection to the server is gone; trying again in ${pauseMs / 1_000} s.`);
    await pause(pauseMs);
  }
}

async function replay(session: Session, subscription: Subscription, options: ListenOptions, id: string) {
  // So that a wrong id is told of, whoever else has events.
  await session.client.get(`/v1/events/${encodeURIComponent(id)}`);
  const query = { ...subscription.query, until: id };
  for await (const event of await follow(session.client, query, placeBefore(id))) {
    const exchange = await forward(event, options.forward, subscription);
    show(session, options, exchange);
    if (!exchange.succeeded) throw new Failure('The event was not accepted.');
    return;
  }
  throw new Failure(`The event ${id} is none of those asked for.`, [
    '"rowhook event show" tells for each webhook why it fires or not.',
  ]);
}

/** The id of a place right before an event, whatever event is there. */
function placeBefore(id: string): string {
  const place = parseEventId(id);
  if (!place) throw usageFailure(`"${id}" is no id of an event.`);
  return eventId(place.acceptedAtMs, place.seq - 1);
}

async function follow(
  client: Client,
  query: Subscription['query'],
  lastEventId: string | null,
): Promise<AsyncIterable<Followed>> {
  const text = await client.follow('/v1/events/feed', query, lastEventId);
  const messages = text.pipeThrough(new EventSourceParserStream({ maxBufferSize: maxMessageCharacters }));
  return (async function* () {
    for await (const { event, data } of messages) if (event === 'event') yield JSON.parse(data) as Followed;
  })();
}

function show({ print, remark }: Session, options: ListenOptions, exchange: Exchange): void {
  if (options.json) {
    // One line for each, for programs that read along.
    console.log(JSON.stringify(exchange));
    return;
  }
  print(exchange, () => renderExchange(exchange, options.bodies ?? false));
  if (exchange.succeeded || options.replay !== undefined) return;
  remark(`  again: rowhook listen --forward ${options.forward} --replay ${exchange.event}`);
}

function readUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('It must be a URL such as http://localhost:3000/hook.');
  }
  return url.href;
}

function readEventId(text: string): string {
  if (!parseEventId(text)) throw new InvalidArgumentError('It must be the id of an event, such as evt_….');
  return text;
}

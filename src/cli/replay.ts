import { setTimeout as pause } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { ReplayAnswer, ReplayCountAnswer } from './answers.ts';
import type { Client } from './client.ts';
import { Failure } from './failure.ts';
import { findWebhook } from './lookup.ts';
import { connected, readNumber, remarkMore, type Session, withExample, withLimit } from './session.ts';
import { printable, renderFields, renderTable } from './table.ts';

interface StartOptions {
  readonly since: string;
  readonly until?: string;
  readonly scope: 'failed' | 'missed' | 'all';
  readonly rate?: number;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
}

const pauseMs = 500;

/** `rowhook replay`: events of the past, sent to a webhook again. */
export function addReplayCommands(program: Command): void {
  const replay = program
    .command('replay')
    .description('replays: events of the past, sent to a webhook again');
  addStart(replay);

  const list = withLimit(replay.command('list').description('list replays, the newest first')).option(
    '--webhook <webhook>',
    'only of this webhook: its id or name',
  );
  withExample(list, 'rowhook replay list --webhook crm');
  connected<{ limit: number; webhook?: string }>(list, async (session, options) => {
    const { client } = session;
    const webhook =
      options.webhook === undefined ? undefined : (await findWebhook(client, options.webhook)).id;
    const page = await client.list<ReplayAnswer>('/v1/replays', options.limit, { webhook });
    session.print(page, () => renderReplays(page.data));
    remarkMore(session, page);
  });

  const show = replay
    .command('show')
    .description('show how far a replay is')
    .argument('<id>', 'id of the replay');
  withExample(show, 'rowhook replay show rpl_8wPpYzD0dW6SxKzD');
  connected<unknown, [string]>(show, async ({ client, print }, _options, id) => {
    const answer = await client.get<ReplayAnswer>(pathOf(id));
    print(answer, () => renderReplay(answer));
  });

  const steps = {
    pause: 'stop a replay for now; what has left stays',
    continue: 'let a paused replay go on',
    cancel: 'end a replay; it cannot go on',
  };
  for (const [step, description] of Object.entries(steps)) {
    const command = replay.command(step).description(description).argument('<id>', 'id of the replay');
    withExample(command, `rowhook replay ${step} rpl_8wPpYzD0dW6SxKzD`);
    connected<unknown, [string]>(command, async ({ client, print }, _options, id) => {
      const answer = await client.post<ReplayAnswer>(`${pathOf(id)}/${step}`);
      print(answer, () => renderReplay(answer));
    });
  }
}

function addStart(replay: Command): void {
  const start = replay
    .command('start')
    .description('send events of the past to a webhook again, behind everything new')
    .argument('<webhook>', 'id or name of the webhook')
    .requiredOption('--since <time>', 'events accepted at or after this time, such as 2026-01-31T12:00:00Z')
    .option('--until <time>', 'events accepted before this time; if left out: now')
    .addOption(
      new Option('--scope <what>', 'which: given up after all retries, never delivered, or all that match')
        .choices(['failed', 'missed', 'all'])
        .default('failed'),
    )
    .option('--rate <number>', 'deliveries a second, at most', readNumber)
    .option('--dry-run', 'only say how many requests it would be')
    .option('--wait', 'wait for its end, and fail if not everything arrived');
  withExample(
    start,
    'rowhook replay start crm --since 2026-01-31T00:00:00Z --dry-run',
    'rowhook replay start crm --since 2026-01-31T00:00:00Z --scope missed --wait',
  );
  connected<StartOptions, [string]>(start, async (session, options, idOrName) => {
    const { client, print } = session;
    const { since, until, scope, rate } = options;
    const path = `/v1/webhooks/${(await findWebhook(client, idOrName)).id}/replay`;
    const period = { since, scope, ...(until === undefined ? {} : { until }) };
    if (options.dryRun) {
      const count = await client.post<ReplayCountAnswer>(`${path}/count`, period);
      print(count, () => renderCount(count));
      return;
    }
    const started = await client.post<ReplayAnswer>(path, {
      ...period,
      ...(rate === undefined ? {} : { ratePerSecond: rate }),
    });
    const shown = options.wait ? await atItsEnd(session, started) : started;
    print(shown, () => renderReplay(shown));
    if (options.wait && (shown.state !== 'done' || shown.failed > 0))
      throw new Failure(`The replay is ${shown.state}; ${shown.failed} deliveries did not arrive.`);
  });
}

/** The replay once it is no longer running; says now and then how far it is. */
async function atItsEnd({ client, remark }: Session, started: ReplayAnswer): Promise<ReplayAnswer> {
  let shown = started;
  let told = -1;
  while (shown.state === 'running') {
    await pause(pauseMs);
    shown = await client.get<ReplayAnswer>(pathOf(started.id));
    const percent = Math.floor(shown.progress * 100);
    if (percent >= told + 10) {
      told = percent;
      remark(`${percent} %  ${shown.succeeded} arrived, ${shown.failed} did not`);
    }
  }
  return shown;
}

function pathOf(id: string): string {
  return `/v1/replays/${encodeURIComponent(id)}`;
}

function renderCount({ deliveries, events, counted }: ReplayCountAnswer): string {
  return renderFields({
    requests: counted < 1 ? `at least ${deliveries}` : deliveries,
    events: counted < 1 ? `at least ${events}` : events,
    counted: counted < 1 ? `the first ${Math.floor(counted * 100)} % of the period` : undefined,
  });
}

function renderReplays(replays: readonly ReplayAnswer[]): string {
  return renderTable(replays, [
    { title: 'id', value: ({ id }) => id },
    { title: 'created', value: ({ createdAt }) => createdAt },
    { title: 'scope', value: ({ scope }) => scope },
    { title: 'state', value: ({ state }) => state },
    { title: 'progress', value: ({ progress }) => `${Math.floor(progress * 100)} %` },
    { title: 'arrived', value: ({ succeeded }) => succeeded },
    { title: 'failed', value: ({ failed }) => failed },
    { title: 'reason', value: ({ reason }) => reason },
  ]);
}

function renderReplay(replay: ReplayAnswer): string {
  const { id, scope, since, until, state, reason, progress, succeeded, failed, finishedAt } = replay;
  return renderFields({
    id,
    scope,
    period: `${since} to ${until}`,
    state: reason === null ? state : `${state}: ${printable(reason)}`,
    progress: `${Math.floor(progress * 100)} %`,
    arrived: succeeded,
    failed,
    finished: finishedAt ?? undefined,
  });
}

/** How far the replays of a webhook are, for other commands. */
export async function openReplays(client: Client, webhook: string): Promise<readonly ReplayAnswer[]> {
  const { data } = await client.list<ReplayAnswer>('/v1/replays', 10, { webhook });
  return data.filter(({ state }) => state === 'running' || state === 'paused');
}

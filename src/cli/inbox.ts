import { type Command, Option } from 'commander';
import type { InboxAnswer, InboxPageAnswer, ReceivedAnswer } from './answers.ts';
import { connected, readNumber, withExample } from './session.ts';
import { printable, renderFields, renderTable } from './table.ts';

const kinds = ['answer', 'never-answer', 'reset-connection'] as const;
const defaultShownRequests = 10;
/** Characters of a body shown with a request; `--json` has all that is kept. */
const shownBodyCharacters = 500;

interface AnswerOptions {
  readonly kind: (typeof kinds)[number];
  readonly status?: number;
  readonly body?: string;
  readonly delayMs?: number;
  readonly times?: number;
}

/** `rowhook inbox`: the built-in test consumer. */
export function addInboxCommands(program: Command): void {
  const inbox = program
    .command('inbox')
    .description('inboxes of the built-in test consumer: what arrived, and how they answer');

  const list = inbox.command('list').description('list the inboxes');
  withExample(list, 'rowhook inbox list');
  connected(list, async ({ client, print }) => {
    const answer = await client.get<{ data: readonly InboxAnswer[] }>('/test-consumer/inboxes');
    print(answer, () =>
      renderTable(answer.data, [
        { title: 'name', value: ({ name }) => name },
        { title: 'received', value: ({ received }) => received },
        { title: 'repeats', value: ({ repeats }) => repeats },
        { title: 'last', value: ({ lastReceivedAt }) => lastReceivedAt },
        { title: 'answers', value: ({ behaviour }) => describe(behaviour) },
      ]),
    );
  });

  const show = named(inbox.command('show').description('show what arrived, the newest first')).option(
    '--last <number>',
    'how many requests to show at most',
    readNumber,
    defaultShownRequests,
  );
  withExample(show, 'rowhook inbox show orders --last 1');
  connected<{ last: number }, [string]>(show, async ({ client, print }, { last }, name) => {
    const answer = await client.get<InboxPageAnswer>(pathOf(name), { limit: last });
    print(answer, () => renderInbox(answer));
  });

  const answer = named(
    inbox.command('answer').description('say how an inbox answers from now on: fail, be slow, break off'),
  )
    .addOption(new Option('--kind <kind>', 'what it does').choices(kinds).default('answer'))
    .option('--status <number>', 'HTTP status of its answers; if left out: 200', readNumber)
    .option('--body <text>', 'body of its answers')
    .option('--delay-ms <number>', 'how long it waits before', readNumber)
    .option('--times <number>', 'only for so many requests, then 200 again', readNumber);
  withExample(answer, 'rowhook inbox answer orders --status 500 --times 3');
  connected<AnswerOptions, [string]>(answer, async ({ client, print }, options, name) => {
    const { kind, status, body, delayMs, times } = options;
    const changed = await client.put<InboxAnswer>(`${pathOf(name)}/behaviour`, {
      kind,
      ...(status === undefined ? {} : { status }),
      ...(body === undefined ? {} : { body }),
      ...(delayMs === undefined ? {} : { delayMs }),
      ...(times === undefined ? {} : { forNextRequests: times }),
    });
    print(changed, () => `${name}: ${describe(changed.behaviour)}.`);
  });

  const clear = named(inbox.command('clear').description('forget what arrived'));
  withExample(clear, 'rowhook inbox clear orders');
  connected<unknown, [string]>(clear, async ({ client, print }, _options, name) => {
    await client.delete(pathOf(name));
    print({ cleared: name }, () => `${name} is empty.`);
  });
}

function named(command: Command): Command {
  return command.argument('<name>', 'name of the inbox');
}

function pathOf(name: string): string {
  return `/test-consumer/inboxes/${encodeURIComponent(name)}`;
}

function describe({ kind, status, delayMs, forNextRequests }: InboxAnswer['behaviour']): string {
  const parts = [kind === 'answer' ? `answers ${status ?? 200}` : kind.replaceAll('-', ' ')];
  if (delayMs) parts.push(`after ${delayMs} ms`);
  if (forNextRequests !== null) parts.push(`for the next ${forNextRequests}`);
  return parts.join(' ');
}

function renderInbox({ name, received, repeats, behaviour, data }: InboxPageAnswer): string {
  const summary = renderFields({ name, received, repeats, behaviour: describe(behaviour) });
  return [summary, ...data.map(renderRequest)].join('\n\n');
}

function renderRequest({
  number,
  receivedAt,
  method,
  path,
  verdict,
  repeat,
  answer,
  body,
}: ReceivedAnswer): string {
  const remarks = [
    verdict,
    ...(repeat ? ['repeat'] : []),
    ...(answer.status === undefined ? [] : [answer.status]),
  ];
  return [
    printable(`#${number}  ${receivedAt}  ${method} ${path}  (${remarks.join(', ')})`),
    `  ${printable(body === null ? 'not text' : body.slice(0, shownBodyCharacters))}`,
  ].join('\n');
}

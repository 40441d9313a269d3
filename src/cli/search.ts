import type { Command } from 'commander';
import { connected, withExample } from './session.ts';
import { renderTable } from './table.ts';

interface LinkAnswer {
  readonly kind: string;
  readonly id: string;
  readonly summary: string;
}

/** `rowhook search`: whatever an id belongs to. */
export function addSearchCommand(program: Command): void {
  const search = program
    .command('search')
    .description('find what an id belongs to that a consumer quotes')
    .argument('<id>', 'webhook-id, or id of an event, row, webhook, replay, or an Idempotency-Key');
  withExample(search, 'rowhook search msg_0mf1x2a3b00000017_1');
  connected<object, [string]>(search, async ({ client, print }, _, id) => {
    const answer = await client.get<{ data: readonly LinkAnswer[] }>('/v1/search', { id });
    print(answer, () =>
      answer.data.length === 0
        ? 'Nothing has this id.'
        : renderTable(answer.data, [
            { title: 'kind', value: ({ kind }) => kind },
            { title: 'id', value: ({ id: found }) => found },
            { title: 'what', value: ({ summary }) => summary },
          ]),
    );
  });
}

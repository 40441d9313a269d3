import type { Command } from 'commander';
import type { BaseAnswer } from './answers.ts';
import { connected, remarkMore, withExample, withLimit } from './session.ts';
import { renderTable } from './table.ts';

/** `rowhook base`: sets of tables. */
export function addBaseCommands(program: Command): void {
  const base = program.command('base').description('bases: sets of tables');

  const list = withLimit(base.command('list').description('list the bases'));
  withExample(list, 'rowhook base list');
  connected<{ limit: number }>(list, async (session, { limit }) => {
    const page = await session.client.list<BaseAnswer>('/v1/bases', limit);
    session.print(page, () => renderBases(page.data));
    remarkMore(session, page);
  });

  const create = base
    .command('create')
    .description('create a base')
    .argument('<name>', 'name of the base; it need not be unique');
  withExample(create, 'rowhook base create Airports');
  connected<unknown, [string]>(create, async ({ client, print }, _options, name) => {
    const created = await client.post<BaseAnswer>('/v1/bases', { name });
    print(created, () => renderBases([created]));
  });
}

function renderBases(bases: readonly BaseAnswer[]): string {
  return renderTable(bases, [
    { title: 'id', value: ({ id }) => id },
    { title: 'name', value: ({ name }) => name },
    { title: 'created', value: ({ createdAt }) => createdAt },
  ]);
}

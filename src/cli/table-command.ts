import type { Command } from 'commander';
import { columnTypes } from '../model/table.ts';
import type { TableAnswer } from './answers.ts';
import { readColumn } from './column.ts';
import { findBase } from './lookup.ts';
import { collect, connected, remarkMore, withExample, withLimit } from './session.ts';
import { renderTable } from './table.ts';

/** `rowhook table`: tables and their columns. */
export function addTableCommands(program: Command): void {
  const table = program.command('table').description('tables of a base');

  const list = withLimit(table.command('list').description('list the tables of a base'));
  list.argument('<base>', 'id or name of the base');
  withExample(list, 'rowhook table list Airports');
  connected<{ limit: number }, [string]>(list, async (session, { limit }, baseName) => {
    const base = await findBase(session.client, baseName);
    const page = await session.client.list<TableAnswer>(`/v1/bases/${base.id}/tables`, limit);
    session.print(page, () => renderTables(page.data));
    remarkMore(session, page);
  });

  const create = table
    .command('create')
    .description('create a table')
    .argument('<base>', 'id or name of the base')
    .argument('<name>', 'name of the table')
    .requiredOption(
      '--column <name:type>',
      'a column; give it once for each, the first one names the rows. ' +
        `Types: ${columnTypes.join(', ')}. A select has its options after another colon, with | between ` +
        'them; "date:time" is a date with a time; a link names its table after another colon',
      collect,
    );
  withExample(
    create,
    'rowhook table create Shop Orders --column Number:text --column Total:number --column Due:date',
    'rowhook table create Shop Tasks --column Name:text --column "State:single-select:open|done"',
  );
  connected<{ column: readonly string[] }, [string, string]>(
    create,
    async ({ client, print }, { column }, baseName, name) => {
      const columns = column.map(readColumn);
      const base = await findBase(client, baseName);
      const created = await client.post<TableAnswer>(`/v1/bases/${base.id}/tables`, { name, columns });
      print(created, () => renderTables([created]));
    },
  );
}

function renderTables(tables: readonly TableAnswer[]): string {
  return renderTable(tables, [
    { title: 'id', value: ({ id }) => id },
    { title: 'name', value: ({ name }) => name },
    {
      title: 'columns',
      value: ({ columns }) => columns.map(({ name, type }) => `${name}:${type}`).join(', '),
    },
  ]);
}

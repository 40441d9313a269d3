import type { Command } from 'commander';
import type { BaseAnswer, RowAnswer, TableAnswer } from './answers.ts';
import { readCells } from './cell.ts';
import type { Client } from './client.ts';
import { findBase, findTable, tablePath } from './lookup.ts';
import { connected, remarkMore, withExample, withLimit } from './session.ts';
import { type Column, renderTable } from './table.ts';

interface Place {
  readonly base: BaseAnswer;
  readonly table: TableAnswer;
  readonly path: string;
}

/** `rowhook row`: rows, whose changes are events. */
export function addRowCommands(program: Command): void {
  const row = program.command('row').description('rows of a table, whose changes are events');

  const list = inTable(withLimit(row.command('list').description('list rows, the oldest first')));
  withExample(list, 'rowhook row list Shop Orders --limit 10');
  connected<{ limit: number }, [string, string]>(list, async (session, { limit }, base, table) => {
    const place = await find(session.client, base, table);
    const page = await session.client.list<RowAnswer>(place.path, limit);
    session.print(page, () => renderRows(place.table, page.data));
    remarkMore(session, page);
  });

  const add = inTable(row.command('add').description('add a row; its event is sent to webhooks'));
  add.argument('<cells...>', 'cells as COLUMN=VALUE; several items of one cell with commas between them');
  withExample(add, 'rowhook row add Shop Orders Number=A-17 Total=12.5 Due=2026-05-31');
  connected<unknown, [string, string, string[]]>(
    add,
    async ({ client, print }, _options, base, table, args) => {
      const place = await find(client, base, table);
      const rows = [{ cells: readCells(place.table, args) }];
      const answer = await client.post<{ rows: RowAnswer[] }>(place.path, { rows });
      print(answer, () => renderRows(place.table, answer.rows));
    },
  );

  const update = inTable(row.command('update').description('change cells of a row'));
  update
    .argument('<id>', 'id of the row')
    .argument('<cells...>', 'cells as COLUMN=VALUE; COLUMN= empties a cell');
  withExample(update, 'rowhook row update Shop Orders AZn8Qz0kR2aVx0eKq3P9hw Total=14');
  connected<unknown, [string, string, string, string[]]>(
    update,
    async ({ client, print }, _options, base, table, id, args) => {
      const place = await find(client, base, table);
      const rows = [{ id, cells: readCells(place.table, args) }];
      const answer = await client.patch<{ rows: RowAnswer[] }>(place.path, { rows });
      print(answer, () => renderRows(place.table, answer.rows));
    },
  );

  const remove = inTable(row.command('delete').description('delete rows'));
  remove.argument('<ids...>', 'ids of the rows');
  withExample(remove, 'rowhook row delete Shop Orders AZn8Qz0kR2aVx0eKq3P9hw');
  connected<unknown, [string, string, string[]]>(
    remove,
    async ({ client, print }, _options, base, table, ids) => {
      const place = await find(client, base, table);
      const answer = await client.delete<{ deleted: number }>(place.path, { ids });
      print(answer, () => `${answer.deleted} deleted.`);
    },
  );
}

function inTable(command: Command): Command {
  return command.argument('<base>', 'id or name of the base').argument('<table>', 'id or name of the table');
}

/** The table, and the path of its rows. */
async function find(client: Client, baseName: string, tableName: string): Promise<Place> {
  const base = await findBase(client, baseName);
  const table = await findTable(client, base, tableName);
  return { base, table, path: `${tablePath(base, table)}/rows` };
}

function renderRows(table: TableAnswer, rows: readonly RowAnswer[]): string {
  const cells = table.columns.map(
    ({ name }): Column<RowAnswer> => ({ title: name, value: ({ cells: shown }) => shown[name] }),
  );
  return renderTable(rows, [{ title: 'id', value: ({ id }) => id }, ...cells]);
}

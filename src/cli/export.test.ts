import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { RowhookUnderTest } from './testing/rowhook-under-test.ts';

let rowhook: RowhookUnderTest;
before(async () => {
  rowhook = await RowhookUnderTest.start();
  const columns = [
    'Number:text',
    'Total:number',
    'Rated:rating',
    'Place:geolocation',
    'Tags:multiple-select:a|b',
  ];
  await rowhook.succeed(['base', 'create', 'Shop']);
  await rowhook.succeed([
    'table',
    'create',
    'Shop',
    'Orders',
    ...columns.flatMap((column) => ['--column', column]),
  ]);
  const cells = ['Number=A-1', 'Total=12.5', 'Rated=4', 'Place=47.37, 8.54', 'Tags=a,b'];
  await rowhook.succeed(['row', 'add', 'Shop', 'Orders', ...cells]);
  await rowhook.succeed(['row', 'add', 'Shop', 'Orders', 'Number==1+1', 'Total=3']);
});
after(() => rowhook.stop());

const list = (table: string) => rowhook.json<{ data: { cells: unknown }[] }>(['row', 'list', 'Shop', table]);
const cellsOf = async (table: string) => (await list(table)).data.map(({ cells }) => cells);

describe('rowhook export', () => {
  for (const file of ['orders.csv', 'orders.jsonl']) {
    it(`writes ${file}, which the import takes back as it was`, async () => {
      await rowhook.succeed(['export', 'Shop', 'Orders', '--output', file]);
      const copy = `Copy of ${file}`;
      const columns = [
        'Number:text',
        'Total:number',
        'Rated:rating',
        'Place:geolocation',
        'Tags:multiple-select:a|b',
      ];
      await rowhook.succeed([
        'table',
        'create',
        'Shop',
        copy,
        ...columns.flatMap((each) => ['--column', each]),
      ]);
      await rowhook.succeed(['import', file, '--base', 'Shop', '--table', copy]);
      assert.deepEqual(await cellsOf(copy), await cellsOf('Orders'));
    });
  }

  it('prints to standard output, filtered, and guards against formulas in CSV only', async () => {
    const csv = await rowhook.succeed(['export', 'Shop', 'Orders', '--filter', 'Total<10']);
    assert.match(csv, /^Number,Total,Rated,Place,Tags\r?\n'=1\+1,3,/);
    const lines = await rowhook.succeed([
      'export',
      'Shop',
      'Orders',
      '--format',
      'jsonl',
      '--filter',
      'Total<10',
    ]);
    assert.equal(JSON.parse(lines).Number, '=1+1');
  });

  it('says what is wrong with a filter', async () => {
    await rowhook.fail(['export', 'Shop', 'Orders', '--filter', 'Nope=1'], 1, /Nope/);
  });
});

describe('rowhook import of JSON lines', () => {
  it('makes base, table and columns with the types of the file', async () => {
    await rowhook.succeed(['export', 'Shop', 'Orders', '--output', 'fresh.jsonl', '--filter', 'Total>10']);
    const { errors, exitCode } = await rowhook.run([
      'import',
      'fresh.jsonl',
      '--base',
      'Fresh',
      '--create',
      '--no-fire',
    ]);
    assert.equal(exitCode, 1, 'a list or an object is no text');
    assert.match(errors, /Created the table fresh: Number:text, Total:number, Rated:number/);
    assert.match(await readFile(join(rowhook.directory, 'fresh.jsonl'), 'utf8'), /"Number":"A-1"/);
  });

  it('makes no events with --no-fire', async () => {
    const events = async () => (await rowhook.json<{ data: unknown[] }>(['event', 'list'])).data.length;
    const before = await events();
    await rowhook.succeed(['import', 'orders.jsonl', '--base', 'Shop', '--table', 'Orders', '--no-fire']);
    assert.equal(await events(), before);
    assert.equal((await list('Orders')).data.length, 4);
  });
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { ApiClient } from '../support/api-client.ts';
import { suiteScope } from '../support/scope.ts';
import { operatorToken, ServerProcess } from '../support/server-process.ts';
import { launchChromium, openPage, whyNoBrowser } from './chromium.ts';
import { type Grid, gridOf } from './grid.ts';

const patienceMs = 20_000;

interface Cells {
  readonly id: string;
  readonly number: number;
  readonly cells: Readonly<Record<string, unknown>>;
}

describe('bases in the console', { skip: whyNoBrowser }, () => {
  const scope = suiteScope();
  let api: ApiClient;
  let page: Page;
  let faults: readonly string[];
  let grid: Grid;
  let place: string;

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = (name: string) => page.getByRole('dialog', { name, exact: true });
  const rows = async (): Promise<Cells[]> => api.all<Cells>(`/v1/bases/${place}/rows?cellsBy=key`);
  /** Waits until the server has a cell as it should be. */
  const saved = async (row: number, key: string, value: unknown): Promise<void> => {
    const shown = await api.until(
      rows,
      (all) => JSON.stringify(all[row]?.cells[key]) === JSON.stringify(value),
    );
    assert.deepEqual(shown[row]?.cells[key], value);
  };

  before(async () => {
    const server = await ServerProcess.start(scope);
    ({ api } = server);
    const { base, table, path } = await api.createTable('Orders', [
      { key: 'name', name: 'Name', type: 'text' },
      { key: 'rated', name: 'Rated', type: 'rating' },
      { key: 'place', name: 'Place', type: 'geolocation' },
      { key: 'pics', name: 'Pictures', type: 'image' },
      { key: 'due', name: 'Due', type: 'date' },
      { key: 'took', name: 'Took', type: 'duration' },
      { key: 'note', name: 'Note', type: 'long-text' },
      { key: 'made', name: 'Made', type: 'created' },
    ]);
    place = `${base.id}/tables/${table.id}`;
    await api.post(`${path}/columns`, {
      key: 'tags',
      name: 'Tags',
      type: 'multiple-select',
      data: { options: [{ name: 'big' }, { name: 'red' }] },
      position: 1,
    });
    await api.post(`${path}/rows`, {
      rows: ['Ada', 'Grace', 'Alan', 'Emmy'].map((name, rated) => ({ cells: { name, rated: rated + 1 } })),
    });
    const browser = await launchChromium();
    scope.after(() => browser.close());
    // Wide enough for every column: those out of sight do not exist.
    ({ page, faults } = await openPage(browser, server.url, { width: 2_600 }));
    page.setDefaultTimeout(patienceMs);
    await page.goto(`/#token=${operatorToken}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.goto(`/bases/${base.id}/${table.id}`);
    grid = gridOf(page);
    await grid.cell(0, 'Name').waitFor();
  });

  test('cells of every kind are typed and shown as what they are', async () => {
    await grid.type(0, 'Rated', '5');
    await saved(0, 'rated', 5);
    await grid.cell(0, 'Rated').getByText('★★★★★').waitFor();
    await grid.type(0, 'Place', '47.37, 8.54');
    await saved(0, 'place', { lat: 47.37, lng: 8.54 });
    await grid.type(1, 'Place', 'Switzerland');
    await saved(1, 'place', { country_region: 'Switzerland' });
    await grid.type(0, 'Pictures', 'https://example.com/a.png, https://example.com/b.png');
    await saved(0, 'pics', ['https://example.com/a.png', 'https://example.com/b.png']);
    await grid.cell(0, 'Pictures').getByText('b.png').waitFor();
    await grid.type(0, 'Took', '1:30');
    await saved(0, 'took', 5_400);
    await grid.cell(0, 'Took').getByText('1:30').waitFor();
  });

  test('a day is chosen in the browser’s own field, options with boxes, prose in a larger field', async () => {
    await grid.edit(0, 'Due');
    await page.locator('input.cell-editor[type=date]').fill('2026-05-31');
    await page.keyboard.press('Enter');
    await saved(0, 'due', '2026-05-31');
    await grid.cell(0, 'Due').getByText('31 May 2026').waitFor();

    await grid.edit(0, 'Tags');
    await page.locator('.cell-options').getByLabel('red').check();
    await page.locator('.cell-options').getByLabel('big').check();
    await page.keyboard.press('Enter');
    await saved(0, 'tags', ['big', 'red']);

    await grid.edit(0, 'Note');
    await page.locator('textarea.cell-editor').fill('one');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('two');
    await page.keyboard.press('Enter');
    await saved(0, 'note', 'one\ntwo');

    await grid.edit(0, 'Tags');
    await page.locator('.cell-options').getByLabel('big').uncheck();
    await page.keyboard.press('Escape');
    await page.locator('.cell-options').waitFor({ state: 'detached' });
    await saved(0, 'tags', ['big', 'red']);
  });

  test('what the server fills in cannot be typed', async () => {
    await grid.focus(0, 'Made');
    await page.keyboard.type('x');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('.edit-input-wrapper').count(), 0);
  });

  test('an undo takes back inserts and deletes, too', async () => {
    await grid.focus(3, 'Name');
    await button('Duplicate').click();
    await page.getByText('5 rows').waitFor();
    await button('Delete rows').click();
    await dialog('Delete rows').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('4 rows').waitFor();
    await button('Undo').click();
    await page.getByText('5 rows').waitFor();
    assert.deepEqual(
      (await rows()).map(({ cells }) => cells.name),
      ['Ada', 'Grace', 'Alan', 'Emmy', 'Emmy'],
    );
    await grid.cell(3, 'Name').getByText('Emmy').waitFor();
    await button('Undo').click();
    await page.getByText('4 rows').waitFor();
    assert.equal((await rows()).length, 4);
  });

  test('the history takes back what others have changed, and says which changes are undone', async () => {
    const [first] = await rows();
    await api.patch(`/v1/bases/${place}/rows`, {
      rows: [{ id: first?.id, cells: { name: 'Someone else' } }],
    });
    await button('History').click();
    const drawer = dialog('Last changes of the rows');
    await drawer.getByRole('listitem').first().getByRole('button', { name: 'Undo', exact: true }).click();
    await drawer.getByText('Undone', { exact: true }).first().waitFor();
    await saved(0, 'name', 'Ada');
    await page.keyboard.press('Escape');
    await grid.cell(0, 'Name').getByText('Ada').waitFor();
  });

  test('rows are filtered and sorted, and the address says how', async () => {
    await button('Filter').click();
    await page.getByRole('combobox', { name: 'Column' }).click();
    await page.getByRole('option', { name: 'Rated' }).click();
    await page.getByRole('combobox', { name: 'Comparison' }).click();
    await page.getByRole('option', { name: 'is at least' }).click();
    await page.getByRole('textbox', { name: 'Value' }).fill('3');
    await button('Apply').click();
    await page.getByText('3 rows').waitFor();
    await page.getByRole('combobox', { name: 'Sort by' }).click();
    await page.getByRole('option', { name: 'Name' }).click();
    await grid.cell(0, 'Name').getByText('Ada').waitFor();
    await button('Sort descending').click();
    await grid.cell(0, 'Name').getByText('Emmy').waitFor();
    assert.match(decodeURIComponent(page.url()), /filter=.*rated>=3.*sort=name.*order=desc/);
    await page.reload();
    await grid.cell(0, 'Name').getByText('Emmy').waitFor();
    await page.getByText('3 rows').waitFor();
  });

  test('what is shown is exported, as CSV or as JSON lines', async () => {
    for (const [name, pattern] of [
      ['CSV', /^Name,Tags,Rated,/],
      ['JSON lines', /^\{"Name":"Ada","Tags":\["big","red"\],"Rated":5/],
    ] as const) {
      await button('Export').click();
      const download = page.waitForEvent('download');
      await page.getByRole('menuitem', { name }).click();
      const file = await (await download).path();
      const text = await readFile(file, 'utf8');
      assert.match(text, pattern);
      assert.doesNotMatch(text, /Grace/, 'the filter leaves her out');
    }
  });

  test('a column is moved, given options, and converted once it is known what is lost', async () => {
    await page.goto(`/bases/${place.replace('/tables/', '/')}`);
    await grid.cell(0, 'Name').waitFor();
    await button('Columns').click();
    await button('Move towards the front: Rated').click();
    await grid.header(1).getByText('Rated').waitFor();

    await button('More: Tags').click();
    await page.getByRole('menuitem', { name: 'Change' }).click();
    const editing = dialog('Change the column Tags');
    await editing.getByRole('button', { name: 'Add an option' }).click();
    await editing.getByLabel('Name of the option').last().fill('new');
    await editing.getByRole('button', { name: 'Save' }).click();
    await editing.waitFor({ state: 'detached' });
    const column = await api.until(
      () =>
        api.get<{ columns: { key: string; data: { options?: { name: string }[] } }[] }>(`/v1/bases/${place}`),
      ({ columns }) => columns.some(({ data }) => data.options?.length === 3),
    );
    assert.deepEqual(
      column.columns.find(({ key }) => key === 'tags')?.data.options?.map(({ name }) => name),
      ['big', 'red', 'new'],
    );

    await api.patch(`/v1/bases/${place}/rows`, {
      rows: [{ id: (await rows())[0]?.id, cells: { name: '12' } }],
    });
    await button('More: Name').click();
    await page.getByRole('menuitem', { name: 'Convert' }).click();
    const converting = dialog('Convert the column Name');
    await converting.getByRole('combobox', { name: 'Type' }).click();
    await page.getByRole('option', { name: 'Number', exact: true }).click();
    await converting.getByText('3 filled cells become empty.').waitFor();
    await converting.getByRole('cell', { name: 'Grace' }).waitFor();
    await converting.getByRole('button', { name: 'Convert' }).click();
    await converting.waitFor({ state: 'detached' });
    await saved(0, 'name', 12);
    await saved(1, 'name', null);
    await page.keyboard.press('Escape');
    await grid.cell(0, 'Name').getByText('12').waitFor();
  });

  test('a file of JSON lines is imported with the types that a person confirms', async () => {
    await button('Import').click();
    const lines = '{"Name":7,"Weight":"1.5"}\n{"Name":8,"Weight":"2"}\n';
    const file = { name: 'more.jsonl', mimeType: 'application/x-ndjson', buffer: Buffer.from(lines) };
    await page.locator('input[type=file]').setInputFiles(file);
    const importing = dialog('Import a file');
    const type = importing.getByLabel('Type of the new column Weight');
    assert.equal(await type.inputValue(), 'Text');
    await importing.getByLabel('Let webhooks hear of the rows').uncheck();
    await importing.getByRole('button', { name: 'Import' }).click();
    await importing.getByText('2 rows were imported.').waitFor();
    await importing.getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('6 rows').waitFor();
    const { data } = await api.get<{ data: { type: string }[] }>('/v1/events?type=row.inserted');
    assert.equal(data.length, 6, 'four at first, a duplicate, and what an undo brought back');
  });

  test('nothing went wrong in the pages themselves', () => {
    assert.deepEqual(faults, []);
  });
});

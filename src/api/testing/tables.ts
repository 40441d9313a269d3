import assert from 'node:assert/strict';
import type { Answer, ApiUnderTest } from './api-under-test.ts';

/** A column of every type that is written but links. */
export const everyType = [
  { name: 'Name', key: 'name', type: 'text' },
  { name: 'Notes', type: 'long-text' },
  { name: 'Count', key: 'count', type: 'number' },
  { name: 'Paid', type: 'checkbox' },
  { name: 'Day', type: 'date' },
  { name: 'At', type: 'date', data: { time: true } },
  {
    name: 'State',
    key: 'state',
    type: 'single-select',
    data: { options: [{ id: 'o1', name: 'Open' }, { name: 'Done' }] },
  },
  { name: 'Tags', type: 'multiple-select', data: { options: [{ name: 'a' }, { name: 'b' }] } },
  { name: 'Mail', type: 'email' },
  { name: 'Site', type: 'url' },
  { name: 'Who', type: 'collaborator' },
  { name: 'Files', type: 'file' },
  { name: 'Pictures', type: 'image' },
  { name: 'Takes', type: 'duration' },
  { name: 'Stars', type: 'rating' },
  { name: 'Place', type: 'geolocation' },
];
/** A cell for each of `everyType`. */
export const cells = {
  Name: 'Ada',
  Notes: 'line\nline "quoted"',
  Count: 12.5,
  Paid: true,
  Day: '2024-02-29',
  At: '2024-02-29T10:00:00.000Z',
  State: 'Open',
  Tags: ['b', 'a'],
  Mail: 'ada@example.com',
  Site: 'https://example.com/',
  Who: ['ada', 'bob'],
  Files: [{ name: 'a.pdf', url: 'https://example.com/a.pdf', size: 3 }],
  Pictures: ['https://example.com/a.png'],
  Takes: 5_400,
  Stars: 4,
  Place: { lat: 47.37, lng: 8.54 },
};
export const empty = Object.fromEntries(Object.keys(cells).map((name) => [name, null]));

/** The path of a new table. */
export async function newTable(api: ApiUnderTest, columns: unknown = everyType): Promise<string> {
  const base = await api.call('POST', '/v1/bases', { body: { name: 'Shop' } });
  const table = await api.call('POST', `/v1/bases/${base.body.id}/tables`, {
    body: { name: 'Orders', columns },
  });
  assert.equal(table.status, 201, table.text);
  return `/v1/bases/${base.body.id}/tables/${table.body.id}`;
}

export async function insert(api: ApiUnderTest, table: string, ...rows: object[]): Promise<Answer> {
  const answer = await api.call('POST', `${table}/rows`, {
    body: { rows: rows.map((row) => ({ cells: row })) },
  });
  assert.equal(answer.status, 201, answer.text);
  return answer;
}

/** The events of a table, in order. */
export async function eventsOf(
  api: ApiUnderTest,
  table: string,
): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const { body } = await api.call('GET', '/v1/events?limit=1000');
  const id = table.split('/').at(-1);
  return body.data.filter((event: { row: { table: string } }) => event.row.table === id).reverse();
}

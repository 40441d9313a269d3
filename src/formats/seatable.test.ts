import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { describe, test } from 'node:test';
import { column, postedEvent, rowEvent, tableOf } from '../matching/testing/events.ts';
import type { JournalEvent } from '../model/event.ts';
import type { Column } from '../model/table.ts';
import { renderSeaTable } from './seatable.ts';

interface Body {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>> & {
    readonly row_data: ReadonlyArray<Readonly<Record<string, unknown>>>;
  };
}

function bodyOf(event: JournalEvent): Body {
  return JSON.parse(renderSeaTable([event], false).body);
}

/** `value` and `old_value` of a cell that changed from one to the other. */
function change(of: Column, oldValue: unknown, value: unknown): unknown[] {
  const [cell] = bodyOf(rowEvent(tableOf([of]), { [of.name]: oldValue }, { [of.name]: value })).data.row_data;
  return [cell?.old_value, cell?.value];
}

const options = {
  options: [
    { id: '111', name: 'new', color: '#000000' },
    { id: '222', name: 'big' },
  ],
};

describe('the SeaTable format', () => {
  test('always has the event "update" for rows, with the three operations', () => {
    const table = tableOf([column('Name')]);
    const events = [
      rowEvent(table, null, { Name: 'a' }),
      rowEvent(table, { Name: 'a' }, { Name: 'b' }),
      rowEvent(table, { Name: 'b' }, null),
    ];
    const bodies = events.map(bodyOf);
    assert.deepEqual(
      bodies.map(({ event, data }) => [event, data.op_type]),
      [
        ['update', 'insert_row'],
        ['update', 'modify_row'],
        ['update', 'delete_row'],
      ],
    );
  });

  test('has ids of 32, 22 and 4 characters and the time in seconds', () => {
    const event = rowEvent(tableOf([column('Name')]), null, {}, { occurredAtMs: 1_649_922_777_279 });
    const { data } = bodyOf(event);
    assert.equal(String(data.dtable_uuid).length, 32);
    assert.equal(String(data.row_id).length, 22);
    assert.equal(String(data.table_id).length, 4);
    assert.equal(data.op_time, 1_649_922_777.279);
  });

  test('names the API token as op_app when one made the change, and only then', () => {
    const table = tableOf([column('Name')]);
    const byToken = rowEvent(table, null, {}, { actor: { user: null, app: 'importer' } });
    const byPerson = rowEvent(table, null, {}, { actor: { user: 'ada', app: null } });
    assert.equal(bodyOf(byToken).data.op_app, 'importer');
    assert.equal(bodyOf(byToken).data.op_user, '');
    assert.equal(bodyOf(byPerson).data.op_user, 'ada');
    assert.equal('op_app' in bodyOf(byPerson).data, false);
  });

  test('lists the changed cells only, with the old value when the row was changed', () => {
    const table = tableOf([column('Name', 'text', 'name'), column('Note', 'text', 'note')]);
    const modified = bodyOf(rowEvent(table, { Name: 'a', Note: 'x' }, { Name: 'b', Note: 'x' }));
    assert.deepEqual(modified.data.row_data, [
      {
        column_key: 'name',
        column_name: 'Name',
        column_type: 'text',
        column_data: null,
        value: 'b',
        old_value: 'a',
      },
    ]);
    const inserted = bodyOf(rowEvent(table, null, { Name: 'a' }));
    assert.deepEqual(
      inserted.data.row_data.map((cell) => [cell.column_key, cell.value, 'old_value' in cell]),
      [['name', 'a', false]],
    );
    assert.deepEqual(bodyOf(rowEvent(table, { Name: 'a' }, null)).data.row_data, []);
  });

  test('has a message for ticking a checkbox, too', () => {
    assert.deepEqual(change(column('Done', 'checkbox'), false, true), [false, true]);
  });

  test('has select options by their id, and describes them in the column', () => {
    const single = column('Prio', 'single-select', 'prio', options);
    const multiple = column('Tags', 'multiple-select', 'tags', options);
    assert.deepEqual(change(single, 'new', 'big'), ['111', '222']);
    assert.deepEqual(change(multiple, ['new'], ['big', 'new']), [['111'], ['222', '111']]);
    const [cell] = bodyOf(rowEvent(tableOf([single]), null, { Prio: 'new' })).data.row_data;
    assert.deepEqual(cell?.column_data, {
      options: [
        { name: 'new', color: '#000000', id: '111' },
        { name: 'big', id: '222' },
      ],
    });
  });

  test('has the empty value of its type for a cell that is empty', () => {
    const empties = {
      text: '',
      'long-text': '',
      number: null,
      checkbox: false,
      date: '',
      email: '',
      url: '',
      collaborator: [],
      file: [],
      link: [],
    } as const;
    for (const [type, empty] of Object.entries(empties)) {
      const of = column('Cell', type as keyof typeof empties);
      assert.deepEqual(change(of, null, 'filled'), [empty, 'filled'], type);
      assert.deepEqual(change(of, 'filled', null), ['filled', empty], type);
    }
    assert.deepEqual(change(column('Cell', 'single-select', 'c', options), 'new', null), ['111', '']);
    assert.deepEqual(change(column('Cell', 'multiple-select', 'c', options), null, ['big']), [[], ['222']]);
  });

  test('says whether a date has a time', () => {
    const dataOf = (time: boolean): unknown =>
      bodyOf(rowEvent(tableOf([column('Due', 'date', 'due', { time })]), null, { Due: '2026-05-01' })).data
        .row_data[0]?.column_data;
    assert.deepEqual(dataOf(false), { format: 'YYYY-MM-DD' });
    assert.deepEqual(dataOf(true), { format: 'YYYY-MM-DD HH:mm' });
  });

  test('gives an event that an application posted its own name', () => {
    const { body } = renderSeaTable([postedEvent('invoice.paid', { amount: 1 })], false);
    assert.equal(body, '{"event":"invoice.paid","data":{"amount":1}}');
  });
});

describe('a consumer made for SeaTable', () => {
  /** As the examples of SeaTable's documentation do it: over the raw bytes of the body. */
  function verify(secret: string, header: string, raw: Buffer): boolean {
    const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`);
    const given = Buffer.from(header);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  test('verifies the signature over the bytes it receives, whatever characters are in them', () => {
    const event = rowEvent(tableOf([column('Name')]), null, { Name: 'Zoë "😀"\u2028' });
    const { body, contentType } = renderSeaTable([event], false);
    assert.equal(contentType, 'application/json');
    const signature = `sha256=${createHmac('sha256', 's3cret').update(body).digest('hex')}`;
    const received = Buffer.from(body, 'utf8');
    assert.equal(verify('s3cret', signature, received), true);
    assert.equal(verify('other', signature, received), false);
    assert.equal(JSON.parse(received.toString('utf8')).data.row_data[0].value, 'Zoë "😀"\u2028');
  });
});

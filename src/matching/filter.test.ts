import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { filterLimits } from './filter-limits.ts';
import { answers, errorOf, filterOf, refusalOf } from './testing/answers.ts';
import { column, postedEvent, rowEvent, type ShownCells, tableOf } from './testing/events.ts';

const table = tableOf([
  column('Title'),
  column('Status', 'single-select'),
  column('Amount', 'number'),
  column('Done', 'checkbox'),
  column('Due', 'date'),
  column('Tags', 'multiple-select'),
  column('Purchase status'),
  column('constructor'),
]);

const before: ShownCells = { Title: 'Kick-off', Status: 'open', Amount: 10.5, Tags: ['new'] };
const after: ShownCells = {
  Title: 'Kick-off',
  Status: 'paid',
  Amount: 60,
  Due: '2026-05-01',
  Tags: ['new', 'big'],
  'Purchase status': 'wishlisted',
};
const updated = rowEvent(table, before, after, { actor: { user: 'ada', app: null }, rowNumber: 7 });
const inserted = rowEvent(table, null, after);
const deleted = rowEvent(table, before, null);

describe('filter expressions on row changes', () => {
  test('compare old and new values', () => {
    answers(updated, {
      'record.Status == "paid"': true,
      'record.Status == "paid" && previous.Status != "paid"': true,
      'record.Amount > previous.Amount': true,
      'record.Amount > 100': false,
      'record["Purchase status"] == \'wishlisted\'': true,
      'record.Title == previous.Title': true,
      'record.Title.startsWith("Kick") && record.Title.contains("-")': true,
      'record.Due < "2026-06-01"': true,
    });
  });

  test('calculate with numbers of JSON and whole numbers alike', () => {
    answers(updated, {
      'record.Amount + 1 == 61': true,
      'record.Amount / 2 == 30': true,
      'record.Amount % 7 == 4': true,
      '2 * record.Amount - 20.5 > 99': true,
      'record.Amount - (previous.Amount - 0.5) == 50': true,
      'record.Amount in [60, 61]': true,
    });
  });

  test('know which columns changed', () => {
    answers(updated, {
      '"Status" in changedColumns': true,
      '"Title" in changedColumns': false,
      'changes.exists(c, c.name == "Amount" && c.value > c.oldValue + 49)': true,
      'changes.exists_one(c, c.type == "number")': true,
      'changes.all(c, c.name != "Title")': true,
      'size(changes.filter(c, c.oldValue == null)) == 2': true,
    });
  });

  test('know the event, the table, the row and who did it', () => {
    answers(updated, {
      'event.type == "row.updated"': true,
      'event.time >= timestamp("2026-11-24T09:00:00Z")': true,
      'event.time.getFullYear() == 2026 && event.time.getHours("Europe/Berlin") == 10': true,
      'table.name == "Opportunities" && table.id == "9g8f"': true,
      'row.number == 7': true,
      'actor.user == "ada" && actor.app == null': true,
      'data.base == "fae0a3a42ba94df88e8303fd385e37de"': true,
    });
  });

  test('look into cells that are lists', () => {
    answers(updated, {
      '"big" in record.Tags && !("big" in previous.Tags)': true,
      'record.Tags.exists(t, t.startsWith("b"))': true,
      'size(record.Tags) > size(previous.Tags)': true,
      'record.Tags == ["new", "big"]': true,
    });
  });

  test('find all cells empty where there was or is no row', () => {
    answers(inserted, { 'previous.Status == null && record.Status == "paid"': true });
    answers(deleted, { 'record.Status == null && previous.Status == "open"': true });
    answers(inserted, { 'record.Status != previous.Status': true });
  });

  test('find an empty cell neither less nor greater than anything, and without text or items', () => {
    const empty = rowEvent(table, before, {});
    answers(empty, {
      'record.Amount > 5': false,
      'record.Amount <= 5.5': false,
      '5 > record.Amount': false,
      'record.Due < "2026-06-01"': false,
      'record.Amount < record.Amount': false,
      'record.Amount == null': true,
      'record.Title.contains("Kick")': false,
      'record.Title.startsWith("Kick") || record.Title.endsWith("off")': false,
      'size(record.Title) == 0': true,
      '"new" in record.Tags': false,
      'record.Tags.exists(t, true)': false,
      'record.Tags.all(t, false)': true,
    });
  });

  test('find a checkbox that was never ticked false', () => {
    answers(rowEvent(table, {}, { Done: true }), { 'record.Done && !previous.Done': true });
  });

  test('reach a column whose name is a member of every object', () => {
    answers(rowEvent(table, null, { constructor: 'builder' }), {
      'record.constructor == "builder"': true,
      'has(record.constructor)': true,
      'has(record.toString)': false,
    });
  });
});

describe('filter expressions on events that an application posted', () => {
  const paid = postedEvent(
    'invoice.paid',
    {
      amount: 100,
      company: { id: 42, name: 'Acme' },
      lines: [
        { product: 'a', tags: ['x'] },
        { product: 'b', tags: [] },
      ],
    },
    { tags: ['company:42'] },
  );

  test('look into the data', () => {
    answers(paid, {
      'data.amount >= 100': true,
      'data.company.name == "Acme"': true,
      'data.lines.exists(line, line.tags.exists(tag, tag == "x"))': true,
      'data.lines[1].product == "b"': true,
      'has(data.discount)': false,
      '"company:42" in event.tags': true,
      'event.type == "invoice.paid" && data.amount > 50': true,
    });
  });

  test('have no rows', () => {
    answers(paid, { 'size(changes) == 0': true, 'has(record.Status)': false });
    assert.equal(errorOf('record.Status == "paid"', paid), 'No such key: Status');
  });

  test('reach members that are named as members of every object', () => {
    const odd = postedEvent('a.b', JSON.parse('{"constructor": {"name": "x"}, "__proto__": 1}'));
    answers(odd, { 'data.constructor.name == "x"': true, 'data.__proto__ == 1': true });
    answers(paid, { 'has(data.constructor)': false, 'has(data.__proto__)': false });
  });
});

describe('a filter expression that cannot be evaluated', () => {
  test('tells why', () => {
    const cases = {
      'record.Nope == 1': 'No such key: Nope',
      'record.Title > 5': 'no such overload: string > int',
      'record.Status ? true : false': "Ternary condition must be bool, got 'string'",
      'record.Status': 'the answer must be true or false, not a text',
      'record.Amount': 'the answer must be true or false, not a number',
      'record.Due': 'the answer must be true or false, not a text',
      'record.Done == true || record.Nope': 'No such key: Nope',
      'int(record.Title) == 1': 'int() type error: cannot convert to int',
      'event.time.getHours("Mars/Base") == 1': 'Invalid time zone specified: Mars/Base',
    };
    for (const [source, error] of Object.entries(cases))
      assert.equal(errorOf(source, updated), error, source);
  });

  test('is not failed by what does not matter, as in CEL', () => {
    answers(updated, {
      'record.Nope == 1 || record.Status == "paid"': true,
      'record.Status == "open" && record.Nope == 1': false,
    });
  });

  test('tells so in few words, whatever the event holds', () => {
    const long = postedEvent('a.b', { text: 'x'.repeat(100_000) });
    assert.ok(
      errorOf('duration(data.text) > duration("1s")', long).length <= filterLimits.messageCharacters + 1,
    );
  });
});

describe('a filter expression that is not valid', () => {
  test('is refused when it is compiled, with the place of the mistake', () => {
    const cases: Readonly<Record<string, { message: string; position: number }>> = {
      'record.Amount >': { message: 'Unexpected token: EOF', position: 15 },
      'record.Amount = 5': { message: 'Unexpected character: =', position: 14 },
      'true && stock.Amount > 5': { message: 'Unknown variable: stock', position: 8 },
      'event.tpye == "row.updated"': { message: 'No such key: tpye', position: 6 },
      '1 + 1': { message: 'must be true or false, not of the type int', position: 0 },
      'event.type == 5': { message: 'no such overload: string == int', position: 0 },
      'true || {"a": 1}.a == 1': {
        message: 'a map in braces is not part of filter expressions',
        position: 8,
      },
      'true || b"a" == b"a"': {
        message: 'bytes and unsigned numbers are not part of filter expressions',
        position: 8,
      },
    };
    for (const [source, refusal] of Object.entries(cases))
      assert.deepEqual(refusalOf(source), refusal, source);
  });

  test('is refused when it calls what could run for long, or a guard', () => {
    const calls = [
      'record.Title.matches("(a+)+$")',
      'record.Title.split("").size() > 0',
      'size(changes.map(c, c)) > 0',
      'cel.bind(x, 1, x == 1)',
      'bytes("a").json().a == 1',
      'dyn(1) == 1',
      'rowhook_step(1)',
    ];
    for (const source of calls) {
      assert.match(refusalOf(source).message, /is not a function of filter expressions|no matching overload/);
    }
  });

  test('is refused when it is empty', () => {
    assert.equal(refusalOf('').message, 'Unexpected token: EOF');
  });
});

describe('the columns that an expression names', () => {
  test('are known, with their place, so that they can be checked against a table', () => {
    const filter = filterOf(
      'record.Status != previous["Old status"] && ("Due" in changedColumns || has(record.Tags))',
    );
    assert.deepEqual(filter.columns, [
      { name: 'Status', position: 0 },
      { name: 'Old status', position: 26 },
      { name: 'Due', position: 44 },
      { name: 'Tags', position: 75 },
    ]);
  });
});

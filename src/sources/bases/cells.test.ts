import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ColumnKey, newRowId } from '../../model/ids.ts';
import {
  autoColumnTypes,
  type Column,
  type ColumnData,
  type ColumnType,
  columnTypes,
  isAutoColumnType,
} from '../../model/table.ts';
import { cellText, currentValue, readCell, sameCell, showCell } from './cells.ts';

const options = [
  { id: '381992', name: 'Open' },
  { id: '577001', name: 'Done, paid' },
];

function column(type: ColumnType, data: ColumnData = {}): Column {
  const selects = type === 'single-select' || type === 'multiple-select';
  return { key: 'k' as ColumnKey, name: 'Cell', type, data: selects ? { options, ...data } : data };
}

function taken(type: ColumnType, input: unknown, data: ColumnData = {}): unknown {
  const reading = readCell(column(type, data), input);
  assert.ok(reading.ok, reading.ok ? '' : reading.fault);
  return reading.value;
}

function faultOf(type: ColumnType, input: unknown, data: ColumnData = {}): string {
  const reading = readCell(column(type, data), input);
  assert.ok(!reading.ok, `${JSON.stringify(input)} should not be a ${type}`);
  return reading.fault;
}

const writtenTypes = columnTypes.filter((type) => !isAutoColumnType(type));
const rowId = newRowId();
const file = { name: 'a.pdf', url: 'https://example.com/a.pdf' };

describe('readCell', () => {
  it('empties a cell of any type that is written with null and with an empty text', () => {
    for (const type of writtenTypes) {
      assert.equal(taken(type, null), null);
      assert.equal(taken(type, ''), null);
    }
  });

  it('refuses whatever is given for a cell that Rowhook fills in, null included', () => {
    for (const type of autoColumnTypes) {
      for (const input of [null, '', 'x', 1]) {
        assert.match(faultOf(type, input), new RegExp(`^cannot be written: .* of the type ${type}$`));
      }
    }
  });

  it('empties a cell that holds a list with an empty list', () => {
    for (const type of ['multiple-select', 'collaborator', 'file', 'image', 'link'] as const) {
      assert.equal(taken(type, []), null);
    }
  });

  it('keeps texts exactly, blanks and line breaks included', () => {
    for (const text of [' a ', 'a\r\nb', '0', '𝒳 ﬀ é']) {
      assert.equal(taken('text', text), text);
      assert.equal(taken('long-text', text), text);
    }
  });

  it('refuses texts that cannot be stored and sent exactly', () => {
    assert.match(faultOf('text', 'a\0b'), /NUL/);
    assert.match(faultOf('text', 'a\ud800'), /surrogate/);
    assert.match(faultOf('text', 5), /must be text; got 5/);
    assert.match(faultOf('text', { a: 1 }), /must be text; got an object/);
  });

  it('allows 100,000 bytes in a text and 1,000,000 in a long text', () => {
    assert.equal(taken('text', 'x'.repeat(100_000)), 'x'.repeat(100_000));
    assert.match(faultOf('text', 'x'.repeat(100_001)), /at most 100000 bytes as UTF-8; it has 100001/);
    assert.match(faultOf('text', 'é'.repeat(50_001)), /at most 100000 bytes as UTF-8; it has 100002/);
    assert.equal(taken('long-text', 'x'.repeat(1_000_000)), 'x'.repeat(1_000_000));
    assert.match(faultOf('long-text', 'x'.repeat(1_000_001)), /at most 1000000 bytes/);
  });

  it('takes finite numbers only, and never text', () => {
    assert.equal(taken('number', 0.1), 0.1);
    assert.equal(Object.is(taken('number', -0), 0), true);
    for (const input of [Number.NaN, Number.POSITIVE_INFINITY, '5', true, [5]]) faultOf('number', input);
    assert.equal(faultOf('number', 'abc'), 'must be a number; got "abc"');
  });

  it('takes true and false for a checkbox, nothing that is like them', () => {
    assert.equal(taken('checkbox', true), true);
    assert.equal(taken('checkbox', false), false);
    for (const input of [1, 0, 'true', 'yes']) faultOf('checkbox', input);
  });

  it('takes a day for a date, and a moment for a date with a time', () => {
    assert.equal(taken('date', '2024-02-29'), '2024-02-29');
    assert.match(faultOf('date', '2023-02-29'), /day of the calendar as YYYY-MM-DD; got "2023-02-29"/);
    assert.match(faultOf('date', '2024-02-29T10:00Z'), /YYYY-MM-DD/);
    faultOf('date', 1709164800000);
    assert.equal(taken('date', '2024-02-29 10:00', { time: true }), '2024-02-29T10:00:00.000Z');
    assert.match(faultOf('date', 'noon', { time: true }), /must be a date and time such as/);
  });

  it('takes an option by name or by id, and lists what is allowed', () => {
    assert.equal(taken('single-select', 'Open'), '381992');
    assert.equal(taken('single-select', '381992'), '381992');
    assert.equal(
      faultOf('single-select', 'open'),
      '"open" is not an option of this column; allowed: "Open", "Done, paid"',
    );
    assert.match(faultOf('single-select', 'x', { options: [] }), /has no options yet/);
    faultOf('single-select', ['Open']);
  });

  it('takes several options once each, in the order given', () => {
    assert.deepEqual(taken('multiple-select', ['Done, paid', 'Open', '577001']), ['577001', '381992']);
    assert.match(faultOf('multiple-select', ['Open', 'x']), /item 2: "x" is not an option/);
    assert.match(faultOf('multiple-select', 'Open'), /must be a list; got "Open"/);
  });

  it('names at most 20 of many options', () => {
    const many = Array.from({ length: 30 }, (_, n) => ({ id: `o${n}`, name: `Option ${n}` }));
    assert.match(faultOf('single-select', 'x', { options: many }), /"Option 19" and 10 more$/);
  });

  it('takes e-mail addresses and URLs with http, https or mailto', () => {
    assert.equal(taken('email', 'ada@example.com'), 'ada@example.com');
    for (const input of ['ada', 'ada@', '@example.com', 'a b@example.com', 'a@b@c']) faultOf('email', input);
    for (const url of ['https://example.com/?q=ü', 'http://localhost:8080', 'mailto:ada@example.com']) {
      assert.equal(taken('url', url), url);
    }
    for (const input of [
      'example.com',
      'ftp://example.com',
      'javascript:alert(1)',
      'https://',
      'http://a b/',
      'http:a',
    ]) {
      faultOf('url', input);
    }
  });

  it('takes one user or several', () => {
    assert.deepEqual(taken('collaborator', 'ada'), ['ada']);
    assert.deepEqual(taken('collaborator', ['ada', 'bob', 'ada']), ['ada', 'bob']);
    assert.match(faultOf('collaborator', ['ada', 5]), /item 2: a user's name must be text/);
  });

  it('takes links to rows by their ids, whether or not the rows exist', () => {
    assert.deepEqual(taken('link', [rowId]), [rowId]);
    assert.match(faultOf('link', ['abc']), /item 1: must be the id of a row \(22 letters/);
    faultOf('link', rowId);
  });

  it('takes files with name and URL, and refuses unknown members', () => {
    assert.deepEqual(taken('file', [{ ...file, size: 3, type: 'file' }]), [
      { ...file, size: 3, type: 'file' },
    ]);
    assert.match(faultOf('file', [{ name: 'a' }]), /item 1: url must be text/);
    assert.match(
      faultOf('file', [{ ...file, foo: 1 }]),
      /unknown member "foo"; allowed: "name", "url", "size", "type"/,
    );
    assert.match(faultOf('file', [{ ...file, size: -1 }]), /size must be a number of bytes/);
    assert.match(faultOf('file', [file, null]), /item 2: must be an object/);
  });

  it('takes the URL of an image, or several', () => {
    assert.deepEqual(taken('image', 'https://example.com/a.png'), ['https://example.com/a.png']);
    assert.deepEqual(taken('image', ['https://a.b/c', 'https://a.b/c', 'https://a.b/d']), [
      'https://a.b/c',
      'https://a.b/d',
    ]);
    assert.match(faultOf('image', ['https://a.b/c', 'c.png']), /item 2: must be a URL/);
  });

  it('takes a duration in whole seconds, or as h:mm or h:mm:ss', () => {
    assert.equal(taken('duration', 5_400), 5_400);
    assert.equal(taken('duration', -60), -60);
    assert.equal(taken('duration', '1:30'), 5_400);
    assert.equal(taken('duration', '100:00:01'), 360_001);
    assert.equal(taken('duration', '-0:30'), -1_800);
    assert.equal(Object.is(taken('duration', '-0:00'), 0), true);
    for (const input of [1.5, '90', '1:60', '1:5', '1:00:60', true, Number.NaN, 4e9])
      faultOf('duration', input);
    assert.equal(
      faultOf('duration', '1:60'),
      'must be a whole number of seconds, or h:mm or h:mm:ss; got "1:60"',
    );
  });

  it('takes a rating from 0 to 10', () => {
    assert.deepEqual([taken('rating', 0), taken('rating', 10)], [0, 10]);
    for (const input of [-1, 11, 1.5, '5', true]) {
      assert.match(faultOf('rating', input), /must be a whole number from 0 to 10/);
    }
  });

  it('takes a place by latitude and longitude, or the name of a country or region', () => {
    assert.deepEqual(taken('geolocation', { lng: 8.54, lat: 47.37 }), { lat: 47.37, lng: 8.54 });
    assert.deepEqual(taken('geolocation', { country_region: 'France' }), { country_region: 'France' });
    assert.match(faultOf('geolocation', { lat: 91, lng: 0 }), /lat must be a number from -90 to 90; got 91/);
    assert.match(faultOf('geolocation', { lat: 0, lng: '8' }), /lng must be a number from -180 to 180/);
    assert.match(faultOf('geolocation', { lat: 1 }), /got the members "lat"$/);
    assert.match(faultOf('geolocation', { country_region: '' }), /country_region must not be empty/);
    for (const input of ['Paris', [1, 2], 5, { lat: 1, lng: 2, country_region: 'x' }]) {
      assert.match(faultOf('geolocation', input), /must be \{lat, lng\} in degrees, or \{country_region\}/);
    }
  });

  it('allows 1,000 items in a cell', () => {
    const users = Array.from({ length: 1_001 }, (_, n) => `user ${n}`);
    assert.equal((taken('collaborator', users.slice(1)) as unknown[]).length, 1_000);
    assert.match(faultOf('collaborator', users), /at most 1000 items; it has 1001/);
  });
});

describe('showCell', () => {
  it('shows options by name, and an empty cell as null', () => {
    assert.equal(showCell(column('single-select'), '381992'), 'Open');
    assert.deepEqual(showCell(column('multiple-select'), ['577001', '381992']), ['Done, paid', 'Open']);
    for (const type of columnTypes) assert.equal(showCell(column(type), undefined), null);
  });

  it('shows what readCell reads back as the same cell, for every input that it takes', () => {
    const columns = [...writtenTypes.map((type) => column(type)), column('date', { time: true })];
    const inputs = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.boolean(),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constantFrom('Open', '577001'),
      fc.uniqueArray(fc.constantFrom('Open', 'Done, paid', '381992')),
      fc.emailAddress(),
      fc.webUrl(),
      fc.array(fc.string()),
      fc.array(
        fc.record({ name: fc.string(), url: fc.webUrl(), size: fc.nat() }, { requiredKeys: ['name', 'url'] }),
      ),
      fc.array(fc.constant(0).map(newRowId)),
      fc.array(fc.webUrl()),
      fc.nat({ max: 20 }),
      fc.record({
        lat: fc.double({ min: -90, max: 90, noNaN: true }),
        lng: fc.double({ min: -180, max: 180, noNaN: true }),
      }),
      fc.jsonValue(),
    );
    const filled = new Map<Column, number>();
    fc.assert(
      fc.property(fc.constantFrom(...columns), inputs, (target, input) => {
        const reading = readCell(target, input);
        if (!reading.ok) return;
        const stored = JSON.parse(JSON.stringify(reading.value));
        assert.deepEqual(stored, reading.value, 'survives being stored as JSON');
        assert.deepEqual(readCell(target, showCell(target, reading.value ?? undefined)), reading);
        if (reading.value !== null) filled.set(target, (filled.get(target) ?? 0) + 1);
      }),
      { numRuns: 5_000 },
    );
    assert.deepEqual(
      columns.filter((target) => !filled.has(target)).map(({ type }) => type),
      [],
      'the inputs must fill cells of every type',
    );
  });
});

describe('cellText', () => {
  it('is one line for every type', () => {
    assert.equal(cellText(column('text'), 'Ada'), 'Ada');
    assert.equal(cellText(column('number'), 12.5), '12.5');
    assert.equal(cellText(column('checkbox'), false), 'false');
    assert.equal(cellText(column('multiple-select'), ['381992', '577001']), 'Open, Done, paid');
    assert.equal(cellText(column('file'), [file, { ...file, name: 'b' }]), 'a.pdf, b');
    assert.equal(
      cellText(column('image'), ['https://a.b/c', 'https://a.b/d']),
      'https://a.b/c, https://a.b/d',
    );
    assert.equal(cellText(column('duration'), 5_400), '1:30');
    assert.equal(cellText(column('duration'), -59), '-0:00:59');
    assert.equal(cellText(column('rating'), 0), '0');
    assert.equal(cellText(column('geolocation'), { lat: 47.37, lng: -8.5 }), '47.37, -8.5');
    assert.equal(cellText(column('geolocation'), { country_region: 'France' }), 'France');
    assert.equal(cellText(column('text'), undefined), '');
  });
});

describe('currentValue', () => {
  it('leaves out options that were deleted', () => {
    const left = { options: options.slice(0, 1) };
    assert.equal(currentValue(column('single-select', left), '577001'), undefined);
    assert.equal(currentValue(column('single-select', left), '381992'), '381992');
    assert.deepEqual(currentValue(column('multiple-select', left), ['577001', '381992']), ['381992']);
    assert.equal(currentValue(column('multiple-select', left), ['577001']), undefined);
  });

  it('gives days a time, or takes it from them, as the column has one now', () => {
    assert.equal(currentValue(column('date', { time: true }), '2024-02-29'), '2024-02-29T00:00:00.000Z');
    assert.equal(currentValue(column('date'), '2024-02-29T10:00:00.000Z'), '2024-02-29');
  });
});

describe('sameCell', () => {
  it('compares lists and files by what they hold, in order', () => {
    assert.equal(sameCell(['a', 'b'], ['a', 'b']), true);
    assert.equal(sameCell(['a', 'b'], ['b', 'a']), false);
    assert.equal(sameCell([{ url: 'u', name: 'n' }], [{ name: 'n', url: 'u' }]), true);
    assert.equal(sameCell(undefined, undefined), true);
    assert.equal(sameCell(undefined, false), false);
    assert.equal(sameCell('1', 1), false);
  });
});

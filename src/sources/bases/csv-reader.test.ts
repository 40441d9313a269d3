import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CsvRecord, readCsv } from './csv-reader.ts';
import { FileFault } from './import-fault.ts';

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function readAll(
  file: string | Uint8Array,
  { chunkBytes = 1_000, delimiter = ',' } = {},
): Promise<{ records: CsvRecord[]; fault: FileFault | null }> {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  const records: CsvRecord[] = [];
  try {
    for await (const some of readCsv(chunksOf(bytes, chunkBytes), delimiter)) records.push(...some);
    return { records, fault: null };
  } catch (error) {
    assert.ok(error instanceof FileFault, String(error));
    return { records, fault: error };
  }
}

async function valuesOf(file: string | Uint8Array, options = {}): Promise<readonly (readonly string[])[]> {
  const { records, fault } = await readAll(file, options);
  assert.equal(fault, null);
  return records.map(({ values }) => values);
}

describe('readCsv', () => {
  it('reads lines that end with LF, CRLF or CR, and a last line without an end', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      assert.deepEqual(await valuesOf(`a,b${end}1,2${end}3,4`), [
        ['a', 'b'],
        ['1', '2'],
        ['3', '4'],
      ]);
    }
  });

  it('reads quoted values with delimiters, line ends and doubled quotes', async () => {
    assert.deepEqual(await valuesOf('a,"b ""x"", c"\r\n"1\r\n2",\n'), [
      ['a', 'b "x", c'],
      ['1\r\n2', ''],
    ]);
  });

  it('passes over a byte order mark and empty lines', async () => {
    assert.deepEqual(await valuesOf('\ufeffa,b\n\n1,2\n\n\n'), [
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  it('takes another delimiter', async () => {
    assert.deepEqual(await valuesOf('a;b\n1,5;2', { delimiter: ';' }), [
      ['a', 'b'],
      ['1,5', '2'],
    ]);
    assert.deepEqual(await valuesOf('a\tb', { delimiter: '\t' }), [['a', 'b']]);
  });

  it('keeps rows that are longer or shorter than the first one', async () => {
    assert.deepEqual(await valuesOf('a,b\n1\n1,2,3'), [['a', 'b'], ['1'], ['1', '2', '3']]);
  });

  it('reads nothing from an empty file', async () => {
    assert.deepEqual(await valuesOf(''), []);
    assert.deepEqual(await valuesOf('\ufeff'), []);
    assert.deepEqual(await valuesOf('\n\n'), []);
  });

  it('says on which line each record starts, whatever the lines inside of quotes', async () => {
    const { records } = await readAll('\ufeffa,b\r\n\r\n"1\r\n2","x\ny"\r\n3,4\n\n"5\r",6\r\n7,8');
    assert.deepEqual(
      records.map(({ line, values }) => [line, values[0]]),
      [
        [1, 'a'],
        [3, '1\r\n2'],
        [6, '3'],
        [8, '5\r'],
        [10, '7'],
      ],
    );
  });

  it('gives back any table, in chunks of any size', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', 'é', '😀', ' ') }),
    );
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 12 }));
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('\n', '\r\n'),
        async (rows, chunkBytes, end) => {
          const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
          const file = rows.map((row) => row.map(quote).join(',')).join(end);
          const { records, fault } = await readAll(file, { chunkBytes });
          assert.equal(fault, null);
          assert.deepEqual(
            records.map(({ values }) => values),
            rows,
          );
          const lines = (row: readonly string[]) => (row.join('|').match(/\r\n|\n|\r/g)?.length ?? 0) + 1;
          let line = 1;
          for (const [position, record] of records.entries()) {
            assert.equal(record.line, line);
            line += lines(rows[position] ?? []);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives all records before a broken one, then says where and why', async () => {
    const start = 'a,b\n1,"x\ny"\n';
    const broken: Readonly<Record<string, RegExp>> = {
      '2,5" pipe\n3,4\n': /a quote inside of a value that is not quoted/,
      '2,"5" pipe"\n3,4\n': /after a closing quote only a delimiter or the end of the line may follow/,
      '2,"never closed\n3,4\n': /a quote is opened and never closed/,
    };
    for (const [lines, detail] of Object.entries(broken)) {
      for (const chunkBytes of [1, 7, 1_000]) {
        const { records, fault } = await readAll(start + lines, { chunkBytes });
        assert.deepEqual(
          records.map(({ values }) => values),
          [
            ['a', 'b'],
            ['1', 'x\ny'],
          ],
        );
        assert.equal(fault?.fault.line, 4);
        assert.match(fault?.message ?? '', detail);
      }
    }
  });

  it('refuses a record of more than 4,000,000 bytes instead of keeping it', async () => {
    const { records, fault } = await readAll(`a\n"${'x'.repeat(5_000_000)}`, { chunkBytes: 100_000 });
    assert.deepEqual(
      records.map(({ values }) => values),
      [['a']],
    );
    assert.match(fault?.message ?? '', /more than 4000000 bytes; is a quote not closed/);
    assert.equal(fault?.fault.line, 2);
  });

  it('refuses bytes that are not UTF-8, on the line where they are', async () => {
    for (const chunkBytes of [1, 3, 1_000]) {
      const latin1 = Buffer.concat([Buffer.from('a,b\n1,é\n'), Buffer.from('2,caf\xe9\n3,4\n', 'latin1')]);
      const { records, fault } = await readAll(latin1, { chunkBytes });
      assert.deepEqual(
        records.map(({ values }) => values),
        [
          ['a', 'b'],
          ['1', 'é'],
        ],
      );
      assert.equal(fault?.fault.line, 3);
      assert.match(fault?.message ?? '', /not encoded as UTF-8: here is a byte that cannot be/);
      const cut = await readAll(Buffer.from('a\né').subarray(0, -1), { chunkBytes });
      assert.match(cut.fault?.message ?? '', /not encoded as UTF-8/);
    }
    const utf16 = await readAll(Buffer.from('\ufeffa,b\n', 'utf16le'));
    assert.match(utf16.fault?.message ?? '', /it seems to be UTF-16/);
  });

  it('asks the source for the next chunk only when the records so far were taken', async () => {
    let asked = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < 100; n += 1) {
        asked += 1;
        yield Buffer.from(`${n},x\n`.repeat(1_000));
      }
    }
    const reading = readCsv(source(), ',');
    await reading.next();
    assert.equal(asked, 1);
    await reading.next();
    assert.equal(asked, 2);
    await reading.return(undefined);
    assert.equal(asked, 2);
  });
});

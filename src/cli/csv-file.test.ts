import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileColumns } from './csv-file.ts';

describe('the columns of a CSV file', () => {
  let directory: string;
  let file: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rowhook-csv-'));
    file = join(directory, 'file.csv');
  });
  after(() => rm(directory, { recursive: true }));

  it('have the types of the values below them', async () => {
    await writeFile(file, 'Code; Size;Open;Since\n007;1.5;true;2026-01-31\nA-1;2;false;2026-02-01\n');
    assert.deepEqual(await fileColumns(file, ';'), [
      { name: 'Code', type: 'text' },
      { name: 'Size', type: 'number' },
      { name: 'Open', type: 'checkbox' },
      { name: 'Since', type: 'date' },
    ]);
  });

  it('are told from the beginning of a long file', async () => {
    await writeFile(file, `A\n${'1\n'.repeat(600)}x\n`);
    assert.deepEqual(await fileColumns(file, ','), [{ name: 'A', type: 'number' }]);
  });

  it('need a first line that names each of them once', async () => {
    await writeFile(file, '');
    await assert.rejects(fileColumns(file, ','), /is empty; its first line must name the columns/);
    await writeFile(file, 'A,,B\n');
    await assert.rejects(fileColumns(file, ','), /line 1: the column 2 has no name/);
    await writeFile(file, 'A,B,A\n');
    await assert.rejects(fileColumns(file, ','), /line 1: two columns are named "A"/);
  });

  it('need a file that is CSV in UTF-8', async () => {
    await writeFile(file, 'A\n"1\n');
    await assert.rejects(fileColumns(file, ','), /line 2: a quote is opened and never closed/);
    await writeFile(file, Buffer.from([0x41, 0x0a, 0xff, 0x0a]));
    await assert.rejects(fileColumns(file, ','), /the file is not encoded as UTF-8/);
  });
});

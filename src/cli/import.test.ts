import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RowhookUnderTest } from './testing/rowhook-under-test.ts';

const airports = fileURLToPath(
  new URL('../../node_modules/vega-datasets/data/airports.csv', import.meta.url),
);

let rowhook: RowhookUnderTest;
before(async () => {
  rowhook = await RowhookUnderTest.start();
});
after(() => rowhook.stop());

describe('rowhook import', () => {
  it('makes base, table and columns, and imports every row', async () => {
    const { output, errors, exitCode } = await rowhook.run([
      'import',
      airports,
      '--base',
      'Travel',
      '--create',
    ]);
    assert.equal(exitCode, 0, errors);
    assert.match(output, /table +airports \(\S+\)\nrows imported +3376\n/);
    assert.match(errors, /Created the table airports: iata:text, .*latitude:number/);
    assert.match(
      await rowhook.succeed(['row', 'list', 'Travel', 'airports', '--limit', '1']),
      /00M +Thigpen/,
    );
  });

  it('stops at a bad line, saying which and why; or goes on without it', async () => {
    await writeFile(join(rowhook.directory, 'Numbers.csv'), 'a;b\n1;2\nx;3\n4;5\n');
    await rowhook.succeed(['base', 'create', 'Numbers']);
    await rowhook.succeed([
      'table',
      'create',
      'Numbers',
      'Numbers',
      '--column',
      'a:number',
      '--column',
      'b:number',
    ]);
    const args = ['import', 'Numbers.csv', '--base', 'Numbers', '--delimiter', ';'];
    await rowhook.fail(
      args,
      1,
      /^error: line 3, column "a": must be a number; got "x"\. 1 row was imported before that/,
    );
    const output = await rowhook.succeed([...args, '--on-error', 'skip']);
    assert.match(
      output,
      /rows imported +2\nrows skipped +1\n\nSkipped:\n {2}line 3, column "a": must be a number/,
    );
  });

  it('says why even when the file is long and the mistake is early', async () => {
    await writeFile(join(rowhook.directory, 'long.csv'), `a,b\n1,2\nx,3\n${'4,5\n'.repeat(3_000_000)}`);
    await rowhook.fail(
      ['import', 'long.csv', '--base', 'Numbers', '--table', 'Numbers'],
      1,
      /^error: line 3, column "a"/,
    );
  });

  it('says what is wrong with the file, the base or the table', async () => {
    await rowhook.fail(
      ['import', 'none.csv', '--base', 'Numbers'],
      2,
      /The file none\.csv cannot be read \(ENOENT\)/,
    );
    await rowhook.fail(
      ['import', 'long.csv', '--base', 'Numbrs'],
      1,
      /no base .*"Numbrs"; did you mean "Numbers"\?/,
    );
    await rowhook.fail(
      ['import', 'long.csv', '--base', 'Numbers'],
      1,
      /no table .*"long"; there are "Numbers"\./,
    );
    const delimiter = ['--delimiter', ';;'];
    await rowhook.fail(
      ['import', 'long.csv', '--base', 'Numbers', ...delimiter],
      2,
      /It must be one character/,
    );
  });
});

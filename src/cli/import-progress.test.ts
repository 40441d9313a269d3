import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ImportAnswer } from './answers.ts';
import { progressLine } from './import-progress.ts';

const progress: ImportAnswer = {
  id: 'imp_1',
  state: 'running',
  rowsImported: 12_000,
  rowsSkipped: 0,
  skipped: [],
  bytesRead: 3_400_000,
  error: null,
};

it('the progress of an import has its rows, bytes, share and rate', () => {
  assert.equal(progressLine(progress, 10_000_000, 5_000), '12,000 rows  3.4 of 10.0 MB  34 %  2,400 rows/s');
});

it('the progress of an import names skipped rows, if there are any', () => {
  assert.match(
    progressLine({ ...progress, rowsSkipped: 3 }, 10_000_000, 5_000),
    /^12,000 rows {2}3 skipped {2}/,
  );
});

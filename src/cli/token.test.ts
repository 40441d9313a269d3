import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findToken } from './token.ts';

describe('the token of a command', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rowhook-token-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('is the given one, or that of the environment, or that of the data directory', async () => {
    await writeFile(join(directory, 'operator-token'), 'of-the-file\n');
    const environment = { ROWHOOK_TOKEN: 'of-the-environment' };
    assert.deepEqual(findToken('given', environment, directory), { token: 'given', source: '--token' });
    assert.equal(findToken(undefined, environment, directory).token, 'of-the-environment');
    assert.equal(findToken(undefined, { ROWHOOK_OPERATOR_TOKEN: 'operators' }, directory).token, 'operators');
    assert.deepEqual(findToken(undefined, { ROWHOOK_TOKEN: '' }, directory), {
      token: 'of-the-file',
      source: `the file ${join(directory, 'operator-token')}`,
    });
  });

  it('is missed with the file that was looked for', () => {
    const elsewhere = join(directory, 'elsewhere');
    assert.throws(() => findToken(undefined, {}, elsewhere), {
      message: `There is no token: the file ${join(elsewhere, 'operator-token')} does not exist.`,
    });
  });
});

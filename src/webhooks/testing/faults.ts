import assert from 'node:assert/strict';
import { Problem } from '../../model/problem.ts';

/** What a Problem says of each bad member, as `pointer detail`; empty when all went well. */
export async function faultsOf(work: Promise<unknown>): Promise<string[]> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, 'invalid-input');
    return error.errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
  }
  return [];
}

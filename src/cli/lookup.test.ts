import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Failure } from './failure.ts';
import { pick } from './lookup.ts';

const bases = [
  { id: 'b1', name: 'Shop' },
  { id: 'b2', name: 'Shop' },
  { id: 'b3', name: 'Travel' },
  { id: 'b4', name: 'b1' },
];

describe('a thing named on the command line', () => {
  it('is the one with that id, whatever others are named', () => {
    assert.equal(pick('base', bases, 'b1').name, 'Shop');
  });

  it('is the only one of that name', () => {
    assert.equal(pick('base', bases, 'Travel').id, 'b3');
  });

  it('is asked for by its id when several have the name', () => {
    assert.throws(
      () => pick('base', bases, 'Shop'),
      (error) =>
        error instanceof Failure &&
        error.message === '2 bases are named "Shop"; give the id of the one you mean:' &&
        error.details.join() === 'b1,b2',
    );
  });

  it('is told with what was probably meant, or with what there is', () => {
    assert.throws(() => pick('base', bases, 'Travle'), /did you mean "Travel"\?/);
    assert.throws(() => pick('base', bases, 'Books'), /there are "Shop", "Shop", "Travel", "b1"\./);
    assert.throws(() => pick('webhook', [], 'x'), /there are no webhooks yet\./);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonPieces, prettyJson } from './json-text.ts';

test('JSON is indented, anything else is left alone', () => {
  assert.equal(prettyJson('{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}');
  assert.equal(prettyJson('ok'), null);
});

test('keys, texts, numbers and words are told apart', () => {
  const kinds = jsonPieces('{"a": "b", "n": -1.5e3, "t": true}').filter(({ kind }) => kind !== 'plain');
  assert.deepEqual(
    kinds.map(({ kind, text }) => `${kind} ${text}`),
    ['key "a"', 'string "b"', 'key "n"', 'number -1.5e3', 'key "t"', 'word true'],
  );
});

test('pieces put together again are the text, whatever it is', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.json()),
      (text) =>
        jsonPieces(text)
          .map((piece) => piece.text)
          .join('') === text,
    ),
  );
});

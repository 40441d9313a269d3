import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en } from './en/index.ts';
import { fr } from './fr/index.ts';

/** Paths of all texts, with what each is: a text, a function and its arguments, a list. */
function shapeOf(messages: unknown, path = ''): string[] {
  if (typeof messages === 'function') return [`${path}(${messages.length})`];
  if (typeof messages !== 'object' || messages === null) return [`${path}: ${typeof messages}`];
  return Object.entries(messages).flatMap(([key, value]) => shapeOf(value, `${path}/${key}`));
}

/** Texts themselves; functions are called with placeholders. */
function textsOf(messages: unknown, path = ''): [string, string][] {
  if (typeof messages === 'string') return [[path, messages]];
  if (typeof messages === 'function') {
    return [true, false].map((one) => [path, String(messages('{0}', messages.length > 1 ? one : undefined))]);
  }
  return Object.entries(messages as object).flatMap(([key, value]) => textsOf(value, `${path}/${key}`));
}

test('English and French have the same messages', () => {
  assert.deepEqual(shapeOf(fr).sort(), shapeOf(en).sort());
});

test('no message is empty, and every placeholder of a message is used', () => {
  for (const [language, messages] of Object.entries({ en, fr })) {
    for (const [path, text] of textsOf(messages)) {
      assert.notEqual(text.trim(), '', `${language}${path}`);
      assert.ok(!text.includes('undefined'), `${language}${path}: ${text}`);
    }
  }
});

test('French is written as French is', () => {
  for (const [path, text] of textsOf(fr)) {
    assert.ok(!/[a-zà-ÿ]'[a-zà-ÿ]/i.test(text), `${path} has a straight apostrophe: ${text}`);
    assert.ok(!/[a-zà-ÿ)»][;!?]/i.test(text), `${path} lacks the blank before a double sign: ${text}`);
    assert.ok(!/"/.test(text), `${path} has straight quotes: ${text}`);
  }
});

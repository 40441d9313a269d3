import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guessReading, likelyDelimiter } from './file-reading.ts';

test('the sign that a line has most of separates its values', () => {
  assert.equal(likelyDelimiter('Name,Amount'), ',');
  assert.equal(likelyDelimiter('Name;Amount, net;Date'), ';');
  assert.equal(likelyDelimiter('Name\tAmount\tA,B'), 'tab');
  assert.equal(likelyDelimiter('"a;b;c;d",Amount'), ',', 'what stands in quotes does not count');
  assert.equal(likelyDelimiter('Name'), ',');
});

test('a file is read as its name and its first line say', async () => {
  const of = (name: string, text: string) => guessReading(new File([text], name));
  assert.deepEqual(await of('orders.csv', 'a;b\n1,2,3,4;2\n'), { format: 'csv', delimiter: ';' });
  assert.equal((await of('orders.jsonl', '{"a":1}\n')).format, 'jsonl');
  assert.equal((await of('orders.NDJSON', '')).format, 'jsonl');
});

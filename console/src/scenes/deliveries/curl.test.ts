import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { curlOf } from './curl.ts';

test('the command hands curl what was sent, whatever it contains', {
  skip: process.platform === 'win32' && 'needs a POSIX shell',
}, () => {
  const body = `{"say":"it's $HOME \\" \`now\`"}\n`;
  const command = curlOf({
    method: 'POST',
    url: "https://example.com/a?b='c'",
    headers: { 'content-type': 'application/json', 'x-odd': "o'clock" },
    body,
    bodyTruncated: false,
  });
  // `curl` is replaced by a program that prints its arguments, each ended by a NUL.
  const printed = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }; ${command}`], {
    encoding: 'utf8',
  });
  assert.deepEqual(printed.split('\0').slice(0, -1), [
    '-X',
    'POST',
    "https://example.com/a?b='c'",
    '-H',
    'content-type: application/json',
    '-H',
    "x-odd: o'clock",
    '--data-raw',
    body,
  ]);
});

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerProcess } from '../support/server-process.ts';

const root = join(import.meta.dirname, '../..');
const timeout = 120_000;
/** What arrives a moment later is looked for again so often. */
const looks = 100;
const lookPauseMs = 250;

/** The lines that the README tells a newcomer to type, in order. */
function quickStartLines(): readonly string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const section = readme.split('## Quick start\n')[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) => block.trim().split('\n'));
}

/** What a line does: a text that its output has; a group is what the reader copies into later lines. */
interface Expected {
  readonly output: RegExp;
  readonly names?: string;
}

/** In the order of the README, after `npm start`. */
const expectedLines: readonly Expected[] = [
  { output: /^[0-9a-f]{32} +Shop /m },
  { output: /^\w{4} +Orders +Number:text, Status:single-select, Total:number/m },
  { output: /^secret +whsec_/m },
  { output: /^(\S{22}) +A-17 +open +12\.5/m, names: 'ROW_ID' },
  { output: /"received":1,.*"verdict":"verified"/ },
  { output: / paid / },
  {
    output: /^(msg_\S+) .* row\.updated +succeeded +1 .*\n(?:msg_\S+) .* row\.inserted /m,
    names: 'DELIVERY_ID',
  },
  { output: /^state +succeeded[\s\S]*^1 .* succeeded +200/m },
  { output: /"status":500.*"forNextRequests":1|"forNextRequests":1.*"status":500/ },
  { output: / sent / },
  { output: / retrying +1 +HTTP_STATUS +\d{4}-/ },
  { output: / succeeded +2 +200 / },
  { output: /^(evt_\S+)$/m, names: 'EVENT_ID' },
  { output: /^demo +wh_\S+ +no +The webhook listens to another base\.$/m },
];

/** A directory like that of a clone in which the server was started, and a shell in it. */
class Newcomer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'rowhook-newcomer-'));
  readonly #server: ServerProcess;

  constructor(context: TestContext, server: ServerProcess) {
    this.#server = server;
    context.after(() => rmSync(this.#directory, { recursive: true, force: true }));
    symlinkSync(server.dataDirectory, join(this.#directory, 'data'));
    // `npx rowhook` as npm runs it in a clone, without the second that npm itself takes.
    mkdirSync(join(this.#directory, 'bin'));
    const npx = join(this.#directory, 'bin', 'npx');
    writeFileSync(
      npx,
      `#!/bin/sh\n[ "$1" = rowhook ] && shift && exec "${join(root, 'bin/rowhook.js')}" "$@"\n`,
    );
    chmodSync(npx, 0o755);
  }

  /** Types a line; what it prints, errors last, and whether it worked. */
  type(line: string): Promise<{ readonly worked: boolean; readonly printed: string }> {
    const command = line.replaceAll('http://127.0.0.1:8080', this.#server.url);
    const path = [join(this.#directory, 'bin'), process.env.PATH ?? ''].join(delimiter);
    const env = { PATH: path, ROWHOOK_SERVER: this.#server.url };
    return new Promise((resolve) => {
      execFile('/bin/sh', ['-c', command], { cwd: this.#directory, env }, (error, stdout, stderr) =>
        resolve({ worked: error === null, printed: stdout + stderr }),
      );
    });
  }
}

describe('the quick start of the README', { timeout }, () => {
  it('works, line by line', async (context) => {
    const [first, ...lines] = quickStartLines();
    assert.equal(first, 'npm start');
    assert.equal(lines.length, expectedLines.length, 'each line has an expectation here');
    const server = await ServerProcess.start(context, { ROWHOOK_OPERATOR_TOKEN: '' });
    const newcomer = new Newcomer(context, server);
    const copied = new Map<string, string>();
    for (const [index, { output, names }] of expectedLines.entries()) {
      const line = (lines[index] ?? '').replaceAll(/\b[A-Z]+_ID\b/g, (name) => copied.get(name) ?? name);
      // What changes something is typed once; what looks is typed until it is there, as people do.
      const isLook = /^npx rowhook \w+ (?:list|show)|^curl -sS "/.test(line);
      let answer = await newcomer.type(line);
      for (let look = 1; isLook && look < looks && !output.test(answer.printed); look += 1) {
        await sleep(lookPauseMs);
        answer = await newcomer.type(line);
      }
      assert.ok(answer.worked, `${line}\n${answer.printed}`);
      assert.match(answer.printed, output, line);
      if (names !== undefined) copied.set(names, output.exec(answer.printed)?.[1] ?? '');
    }
  });

  const slips: readonly [line: string, says: RegExp][] = [
    ['npx rowhook base creat Shop', /unknown command 'creat'[\s\S]*Did you mean create\?/],
    ['npx rowhook base create', /missing required argument 'name'[\s\S]*--help/],
    ['npx rowhook table create Shp Orders --column Number:text', /no base .* "Shp"; did you mean "Shop"\?/],
    ['npx rowhook table create Shop More --column Number:txt', /unknown type "txt"; did you mean "text"\?/],
    ['npx rowhook table create Shop More --column Number', /has no type; write it as NAME:TYPE/],
    ['npx rowhook webhook create demo', /where the webhook sends to: --url URL/],
    ['npx rowhook webhook create demo --url localhost:8080/x', /must be http or https/],
    ['npx rowhook row add Shop Orders Nmber=A-17', /no such column; allowed: "Number", "Status", "Total"/],
    ['npx rowhook row add Shop Orders Status=opn', /not an option of this column; allowed: "open", "paid"/],
    ['npx rowhook row add Shop Orders Total=much', /must be a number; got "much"/],
    ['npx rowhook row update Shop Orders ROW_ID Status=paid', /no row with the id "ROW_ID"/],
    ['npx rowhook event send invoice.paid --data {number:1}', /not valid JSON[\s\S]*in quotes for the shell/],
    [
      'npx rowhook base list --data-dir elsewhere',
      /no token[\s\S]*directory in which the server was started/,
    ],
    ['npx rowhook base list --server http://127.0.0.1:9', /no answer[\s\S]*npm start/],
    ['curl -sS http://127.0.0.1:8080/v1/bases', /Authorization: Bearer <token>/],
  ];

  it('answers a slip with what to do', async (context) => {
    const server = await ServerProcess.start(context, { ROWHOOK_OPERATOR_TOKEN: '' });
    const newcomer = new Newcomer(context, server);
    for (const line of quickStartLines().slice(1, 3)) await newcomer.type(line);
    for (const [line, says] of slips) {
      const { worked, printed } = await newcomer.type(line);
      if (!line.startsWith('curl')) assert.ok(!worked, line);
      assert.match(printed, says, line);
    }
  });

  it('runs with `npx rowhook` in a clone, without asking a registry', () => {
    const version = execFileSync('npx', ['--offline', 'rowhook', '--version'], {
      cwd: root,
      encoding: 'utf8',
    });
    const { version: expected } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.equal(version.trim(), expected);
  });
});

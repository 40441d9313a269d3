import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';

const LAUNCH = new URL('launch.mjs', import.meta.url).href;

/** Starts a process that launches Node with the given program, and answers its output and end. */
function startThrough(launcher: 'launch' | 'launchChild', program: string, args: readonly string[] = []) {
  const code = `
    import { ${launcher} } from ${JSON.stringify(LAUNCH)};
    ${launcher}(process.execPath, ${JSON.stringify(['-e', program, ...args])});
  `;
  const started = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.stdout.setEncoding('utf8');
  return started;
}

async function endOf(started: ReturnType<typeof startThrough>) {
  let output = '';
  started.stdout.on('data', (text: string) => {
    output += text;
  });
  const [code, signal] = await once(started, 'close');
  return { output, code, signal };
}

for (const launcher of ['launch', 'launchChild'] as const) {
  describe(launcher, () => {
    test('passes arguments on as they are', async () => {
      const program = 'console.log(JSON.stringify(process.argv.slice(1)))';
      const end = await endOf(startThrough(launcher, program, ['a b', '$HOME', "it's"]));
      assert.deepEqual(JSON.parse(end.output), ['a b', '$HOME', "it's"]);
    });

    test('ends with the exit code of the program', async () => {
      const end = await endOf(startThrough(launcher, 'process.exitCode = 7'));
      assert.deepEqual([end.code, end.signal], [7, null]);
    });

    test('ends by the signal that ended the program', async () => {
      const program = "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)";
      const end = await endOf(startThrough(launcher, program));
      assert.deepEqual([end.code, end.signal], [null, 'SIGTERM']);
    });

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      test(`hands ${signal} to the program, which may end in its own way`, async () => {
        const program = `
          const open = setInterval(() => {}, 1000);
          process.on('${signal}', () => { console.log('closing'); process.exitCode = 3; clearInterval(open); });
          console.log('ready');
        `;
        const started = startThrough(launcher, program);
        const [first] = await once(started.stdout, 'data');
        assert.equal(first, 'ready\n');
        started.kill(signal);
        const end = await endOf(started);
        assert.deepEqual(end, { output: 'closing\n', code: 3, signal: null });
      });
    }
  });
}

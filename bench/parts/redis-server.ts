import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Stage } from './stage.ts';

/**
 * A Redis of its own, on the disk of the repository. Every write is synced to its log before it is answered
 * (`appendfsync always`), as an event that was accepted must survive a power cut.
 */
export class RedisServer {
  readonly url: string;
  readonly pid: number;

  private constructor(url: string, pid: number) {
    this.url = url;
    this.pid = pid;
  }

  /** Null when Redis is not installed. */
  static async start(stage: Stage): Promise<RedisServer | null> {
    if (spawnSync('redis-server', ['--version']).status !== 0) return null;
    const port = await freePort();
    const directory = mkdtempSync(join(stage.directory, 'redis-'));
    const child = spawn(
      'redis-server',
      [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory],
        ...[
          '--appendonly',
          'yes',
          '--appendfsync',
          'always',
          '--save',
          '',
          '--maxmemory-policy',
          'noeviction',
        ],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    stage.after(() => stop(child));
    await ready(child);
    return new RedisServer(`redis://127.0.0.1:${port}`, child.pid ?? 0);
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.includes('Ready to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(`Redis did not come up:\n${printed}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

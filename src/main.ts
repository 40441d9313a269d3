import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { RunningServer } from './serve.ts';

/** How much the heap may grow before it is collected again; measured in docs/performance.md. */
const heapGrowingPercent = 30;

enableCompileCache();
const { buildProgram } = await import('./cli/index.ts');

/** Runs `rowhook serve`: starts the server, says where it is, and stops it on SIGINT or SIGTERM. */
async function serve(flags: Readonly<Record<string, string | undefined>>): Promise<void> {
  // V8 lets garbage of long imports and replays lie while memory is there to be had; others want it, too.
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
  // Only here, so that a client command does not load a whole server.
  const [{ loadConfig }, { startServer }] = await Promise.all([
    import('./config/index.ts'),
    import('./serve.ts'),
  ]);
  const loaded = loadConfig(process.env, flags);
  if (!loaded.ok) {
    for (const { setting, message } of loaded.errors) console.error(`${setting}: ${message}`);
    process.exitCode = 2;
    return;
  }
  try {
    const server = await startServer(loaded.config, await consoleDirectory());
    greet(server);
    stopOnSignal(server);
  } catch (error) {
    console.error(`Rowhook did not start: ${reasonOf(error)}`);
    process.exitCode = 1;
  }
}

/** Where the built console is: in a clone it is built first if its sources changed, in the package it is there. */
async function consoleDirectory(): Promise<string | null> {
  const builder = new URL('../console/build.mjs', import.meta.url);
  if (existsSync(builder)) {
    const { ensureConsole } = (await import(builder.href)) as { ensureConsole: () => string | null };
    return ensureConsole();
  }
  const built = new URL('../dist-console/', import.meta.url);
  return existsSync(built) ? fileURLToPath(built) : null;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `port ${error.port} is in use. Stop what listens there, or choose another one with --port.`;
  }
  return error.message;
}

function greet({ url, operator }: RunningServer): void {
  // A token that somebody has put into the settings is kept there on purpose, and not to be in logs.
  const { token, file, configured } = operator;
  const known = configured ? 'the one in ROWHOOK_OPERATOR_TOKEN' : 'was shown when the database was set up';
  const made = token === null || configured ? null : token;
  const kept = file === null ? '(shown only now: keep it)' : `(kept in ${file})`;
  console.log(`
Rowhook is up:  ${url}

  Console       ${url}/${made === null ? '' : `#token=${made}`}
  API token     ${made === null ? known : `${made}  ${kept}`}
  API reference ${url}/openapi.json

Stop it with Ctrl+C.
`);
}

/** The first signal lets what is under way finish; a second one does not wait. */
function stopOnSignal(server: RunningServer): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    console.log('Stopping: finishing what is under way. Once more stops at once.');
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error('Rowhook did not stop cleanly:', error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

await buildProgram(serve).parseAsync(process.argv);

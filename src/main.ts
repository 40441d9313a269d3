import { ensureConsole } from '../console/build.mjs';
import { buildProgram } from './cli/index.ts';
import { loadConfig } from './config/index.ts';
import { type RunningServer, startServer } from './serve.ts';

/** Runs `rowhook serve`: starts the server, says where it is, and stops it on SIGINT or SIGTERM. */
async function serve(flags: Readonly<Record<string, string | undefined>>): Promise<void> {
  const loaded = loadConfig(process.env, flags);
  if (!loaded.ok) {
    for (const { setting, message } of loaded.errors) console.error(`${setting}: ${message}`);
    process.exitCode = 2;
    return;
  }
  try {
    const server = await startServer(loaded.config, ensureConsole());
    greet(server);
    stopOnSignal(server);
  } catch (error) {
    console.error(`Rowhook did not start: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

function greet({ url, operator }: RunningServer): void {
  console.log(`
Rowhook is up:  ${url}

  Console       ${url}/#token=${operator.token}
  API token     ${operator.token}${operator.file === null ? '' : `  (kept in ${operator.file})`}
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

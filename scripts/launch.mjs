import { spawn } from 'node:child_process';

/** Signals that reach the started program when they are sent to the one that started it. */
const FORWARDED_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']);

/**
 * Turns this process into another program, which keeps its terminal, signals and exit code.
 *
 * Where Node can (22.15 and newer, not on Windows) the process is replaced: nothing stays between the
 * caller and the program. Elsewhere the program runs as a child: signals are passed on to it, and this
 * process ends as the child does.
 *
 * @param {string} file the program's path
 * @param {readonly string[]} args
 */
export function launch(file, args) {
  if (process.execve !== undefined && process.platform !== 'win32') {
    process.execve(file, [file, ...args], process.env);
  }
  launchChild(file, args);
}

/**
 * @param {string} file
 * @param {readonly string[]} args
 */
export function launchChild(file, args) {
  const child = spawn(file, args, { stdio: 'inherit' });
  for (const signal of FORWARDED_SIGNALS) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(`${file} does not start: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    // Ends by the same signal, so that the shell sees what happened to the child.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

// Builds @rowhook/client into clients/typescript/dist, and packs it with --pack DIRECTORY. Its types of the API are
// those that the console is built with: both are made from the server's own description.
import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..', '..');

/** @param {string} command @param {string[]} parameters @param {string} cwd */
function run(command, parameters, cwd) {
  const { status } = spawnSync(command, parameters, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const schema = join(here, 'src', 'schema.d.ts');
copyFileSync(join(root, 'console', 'src', 'api', 'schema.d.ts'), schema);
rmSync(join(here, 'dist'), { recursive: true, force: true });
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
run(process.execPath, [compiler, '--project', join(here, 'tsconfig.json')], root);
copyFileSync(schema, join(here, 'dist', 'schema.d.ts'));

const pack = process.argv.indexOf('--pack');
const target = process.argv[pack + 1];
if (pack !== -1 && target !== undefined) run('npm', ['pack', '--silent', '--pack-destination', target], here);

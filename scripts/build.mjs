// Compiles src/ into dist/ for the published package, and copies what is not TypeScript beside it.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders that only tests use. */
const LEFT_OUT = ['testing', 'fixtures'];

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [compiler, '--project', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
if (status !== 0) {
  process.exit(status ?? 1);
}
cpSync(join(root, 'src'), dist, {
  recursive: true,
  filter: (path) =>
    statSync(path).isDirectory() ? !LEFT_OUT.includes(basename(path)) : !path.endsWith('.ts'),
});

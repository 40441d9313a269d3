// Makes src/api/schema.d.ts out of the API's own description:
//
//   npm run console:client -- http://localhost:8080/openapi.json
//
// The generator is fetched for the occasion and not a dependency: it needs an older TypeScript than the one
// that this repository is checked with.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const generator = 'openapi-typescript@7.13.0';
const compiler = 'typescript@5.9.3';
const address = process.argv[2] ?? 'http://localhost:8080/openapi.json';
const target = fileURLToPath(new URL('src/api/schema.d.ts', import.meta.url));

/**
 * What of a description the types depend on, as a hash; the browser test compares it with the running server.
 *
 * @param {{ paths: unknown, components?: unknown }} description
 */
export function hashOfDescription({ paths, components }) {
  const text = JSON.stringify({ paths, components }, (key, value) =>
    key === 'description' ? undefined : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

async function generate() {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  const description = /** @type {{ paths: unknown, components?: unknown }} */ (await answer.json());
  const folder = mkdtempSync(join(tmpdir(), 'rowhook-client-'));
  try {
    const source = join(folder, 'openapi.json');
    const made = join(folder, 'schema.d.ts');
    writeFileSync(source, JSON.stringify(description));
    const { status } = spawnSync(
      'npm',
      [
        'exec',
        '--yes',
        '--package',
        generator,
        '--package',
        compiler,
        '--',
        'openapi-typescript',
        source,
        '-o',
        made,
      ],
      { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' },
    );
    if (status !== 0) throw new Error(`${generator} failed`);
    const header = `// Description ${hashOfDescription(description)}; made by console/generate-client.mjs, not by hand.\n`;
    writeFileSync(target, header + readFileSync(made, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate();

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { describeSettings } from '../src/config/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(`${root}${file}`, 'utf8');
const settings = new Map(describeSettings().map((setting) => [setting.variable, setting]));

const yamlFiles = [
  'compose.yaml',
  ...readdirSync(`${root}deploy/kubernetes`).map((name) => `deploy/kubernetes/${name}`),
];
const files = [
  ...yamlFiles,
  'Dockerfile',
  'deploy/systemd/rowhook.service',
  'deploy/rowhook.env.example',
  'docs/deployment.md',
];

/** What a YAML file holds, at a path of keys. */
function valueAt(file: string, ...path: readonly (string | number)[]): unknown {
  const [document] = parseAllDocuments(read(file));
  return document && 'getIn' in document ? document.getIn(path) : undefined;
}

describe('the files for deployment', () => {
  for (const file of yamlFiles) {
    test(`${file} is YAML`, () => {
      const documents = parseAllDocuments(read(file));
      assert.ok(documents.length > 0);
      for (const document of documents) {
        assert.ok('errors' in document);
        assert.deepEqual(document.errors, []);
      }
    });
  }

  test('name no setting that does not exist', () => {
    for (const file of files) {
      for (const [variable] of read(file).matchAll(/\bROWHOOK_[A-Z_]+\b/g)) {
        assert.ok(settings.has(variable), `${file}: ${variable}`);
      }
    }
  });

  test('Kubernetes applies every manifest, and nothing else', () => {
    const resources = valueAt('deploy/kubernetes/kustomization.yaml', 'resources') as { toJSON(): string[] };
    const others = readdirSync(`${root}deploy/kubernetes`).filter((name) => name !== 'kustomization.yaml');
    assert.deepEqual(resources.toJSON().sort(), others.sort());
  });

  test('open the port that the server listens on by default', () => {
    const port = Number(settings.get('ROWHOOK_PORT')?.fallback);
    const container = ['spec', 'template', 'spec', 'containers', 0];
    assert.equal(
      valueAt('deploy/kubernetes/deployment.yaml', ...container, 'ports', 0, 'containerPort'),
      port,
    );
    assert.match(read('Dockerfile'), new RegExp(`^EXPOSE ${port}$`, 'm'));
    assert.match(read('compose.yaml'), new RegExp(`rowhook:${port}`));
  });

  test('give a stopping process more time than it takes', () => {
    const stopSeconds = Number(settings.get('ROWHOOK_STOP_TIMEOUT_MS')?.fallback) / 1_000;
    const grace = valueAt(
      'deploy/kubernetes/deployment.yaml',
      'spec',
      'template',
      'spec',
      'terminationGracePeriodSeconds',
    );
    const systemd = /^TimeoutStopSec=(\d+)$/m.exec(read('deploy/systemd/rowhook.service'))?.[1];
    const compose = /stop_grace_period: (\d+)s/.exec(read('compose.yaml'))?.[1];
    for (const seconds of [grace, systemd, compose])
      assert.ok(Number(seconds) > stopSeconds + 5, String(seconds));
  });

  test('the image is made of files that exist', () => {
    for (const [, files = ''] of read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \.\/$/gm)) {
      for (const file of files.split(' ')) assert.ok(existsSync(`${root}${file}`), file);
    }
    for (const [, script = ''] of read('Dockerfile').matchAll(/node ([\w/]+\.mjs)/g)) {
      assert.ok(existsSync(`${root}${script}`), script);
    }
  });

  test('the image leaves out what the build does not need, and nothing that it needs', () => {
    const left = read('.dockerignore').split('\n');
    for (const needed of ['src', 'console', 'scripts', 'package.json', 'tsconfig.build.json', 'bin']) {
      assert.ok(!left.includes(needed), needed);
    }
  });
});

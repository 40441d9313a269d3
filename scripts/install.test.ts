import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lockDifference } from './install.mjs';

const LINUX = { platform: 'linux', arch: 'x64' };

/** A lock file that asks for one package for everybody, and one for Linux only. */
const wanted = {
  packages: {
    '': {},
    'node_modules/fastify': { version: '5.0.0', integrity: 'sha512-a' },
    'node_modules/@biomejs/cli-linux-x64': {
      version: '2.0.0',
      integrity: 'sha512-b',
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
    },
  },
};
const fastify = { version: '5.0.0', integrity: 'sha512-a' };
const linuxOnly = wanted.packages['node_modules/@biomejs/cli-linux-x64'];

describe('an installation is kept', () => {
  test('when it holds every package of the lock file', () => {
    const installed = {
      packages: { 'node_modules/fastify': fastify, 'node_modules/@biomejs/cli-linux-x64': linuxOnly },
    };
    assert.equal(lockDifference(wanted, installed, LINUX), undefined);
  });

  test('when only an optional package for another machine is left out', () => {
    const installed = { packages: { 'node_modules/fastify': fastify } };
    assert.equal(lockDifference(wanted, installed, { platform: 'darwin', arch: 'arm64' }), undefined);
  });

  test('when somebody added a package to it', () => {
    const installed = {
      packages: { 'node_modules/fastify': fastify, 'node_modules/extra': { version: '1.0.0' } },
    };
    assert.equal(lockDifference(wanted, installed, LINUX), undefined);
  });
});

describe('an installation is renewed', () => {
  test('when a package is missing', () => {
    assert.equal(lockDifference(wanted, { packages: {} }, LINUX), 'fastify is missing');
  });

  test('when a package has another version', () => {
    const installed = { packages: { 'node_modules/fastify': { ...fastify, version: '5.0.1' } } };
    assert.equal(lockDifference(wanted, installed, LINUX), 'fastify has changed');
  });

  test('when a package has other content under the same version', () => {
    const installed = { packages: { 'node_modules/fastify': { ...fastify, integrity: 'sha512-c' } } };
    assert.equal(lockDifference(wanted, installed, LINUX), 'fastify has changed');
  });

  test('when it was made on another system or processor', () => {
    const installed = {
      packages: { 'node_modules/fastify': fastify, 'node_modules/@biomejs/cli-linux-x64': linuxOnly },
    };
    const expected = '@biomejs/cli-linux-x64 was installed on another kind of machine';
    assert.equal(lockDifference(wanted, installed, { platform: 'darwin', arch: 'x64' }), expected);
    assert.equal(lockDifference(wanted, installed, { platform: 'linux', arch: 'arm64' }), expected);
  });

  test('when a package excludes this system', () => {
    const lock = { packages: { 'node_modules/fsevents': { version: '1.0.0', os: ['!win32'] } } };
    assert.equal(lockDifference(lock, lock, { platform: 'linux', arch: 'x64' }), undefined);
    assert.equal(
      lockDifference(lock, lock, { platform: 'win32', arch: 'x64' }),
      'fsevents was installed on another kind of machine',
    );
  });
});

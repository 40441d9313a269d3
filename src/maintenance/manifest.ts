import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { ownerOnly } from '../store/durable-file.ts';

/** Files of a backup, besides the manifest. */
export const backupFiles = { database: 'rowhook.db', secretKey: 'secret-key' } as const;
const manifestFile = 'manifest.json';

/** One file of a backup, and what it must be like. */
export interface BackedUpFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a backup says of itself. */
export interface Manifest {
  readonly format: 'rowhook-backup';
  readonly formatVersion: 1;
  readonly createdAt: string;
  readonly rowhookVersion: string;
  readonly schemaVersion: number;
  /** Ids of the keys that have sealed its secrets; null: not known. */
  readonly secretKeyIds: readonly string[] | null;
  readonly files: readonly BackedUpFile[];
}

const manifestSchema = Type.Object({
  format: Type.Literal('rowhook-backup'),
  formatVersion: Type.Literal(1),
  createdAt: Type.String(),
  rowhookVersion: Type.String(),
  schemaVersion: Type.Integer({ minimum: 0 }),
  secretKeyIds: Type.Union([Type.Array(Type.String()), Type.Null()]),
  files: Type.Array(
    Type.Object({
      // Names only: a manifest must not lead out of its directory.
      name: Type.String({ pattern: '^[a-z][a-z.-]*$' }),
      bytes: Type.Integer({ minimum: 0 }),
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
  ),
});

/** Where the manifest of a backup is. */
export function manifestOf(backup: string): string {
  return join(backup, manifestFile);
}

/** Reads the manifest of a backup; throws when it is none, or one of a newer Rowhook. */
export function readManifest(backup: string): Manifest {
  const file = manifestOf(backup);
  if (!existsSync(file)) {
    throw new Error(
      `${backup} is no backup: it has no ${manifestFile}. A directory that rowhook backup made has one.`,
    );
  }
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new Error(`The backup ${backup} is damaged: its ${manifestFile} is not JSON.`);
  }
  if (!Check(manifestSchema, manifest)) {
    throw new Error(
      `The backup ${backup} is damaged, or a newer Rowhook made it: its ${manifestFile} is not understood.`,
    );
  }
  return manifest;
}

/** Says how much has been read of a file. */
export type OnBytes = (bytes: number) => void;

/** Hashes a file as it is on the disk. */
export async function describeFile(directory: string, name: string): Promise<BackedUpFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(join(directory, name), { highWaterMark: chunkBytes })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { name, bytes, sha256: hash.digest('hex') };
}

/** Copies a file of a backup and answers what was copied; the caller compares it with the manifest. */
export async function copyHashed(
  from: string,
  to: string,
  onBytes: OnBytes,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
      done(null, chunk);
    },
  });
  await pipeline(
    createReadStream(from, { highWaterMark: chunkBytes }),
    watch,
    createWriteStream(to, { mode: ownerOnly.file, flush: true }),
    ...(signal === undefined ? [] : [{ signal }]),
  );
  return hash.digest('hex');
}

const chunkBytes = 1024 * 1024;

import { mkdir, writeFile } from 'node:fs/promises';
import { apiReference, openApiDocument, settingsReference } from './reference.ts';

// Writes docs/reference/ anew. Run it as `npm run docs` after a change of routes or settings.
const directory = new URL('../../docs/reference/', import.meta.url);
await mkdir(directory, { recursive: true });
await writeFile(new URL('api.md', directory), apiReference(await openApiDocument()));
await writeFile(new URL('settings.md', directory), settingsReference());

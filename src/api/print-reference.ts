import { mkdir, writeFile } from 'node:fs/promises';
import { errorReference } from './error-reference.ts';
import { apiReference, openApiDocument, settingsReference } from './reference.ts';

// Writes docs/reference/ and docs/errors.md anew. Run it as `npm run docs` after a change of routes, settings or
// error codes.
const docs = new URL('../../docs/', import.meta.url);
await mkdir(new URL('reference/', docs), { recursive: true });
await writeFile(new URL('reference/api.md', docs), apiReference(await openApiDocument()));
await writeFile(new URL('reference/settings.md', docs), settingsReference());
await writeFile(new URL('errors.md', docs), errorReference());

import type { ImportRun } from './import-run.ts';

/** The bytes stopped coming before the end of the file. */
export class UploadBrokenOff extends Error {}

/** The bytes of an upload, counted, until it ends, breaks off, or the import is cancelled, even if none come. */
export async function* uploadedBytes(
  source: AsyncIterable<Uint8Array>,
  run: ImportRun,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      run.throwIfCancelled();
      const next = await nextUnlessCancelled(iterator, run);
      if (next.done) return;
      run.addBytes(next.value.length);
      yield next.value;
    }
  } finally {
    // Not awaited: a source that sends nothing would keep the import from ending.
    iterator.return?.().catch(() => undefined);
  }
}

// A race against one promise for the whole import would add a reaction to it with each piece of the file.
function nextUnlessCancelled(
  iterator: AsyncIterator<Uint8Array>,
  run: ImportRun,
): Promise<IteratorResult<Uint8Array>> {
  return new Promise((resolve, reject) => {
    const stopListening = run.onCancelled(reject);
    iterator.next().then(
      (next) => {
        stopListening();
        resolve(next);
      },
      (error: unknown) => {
        stopListening();
        const reason = error instanceof Error ? error.message : String(error);
        reject(new UploadBrokenOff(`the upload broke off (${reason})`));
      },
    );
  });
}

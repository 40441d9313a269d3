import {
  keepPreviousData,
  type QueryClient,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
} from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { refusal, sessionHeaders } from './client.ts';
import { StreamReader } from './event-stream.ts';
import { currentSession } from './session.ts';

/** How often what is on the screen is asked for again: while the stream tells of changes, and while it does not. */
const calmIntervalMs = 10_000;
const busyIntervalMs = 2_000;
/** Changes that the stream tells of within this time are fetched together. */
const gatherMs = 250;
const shortestReconnectMs = 1_000;
const longestReconnectMs = 30_000;

/** What must be asked for again after a message of a kind. */
const concerned: Readonly<Record<string, readonly QueryKey[]>> = {
  delivery: [['deliveries'], ['webhooks'], ['inboxes'], ['events']],
  webhook: [['webhooks']],
};

const listeners = new Set<() => void>();
let isStreaming = false;

function noteStreaming(streaming: boolean): void {
  if (streaming === isStreaming) return;
  isStreaming = streaming;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How long what is shown may be old before it is asked for again. */
export function useLiveIntervalMs(): number {
  return useSyncExternalStore(subscribe, () => (isStreaming ? calmIntervalMs : busyIntervalMs));
}

/**
 * A query that stays up to date by itself: the stream says when something changed, and asking again now and
 * then covers what the stream does not tell of. Nothing is asked while the tab is hidden.
 */
export function useLiveQuery<Data, Key extends QueryKey>(
  options: UseQueryOptions<Data, Error, Data, Key>,
  live = true,
): UseQueryResult<Data> {
  const intervalMs = useLiveIntervalMs();
  return useQuery({
    placeholderData: keepPreviousData as never,
    ...options,
    refetchInterval: live ? intervalMs : false,
    refetchIntervalInBackground: false,
  });
}

/** Follows the workspace's stream as long as the component is there, and connects again when it breaks. */
export function useLiveUpdates(client: QueryClient): void {
  useEffect(() => {
    const stop = new AbortController();
    void follow(client, stop.signal);
    return () => stop.abort();
  }, [client]);
}

async function follow(client: QueryClient, signal: AbortSignal): Promise<void> {
  const refresh = gatherer(client, signal);
  let waitMs = shortestReconnectMs;
  while (!signal.aborted && currentSession()) {
    try {
      await readStream(signal, (kind) => {
        waitMs = shortestReconnectMs;
        refresh(kind);
      });
    } catch {
      // Asking again at the busy interval shows what the stream would have told, or why there is no answer.
    }
    noteStreaming(false);
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, longestReconnectMs);
  }
}

/** Reads one connection to its end. `EventSource` cannot send the token, so this reads the answer itself. */
async function readStream(signal: AbortSignal, tell: (kind: string) => void): Promise<void> {
  const response = await fetch('/v1/stream', { headers: sessionHeaders(), signal });
  if (response.status === 401) throw refusal(response.status, null);
  if (!response.ok || !response.body) return;
  noteStreaming(true);
  const messages = new StreamReader();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    for (const { event } of messages.read(piece.value)) tell(event);
  }
}

/** Fetches again what messages are about: at once for the first one, then gathered. */
function gatherer(client: QueryClient, signal: AbortSignal): (kind: string) => void {
  const kinds = new Set<string>();
  let isPlanned = false;
  const run = async (): Promise<void> => {
    const keys = [...kinds].flatMap((kind) => concerned[kind] ?? []);
    kinds.clear();
    await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey, predicate: isCheap })));
    await pause(gatherMs, signal);
    isPlanned = false;
    if (kinds.size > 0) plan();
  };
  const plan = (): void => {
    if (isPlanned || signal.aborted || document.hidden) return;
    isPlanned = true;
    void run();
  };
  return (kind) => {
    kinds.add(kind);
    plan();
  };
}

/** Lists of which many pages are open, and the window of the charts, follow their own pace. */
function isCheap({ queryKey, state }: { queryKey: QueryKey; state: { data?: unknown } }): boolean {
  const pages = (state.data as { pages?: readonly unknown[] } | undefined)?.pages;
  return (pages === undefined || pages.length === 1) && queryKey[1] !== 'window';
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

import type { Clock } from '../model/clock.ts';
import type { PostgresStore } from '../store/postgres/shard-store.ts';

/** Tells which workspaces may have new events. */
export type Concerns = (workspaceNumber: number) => boolean;

/** On which the store announces what was appended, as a list of shards. */
const channel = 'rowhook_appended';
/** An announcement may be lost: after so long every workspace is looked at. */
const lookAtAllMs = 2_000;

/** Calls back when any process may have appended events, for those who then read the journal; answers how to stop. */
export async function followAppended(
  store: Pick<PostgresStore, 'signals' | 'shardOf'>,
  clock: Clock,
  listener: (concerns: Concerns) => void,
): Promise<() => void> {
  const stopListening = await store.signals.listen(channel, (payload) => {
    const shards = new Set(payload.split(',').map(Number));
    listener((workspaceNumber) => shards.has(store.shardOf(workspaceNumber)));
  });
  let cancel: () => void;
  const watch = (): void => {
    cancel = clock.after(lookAtAllMs, () => {
      listener(() => true);
      watch();
    });
  };
  watch();
  return () => {
    stopListening();
    cancel();
  };
}

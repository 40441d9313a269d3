/** How many shards a process should own. Shares differ by one at most, and all processes reckon the same. */
export function fairShare(processIds: readonly string[], ownId: string, shardCount: number): number {
  const rank = [...processIds].sort().indexOf(ownId);
  if (rank === -1) return 0;
  const remainder = shardCount % processIds.length;
  return Math.floor(shardCount / processIds.length) + (rank < remainder ? 1 : 0);
}

/**
 * The shards in the order in which a process tries them: each process begins elsewhere, so that processes which
 * start together do not all ask for the same ones.
 */
export function tryOrder(ownId: string, shardCount: number): readonly number[] {
  let hash = 0;
  for (const character of ownId) hash = (hash * 31 + character.charCodeAt(0)) % shardCount;
  return Array.from({ length: shardCount }, (_, index) => (hash + index) % shardCount);
}

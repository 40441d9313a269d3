import type { SealedSecretStore } from '../store/port.ts';

/** Things looked at in one transaction: short enough that nobody waits for it. */
const stepSize = 100;

/**
 * Seals everything again that a previous key has sealed, in small steps. Each is durable by itself: what was
 * not done before a crash is done the next time. Answers how many secrets that were.
 */
export async function resealSecrets(
  store: SealedSecretStore,
  stopped: () => boolean = () => false,
): Promise<number> {
  let resealed = 0;
  let cursor: string | null = null;
  do {
    const step = await store.resealSome(cursor, stepSize);
    resealed += step.resealed;
    cursor = step.nextCursor;
  } while (cursor !== null && !stopped());
  return resealed;
}
